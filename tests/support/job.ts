/** A machine whose EXECUTE has gates before it and after its invoke, for tests. */
import { createHooks } from 'hookchart/hooks'
import type { CreateHooksOptions } from 'hookchart/hooks'
import { hooked } from 'hookchart/machines'
import type { HookedSpec } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { assign, createActor, fromPromise, setup } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { after, before, snapshotOf } from './gated.ts'

/** What it is sent. */
export type JobEvent =
  { type: 'EXECUTE'; amount: number } | { type: 'LEAVE' } | { type: 'BACK' } | { type: 'OTHER'; amount: number }

/** A machine whose EXECUTE leads to an invoke, and which tells what it does. */
export function job(spec: HookedSpec = { on: { EXECUTE: { before, after } } }, options: CreateHooksOptions = {}) {
  const log: string[] = []
  const work = { run: (amount: number): unknown => amount * 2 }
  const machine = setup({
    types: { events: {} as JobEvent, context: {} as { amount: number; result: unknown; problem: unknown } },
    actors: { work: fromPromise(async ({ input }: { input: number }) => work.run(input)) },
    actions: {
      say: (_, params: { text: string }) => {
        log.push(params.text)
      },
    },
    guards: { isPositive: ({ event }) => 'amount' in event && event.amount > 0 },
  }).createMachine({
    id: 'job',
    context: { amount: 0, result: undefined, problem: undefined },
    initial: 'ready',
    states: {
      ready: {
        entry: { type: 'say', params: { text: 'enter ready' } },
        exit: { type: 'say', params: { text: 'exit ready' } },
        on: {
          EXECUTE: {
            guard: 'isPositive',
            target: 'running',
            actions: assign({ amount: ({ event }) => event.amount }),
          },
          LEAVE: 'away',
        },
      },
      running: {
        invoke: {
          src: 'work',
          input: ({ context }) => context.amount,
          onDone: { target: 'done', actions: assign({ result: ({ event }) => event.output }) },
          onError: { target: 'broken', actions: assign({ problem: ({ event }) => event.error }) },
        },
      },
      away: { on: { BACK: 'ready' } },
      done: {},
      broken: {},
    },
    on: { OTHER: '.away' },
  })
  const clock = createTestClock()
  const hooks = createHooks({ clock, ids: createTestIds(), points: [before, after], ...options })
  const chart = hooked(machine, spec)
  const start = (given: object = {}) => createActor(chart.provide(hooks.provide()), given).start()
  return { hooks, clock, log, work, machine, chart, start }
}

export const contextOf = (actor: AnyActorRef): Readonly<Record<string, unknown>> => snapshotOf(actor).context
