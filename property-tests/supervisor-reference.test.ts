/**
 * Whoever fails whenever: children are ended and started in the order that a plain reference says, at its times, and the
 * supervisor gives up when that does. And by itself: in no period are there more restarts than may be.
 */
import fc from 'fast-check'
import * as hookchart from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLawOf } from './support/law.ts'
import { ReferenceSupervisor } from './support/supervisor-reference.ts'
import type { Setup } from './support/supervisor-reference.ts'

const NAMES = ['a', 'b', 'c', 'd'] as const
const PERIOD_MS = 1_000

const setups: fc.Arbitrary<Setup> = fc.record({
  strategy: fc.constantFrom('one_for_one', 'one_for_all', 'rest_for_one'),
  maxRestarts: fc.integer({ min: 0, max: 4 }),
  periodMs: fc.constant(PERIOD_MS),
  // Numbers whose shares are exact.
  delayMs: fc.constantFrom(0, 128, 512),
  multiplier: fc.constantFrom(1, 2),
  maxDelayMs: fc.constantFrom(512, 1_024, 4_096),
  jitter: fc.constantFrom(0, 0.5, 1),
  chance: fc.constantFrom(0, 0.25, 0.5),
  children: fc.integer({ min: 1, max: 4 }).chain((count) =>
    fc.tuple(
      ...NAMES.slice(0, count).map((name) =>
        fc.record({
          name: fc.constant(name),
          restart: fc.oneof(
            { weight: 3, arbitrary: fc.constant('permanent' as const) },
            fc.constantFrom('transient' as const, 'temporary' as const),
          ),
        }),
      ),
    ),
  ),
})

type Step = { readonly exit: string; readonly fails: boolean } | { readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ exit: fc.constantFrom(...NAMES), fails: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ ms: fc.constantFrom(1, 64, 128, 256, 512, 999, 1_000, 1_001) }) },
)

function law({ createSystem, createSupervisor, defineAgent }: typeof hookchart) {
  return fc.asyncProperty(
    setups,
    fc.array(step, { minLength: 1, maxLength: 16, size: 'max' }),
    async (setup, steps) => {
      const clock = createTestClock()
      const system = createSystem({ clock, ids: createTestIds(), trace: 'off' })
      const log: string[] = []
      for (const [point, what] of [
        ['AfterAgentInit', 'start'],
        ['AfterAgentShutdown', 'end'],
      ] as const) {
        system.hooks.register(point, ({ component }) => void log.push(`${what} ${component.name}`), { kind: 'observe' })
      }
      const { strategy, maxRestarts, periodMs, delayMs, multiplier, maxDelayMs, jitter, chance } = setup
      const supervisor = createSupervisor(system, {
        ...{ strategy, maxRestarts, periodMs, backoff: { delayMs, multiplier, maxDelayMs, jitter } },
        random: { next: () => chance },
        children: setup.children.map(({ name, restart }) => ({
          agent: defineAgent({ name, autoRecover: false, execute: () => 1 }),
          restart,
        })),
      })
      await clock.settle()
      const reference = new ReferenceSupervisor(setup)
      /** When children were started again for their own sake, as far as one sees. */
      const restarts: number[] = []
      const same = (where: string) => {
        const up = supervisor.tree().children.flatMap(({ id, status }) => (status === 'running' ? [id] : []))
        const [here, there] = [
          [log.join(), up.join(), supervisor.state === 'failed'],
          [reference.log.join(), reference.up, reference.hasGivenUp],
        ].map((each) => JSON.stringify(each))
        if (here !== there) throw new Error(`${where}: ${here}, and the reference says ${there}`)
      }
      same('at first')
      for (const each of steps) {
        if ('ms' in each) {
          await clock.advanceSteps(each.ms)
          reference.pass(each.ms)
        } else if (reference.isUp(each.exit)) {
          const agent = supervisor.agent(each.exit)
          const { restart } = setup.children.find(({ name }) => name === each.exit)!
          await (each.fails ? agent.fail(new Error('broken')) : agent.terminate())
          await clock.settle()
          reference.exit(each.exit, each.fails)
          const isRestart = restart === 'permanent' || (restart === 'transient' && each.fails)
          if (isRestart && supervisor.state !== 'failed') restarts.push(clock.now())
        }
        same(JSON.stringify(each))
      }
      for (const [i, at] of restarts.entries()) {
        if (restarts[i + maxRestarts] !== undefined && restarts[i + maxRestarts]! - at < PERIOD_MS)
          throw new Error(`more than ${maxRestarts} restarts from ${at} on`)
      }
      await supervisor.stop()
      if (supervisor.tree().children.some(({ status }) => status === 'running')) throw new Error('one was left')
      await system.stop()
      if (clock.timers > 0) throw new Error('a timer was left')
    },
  )
}

const SUPERVISION = 'machines/supervisor/supervision.ts'
const RESTART = 'machines/supervisor/restart.ts'
const RETRY = 'machines/retry.ts'

testLawOf(
  hookchart,
  'src/index.ts',
  'supervision',
  law,
  [
    {
      name: 'one restart too many',
      file: SUPERVISION,
      from: 'restarts.length > maxRestarts',
      to: 'restarts.length > maxRestarts + 1',
    },
    {
      name: 'a restart counts a moment too long',
      file: RESTART,
      from: 'time > at - periodMs',
      to: 'time >= at - periodMs',
    },
    { name: 'restarts are not counted', file: SUPERVISION, from: 'periodMs), now]', to: 'periodMs)]' },
    {
      name: 'stopped in the order in which they were started',
      file: SUPERVISION,
      from: 'children.findLast(',
      to: 'children.find(',
    },
    {
      name: 'one_for_all leaves those in front',
      file: SUPERVISION,
      from: "strategy === 'one_for_all' ? 0 :",
      to: "strategy === 'one_for_one' ? 0 :",
    },
    {
      name: 'who is temporary is started again with its group',
      file: SUPERVISION,
      from: "child.restart !== 'temporary'",
      to: "child.restart !== 'transient'",
    },
    {
      name: 'a transient one that has ended as it should is started again',
      file: RESTART,
      from: "(policy === 'transient' && kind === 'abnormal')",
      to: "policy === 'transient'",
    },
    { name: 'a wait does not begin anew', file: SUPERVISION, from: 'hasHeld ? 1 :', to: 'hasHeld && now < 0 ? 1 :' },
    {
      name: 'a wait begins anew too soon',
      isRare: true,
      file: SUPERVISION,
      from: 'child.startedAt >= periodMs',
      to: 'child.startedAt >= periodMs / 2',
    },
    { name: 'chance makes a wait longer', file: RESTART, from: '(1 - backoff.jitter *', to: '(1 + backoff.jitter *' },
    { name: 'the cap is no cap', file: RETRY, from: 'Math.min(maxDelayMs,', to: 'Math.min(maxDelayMs * 9,' },
    {
      name: 'a group starts sooner than one of it was to',
      isRare: true,
      file: SUPERVISION,
      from: 'const due = Math.max(dueAt,',
      to: 'const due = Math.min(dueAt,',
    },
    {
      name: 'a failed agent is not noticed',
      file: 'actors/supervisor/agent-child.ts',
      from: "return state === 'error' && ",
      to: "return state === 'uninitialized' && ",
    },
    {
      name: 'a wait is forgotten when another child ends',
      file: 'machines/supervisor/supervisor-machine.ts',
      from: "{ guard: 'counts', target: 'watching', actions: 'takeExit' }",
      to: "{ guard: 'counts', actions: 'takeExit' }",
    },
  ],
  { numRuns: 60 },
)
