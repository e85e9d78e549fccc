/** Machines that the tests of `compile` share. */
import { assign, fromPromise, setup } from 'xstate'

const types = {} as {
  context: { opened: number }
  events: { type: 'PUSH' } | { type: 'LOCK'; key: number } | { type: 'BREAK' }
  input: { opened?: number }
  output: { opened: number }
  emitted: { type: 'creaked'; times: number }
  tags: 'passable'
}

/** A door with what flat machines have: guard, entry, assign, a delay, an end with output. */
export const door = setup({
  types,
  guards: { fits: ({ event }, { key }: { key: number }) => event.type === 'LOCK' && event.key === key },
  delays: { draught: 100 },
}).createMachine({
  id: 'door',
  context: ({ input }) => ({ opened: input.opened ?? 0 }),
  initial: 'closed',
  states: {
    closed: {
      on: {
        PUSH: 'open',
        LOCK: { guard: { type: 'fits', params: { key: 7 } }, target: 'locked' },
      },
    },
    open: {
      tags: 'passable',
      meta: { floor: 1 },
      entry: assign({ opened: ({ context }) => context.opened + 1 }),
      after: { draught: 'closed' },
      on: { PUSH: 'closed', BREAK: 'broken' },
    },
    locked: {},
    broken: { type: 'final' },
  },
  output: ({ context }) => ({ opened: context.opened }),
})

/** A job with one invoked actor. */
export const job = setup({
  types: {
    context: {} as { result: unknown; error: unknown; seen: number },
    events: {} as { type: 'STOP' } | { type: 'PROGRESS' },
    input: {} as number,
  },
  actors: { work: fromPromise<string, number>(({ input }) => Promise.resolve(`stock ${String(input)}`)) },
}).createMachine({
  id: 'job',
  context: { result: undefined, error: undefined, seen: 0 },
  initial: 'working',
  states: {
    working: {
      invoke: {
        id: 'worker',
        src: 'work',
        input: ({ event }) => (event as unknown as { input: number }).input,
        onDone: { target: 'done', actions: assign({ result: ({ event }) => event.output }) },
        onError: { target: 'failed', actions: assign({ error: ({ event }) => event.error }) },
      },
      on: { STOP: 'stopped', PROGRESS: { actions: assign({ seen: ({ context }) => context.seen + 1 }) } },
    },
    done: { type: 'final' },
    failed: {},
    stopped: {},
  },
})
