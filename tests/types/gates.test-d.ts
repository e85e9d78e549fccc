/** Machines with gates type-check as any others: what they are sent, what they keep, and hooks for them without a cast. */
import { createHooks, definePoint } from 'hookchart/hooks'
import { gate, gates, hooked } from 'hookchart/machines'
import { assign, createActor, createMachine, fromPromise, setup } from 'xstate'
import { expectTypeOf, test } from 'vitest'

const before = definePoint('before_x', { phase: 'before', decisions: ['cancel'] })
const hooks = createHooks({ points: [before] })

const typed = setup({
  types: { context: {} as { sum: number }, events: {} as { type: 'ADD'; n: number } | { type: 'END' } },
  actors: { count: fromPromise(({ input }: { input: number }) => Promise.resolve(input)) },
  guards: { isMany: (_, params: { min: number }) => params.min > 0 },
  actions: { log: (_, params: { text: string }) => void params.text },
  delays: { soon: 10 },
}).createMachine({
  context: { sum: 0 },
  on: { ADD: { guard: { type: 'isMany', params: { min: 1 } }, actions: { type: 'log', params: { text: 'added' } } } },
})

test('hooks are provided without a cast for a hooked machine, typed or not', () => {
  const actor = createActor(hooked(typed, { on: { ADD: { before } } }).provide(hooks.provide()))
  expectTypeOf(actor.getSnapshot().context).toEqualTypeOf<{ sum: number }>()
  actor.send({ type: 'ADD', n: 1 })
  // @ts-expect-error the machine takes no such event
  actor.send({ type: 'SUB' })
  const plain = createMachine({ on: { ADD: {} } })
  createActor(hooked(plain, { on: { ADD: { before } } }).provide(hooks.provide())).send({ type: 'ADD' })
})

test('a gate is a state of a machine with the names of gates and its own', () => {
  const machine = setup({
    types: { context: {} as { sum: number }, events: {} as { type: 'ADD'; n: number } },
    actors: { ...gates.actors, count: fromPromise(({ input }: { input: number }) => Promise.resolve(input)) },
    guards: { ...gates.guards, isMany: (_, params: { min: number }) => params.min > 0 },
    actions: { ...gates.actions, log: (_, params: { text: string }) => void params.text },
  }).createMachine({
    context: { sum: 0 },
    initial: 'ready',
    states: {
      ready: { on: { ADD: 'asking' } },
      asking: gate(before, { continue: 'counting', cancel: 'ready' }),
      counting: {
        entry: { type: 'log', params: { text: 'counting' } },
        invoke: {
          src: 'count',
          input: 1,
          onDone: {
            guard: { type: 'isMany', params: { min: 1 } },
            target: 'ready',
            actions: assign({ sum: ({ event }) => event.output }),
          },
        },
      },
    },
  })
  const actor = createActor(machine.provide(hooks.provide()))
  expectTypeOf(actor.getSnapshot().context).toEqualTypeOf<{ sum: number }>()
  expectTypeOf(actor.getSnapshot().value).toEqualTypeOf<'ready' | 'asking' | 'counting'>()
  // @ts-expect-error the machine takes no such event
  actor.send({ type: 'SUB' })
})

test('a gate is a state of a machine without types', () => {
  const machine = createMachine({
    initial: 'asking',
    states: { asking: gate(before, { continue: 'open', cancel: 'open' }), open: {} },
  })
  createActor(machine.provide(hooks.provide()))
})
