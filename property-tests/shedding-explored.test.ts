/** Everything that windows can bring a shedding machine to, and all of it in order; planted bugs are found, shortest way first. */
import { explore } from 'hookchart/chart'
import * as machines from 'hookchart/machines'
import type { SheddingContext, SheddingEvent } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import { plant } from './support/planted.ts'

const input = {
  ...machines.sheddingDefaults,
  budget: 0.1,
  windowOperations: 1,
  firstTrialWindows: 2,
  lastTrialWindows: 4,
}

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as SheddingContext

/** Two pieces that may be left out, one that may not; what is left out takes nothing. */
function eventsIn(snapshot: AnyMachineSnapshot): SheddingEvent[] {
  const { members, shed } = contextOf(snapshot)
  const isHere = (id: string) => members.some((member) => member.id === id)
  const took = (id: string, ms: number) => (shed.some((entry) => entry.id === id) ? 0 : ms)
  const absent = [
    { id: 'low', criticality: 0, isKept: false },
    { id: 'high', criticality: 1, isKept: false },
    { id: 'kept', criticality: -1, isKept: true },
  ].filter(({ id }) => !isHere(id))
  return [
    ...absent.map((member) => ({ type: 'ADD' as const, ...member })),
    ...members.map(({ id }) => ({ type: 'REMOVE' as const, id })),
    ...[0, 6].flatMap((low) =>
      [0, 6].flatMap((high) =>
        [0, 6, 11].map((kept) => ({
          type: 'WINDOW' as const,
          ownMs: 100,
          spentMs: { low: took('low', low), high: took('high', high), kept },
        })),
      ),
    ),
  ]
}

function search({ sheddingMachine }: typeof machines, depth = Infinity) {
  return explore(sheddingMachine, {
    input,
    events: eventsIn,
    bound: { depth },
    // How long one has waited matters up to its trial only.
    key: (snapshot) => {
      const { members, shed, trials, share } = contextOf(snapshot)
      return [
        snapshot.value as unknown,
        members.map(({ id }) => id).sort(),
        shed.map(({ id, cost, trialEvery, windows }) => [id, cost, trialEvery, Math.min(windows, trialEvery)]),
        trials,
        share > input.budget,
      ]
    },
    always: {
      'what is kept is never left out': (snapshot) => contextOf(snapshot).shed.every(({ id }) => id !== 'kept'),
      'nothing is left out twice, or when it is gone': (snapshot) => {
        const { shed, members } = contextOf(snapshot)
        const ids = shed.map(({ id }) => id)
        return new Set(ids).size === ids.length && ids.every((id) => members.some((member) => member.id === id))
      },
      'the state says what is so': (snapshot) => {
        const { shed, share } = contextOf(snapshot)
        const state = shed.length > 0 ? 'shedding' : share > input.budget ? 'over' : 'within'
        return snapshot.value === state || `it should be ${state}`
      },
      'the most critical waits no longer than for its trial': (snapshot) => {
        const high = contextOf(snapshot).shed.find(({ id }) => id === 'high')
        return high === undefined || high.windows < high.trialEvery
      },
    },
  })
}

test('all is seen, nothing is wrong, every state is reached and none is an end', () => {
  const { result, violations, unreachable, deadlocks } = search(machines)
  expect({ result, violations, unreachable, deadlocks }).toEqual({
    result: 'complete',
    violations: [],
    unreachable: [],
    deadlocks: [],
  })
})

describe('a planted bug is found by the shortest way:', () => {
  test.each([
    [
      'what is kept is shed as well',
      'machines/shedding/shedding-window.ts',
      '!isKept && !isShed(id)',
      '!isShed(id)',
      'what is kept is never left out',
      2,
    ],
    [
      'what is gone stays left out',
      'machines/shedding/shedding-machine.ts',
      'forgetGone(context, (id) => id === event.id)',
      'forgetGone(context, () => false)',
      'nothing is left out twice, or when it is gone',
      4,
    ],
    [
      'it never leaves the state over',
      'machines/shedding/shedding-machine.ts',
      "{ guard: 'leavesOut', target: 'shedding' },\n        { guard: 'isWithin', target: 'within' },",
      "{ guard: 'leavesOut', target: 'shedding' },",
      'the state says what is so',
      3,
    ],
    [
      'a trial comes one window late',
      'src/hooks/shedding.ts',
      'windows < trialEvery',
      'windows <= trialEvery',
      'the most critical waits no longer than for its trial',
      5,
    ],
  ])('%s', async (_, file, from, to, name, length) => {
    // Deeper it need not look: the first that is found is the nearest.
    const { violations } = search(await plant<typeof machines>('machines/index.ts', file, from, to), length)
    expect([violations[0]?.name, violations[0]?.events.length]).toEqual([name, length])
  })
})
