/**
 * Shedding as a statechart: optional work is left out while it takes more than its share. It can be told of every
 * operation, or of full windows only, while counters stand in front of it: a property holds that both come to the same.
 */
import { assign, setup } from 'xstate'
import { forgetGone, judgeWindow } from '../../src/hooks/shedding.ts'
import type { SheddingRecord, SheddingSettings as Judging } from '../../src/hooks/shedding.ts'

/** By what optional work is shed. */
export interface SheddingSettings extends Judging {
  /** Operations that are judged together. */
  readonly windowOperations: number
  /** Operations that take less themselves are not counted: anything is a large share of nothing. */
  readonly shortestMs: number
}

/** A piece of work that operations carry with them. */
export interface SheddingMember {
  readonly id: string
  /** The lowest is shed first. */
  readonly criticality: number
  /** Counts, and is never shed. */
  readonly isKept: boolean
  /** Its number in the order of coming; among equals the last is shed first. */
  readonly registered: number
  /** What it took in this window. */
  readonly spentMs: number
}

/** What is counted, what is left out, and since when; JSON. */
export interface SheddingContext extends SheddingRecord<string> {
  readonly settings: SheddingSettings
  readonly members: readonly SheddingMember[]
  /** How many members there ever were. */
  readonly registered: number
  /** Operations in the window so far, and what they took themselves. */
  readonly operations: number
  readonly ownMs: number
  /** What members took in this window that are gone. */
  readonly goneMs: number
  /** The ratio of the last full window; 0 before there was one. */
  readonly share: number
}

/**
 * What the machine is told. `spentMs`: what each member took, by its id; of one that is removed what it took in this
 * window and the machine was not told.
 */
export type SheddingEvent =
  | { readonly type: 'ADD'; readonly id: string; readonly criticality: number; readonly isKept: boolean }
  | { readonly type: 'REMOVE'; readonly id: string; readonly spentMs?: number | undefined }
  | { readonly type: 'OPERATION'; readonly ownMs: number; readonly spentMs: Readonly<Record<string, number>> }
  | { readonly type: 'WINDOW'; readonly ownMs: number; readonly spentMs: Readonly<Record<string, number>> }

const nothing = { operations: 0, ownMs: 0, goneMs: 0 }

/** What a member took, by what was told; nothing when that is no time. */
export function spentBy(id: string, spentMs: Readonly<Record<string, number>>): number {
  const ms = Object.hasOwn(spentMs, id) ? (spentMs[id] as number) : 0
  return ms > 0 ? ms : 0
}

function counted(context: SheddingContext, event: SheddingEvent): SheddingContext {
  if (event.type !== 'OPERATION' && event.type !== 'WINDOW') return context
  const members = context.members.map((member) => ({
    ...member,
    spentMs: member.spentMs + spentBy(member.id, event.spentMs),
  }))
  return { ...context, members, operations: context.operations + 1, ownMs: context.ownMs + event.ownMs }
}

/** The end of a window: what it came to, and the next begins. */
function judged(context: SheddingContext): SheddingContext {
  const { members, settings, ownMs, goneMs } = context
  const isShed = (id: string) => context.shed.some((entry) => entry.id === id)
  const window = {
    spentMs: members.reduce((sum, { spentMs }) => sum + spentMs, goneMs),
    ownMs,
    candidates: () =>
      members.filter(({ id, isKept }) => !isKept && !isShed(id)).map((each) => ({ ...each, costMs: each.spentMs })),
  }
  const { changed: _, ...verdict } = judgeWindow(context, window, settings)
  return { ...context, ...verdict, ...nothing, members: members.map((member) => ({ ...member, spentMs: 0 })) }
}

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
    isCounted: ({ context, event }) => event.type === 'OPERATION' && event.ownMs >= context.settings.shortestMs,
    fillsWindow: ({ context, event }) =>
      event.type === 'OPERATION' &&
      event.ownMs >= context.settings.shortestMs &&
      context.operations + 1 >= context.settings.windowOperations,
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
        goneMs: context.goneMs + (gone === undefined ? 0 : gone.spentMs + (event.spentMs ?? 0)),
      }
    }),
  },
}).createMachine({
  id: 'shedding',
  version: '1',
  description:
    'Optional work that is left out while it takes more than its share of the time of the operations it serves.',
  context: ({ input }) => ({
    settings: input,
    members: [],
    registered: 0,
    ...nothing,
    share: 0,
    shed: [],
    trials: [],
  }),
  on: {
    ADD: { guard: 'isNew', actions: 'add' },
    REMOVE: { actions: 'remove' },
    OPERATION: [
      { guard: 'fillsWindow', actions: 'judge' },
      { guard: 'isCounted', actions: 'count' },
    ],
    WINDOW: { actions: 'judge' },
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
