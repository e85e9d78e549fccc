/** The chart of a supervisor, everywhere: whoever ends whenever, under each strategy, however starting and stopping comes out. */
import * as machines from 'hookchart/machines'
import type { ChildState, SupervisorContext, SupervisorEvent, SupervisorStrategy } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, tour, untaken, violations } from './support/tour.ts'
import type { World } from './support/tour.ts'

const error = { code: 'EFFECT_FAILED', name: 'Error', message: 'broken', retryable: false }
const PERIOD_MS = 2
const SOURCES = ['startChild', 'stopChild']

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as SupervisorContext
const isUp = ({ status }: ChildState) => status === 'running' || status === 'starting'

/** Times count from now, and as far as they matter; what is only told counts not at all. */
function key(snapshot: AnyMachineSnapshot) {
  const { now, restarts, children, inHand, ending } = contextOf(snapshot)
  const since = (at: number) => Math.min(PERIOD_MS, now - at)
  return [
    snapshot.value as unknown,
    restarts.map(since).filter((age) => age < PERIOD_MS),
    children.map(({ restart, starts, status, inARow, startedAt, dueAt, again }) => [
      status,
      again,
      restart === 'temporary' && starts,
      Math.min(2, inARow),
      startedAt === null ? null : since(startedAt),
      status === 'waiting' || again ? Math.max(0, dueAt - now) : 0,
    ]),
    inHand,
    ending,
  ]
}

function worldOf(strategy: SupervisorStrategy, more: Partial<World> = {}): World {
  return {
    input: {
      ...{ strategy, maxRestarts: 1, periodMs: PERIOD_MS, at: 0 },
      backoff: { delayMs: 1, multiplier: 2, maxDelayMs: 2, jitter: 0 },
      children: [
        { id: 'a', restart: 'permanent' },
        { id: 'b', restart: 'transient' },
        { id: 'c', restart: 'temporary' },
      ],
    },
    tells: {
      startChild: (snapshot) => {
        const { now } = contextOf(snapshot)
        return [
          { type: 'started', at: now },
          { type: 'failed', at: now, error, chance: 0 },
        ]
      },
      stopChild: (snapshot) => [{ type: 'stopped', at: contextOf(snapshot).now }],
    },
    events: (snapshot) => {
      const { now } = contextOf(snapshot)
      const exits = ['a', 'b', 'c'].map((id) => ({ type: 'EXITED', id, kind: 'abnormal', error, chance: 0 }) as const)
      const ends = { type: 'EXITED', id: 'b', kind: 'normal', chance: 0 } as const
      return [0, 1].flatMap((ms): SupervisorEvent[] => [
        ...[...exits, ends].map((exit) => ({ ...exit, at: now + ms })),
        ...(ms === 0 ? [{ type: 'STOP', at: now } as const] : []),
      ])
    },
    key,
    always: {
      'so many restarts in a period are allowed, and no more': (snapshot) => {
        const { restarts, now, periodMs, maxRestarts } = contextOf(snapshot)
        return restarts.filter((time) => time > now - periodMs).length <= maxRestarts
      },
      'one at a time is started or stopped': (snapshot) => {
        const { children, inHand } = contextOf(snapshot)
        const begun = children.filter(({ status }) => status === 'starting').map(({ id }) => id)
        if (snapshot.value === 'starting') return begun.length === 1 && begun[0] === inHand
        return begun.length === 0 && (snapshot.value === 'stopping') === (inHand !== null)
      },
      'nobody is up behind one of its group that waits': (snapshot) => {
        const { children } = contextOf(snapshot)
        const waits = children.findIndex(({ status }) => status === 'waiting')
        const isGrouped = strategy !== 'one_for_one' && waits >= 0 && snapshot.value !== 'stopping'
        return !isGrouped || !children.slice(waits).some(isUp)
      },
      'in the end nobody is up': (snapshot) =>
        snapshot.status !== 'done' ||
        contextOf(snapshot).children.every(({ status }) => ['completed', 'failed', 'stopped'].includes(status)),
      'who is temporary is started once': (snapshot) => contextOf(snapshot).children[2]!.starts <= 1,
    },
    ...more,
  }
}

const machineOf = ({ supervisorMachine } = machines): AnyStateMachine => hookedTo(supervisorMachine, [], SOURCES)
const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
const tourOf = (strategy: SupervisorStrategy, from = machines, states = 50_000) =>
  tour(machineOf(from), worldOf(strategy, { states }))

describe('the chart of a supervisor', () => {
  const tours = STRATEGIES.map((strategy) => tourOf(strategy))

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test.each(STRATEGIES.map((strategy, i) => [strategy, i] as const))(
    '%s: it always comes to its end, and what must hold does',
    (_, i) => {
      expect([stuck(tours[i]!), tours[i]!.found.violations, tours[i]!.found.unreachable]).toEqual([[], [], []])
    },
  )

  test('snapshots survive JSON, in the 400 states that are nearest', () => {
    expect(violations(machineOf(), worldOf('rest_for_one', { states: 400 }))).toEqual([])
  })
})

describe('is seen to fail:', () => {
  const SUPERVISION = 'machines/supervisor/supervision.ts'
  const MACHINE = 'machines/supervisor/supervisor-machine.ts'
  const brokenBy = (file: string, from: string, to: string) =>
    plant<typeof machines>('machines/index.ts', file, from, to)
  const DUE = "({ status, dueAt }) => status === 'waiting' && dueAt <= now)?.id"

  test.each<[string, SupervisorStrategy, string, string, string]>([
    [
      'one restart too many',
      'one_for_one',
      SUPERVISION,
      'restarts.length > maxRestarts',
      'restarts.length > maxRestarts + 1',
    ],
    [
      'a start that goes on for nothing',
      'one_for_all',
      MACHINE,
      "childOf(context, context.inHand as string)?.status !== 'starting'",
      'context.inHand === null',
    ],
    [
      'a supervisor that ends before its children',
      'one_for_one',
      MACHINE,
      "children.every(({ status }) => status !== 'leaving')",
      'children.length > 0',
    ],
    [
      'who is temporary is started again',
      'one_for_all',
      SUPERVISION,
      "const again = child.restart !== 'temporary'",
      'const again = child.id.length > 0',
    ],
    [
      'who stands behind is started first',
      'rest_for_one',
      SUPERVISION,
      `children.find(${DUE}`,
      `children.findLast(${DUE}`,
    ],
    [
      'who waits for its restart is left when it ends',
      'one_for_one',
      SUPERVISION,
      "return status === 'waiting' ? 'stopped' : status",
      'return status',
    ],
  ])('%s', async (_, strategy, file, from, to) => {
    const { found } = tourOf(strategy, await brokenBy(file, from, to), 300)
    expect(found.violations).not.toEqual([])
  })

  test('a supervisor that does not wait', async () => {
    const broken = await brokenBy(MACHINE, "{ guard: 'mustWait', target: 'waiting' },", '')
    expect(untaken([tourOf('one_for_one', broken, 300)])).toContain('supervisor.waiting: untilDue done')
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy(
      'machines/supervisor/supervisor-context.ts',
      'again: false, lastError: null }',
      'again: false, lastError: new Date(0) as never }',
    )
    expect(violations(machineOf(broken), worldOf('one_for_one', { states: 5 }))).not.toEqual([])
  })
})
