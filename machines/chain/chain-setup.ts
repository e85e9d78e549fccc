/** The guards and actions of a chain's chart. */
import { assign, setup } from 'xstate'
import { hasOutput } from './chain-context.ts'
import type { ChainComponentState, ChainContext, ChainEvent, ChainInput, ChainOutcome } from './chain-context.ts'

export interface Args {
  readonly context: ChainContext
  readonly event: ChainEvent
}

export interface Of {
  readonly id: string
}

const outcomeOf = (event: ChainEvent) => (event as unknown as { readonly output: ChainOutcome }).output
const withState = (context: ChainContext, id: string, state: ChainComponentState) => ({
  components: { ...context.components, [id]: state },
})

/** An effect that was begun for may not have been run after all: its own gates did not let it. */
const startedAfter = ({ started }: ChainContext, id: string, { ran }: ChainOutcome) =>
  ran ? {} : { started: started.filter((each) => each !== id) }

export const chainSetup = setup({
  types: { context: {} as ChainContext, events: {} as ChainEvent, input: {} as ChainInput },
  guards: {
    told: ({ event }: Args, { type }: { readonly type: string }) => outcomeOf(event).type === type,
    isStopped: ({ context }: Args) => context.stopped !== null,
    isPaused: ({ context }: Args) => context.paused,
    /** All that it comes after have an output. */
    isReady: ({ context }: Args, { after }: { readonly after: readonly string[] }) =>
      after.every((id) => hasOutput(context.components[id] as ChainComponentState)),
    /** Something that it comes after has settled without one. */
    isCutOff: ({ context }: Args, { after }: { readonly after: readonly string[] }) =>
      after.some((id) => ['failed', 'skipped'].includes((context.components[id] as ChainComponentState).status)),
    /** It was stopped, a component that compensates has not completed, and something was started that can be undone. */
    compensates: (
      { context }: Args,
      { ids, undoable }: { readonly ids: readonly string[]; readonly undoable: readonly string[] },
    ) =>
      context.stopped !== null &&
      ids.some((id) => !hasOutput(context.components[id] as ChainComponentState)) &&
      undoable.some((id) => context.started.includes(id)),
    hasMore: ({ context }: Args) => context.toUndo.length > 1,
  },
  actions: {
    begin: assign(({ context }: Pick<Args, 'context'>, { id }: Of) => withState(context, id, { status: 'running' })),
    skip: assign(({ context }: Pick<Args, 'context'>, { id }: Of) => withState(context, id, { status: 'skipped' })),
    /** Takes over how it settled, and that its effect was not run after all. */
    settle: assign(({ context, event }, { id }: Of) => {
      const outcome = outcomeOf(event)
      const state: ChainComponentState =
        outcome.type === 'failed'
          ? { status: 'failed', error: outcome.error }
          : { status: outcome.type, output: outcome.output }
      return { ...withState(context, id, state), ...startedAfter(context, id, outcome) }
    }),
    /** It has failed, but it is not over. */
    fallBack: assign(({ context, event }, { id }: Of) => startedAfter(context, id, outcomeOf(event))),
    /** The chain fails with it; the first that does is named. */
    failChain: assign({ stopped: ({ context }, { id }: Of) => context.stopped ?? { component: id } }),
    noteStart: assign({
      started: ({ context: { started }, event }) =>
        event.type !== 'STARTED' || started.includes(event.id) ? started : [...started, event.id],
    }),
    pause: assign({ paused: true }),
    resume: assign({ paused: false }),
    stop: assign({ stopped: ({ context }) => context.stopped ?? {} }),
    planUndoing: assign({
      toUndo: ({ context }, { ids }: { readonly ids: readonly string[] }) =>
        context.started.filter((id) => ids.includes(id)),
    }),
    noteUndone: assign(({ context, event }) => {
      const id = context.toUndo.at(-1) as string
      const outcome = outcomeOf(event)
      return {
        toUndo: context.toUndo.slice(0, -1),
        ...(outcome.type === 'failed'
          ? { notUndone: [...context.notUndone, { id, error: outcome.error }] }
          : { undone: [...context.undone, id] }),
      }
    }),
  },
})
