/** States that are not whole: XState can come to them by transitions of two regions, and a compiled machine follows it. */
import { compile } from 'hookchart/machines'
import { expect, test } from 'vitest'
import { assign, createActor, setup } from 'xstate'

test('a region that is entered while all around it is left stays on, and what it lies in is offered events again', () => {
  const machine = setup({
    types: { context: {} as { fuel: number } },
    guards: { fueled: ({ context }) => context.fuel > 0 },
    actions: { burn: assign({ fuel: ({ context }) => context.fuel - 1 }) },
  }).createMachine({
    id: 'm',
    context: { fuel: 4 },
    initial: 'home',
    states: {
      home: { initial: 'begin', states: { begin: { on: { GO: '#m.both' } } } },
      both: {
        type: 'parallel',
        always: { target: '#m', guard: 'fueled', actions: 'burn' },
        on: { OUTER: { actions: 'burn' } },
        states: {
          still: {},
          region: {
            initial: 'inner',
            states: {
              past: { type: 'history' },
              inner: { always: { target: 'past', guard: 'fueled', actions: 'burn' } },
            },
          },
        },
      },
    },
  })
  const stock = createActor(machine).start()
  const compiled = createActor(compile(machine)).start()
  const run = compile(machine).run()
  for (const type of ['GO', 'OUTER'] as const) {
    for (const each of [stock, compiled, run]) each.send({ type })
    const { value, context } = stock.getSnapshot()
    expect(value).toEqual({ home: 'begin', both: { region: 'inner' } })
    for (const { value: found, context: held } of [compiled.getSnapshot(), run])
      expect([found, held]).toEqual([value, context])
  }
})
