/** A machine at its beginning: in an actor of XState, compiled in the same actor, and as a flat run. */
import { compile } from 'hookchart/machines'
import { assign, createActor, setup } from 'xstate'
import type { Case, TimedRow } from '../row.ts'

const machine = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'GO'; by: number } },
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

export function begin(): TimedRow {
  const compiled = compile(machine)
  const makes = (name: string, role: Case['role'], make: () => unknown): Case => ({
    name,
    role,
    batch: (times) => {
      let last: unknown
      for (let i = 0; i < times; i++) last = make()
      return [last, entered]
    },
  })
  return {
    title: 'A run is made',
    workload: 'Begin a machine of two states, the first with an entry action. Nothing is kept.',
    cases: [
      makes('compiled, flat run', 'ours', () => compiled.run()),
      makes('compiled, in createActor', 'ours', () => createActor(compiled).start()),
      makes('XState', 'peer', () => createActor(machine).start()),
    ],
    firing: [],
    questions: [
      { type: 'time', of: 'compiled, flat run', atMost: 2_000 },
      { type: 'ratio', of: 'compiled, flat run', to: 'XState' },
    ],
  }
}
