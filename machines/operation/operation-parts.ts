/** The guards and actions of an operation's states. */
import { assign } from 'xstate'
import type { EventObject } from 'xstate'
import type { EffectOutcome, GateOutcome, OperationContext, OperationEnd, WaitOutcome } from './operation-context.ts'

interface Args {
  readonly context: OperationContext
  readonly event: EventObject
}

type Outcome = GateOutcome | EffectOutcome | WaitOutcome | { readonly type: 'hit' | 'lead'; readonly value?: unknown }

const outcomeOf = (event: EventObject) => (event as unknown as { readonly output: Outcome }).output
const gateOutcome = (event: EventObject) => outcomeOf(event) as GateOutcome
const changed = (event: EventObject) => {
  const outcome = gateOutcome(event)
  return 'data' in outcome ? outcome.data : {}
}
const smaller = (limit: number | null, other: number) => (limit === null ? other : Math.min(limit, other))

/** For the `setup` of a machine with the states of an operation; `unhooked` is provided by who runs it. */
export const operationParts = {
  guards: {
    unhooked: () => false,
    /** What was told is of a type. */
    told: ({ event }: Args, { type }: { readonly type: string }) => outcomeOf(event).type === type,
    /** A gate lets the effect run whose result is to be kept. */
    toldToCache: ({ event }: Args) => {
      const outcome = gateOutcome(event)
      return outcome.type === 'continue' && outcome.cache !== undefined && outcome.cache !== null
    },
    /** A gate is to be passed again, and may be. */
    mayPass: ({ context, event }: Args) => {
      const outcome = gateOutcome(event)
      return outcome.type === 'retry' && context.passes < smaller(context.passLimit, outcome.maxAttempts)
    },
    /** The effect is to run again, and may. */
    mayRetry: ({ context, event }: Args) => {
      const outcome = gateOutcome(event)
      return outcome.type === 'retry' && context.attempts < smaller(context.attemptLimit, outcome.maxAttempts)
    },
    /** The effect was allowed only with something else in its place. */
    wasReplaced: ({ context }: Args) => context.effect === 'not_run',
  },
  actions: {
    /** Takes over what hooks have changed. */
    take: assign(({ event }) => changed(event)),
    takeValue: assign(({ event }) => ({ ...changed(event), output: (outcomeOf(event) as { value?: unknown }).value })),
    noteCache: assign(({ event }) => ({
      cache: (gateOutcome(event) as { cache?: OperationContext['cache'] }).cache ?? null,
    })),
    countPass: assign(({ context }) => ({ passes: context.passes + 1 })),
    countAttempt: assign(({ context }) => ({ attempts: context.attempts + 1, guardsOnly: false })),
    notePassLimit: assign(({ context, event }) => {
      const { delayMs, maxAttempts } = gateOutcome(event) as Extract<GateOutcome, { type: 'retry' }>
      return { ...changed(event), delayMs, guardsOnly: false, passLimit: smaller(context.passLimit, maxAttempts) }
    }),
    noteAttemptLimit: assign(({ context, event }) => {
      const { delayMs, maxAttempts } = gateOutcome(event) as Extract<GateOutcome, { type: 'retry' }>
      return { delayMs, attemptLimit: smaller(context.attemptLimit, maxAttempts) }
    }),
    complete: assign(({ event }) => ({
      output: (outcomeOf(event) as { output?: unknown }).output,
      effect: 'completed' as const,
    })),
    fail: assign(({ event }) => ({
      error: (outcomeOf(event) as { error?: OperationContext['error'] }).error ?? null,
      effect: 'failed' as const,
    })),
    askGuardsOnly: assign({ guardsOnly: true, passes: 0 }),
    end: assign((_, { how }: { readonly how: OperationEnd }) => ({ how })),
    /** A gate, a wait or an effect says how. */
    endAsTold: assign(({ event }) => {
      const outcome = outcomeOf(event)
      const how: OperationEnd = 'how' in outcome ? outcome.how : (outcome.type as OperationEnd)
      return { how }
    }),
  },
}
