/**
 * When a hook fails, and when the tool fails. A transform fails open: it is recorded and skipped. A guard fails closed,
 * and so does a transform that says so: the tool does not run. What the tool fails of goes to the hooks at ToolError.
 */
import { createHooks, hook } from 'hookchart/hooks'
import type { HookOptions } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'

const clock = createTestClock()
const hooks = createHooks({ clock, ids: createTestIds() })

// First a tool that works, and one hook at a time that does not.
let deleted = 0
const deleteFile = hooks.wrap({ name: 'delete_file', before: 'BeforeToolExecution' }, () => ++deleted)

const broken = () => {
  throw new Error('policy server is down')
}
const hangs = () => new Promise<void>(() => {})
const cases: [what: string, handler: () => unknown, options: HookOptions][] = [
  ['transform throws', broken, {}],
  ['transform throws, closed', broken, { onFailure: 'closed' }],
  ['observer throws', broken, { kind: 'observe' }],
  ['guard throws', broken, { kind: 'guard' }],
  ['guard hangs', hangs, { kind: 'guard', timeoutMs: '2s' }],
  ['guard returns nonsense', () => 'yes', { kind: 'guard' }],
  ['guard says no', () => hook.cancel('not in /etc'), { kind: 'guard' }],
]

console.log('ERRORS: what a failing hook does to the tool delete_file\n')
console.log('  the hook                  the tool     status     code')
console.log('  ────────────────────────  ───────────  ─────────  ────────────────')
for (const [what, handler, options] of cases) {
  const handle = hooks.register('BeforeToolExecution', handler as () => undefined, { name: 'check', ...options })
  const ranBefore = deleted
  const running = deleteFile(undefined)
  await clock.advance(2_000)
  const { status, error } = await running
  handle.unregister()
  const ran = deleted > ranBefore ? 'ran' : 'did not run'
  console.log(`  ${what.padEnd(24)}  ${ran.padEnd(11)}  ${status.padEnd(9)}  ${error?.code ?? ''}`.trimEnd())
}

// Now the hooks are fine and the tool fails. One hook decides by the error what to do about it.
const search = hooks.wrap(
  { name: 'web_search', error: 'ToolError', targets: { archive: (query: string) => `old pages on ${query}` } },
  (query: string, { attempt }) => {
    if (query === 'trains' && attempt < 3) throw Object.assign(new Error('too many requests'), { retryable: true })
    if (query === 'hotels') throw new Error('no connection')
    if (query === 'news') throw Object.assign(new Error('used up for today'), { code: 'QUOTA' })
    return `new pages on ${query}`
  },
)
hooks.register(
  'ToolError',
  ({ data: { error } }) => {
    if (error.retryable) return hook.retry({ delayMs: '1s', maxAttempts: 3 })
    return error.code === 'QUOTA' ? hook.replace('no pages, ask again tomorrow') : hook.redirect('archive')
  },
  { name: 'rescue' },
)

console.log('\nWhat a hook at ToolError can do for the tool web_search\n')
console.log('  query   decisions       status     after   output')
console.log('  ──────  ──────────────  ─────────  ──────  ────────────────────────────')
for (const query of ['trains', 'hotels', 'news']) {
  const running = search(query)
  await clock.advanceSteps(5_000)
  const { status, output, durationMs, trace } = await running
  const decisions = trace.flatMap((entry) => (entry.hook === 'rescue' ? [entry.type] : [])).join(', ')
  console.log(`  ${query.padEnd(6)}  ${decisions.padEnd(14)}  ${status}  ${durationMs / 1_000} s     ${String(output)}`)
}

console.log('\nLesson: no failure of a hook is silent. Whoever protects something refuses when')
console.log('it cannot decide, and its code tells that from a refusal on purpose.')
