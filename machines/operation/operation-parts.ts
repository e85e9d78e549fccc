/** The guards and actions of an operation's states. */
import { assign, fromPromise } from 'xstate'
import type { EventObject } from 'xstate'
import { unbound } from '../gates/unbound.ts'
import type { OperationContext, Outcome } from './operation-context.ts'

export interface OperationArgs {
  readonly context: OperationContext
  readonly event: EventObject
}

const outcomeOf = (event: EventObject) => (event as unknown as { readonly output: Outcome }).output

/** What stands behind the name of an effect until whoever runs the machine provides it. */
const provided = fromPromise(() => Promise.reject(unbound('an operation')))

/** For the `setup` of a machine with the states of an operation. */
export const operationParts = {
  actors: { gate: provided, lookUp: provided, queue: provided, effect: provided, wait: provided, release: provided },
  guards: {
    /** Some hook at a point is enabled. Provided by whoever runs the machine; drawn and explored both ways. */
    hooked: (_: OperationArgs, __: { readonly point: string }) => true,
    /** What was told is of a type. */
    told: ({ event }: OperationArgs, { type }: { readonly type: string }) => outcomeOf(event).type === type,
    /** The input does not fit its schema. */
    doesNotFit: ({ context }: OperationArgs) => context.problem !== null,
    /** Hooks at that point had put something in the place of the effect. */
    wasReplacedAt: ({ context }: OperationArgs, { point }: { readonly point: string }) => context.replacedAt === point,
  },
  actions: {
    /** Takes over what was told. */
    note: assign(({ event }) => outcomeOf(event).note ?? {}),
    countAttempt: assign(({ context }: Pick<OperationArgs, 'context'>) => ({ attempts: context.attempts + 1 })),
  },
}
