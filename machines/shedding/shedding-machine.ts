/**
 * Shedding as a statechart: optional work is left out while it takes more than its share. It can be told of every
 * operation, or of full windows only, while counters stand in front of it: a property holds that both come to the same.
 */
import { assign, setup } from 'xstate'
import { forgetGone } from '../../src/hooks/shedding.ts'
import { beginShedding, counted, judged, timeOf } from './shedding-window.ts'
import type { SheddingContext, SheddingEvent, SheddingSettings } from './shedding-window.ts'

interface Args {
  readonly context: SheddingContext
  readonly event: SheddingEvent
}

const isCounted = ({ context, event }: Args) =>
  event.type === 'OPERATION' && event.ownMs >= context.settings.shortestMs && Number.isFinite(event.ownMs)

/**
 * The machine behind `createShedding`.
 *
 * @example
 * ```ts
 * import { sheddingDefaults, sheddingMachine } from 'hookchart/machines'
 * import { createActor } from 'xstate'
 * const actor = createActor(sheddingMachine, { input: { ...sheddingDefaults, budget: 0.1 } }).start()
 * actor.send({ type: 'ADD', id: 'audit', criticality: 0, isKept: false })
 * actor.send({ type: 'WINDOW', ownMs: 1_000, spentMs: { audit: 500 } })
 * console.assert(actor.getSnapshot().value === 'shedding')
 * ```
 */
export const sheddingMachine = setup({
  types: { context: {} as SheddingContext, events: {} as SheddingEvent, input: {} as SheddingSettings },
  guards: {
    isCounted,
    fillsWindow: (args: Args) =>
      isCounted(args) && args.context.operations + 1 >= args.context.settings.windowOperations,
    isMeasured: ({ event }) => event.type === 'WINDOW' && event.ownMs > 0 && Number.isFinite(event.ownMs),
    isNew: ({ context, event }) => event.type === 'ADD' && !context.members.some(({ id }) => id === event.id),
    leavesOut: ({ context }) => context.shed.length > 0,
    isOver: ({ context }) => context.shed.length === 0 && context.share > context.settings.budget,
    isWithin: ({ context }) => context.shed.length === 0 && context.share <= context.settings.budget,
  },
  actions: {
    count: assign(({ context, event }) => counted(context, event)),
    judge: assign(({ context, event }) => judged(counted(context, event))),
    add: assign(({ context, event }) => {
      if (event.type !== 'ADD') return context
      const { type: _, ...member } = event
      const { registered } = context
      return {
        members: [...context.members, { ...member, registered, spentMs: 0 }],
        registered: registered + 1,
      }
    }),
    remove: assign(({ context, event }) => {
      if (event.type !== 'REMOVE') return context
      const gone = context.members.find(({ id }) => id === event.id)
      return {
        ...forgetGone(context, (id) => id === event.id),
        members: context.members.filter((member) => member !== gone),
        goneMs: context.goneMs + (gone === undefined ? 0 : gone.spentMs + timeOf(event.spentMs)),
      }
    }),
  },
}).createMachine({
  id: 'shedding',
  version: '1',
  description:
    'Optional work that is left out while it takes more than its share of the time of the operations it serves.',
  context: ({ input }) => beginShedding(input),
  on: {
    ADD: { guard: 'isNew', actions: 'add' },
    REMOVE: { actions: 'remove' },
    OPERATION: [
      { guard: 'fillsWindow', actions: 'judge' },
      { guard: 'isCounted', actions: 'count' },
    ],
    WINDOW: { guard: 'isMeasured', actions: 'judge' },
  },
  initial: 'within',
  states: {
    within: {
      description: 'Nothing is left out, and what there is fits the budget.',
      always: [
        { guard: 'leavesOut', target: 'shedding' },
        { guard: 'isOver', target: 'over' },
      ],
    },
    over: {
      description: 'The budget is exceeded, and nothing may be left out.',
      always: [
        { guard: 'leavesOut', target: 'shedding' },
        { guard: 'isWithin', target: 'within' },
      ],
    },
    shedding: {
      description: 'Some work is left out.',
      always: [
        { guard: 'isOver', target: 'over' },
        { guard: 'isWithin', target: 'within' },
      ],
    },
  },
})
