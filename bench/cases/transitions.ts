/** Transitions: compiled tables against XState's own interpreter, in actors and without. */
import { breakerMachine, breakerPresets, compile } from 'hookchart/machines'
import { assign, createActor, fromTransition, setup } from 'xstate'
import type { AnyActorLogic, AnyActorRef } from 'xstate'
import type { Batch, TimedRow } from '../row.ts'

const plain = setup({ types: { events: {} as { type: 'FLIP' } } }).createMachine({
  id: 'lamp',
  initial: 'off',
  states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } },
})

const counting = setup({
  types: { context: {} as { count: number; seen: number }, events: {} as { type: 'FLIP' } },
  guards: { isLow: ({ context }) => context.count < 1e12 },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1 }),
    see: assign({ seen: ({ context }) => context.seen + 1 }),
  },
}).createMachine({
  id: 'counter',
  context: { count: 0, seen: 0 },
  initial: 'off',
  states: {
    off: { entry: 'see', on: { FLIP: { guard: 'isLow', target: 'on', actions: 'count' } } },
    on: { entry: 'see', on: { FLIP: { guard: 'isLow', target: 'off', actions: 'count' } } },
  },
})

const flip = { type: 'FLIP' } as const

/** The physical limit of an actor: a function that gives the next state. */
const smallest = fromTransition((state: 'on' | 'off') => (state === 'on' ? 'off' : 'on'), 'off')

function sends(logic: AnyActorLogic, input?: object): Batch {
  const actor = createActor(logic, input === undefined ? {} : ({ input } as never)) as AnyActorRef
  actor.start()
  return (times) => {
    for (let i = 0; i < times; i++) actor.send(flip)
    return actor
  }
}

/** What a run without an actor is sent. */
function flips(run: { send(event: typeof flip): void; readonly value: unknown }): Batch {
  return (times) => {
    for (let i = 0; i < times; i++) run.send(flip)
    return run.value
  }
}

export function transitions(): TimedRow {
  return {
    title: 'A transition',
    workload:
      'Send an event that leads from one state to the other: in an actor of XState with the machine itself, in the same actor with the machine compiled, and in a flat run. Once plain, once with a guard, an entry action and two assigns. The limit is an actor of `fromTransition`.',
    cases: [
      { name: 'fromTransition', role: 'limit', batch: sends(smallest) },
      { name: 'XState', role: 'peer', batch: sends(plain) },
      { name: 'compiled', role: 'ours', batch: sends(compile(plain)) },
      { name: 'flat', role: 'ours', batch: flips(compile(plain).run()) },
      { name: 'XState, guard + entry + assign', role: 'peer', batch: sends(counting) },
      { name: 'compiled, guard + entry + assign', role: 'ours', batch: sends(compile(counting)) },
      { name: 'flat, guard + entry + assign', role: 'ours', batch: flips(compile(counting).run()) },
    ],
    firing: [],
    questions: [
      { type: 'ratio', of: 'compiled', to: 'XState', atMost: 0.1 },
      { type: 'ratio', of: 'compiled, guard + entry + assign', to: 'XState, guard + entry + assign', atMost: 0.35 },
      { type: 'ratio', of: 'flat', to: 'XState' },
      { type: 'ratio', of: 'compiled', to: 'fromTransition' },
      { type: 'time', of: 'flat' },
    ],
  }
}

/** A machine that is shipped: a breaker that is told of failures, opened and reset. */
export function shippedTransitions(): TimedRow {
  const events = [
    { type: 'ACQUIRE', at: 1 },
    { type: 'FAILURE', at: 1 },
    { type: 'TRIP', at: 2 },
    { type: 'RESET', at: 3 },
  ]
  const batchOf = (actor: { send(event: never): void }): Batch => {
    return (times) => {
      for (let i = 0; i < times; i++) actor.send(events[i & 3] as never)
      return actor
    }
  }
  const input = breakerPresets.default as never
  const started = (logic: AnyActorLogic) => {
    const actor = createActor(logic, { input } as never)
    actor.start()
    return actor as never
  }
  return {
    title: 'Transitions of a shipped machine',
    workload: 'The breaker machine: a call, a failure, a trip and a reset, again and again.',
    cases: [
      { name: 'XState', role: 'peer', batch: batchOf(started(breakerMachine)) },
      { name: 'compiled', role: 'ours', batch: batchOf(started(compile(breakerMachine))) },
      { name: 'flat', role: 'ours', batch: batchOf(compile(breakerMachine).run({ input })) },
    ],
    firing: [],
    questions: [
      { type: 'ratio', of: 'compiled', to: 'XState', atMost: 0.35 },
      { type: 'ratio', of: 'flat', to: 'XState' },
    ],
  }
}
