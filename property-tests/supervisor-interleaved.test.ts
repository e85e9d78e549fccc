/**
 * Whatever happens while children are being started and ended, in whatever order what they wait for is done: of each child one
 * instance lives at a time, nobody is up in front of whom one of its group is not, every run and every command settles, and in the end
 * nothing is left.
 */
import fc from 'fast-check'
import * as hookchart from 'hookchart'
import type { RunResult } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { drain } from './support/run.ts'
import { testLawOf } from './support/law.ts'

const NAMES = ['a', 'b', 'c'] as const
const SHUTDOWN_MS = 200

const setups = fc.record({
  strategy: fc.constantFrom('one_for_one' as const, 'one_for_all' as const, 'rest_for_one' as const),
  restarts: fc.tuple(
    ...NAMES.map(() =>
      fc.constantFrom('permanent' as const, 'permanent' as const, 'transient' as const, 'temporary' as const),
    ),
  ),
  delayMs: fc.constantFrom(0, 100),
  maxRestarts: fc.constantFrom(1, 5, 100),
  /** How many initialisations are refused. */
  refusals: fc.integer({ min: 0, max: 3 }),
  /** Whether the last two stand below a supervisor of their own. */
  isNested: fc.boolean(),
})

type Step =
  | { readonly do: 'fail' | 'terminate' | 'force' | 'pause'; readonly at: number }
  | { readonly do: 'execute'; readonly at: number; readonly work: 'completes' | 'fails' | 'ignores' }
  | { readonly do: 'go on' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'stop' }

const at = fc.nat({ max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('fail' as const, 'terminate' as const, 'force' as const, 'pause' as const),
      at,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('execute' as const),
      at,
      work: fc.constantFrom('completes' as const, 'fails' as const, 'ignores' as const),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ do: 'go on' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 100, 200) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'stop' as const }) },
)

