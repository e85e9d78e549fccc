/**
 * Changing data: hooks work on the input and the output of a tool, each on what those before it left. `blame` tells which
 * hook set a field, the changes can be taken back, and a change that does not fit is refused.
 */
import { blame, createHooks, hook, redoChanges, undoChanges } from 'hookchart/hooks'
import * as z from 'zod'

const Query = z.object({ sql: z.string(), limit: z.number().max(1_000), tenant: z.string().optional() })
type Query = z.infer<typeof Query>

const hooks = createHooks()
const queryOrders = hooks.wrap(
  { name: 'query_orders', before: 'BeforeToolExecution', after: 'AfterToolExecution', input: Query },
  ({ limit }: Query) => ({ rows: limit, paidWith: '4111111111111111' }),
)
const queries = hooks.for<Query, { rows: number; paidWith: string }>(queryOrders.component)

// A patch gives whole keys of ctx.data …
queries.register('BeforeToolExecution', (ctx) => hook.modified({ input: { ...ctx.data.input, limit: 100 } }), {
  name: 'cap_rows',
})
queries.register(
  'BeforeToolExecution',
  ({ data, metadata }) => hook.modified({ input: { ...data.input, tenant: String(metadata['tenant']) } }),
  { name: 'own_tenant' },
)
// … and a recipe works on a draft, as deep as it likes.
const tidySql = (draft: { input: Query }) => {
  draft.input.sql = draft.input.sql.trim().replace(/;$/, '')
  draft.input.limit = Math.min(draft.input.limit, 50)
}
queries.register('BeforeToolExecution', () => hook.modified(tidySql), { name: 'tidy_sql' })

const maskCard = (draft: { output: { paidWith: string } }) => {
  draft.output.paidWith = draft.output.paidWith.replace(/^\d+(?=\d{4})/, '****')
}
queries.register('AfterToolExecution', () => hook.modified(maskCard), { name: 'mask_card' })

const asked: Query = { sql: ' SELECT * FROM orders; ', limit: 900 }
const { trace, output } = await queryOrders(asked, { metadata: { tenant: 'acme' } })
const sent = redoChanges({ input: asked }, trace, 'BeforeToolExecution')
const undone = undoChanges(sent, trace, 'BeforeToolExecution')

console.log('DATA: who changed what in a call of query_orders\n')
console.log(`  the agent asked    ${JSON.stringify(asked)}`)
console.log(`  the tool was sent  ${JSON.stringify(sent.input)}`)
console.log(`  the agent got      ${JSON.stringify(output)}`)
console.log(`  changes undone     ${JSON.stringify(undone.input)}`)

console.log('\nWhich hook made a field what it is:\n')
for (const path of ['input.sql', 'input.limit', 'input.tenant', 'output.paidWith', 'output.rows']) {
  console.log(`  ${path.padEnd(17)}  ${blame(trace, path)?.hook ?? '(no hook)'}`)
}

console.log('\nA change that cannot be accepted; the tool does not run on half a change:\n')
const careless = {
  'more rows than the schema allows': () => hook.modified({ input: { ...asked, limit: 5_000 } }),
  'a date, which is not JSON': () => hook.modified({ input: { ...asked, since: new Date(0) } }),
}
for (const [what, handler] of Object.entries(careless)) {
  const handle = queries.register('BeforeToolExecution', handler, { name: 'careless' })
  const { status, error } = await queryOrders(asked)
  handle.unregister()
  console.log(`  ${what}: ${status}, ${String(error?.code)}`)
  console.log(String(error?.message).replaceAll(/(.{1,70})(?: |$)/g, '    | $1\n'))
}

console.log('Lesson: hooks give back changes instead of making them. So each change has')
console.log('an owner and is checked first, and the object of the caller stays as it was.')
