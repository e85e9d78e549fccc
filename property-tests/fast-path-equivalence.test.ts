/**
 * The fast paths of production come to what a pass with everything checked comes to: same results, same calls in the same
 * order on the same data, same traces and counts, whatever hooks do and in whatever order they settle.
 */
import fc from 'fast-check'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { inOrder } from './support/late.ts'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { inMode } from './support/modes.ts'
import type { Mode } from './support/modes.ts'
import { finish } from './support/run.ts'
import { hookSpecs, registerSpecs } from './support/scenario.ts'
import type { HookSpec } from './support/scenario.ts'

// Nothing that takes time: the fast paths run on the clock of the machine.
const quiet = hookSpecs(['nothing'], 6)
const any = hookSpecs(
  [
    'nothing',
    'nothing',
    'nothing',
    'skipped',
    'set',
    'recipe',
    'cancel',
    'replace',
    'redirect',
    'fork',
    'cache',
    'throw',
    'invalid',
    'disallowed',
  ],
  6,
)

const scenario = fc.record({
  specs: fc.oneof(quiet, any),
  calls: fc.integer({ min: 1, max: 3 }),
  /** The hook at this place aborts its operation before it settles; none when there is no such hook. */
  aborts: fc.nat(12),
  viaRun: fc.boolean(),
  breakers: fc.boolean(),
  /** Whether the point is switched off for the second call. */
  off: fc.boolean(),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    // In a chain the order in which hooks complete is that of their calls, and observers settle between calls: one
    // scheduler serves both.
    const checked = await record(kernel, 'checked', given, scheduler)
    const fast = await record(kernel, 'fast', given, scheduler)
    if (checked !== fast) throw new Error(`checked ${checked}\nfast    ${fast}`)
  })
}

interface Given {
  readonly specs: readonly HookSpec[]
  readonly calls: number
  readonly aborts: number
  readonly viaRun: boolean
  readonly breakers: boolean
  readonly off: boolean
}

async function record(kernel: Kernel, mode: Mode, given: Given, scheduler: fc.Scheduler): Promise<string> {
  const { specs, calls, aborts, viaRun, breakers, off } = given
  const clock = createTestClock()
  const journal = kernel.createMemoryJournal()
  const hooks = inMode(mode, () =>
    kernel.createHooks({
      ids: createTestIds(),
      journal,
      executor: { overheadBudget: false },
      ...(mode === 'checked' && { clock }),
    }),
  )
  const called: string[] = []
  let controller = new AbortController()
  const point = 'BeforeAgentExecution'
  registerSpecs(
    kernel,
    hooks,
    point,
    specs,
    scheduler,
    ({ name }, { data, proposal, operation, state, signal }) => {
      called.push(JSON.stringify([name, data, proposal, operation, state, signal.aborted]))
      if (name === `h${aborts}`) controller.abort('enough')
    },
    () => (breakers ? { breaker: { failureThreshold: 2, slowCallMs: 1_000_000 } } : {}),
  )
  const other = hooks.wrap({ name: 'other' }, () => 'other')
  const work = hooks.wrap({ name: 'work', before: point, targets: { other } }, (input: object) => ({ echo: input }))
  const results: unknown[] = []
  for (let call = 0; call < calls; call++) {
    controller = new AbortController()
    const { signal } = controller
    const run = async (): Promise<object> =>
      viaRun
        ? hooks.run(point, { input: { n: call } }, aborts < 6 ? { signal } : {})
        : work({ n: call }, aborts < 6 ? { signal } : {})
    const running = run().catch((error: unknown) => ({ thrown: String(error) }))
    const result = await finish(running, clock, scheduler, 0)
    // Nobody waits for observers: whether one has been counted by the next call is a matter of the schedule, which the
    // two modes draw one after the other. So all of them settle first.
    while (scheduler.count() > 0) await scheduler.waitNext(1)
    await clock.settle()
    // The trace does not survive JSON by itself: it is read on demand.
    results.push([result, 'trace' in result ? result.trace : undefined])
    if (off) hooks.setEnabled(call !== 0, point)
  }
  while (scheduler.count() > 0) await scheduler.waitNext(1)
  await hooks.idle()
  const { perHook, breakers: states } = hooks.stats()
  const counts = perHook.map(({ hook, count, errors, timeouts, skipped }) => [hook, count, errors, timeouts, skipped])
  const runs = await journal.runs()
  return JSON.stringify(
    {
      results,
      called,
      counts,
      states: states.map(({ hook, state }) => [hook, state]),
      journal: runs.map(({ run, correlationId, finished }) => [
        run,
        correlationId,
        finished,
        inOrder(journal.read(run)),
      ]),
    },
    // Times differ by nature.
    (key, value: unknown) => (key === 'at' || key === 'durationMs' || key === 'timestamp' ? 0 : value),
  )
}

testLaw(
  'the fast paths are equivalent to a pass',
  law,
  [
    {
      name: 'the hook behind one that waits is passed over',
      file: 'src/hooks/executor/plain-wait.ts',
      from: 'const index = this.#index + 1',
      to: 'const index = this.#index + 2',
    },
    {
      name: 'what an async hook says is lost',
      file: 'src/hooks/executor/plain-wait.ts',
      from: '    if (value !== undefined) {\n      this.#stopWith(',
      to: '    if (value === null) {\n      this.#stopWith(',
    },
    {
      name: 'an open breaker is not looked at',
      file: 'src/hooks/executor/plain-loop.ts',
      from: "link.breaker.state !== 'closed'",
      to: "link.breaker.state === 'halfOpen'",
    },
    {
      name: 'the pass begins again where the loop began',
      file: 'src/hooks/executor/run-point.ts',
      from: "if (!('wait' in end)) return this.#runPass(chain, end.ctx, end)",
      to: "if (!('wait' in end)) return this.#runPass(chain, end.ctx, FIRST)",
    },
  ],
  { regressions: [[145646969, '2407:3:1:2:9:9:9:4:4:9:9']] },
)
