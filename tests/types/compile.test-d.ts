/** What the types of `compile` promise: everything comes from the machine, without annotations. */
import { compile } from 'hookchart/machines'
import type { Run } from 'hookchart/machines'
import { describe, expectTypeOf, test } from 'vitest'
import { createActor, createMachine, setup } from 'xstate'

const machine = setup({
  types: {
    context: {} as { count: number },
    events: {} as { type: 'ADD'; by: number } | { type: 'END' },
    input: {} as { start: number },
    output: {} as { total: number },
    emitted: {} as { type: 'added'; by: number },
  },
  guards: { isMany: () => true },
}).createMachine({
  context: ({ input }) => ({ count: input.start }),
  initial: 'open',
  states: { open: {}, closed: { type: 'final' } },
  output: ({ context }) => ({ total: context.count }),
})
const compiled = compile(machine)

describe('compiled logic', () => {
  test('plugs into createActor, typed as the machine', () => {
    const actor = createActor(compiled, { input: { start: 1 } })
    expectTypeOf(actor.getSnapshot().context).toEqualTypeOf<{ count: number }>()
    expectTypeOf(actor.getSnapshot().value).toEqualTypeOf<'open' | 'closed'>()
    actor.send({ type: 'ADD', by: 1 })
    // @ts-expect-error it takes no such event
    actor.send({ type: 'SUBTRACT' })
    actor.on('added', (event) => {
      expectTypeOf(event.by).toEqualTypeOf<number>()
    })
    // @ts-expect-error the machine needs input
    createActor(compiled)
    // @ts-expect-error and of its own kind
    createActor(compiled, { input: { start: 'one' } })
  })

  test('takes the implementations of the machine only', () => {
    compile(machine, { guards: { isMany: () => false } })
    // @ts-expect-error there is no such guard
    compile(machine, { guards: { isFew: () => false } })
  })
})

describe('a run', () => {
  const run = compiled.run({ input: { start: 1 }, onEmit: ({ by }) => expectTypeOf(by).toEqualTypeOf<number>() })

  test('is typed by the machine', () => {
    expectTypeOf(run).toEqualTypeOf<Run<typeof machine>>()
    expectTypeOf(run.context).toEqualTypeOf<{ count: number }>()
    expectTypeOf(run.value).toEqualTypeOf<'open' | 'closed'>()
    expectTypeOf(run.output).toEqualTypeOf<{ total: number } | undefined>()
    expectTypeOf(run.toActor().getSnapshot().context.count).toEqualTypeOf<number>()
    run.send({ type: 'ADD', by: 1 })
    // @ts-expect-error an event has all of its fields
    run.send({ type: 'ADD' })
    // @ts-expect-error context cannot be put in the place of another
    run.context = { count: 2 }
  })

  test('needs input or a snapshot where the machine needs input', () => {
    compiled.run({ snapshot: run.getPersistedSnapshot() })
    // @ts-expect-error there is neither
    compiled.run()
    // @ts-expect-error a name is no input
    compiled.run({ id: 'x' })
    compile(createMachine({})).run()
  })
})
