/**
 * The basics: put gates round a tool of an agent, then register hooks that change what goes in, refuse a call,
 * change what comes out, and watch. The tool itself knows nothing of its hooks.
 */
import { createHooks, hook } from 'hookchart/hooks'

interface Mail {
  readonly to: string
  readonly body: string
}

const hooks = createHooks()

// Any function can stand behind gates. Here: the tool with which an agent sends mail.
const sendMail = hooks.wrap(
  { name: 'send_mail', before: 'BeforeToolExecution', after: 'AfterToolExecution' },
  ({ to, body }: Mail) => `to ${to}: ${body}`,
)

// Hooks for this tool only; `for` also types what they see in ctx.data.
const mails = hooks.for<Mail, string>(sendMail.component)

// A transform may change the input …
mails.register(
  'BeforeToolExecution',
  (ctx) => hook.modified({ input: { ...ctx.data.input, body: `${ctx.data.input.body} (by an assistant)` } }),
  { name: 'sign' },
)

// … a guard may only allow or refuse, and sees the final input …
mails.register(
  'BeforeToolExecution',
  (ctx) => (ctx.data.input.to.endsWith('@acme.test') ? undefined : hook.cancel('only colleagues get mail')),
  { name: 'company_only', kind: 'guard' },
)

// … a transform behind the tool may change the output …
mails.register('AfterToolExecution', (ctx) => hook.modified({ output: `[delivered] ${ctx.data.output}` }), {
  name: 'receipt',
})

// … and an observer may only watch.
const seen: string[] = []
hooks.register('OperationSettled', (ctx) => void seen.push(ctx.data.status), { name: 'count', kind: 'observe' })

console.log('BASIC: four hooks round the tool send_mail')

for (const to of ['ann@acme.test', 'eve@elsewhere.test']) {
  const result = await sendMail({ to, body: 'The report is ready.' })
  console.log(`\nMail to ${to}: ${result.status}`)
  console.log(`  output  ${result.output ?? 'none'}`)
  if (result.error !== undefined) {
    const { hook: name, reason } = result.error.details
    console.log(`  error   ${result.error.code} by the hook "${String(name)}": ${String(reason)}`)
  }
  for (const { hook: name, kind, type } of result.trace) {
    if (name !== null) console.log(`  hook    ${name.padEnd(12)}  ${kind.padEnd(9)}  ${type}`)
    if (kind === 'effect') console.log('  tool    send_mail     ran')
  }
}

console.log(`\nThe observer saw: ${seen.join(', ')}`)
console.log('\nLesson: a call gives a result with a status, never an exception, and its')
console.log('trace says what each hook did. A refused tool does not run.')