function law({ createSystem, createSupervisor, defineAgent, hook }: typeof hookchart) {
  const steps = fc.array(step, { minLength: 1, maxLength: 25, size: 'max' })
  return fc.asyncProperty(setups, steps, fc.scheduler(), async (setup, steps, scheduler) => {
    const clock = createTestClock()
    const system = createSystem({ clock, ids: createTestIds(), trace: 'off' })
    const { strategy, maxRestarts, delayMs, isNested } = setup
    const wrong: string[] = []
    const later = () => scheduler.schedule(Promise.resolve(), 'later')
    let { refusals } = setup
    /** What could have been counted as a failure or an end. */
    let ends = 0
    const alive = new Map<string, number>()
    const count = (name: string, by: number) => {
      const lives = (alive.get(name) ?? 0) + by
      alive.set(name, lives)
      if (lives > 1) wrong.push(`two of ${name}`)
    }
    system.hooks.register(
      'BeforeAgentInit',
      async () => {
        await later()
        if (refusals-- > 0) {
          ends++
          return hook.cancel('not now')
        }
        return undefined
      },
      { breaker: false },
    )
    system.hooks.register('BeforeAgentTerminate', later, { breaker: false })
    system.hooks.register(
      'AfterAgentInit',
      ({ component }) => {
        count(component.name, 1)
      },
      { kind: 'observe' },
    )
    system.hooks.register(
      'AfterAgentShutdown',
      ({ component }) => {
        count(component.name, -1)
      },
      { kind: 'observe' },
    )
    const agentOf = (name: string) =>
      defineAgent({
        name,
        autoRecover: false,
        terminateTimeoutMs: '1h',
        execute: async ({ input }) => {
          await later()
          if (input === 'fails') throw new Error('boom')
          if (input === 'ignores') await new Promise(() => {})
          return input
        },
      })
    const children = NAMES.map((name, i) => ({ agent: agentOf(name), restart: setup.restarts[i]! }))
    const options = {
      strategy,
      maxRestarts,
      shutdownMs: SHUTDOWN_MS,
      periodMs: '1h',
      backoff: { delayMs, jitter: 0 },
    } as const
    const supervisor = createSupervisor(system, {
      ...options,
      children: isNested
        ? [children[0]!, { id: 'pool', supervisor: { ...options, children: children.slice(1) } }]
        : children,
    })
    const agents = NAMES.map((name, i) => supervisor.agent(isNested && i > 0 ? `pool/${name}` : name))
    supervisor.actor().subscribe(({ value, context }) => {
      if (strategy === 'one_for_one' || value === 'stopping') return
      const waits = context.children.findIndex(({ status }) => status === 'waiting')
      const isUp = (status: string) => status === 'running' || status === 'starting'
      if (waits >= 0 && context.children.slice(waits).some(({ status }) => isUp(status)))
        wrong.push(`one is up behind ${context.children[waits]!.id}, which waits`)
    })

    const open = new Set<string>()
    const track = (name: string, settled: Promise<unknown>) => {
      open.add(name)
      void settled.finally(() => open.delete(name)).catch(() => {})
    }
    const runs: Promise<RunResult>[] = []
    let isStopped = false
    for (const [i, each] of steps.entries()) {
      if (each.do === 'wait') await clock.advanceSteps(each.ms)
      else if (each.do === 'go on') {
        if (scheduler.count() > 0) await scheduler.waitNext(1)
        await clock.settle()
      } else if (each.do === 'stop') {
        isStopped = true
        track(`${i} stop`, supervisor.stop())
      } else {
        const name = `${i} ${each.do}`
        const agent = agents[each.at]!
        if (each.do === 'execute') {
          if (each.work === 'fails') ends++
          const run = agent.execute(each.work)
          runs.push(run)
          track(name, run)
        } else {
          if (each.do !== 'pause') ends++
          const options = { timeoutMs: 500 }
          if (each.do === 'fail') track(name, agent.fail(new Error('told'), options))
          else if (each.do === 'pause') track(name, agent.pause(options))
          else track(name, agent.terminate({ ...options, force: each.do === 'force' }))
        }
      }
    }
    track('the end', supervisor.started)
    // All that is held back is let go, and time passes.
    const goOn = async (isOver: () => boolean) => {
      for (let round = 0; round < 300 && !isOver(); round++) {
        await clock.settle()
        for (const agent of agents) if (agent.state === 'paused') void agent.resume().catch(() => {})
        if (scheduler.count() > 0) await scheduler.waitNext(1)
        else await clock.advanceSteps(100)
      }
    }
    await goOn(() => scheduler.count() === 0 && ['watching', 'stopped', 'failed'].includes(supervisor.state))
    if (isStopped && supervisor.state === 'watching') wrong.push('it was stopped, and goes on')
    if (supervisor.state === 'failed' && ends <= maxRestarts) wrong.push(`it gave up after ${ends} ends`)
    for (const { id, status, restart } of supervisor.state === 'watching' ? supervisor.tree().children : []) {
      if (restart === 'permanent' && status !== 'running') wrong.push(`${id} is ${status} at rest`)
    }
    track('stop', supervisor.stop())
    await goOn(() => open.size === 0)
    await drain(clock, scheduler)
    if (open.size > 0) wrong.push(`never settled: ${[...open].join(', ')}`)
    for (const run of await Promise.allSettled(open.size > 0 ? [] : runs)) {
      if (run.status === 'rejected') continue
      const { status, error } = run.value
      if (status === 'failed' && error?.code === 'RUN_ABORTED') wrong.push('a run failed of being aborted')
      if (status !== 'completed' && error === undefined) wrong.push(`a run is ${status} without an error`)
    }
    const left = [...alive].filter(([, lives]) => lives > 0).map(([name]) => name)
    if (left.length > 0) wrong.push(`left alive: ${left.join()}`)
    track('stop of the system', system.stop())
    await drain(clock, scheduler)
    if (open.size > 0) wrong.push(`never settled: ${[...open].join(', ')}`)
    if (clock.timers > 0) wrong.push(`${clock.timers} timers left`)
    if (wrong.length > 0) throw new Error(wrong.join('; '))
  })
}

testLawOf(
  hookchart,
  'src/index.ts',
  'supervision while things are under way',
  law,
  [
    {
      name: 'who waits for the next instance is forgotten',
      file: 'actors/supervisor/agent-child.ts',
      from: 'for (const listener of [...this.#waiting]) listener()',
      to: 'this.#waiting.clear()',
    },
    {
      name: 'the deadline of a shutdown is none',
      file: 'actors/supervisor/agent-child.ts',
      from: 'const timer = clock.setTimeout(resolve, this.#settings.shutdownMs)',
      to: 'const timer = undefined',
    },
    {
      name: 'a start goes on for nothing',
      file: 'machines/supervisor/supervisor-machine.ts',
      from: "childOf(context, context.inHand as string)?.status !== 'starting'",
      to: 'context.inHand === null',
    },
    {
      name: 'who gives up ends before its children',
      file: 'machines/supervisor/supervisor-machine.ts',
      from: "children.every(({ status }) => status !== 'leaving')",
      to: 'children.length > 0',
    },
    {
      name: 'runs are aborted, and not failed',
      file: 'src/hooks/operation/ending.ts',
      from: "if (isHookchartError(reason, 'SUPERVISOR_RESTART')) return failed(reason)",
      to: "if (isHookchartError(reason, 'SUPERVISOR_RESTART')) return failed(new HookchartError('RUN_ABORTED', 'aborted'))",
    },
  ],
  { numRuns: 60 },
)
