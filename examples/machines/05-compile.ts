/**
 * `compile`: the same machine on precomputed tables. In `createActor` nothing else changes; without an actor, `run` is one
 * small record. What one of them keeps as JSON, the others go on from: also its `timer`, where `after` would be lost.
 */
import { compile, timer } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { assign, createActor, fromPromise, setup } from 'xstate'

const clock = createTestClock()

const order = setup({
  types: { context: {} as { tries: number; receipt: string }, events: {} as { type: 'PAY' } | { type: 'CANCEL' } },
  // What a run gives as an effect stands in the place of this.
  actors: { charge: fromPromise<string, number>(() => Promise.reject(new Error('nobody to charge'))), timer },
}).createMachine({
  id: 'order',
  context: { tries: 0, receipt: '' },
  initial: 'open',
  states: {
    open: { on: { PAY: { target: 'paying', actions: assign({ tries: ({ context }) => context.tries + 1 }) } } },
    paying: {
      invoke: [
        {
          src: 'charge',
          input: ({ context }) => context.tries,
          onDone: { target: 'paid', actions: assign({ receipt: ({ event }) => event.output }) },
          onError: 'open',
        },
        { id: 'patience', src: 'timer', input: { delayMs: '1s' }, onDone: 'open' },
      ],
      on: { CANCEL: 'open' },
    },
    paid: { type: 'final' },
  },
})

const compiled = compile(order)

console.log('A MACHINE, COMPILED\n')

// Without an actor: effects are plain functions, by the names that the machine invokes.
const run = compiled.run({
  clock,
  effects: {
    charge: async ({ input }) => {
      if (input === 1) throw new Error('card declined')
      return `receipt ${String(input)}`
    },
  },
  onEnd: ({ status, context }) => console.log(`it ended: ${status}, ${JSON.stringify(context)}`),
})
const show = (what: string, { value, context }: { value: unknown; context: unknown }) =>
  console.log(`${what.padEnd(24)} ${JSON.stringify(value).padEnd(9)} ${JSON.stringify(context)}`)

show('a run begins', run)
run.send({ type: 'PAY' })
show('PAY', run)
await clock.settle()
show('the card is declined', run)

// What it keeps is what an actor of XState keeps; one goes on where the other stopped.
const kept = JSON.stringify(run.getPersistedSnapshot())
const actor = createActor(compiled, { snapshot: JSON.parse(kept) as never }).start()
show('an actor goes on', actor.getSnapshot())
actor.stop()

run.send({ type: 'PAY' })
await clock.settle()

console.log('\nLesson: one definition, three ways to run it: XState itself, compiled in an actor, and flat.')
console.log('They come to the same, by property; `npm run bench -- transitions` says how fast.')
