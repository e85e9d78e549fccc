/**
 * A support agent pays money back while the services behind its hooks break, one after another: deadlines, a circuit
 * breaker, and a guard that refuses when it cannot decide. Time is a test clock, so nothing really waits.
 */
import { createHooks, hook } from 'hookchart/hooks'
import type { RunResult } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'

const POINT = 'BeforeToolExecution'
const clock = createTestClock()
const hooks = createHooks({ clock, ids: createTestIds() })
const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))

let trouble = 'none'
/** A service that answers after some time; in trouble it hangs or fails. */
async function ask<Answer>(service: string, ms: number, answer: Answer): Promise<Answer> {
  await wait(trouble === `${service} hangs` ? 60_000 : ms)
  if (trouble === `${service} fails`) throw new Error(`503 from ${service}`)
  return answer
}

// The tool, and four hooks in front of it: three change its input, the last allows or refuses.
type Refund = Readonly<{ eur: number; note: string; tier?: string; risk?: number }>
type Call = Readonly<{ data: { readonly input: Refund } }>
const payBack = hooks.wrap({ name: 'pay_back', before: POINT }, (_: Refund) => wait(120))
const set = (fields: Partial<Refund>) =>
  hook.modified((draft: { input: object }) => void Object.assign(draft.input, fields))
const maskCard = ({ data }: Call) => set({ note: data.input.note.replace(/\d{16}/, '****') })
const addTier = async () => set({ tier: await ask('crm', 30, 'gold') })
const addRisk = async () => set({ risk: await ask('scoring', 20, 0.1) })
const checkLimit = async ({ data }: Call) =>
  data.input.eur > (await ask('policy', 5, 500)) ? hook.cancel('a person must decide') : undefined

const refunds = hooks.for<Refund, void>(payBack.component)
const breaker = { failureThreshold: 2, successThreshold: 1, openMs: 10_000 }
refunds.register(POINT, maskCard, { name: 'mask_card', onFailure: 'closed' })
refunds.register(POINT, addTier, { name: 'tier', timeoutMs: 250 })
refunds.register(POINT, addRisk, { name: 'risk', breaker })
refunds.register(POINT, checkLimit, { name: 'limit', kind: 'guard' })

/** Prints rows as columns under a title. */
function table(title: string, heads: string[], rows: unknown[][]) {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => String(row[i]).length)))
  const isNumber = heads.map((_, i) => typeof rows[0]?.[i] === 'number')
  const pad = (cell: unknown, i: number) => String(cell)[isNumber[i] ? 'padStart' : 'padEnd'](widths[i]!)
  const lines = [heads, widths.map((width) => '─'.repeat(width)), ...rows].map((row) => row.map(pad).join('  '))
  console.log(`${title}\n\n  ${lines.join('\n  ')}\n`.replaceAll(/ +$/gm, ''))
}

/** Prints what each hook and the tool did in one call. */
function timeline(title: string, { trace }: RunResult) {
  const rows = trace.map(({ at, durationMs, hook: name, kind, type, outcome, patches = [], code = '' }) => {
    const changes = patches.map(({ path, value }) => `${path.join('.')} = ${JSON.stringify(value)}`)
    const what = name === null ? kind : `  ${name}`
    return [at - trace[0]!.at, durationMs, what, outcome === 'ok' ? type : outcome, changes.join() || code]
  })
  table(title, ['ms', 'took', 'what', 'came to', 'change or error'], rows)
}

console.log('AN AGENT PAYS MONEY BACK while the services behind its hooks break\n')
console.log('Before the tool runs, transforms may change its input and guards may refuse.\n')
const chain = hooks.explain(POINT).hooks
const onFailure = chain.map((each) => (each.failsClosed ? 'the tool does not run' : 'it goes on without'))
const rules = chain.map(({ name, kind, timeoutMs }, i) => [name, kind, timeoutMs, onFailure[i]])
table('The hooks in front of the tool pay_back', ['hook', 'kind', 'deadline in ms', 'when it fails'], rules)

const calls: [seconds: number, trouble: string, eur: number][] = [
  [0, 'none', 20],
  [1, 'crm hangs', 30],
  [2, 'scoring fails', 40],
  [3, 'scoring fails', 50],
  [4, 'scoring fails', 60],
  [14, 'scoring fails', 70],
  [35, 'none', 80],
  [36, 'none', 900],
  [37, 'policy fails', 90],
]
const results: RunResult[] = []
const story: unknown[][] = []
const stateOfBreaker = () => hooks.stats().breakers.find((each) => each.hook === 'risk')!.state
for (const [seconds, problem, eur] of calls) {
  await clock.advanceSteps(seconds * 1_000 - clock.now())
  trouble = problem
  const before = stateOfBreaker()
  const running = payBack({ eur, note: 'to card 4111111111111111' })
  await clock.advanceSteps(600)
  const result = await running
  results.push(result)
  const hurt = result.trace.find(({ outcome }) => outcome !== 'ok')
  const states = [...new Set([before, stateOfBreaker()])].join(' → ')
  const ending = result.error?.code ?? result.status
  story.push([`${seconds} s`, trouble, eur, ending, hurt ? `${hurt.hook} ${hurt.outcome}` : '', states])
}
table('Nine calls', ['at', 'trouble', 'EUR', 'ends as', 'hook in trouble', 'breaker of risk'], story)
console.log('Two failures open the breaker: at 4 s the hook is not even called. At 14 s one')
console.log('call may try, fails, and the breaker stays open twice as long. At 35 s the next')
console.log('try works and it closes. At 36 s the guard says no to 900 EUR.\n')

timeline('The call at 1 s: "tier" is given up at its deadline, the tool runs', results[1]!)
timeline('The call at 37 s: "limit" cannot decide, the tool does not run', results[8]!)

const figures = hooks.stats().perHook
const counts = figures.map((each) => [each.hook, each.count, each.errors, each.timeouts, each.skipped, each.maxMs])
table('How the hooks fared', ['hook', 'called', 'failed', 'timed out', 'not called', 'longest ms'], counts)

console.log('Lesson: what helps may fail, what protects may not. The agent goes on without')
console.log('a hook that only helps. A guard that cannot decide refuses, and its code says')
console.log('so: GUARD_FAILED is trouble, HOOK_CANCELLED is a no on purpose.')
