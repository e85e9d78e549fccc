/**
 * Which hooks run where: `match` by component, `when` by what is called, globs over points, aliases, and `once`. Then how
 * to ask: `list` finds hooks, `explain` gives the chain of a point and why it is in this order.
 */
import { createHooks } from 'hookchart/hooks'
import { recorder } from 'hookchart/testing'

const hooks = createHooks()
const seen = recorder()

// Only components whose name fits.
hooks.register('BeforeToolExecution', seen.handler('allow_host'), {
  name: 'allow_host',
  kind: 'guard',
  match: { component: 'http_*' },
  tags: ['security'],
})
// Only calls for which this holds; `before_tool_execution` is another name of the same point.
const redact = hooks.register('before_tool_execution', seen.handler('redact'), {
  name: 'redact',
  when: (ctx) => JSON.stringify(ctx.data['input']).includes('@'),
  tags: ['security', 'pii'],
})
// All points that the glob matches, whatever runs there.
hooks.register('Before*Execution', seen.handler('budget'), { name: 'budget', kind: 'guard', priority: 'high' })
// Only the first call, then it is gone.
hooks.register('BeforeToolExecution', seen.handler('warm_up'), { name: 'warm_up', once: true, priority: 'high' })
// A list of points and globs is one hook.
const log = hooks.register(['After*Execution', '*Error'], seen.handler('log'), { name: 'log', kind: 'observe' })

const TOOL = { before: 'BeforeToolExecution', after: 'AfterToolExecution', error: 'ToolError' } as const
const AGENT = { before: 'BeforeAgentExecution', after: 'AfterAgentExecution', error: 'AgentError' } as const
const calls = [
  [hooks.wrap({ name: 'http_get', ...TOOL }, (text: string) => text), 'prices'],
  [hooks.wrap({ name: 'http_post', ...TOOL }, (text: string) => text), 'to ann@acme.test'],
  [hooks.wrap({ name: 'read_file', ...TOOL }, (text: string) => text), 'notes.md'],
  [hooks.wrap({ name: 'researcher', ...AGENT }, (text: string) => text), 'compare prices'],
] as const

console.log('FILTERS: which hooks are called for what\n')
const names = ['warm_up', 'redact', 'budget', 'allow_host', 'log']
console.log(`  ${'call'.padEnd(28)}${names.map((name) => name.padEnd(10)).join(' ')}`.trimEnd())
for (const [component, input] of calls) {
  seen.clear()
  await component(input)
  const marks = names.map((name) => (seen.order.includes(name) ? 'called' : '·').padEnd(10)).join(' ')
  console.log(`  ${`${component.component.name}(${input})`.padEnd(28)}${marks}`.trimEnd())
}

const namesOf = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name).join(', ')
console.log(`\nPoints of the hook log: ${log.points.filter((point) => point.includes('Tool')).join(', ')} and more`)
console.log(`Hooks with the tag security: ${namesOf(hooks.list({ tag: 'security' }))}`)
console.log(`Hooks before an agent executes: ${namesOf(hooks.list({ point: 'BeforeAgentExecution' }))}`)

redact.disable()
console.log('\nThe chain before a tool runs, with redact turned off and warm_up gone:\n')
const text = hooks.explain('BeforeToolExecution').toString()
console.log(text.replaceAll(/^(?=.{79})(.{1,78}) /gm, '$1\n     '))

console.log('\nLesson: say where a hook belongs instead of asking inside of it. When hooks do')
console.log('not run as you expect, `list` and `explain` tell which there are, and in what')
console.log('order.')
