/** Machines for two explorers to search, with events and with what tells their states apart. */
import fc from 'fast-check'
import { breakerMachine, sheddingDefaults, sheddingMachine } from 'hookchart/machines'
import type { BreakerContext, BreakerEvent, SheddingContext, SheddingEvent } from 'hookchart/machines'
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { machineOf, randomState } from './random-machine.ts'

/** What of a snapshot tells it from others. */
export type Key = (snapshot: AnyMachineSnapshot) => unknown

/** A search: the machine, what is tried in every state, and what tells states apart. */
export interface Searched {
  readonly machine: AnyStateMachine
  readonly input?: unknown
  readonly events: readonly EventObject[]
  readonly key: Key
}

/** What tells states apart where nothing is left out. */
export const fullKey: Key = ({ value, context, historyValue, status }) => [
  value as unknown,
  context as unknown,
  Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map((node) => node.id)]),
  status,
]

/** Not all at once: what some of them do together others do as well, and the search grows fast. */
const pick = (events: readonly EventObject[]) => fc.subarray([...events], { minLength: 1, maxLength: 6 })

const breakerEvents: BreakerEvent[] = [
  ...[0, 1, 2].flatMap((at): BreakerEvent[] => [
    { type: 'ACQUIRE', at },
    { at, type: 'FAILURE' },
    { at, durationMs: 0, type: 'SUCCESS' },
    { at, durationMs: 5, type: 'SUCCESS' },
  ]),
  { at: 1, type: 'TRIP' },
  { type: 'RESET' },
  { permit: 0, type: 'RELEASE' },
]

/** Counts that grow for ever are left out, or go up to where they matter. */
const breakerKey: Key = ({ value, context }) => {
  const { generation, settings: _, ...counted } = context as BreakerContext
  return [value as unknown, generation === 0, { ...counted, opens: Math.min(2, counted.opens), lostProbes: 0 }]
}

const sheddingEvents: SheddingEvent[] = [
  { criticality: 0, id: 'a', isKept: false, type: 'ADD' },
  { criticality: 1, id: 'b', isKept: false, type: 'ADD' },
  { criticality: 0, id: 'c', isKept: true, type: 'ADD' },
  { id: 'a', type: 'REMOVE' },
  { ownMs: 10, spentMs: { a: 1, b: 2, c: 0 }, type: 'WINDOW' },
  { ownMs: 10, spentMs: { a: 0, b: 0, c: 2 }, type: 'WINDOW' },
  { ownMs: 10, spentMs: { a: 0, b: 0, c: 0 }, type: 'WINDOW' },
  { ownMs: 10, spentMs: { a: 1, b: 0, c: 0 }, type: 'OPERATION' },
]

const sheddingKey: Key = ({ value, context }) => {
  const { members, shed, trials, operations } = context as SheddingContext
  return [
    value as unknown,
    members.map(({ id }) => id),
    shed.map(({ id, windows }) => [id, Math.min(4, windows)]),
    trials,
    operations,
  ]
}

/** Shipped machines with some of their events, and random ones. */
export const searched: fc.Arbitrary<Searched> = fc.oneof(
  pick(breakerEvents).map((events) => ({
    machine: breakerMachine,
    input: {
      failureThreshold: 2,
      successThreshold: 2,
      windowMs: 1,
      openMs: 1,
      openMultiplier: 2,
      maxOpenMs: 2,
      slowCallThreshold: 2,
      slowCallMs: 5,
    },
    events,
    key: breakerKey,
  })),
  pick(sheddingEvents).map((events) => ({
    machine: sheddingMachine,
    input: { ...sheddingDefaults, budget: 0.1, windowOperations: 2, firstTrialWindows: 2, lastTrialWindows: 4 },
    events,
    key: sheddingKey,
  })),
  {
    weight: 8,
    arbitrary: randomState.map((root) => ({
      machine: machineOf(root),
      events: [{ type: 'A' }, { type: 'B' }, { type: 'C' }, { type: 'D' }],
      key: fullKey,
    })),
  },
)
