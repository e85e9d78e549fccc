/** An event that a machine takes: by XState, compiled in an actor, and as a flat run; and how a run is made. */
import { breakerMachine, breakerPresets, compile } from 'hookchart/machines'
import type { BreakerEvent } from 'hookchart/machines'
import { assign, createActor, fromTransition, setup } from 'xstate'
import type { Case, TimedRow } from '../row.ts'

const types = {} as { context: { count: number }; events: { type: 'GO'; by: number } }

const plain = setup({ types }).createMachine({
  context: { count: 0 },
  initial: 'a',
  states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } },
})

const rich = setup({
  types,
  guards: { isUp: ({ event }) => event.by > 0 },
  actions: {
    count: assign({ count: ({ context, event }) => context.count + event.by }),
    enter: ({ context }) => {
      entered = context.count
    },
  },
}).createMachine({
  context: { count: 0 },
  initial: 'a',
  states: {
    a: { entry: 'enter', on: { GO: { guard: 'isUp', target: 'b', actions: 'count' } } },
    b: { entry: 'enter', on: { GO: { guard: 'isUp', target: 'a', actions: 'count' } } },
  },
})

/** What the entry action saw last: nobody may leave it out. */
let entered = 0

/** A transition without and with what machines do in one. */
export function transition(kind: 'plain' | 'rich'): TimedRow {
  const machine = kind === 'plain' ? plain : rich
  const compiled = compile(machine)
  const stock = createActor(machine).start()
  const actor = createActor(compiled).start()
  const run = compiled.run()
  const reducer = createActor(fromTransition((count: number) => count + 1, 0)).start()
  const sends = (name: string, role: Case['role'], to: { send(event: { type: 'GO'; by: number }): void }): Case => ({
    name,
    role,
    batch: (times) => {
      for (let i = 0; i < times; i++) to.send({ type: 'GO', by: 1 })
      return entered
    },
  })
  return {
    title: kind === 'plain' ? 'Transition of a flat machine' : 'Transition with guard, entry and assign',
    workload: `Send an event that leads from one state to the other${
      kind === 'plain' ? '' : ', past a guard, with an assignment and an entry action'
    }. The limit is an actor of fromTransition, which only counts.`,
    cases: [
      sends('fromTransition actor', 'limit', reducer),
      sends('compiled, in createActor', 'ours', actor),
      sends('compiled, flat run', 'ours', run),
      sends('XState', 'peer', stock),
    ],
    firing: [],
    questions: [
      { type: 'ratio', of: 'compiled, in createActor', to: 'XState', atMost: kind === 'plain' ? 0.1 : 0.35 },
      { type: 'ratio', of: 'compiled, flat run', to: 'XState', atMost: kind === 'plain' ? 0.1 : 0.35 },
    ],
  }
}

/** The breaker's machine, told of failures until it opens, and reset. */
export function breakerTransition(): TimedRow {
  const compiled = compile(breakerMachine)
  const input = { ...breakerPresets.default, failureThreshold: 3 }
  const events: readonly BreakerEvent[] = [
    { type: 'FAILURE', at: 1 },
    { type: 'FAILURE', at: 2 },
    { type: 'FAILURE', at: 3 },
    { type: 'RESET' },
  ]
  const sends = (name: string, role: Case['role'], to: { send(event: BreakerEvent): void }): Case => ({
    name,
    role,
    batch: (times) => {
      for (let i = 0; i < times; i++) to.send(events[i % events.length]!)
      return to
    },
  })
  return {
    title: 'Transition of the breaker machine',
    workload: 'Tell the machine of a failure; the third opens it, and every fourth event resets it.',
    cases: [
      sends('compiled, in createActor', 'ours', createActor(compiled, { input }).start()),
      sends('compiled, flat run', 'ours', compiled.run({ input })),
      sends('XState', 'peer', createActor(breakerMachine, { input }).start()),
    ],
    firing: [],
    questions: [
      { type: 'ratio', of: 'compiled, in createActor', to: 'XState', atMost: 0.35 },
      { type: 'ratio', of: 'compiled, flat run', to: 'XState', atMost: 0.35 },
    ],
  }
}

/** A machine at its beginning. */
export function begin(): TimedRow {
  const compiled = compile(rich)
  const makes = (name: string, role: Case['role'], make: () => unknown): Case => ({
    name,
    role,
    batch: (times) => {
      let last: unknown
      for (let i = 0; i < times; i++) last = make()
      return last
    },
  })
  return {
    title: 'A run is made',
    workload: 'Begin a machine of two states, the first with an entry action. Nothing is kept.',
    cases: [
      makes('compiled, flat run', 'ours', () => compiled.run()),
      makes('compiled, in createActor', 'ours', () => createActor(compiled).start()),
      makes('XState', 'peer', () => createActor(rich).start()),
    ],
    firing: [],
    questions: [
      { type: 'time', of: 'compiled, flat run', atMost: 2_000 },
      { type: 'ratio', of: 'compiled, flat run', to: 'XState' },
    ],
  }
}
