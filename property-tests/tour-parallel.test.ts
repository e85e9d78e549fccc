/** The charts of parallel workflows, everywhere: with each join, with optional branches and branches that have a time of their own. */
import * as machines from 'hookchart/machines'
import type { JoinPolicy, ParallelContext } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, tour, untaken, violations } from './support/tour.ts'
import type { World } from './support/tour.ts'
import { SOURCES, stepsOf, workflowWorld } from './support/workflow-world.ts'

const POINTS = ['ParallelFork', 'ParallelJoin', 'WorkflowStageTransition']

interface Options {
  readonly join: JoinPolicy
  readonly failFast: boolean
  /** By branch. */
  readonly optional: readonly boolean[]
  readonly timed: readonly boolean[]
}

const EACH: Options[] = [
  { join: 'all', failFast: true, optional: [false, false], timed: [false, false] },
  { join: 'all', failFast: true, optional: [true, false], timed: [true, true] },
  { join: 'all', failFast: false, optional: [false, true], timed: [true, false] },
  { join: 'all', failFast: true, optional: [true, true], timed: [false, true] },
  { join: 'any', failFast: true, optional: [false, false], timed: [true, false] },
  { join: 'any', failFast: false, optional: [false, false], timed: [false, false] },
  { join: { atLeast: 2 }, failFast: true, optional: [false, false], timed: [false, false] },
  { join: { atLeast: 2 }, failFast: false, optional: [false, false], timed: [false, true] },
  { join: 'all', failFast: true, optional: [false], timed: [true] },
]

const lanesOf = ({ optional }: Options) =>
  Object.fromEntries(optional.map((_, i) => [`b${i}`, i === 0 ? stepsOf('first', 'second') : stepsOf('only')]))

function machineOf(options: Options, points: readonly string[], { parallel, parallelMachine } = machines) {
  const { join, failFast, optional, timed } = options
  const branches = Object.entries(lanesOf(options)).map(([name, steps], i) => ({
    ...{ name, steps, optional: optional[i]! },
    ...(timed[i] && { timeoutMs: 100 }),
  }))
  const definition = parallel({ name: 'fan', join, failFast, branches })
  return hookedTo(parallelMachine(definition), points, SOURCES)
}

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as ParallelContext
const regionsOf = ({ value }: AnyMachineSnapshot) => (value as { branches?: Record<string, unknown> }).branches ?? {}

/** What guards look at; errors and values are told in one way each. */
function key(snapshot: AnyMachineSnapshot) {
  const lanes = Object.values(contextOf(snapshot).lanes)
  return [snapshot.value as unknown, lanes.map(({ status, error, isPartial }) => [status, error !== null, isPartial])]
}

function worldOf(options: Options): World {
  return {
    ...workflowWorld(lanesOf(options)),
    key,
    // The time of a branch begins when it works.
    events: (snapshot) =>
      options.timed.flatMap((isTimed, i) =>
        isTimed && regionsOf(snapshot)[`b${i}`] !== 'queued' ? [{ type: 'BRANCH_TIMED_OUT', branch: `b${i}` }] : [],
      ),
    always: {
      'a branch arrives when it has ended, and not before': (snapshot) =>
        Object.entries(regionsOf(snapshot)).every(
          ([branch, at]) =>
            (contextOf(snapshot).lanes[branch]!.status === 'running') !== (at === 'arriving' || at === 'arrived'),
        ),
      'nobody is stopped where all are waited for': (snapshot) =>
        options.join !== 'all' ||
        options.failFast ||
        Object.values(contextOf(snapshot).lanes).every(({ status, error }) => status !== 'cancelled' || error !== null),
    },
  }
}

const toursOf = (options: Options, from = machines) =>
  [[], POINTS].map((points) => tour(machineOf(options, points, from), worldOf(options)))

describe.each(EACH)(
  'a parallel workflow, join $join, failFast $failFast, optional $optional, timed $timed',
  (options) => {
    const tours = toursOf(options)

    test('every transition is taken', () => {
      expect(untaken(tours)).toEqual([])
    })

    test('it always comes to its end, and what must hold does', () => {
      expect(tours.flatMap((each) => [...stuck(each), ...each.found.violations])).toEqual([])
    })
  },
)

test.each([EACH[1]!, EACH[4]!])('snapshots survive JSON wherever they are made: join $join', (options) => {
  expect(violations(machineOf(options, POINTS), worldOf(options))).toEqual([])
})

describe('is seen to fail:', () => {
  const [plain, timed, patient] = EACH as [Options, Options, Options]
  const brokenBy = (from: string, to: string, file = 'machines/workflow/parallel-machine.ts') =>
    plant<typeof machines>('machines/index.ts', file, from, to)

  test('nobody is ever stopped', async () => {
    const broken = await brokenBy("enqueue.raise({ type: 'STOP' })", "enqueue.raise({ type: 'GO' })")
    expect(untaken(toursOf(plain, broken))).toEqual(['fan.branches.b0: STOP', 'fan.branches.b1: STOP'])
  })

  test('the time of another branch ends one', async () => {
    const broken = await brokenBy(
      '(event as BranchTimedOut).branch === lane &&',
      '(event as BranchTimedOut).branch !== lane &&',
    )
    expect(untaken(toursOf(patient, broken))).toContain('fan.branches.b0: BRANCH_TIMED_OUT')
  })

  test('a branch that has ended runs on', async () => {
    const broken = await brokenBy(
      "entry: { type: 'endLane', params: { lane, status } },",
      '',
      'machines/workflow/branch-region.ts',
    )
    const [{ found }] = toursOf(timed, broken) as [ReturnType<typeof tour>]
    expect(found.violations).toHaveLength(1)
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy('concurrency: maxConcurrency,', 'concurrency: Infinity,')
    expect(violations(machineOf(plain, [], broken), worldOf(plain))).not.toEqual([])
  })
})
