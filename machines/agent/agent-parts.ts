/** The guards and actions of an agent's machine, over those of the operation in it, and its timers. */
import { assign, enqueueActions } from 'xstate'
import type { EventObject } from 'xstate'
import type { ErrorData } from '../../src/errors.ts'
import { beginOperation } from '../operation/operation-context.ts'
import type { Outcome } from '../operation/operation-context.ts'
import { timer } from '../effect/timer-logic.ts'
import { operationParts } from '../operation/operation-parts.ts'
import type { AgentContext, AgentEvent, AgentLimits } from './agent-context.ts'
import { legalCommands } from './life.ts'
import type { AgentCommand, LifeState } from './life.ts'

interface Args {
  readonly context: AgentContext
  readonly event: EventObject
}

type Told<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>

const toldOf = <Type extends AgentEvent['type']>({ event }: Args) => event as unknown as Told<Type>
/** What an effect of the agent said went wrong. */
const flawOf = ({ event }: Args) => (event as unknown as { readonly output: Outcome }).output.note?.error ?? null

const limitOf = (context: AgentContext, limit: keyof AgentLimits) => context.timeoutMs ?? context[limit]

/** The timer of a state that may not last longer than a limit. */
export const timerOf = (limit: keyof AgentLimits) => ({
  ...{ id: limit, src: 'timer' },
  input: ({ context }: Pick<Args, 'context'>) => ({ delayMs: limitOf(context, limit) }),
})

function lateError(limitMs: number, what: string): ErrorData {
  const message = `The agent was not ${what} within ${String(limitMs)} ms. Raise the timeout, or see what holds it up.`
  return {
    code: 'OPERATION_TIMED_OUT',
    name: 'HookchartError',
    message,
    retryable: true,
    details: { timeoutMs: limitMs },
  }
}

/** For the `setup` of the machine. */
export const agentParts = {
  guards: {
    ...operationParts.guards,
    /** The command is legal now. */
    may: ({ context }: Args, { command }: { readonly command: AgentCommand }) =>
      legalCommands(context).includes(command),
    /** An execution may begin; one that waits for its turn is not here yet. */
    canBegin: ({ context: { state } }: Args) => state === 'ready' || state === 'paused',
    /** The caller wants it whatever hooks say. */
    asksForce: (args: Args) => toldOf<'TERMINATE'>(args).force === true,
    isForced: ({ context }: Args) => context.force,
    /** An execution is in hand and has been started. */
    isWorking: ({ context }: Args) => context.attempts > 0,
    hasFailed: ({ context: { end } }: Args) => end?.status === 'failed' || end?.status === 'timed_out',
    hasCompleted: ({ context: { end } }: Args) => end?.status === 'completed' || end?.status === 'partial',
  },
  actions: {
    ...operationParts.actions,
    countAttempt: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ attempts: (context as AgentContext).attempts + 1 })
      enqueue.raise({ type: 'STARTED' })
    }),
    /** Notes an edge of the life. Provided by whoever runs the machine. */
    record: (_: Args, __: { readonly state: LifeState }) => undefined,
    /** Tells observers. Provided by whoever runs the machine. */
    notify: (_: Args, __: { readonly point: string; readonly command: AgentCommand }) => undefined,
    /** Ends the execution in hand. Provided by whoever runs the machine. */
    abortWork: () => undefined,
    /** Lets the effect in hand fail. Provided by whoever runs the machine. */
    failWork: (_: Args) => undefined,
    arrive: assign((_: Args, { state }: { readonly state: LifeState }) => ({ state })),
    take: assign((args: Args) => {
      const { timeoutMs = null, force = false } = toldOf<'TERMINATE'>(args)
      return { timeoutMs, force }
    }),
    begin: assign((args: Args) => ({ ...beginOperation(toldOf<'EXECUTE'>(args)), end: null })),
    /** Nobody asks for what an execution was given and gave when it is over. */
    clear: assign(() => ({ ...beginOperation({ input: undefined }), end: null })),
    countRecovery: assign(({ context }: Args) => ({ recoveryAttempts: context.recoveryAttempts + 1 })),
    recovered: assign({ lastError: null }),
    beginAnew: assign({ recoveryAttempts: 0 }),
    blame: assign((args: Args) => ({ lastError: toldOf<'FAIL'>(args).error })),
    blameEffect: assign((args: Args) => ({ lastError: flawOf(args) })),
    blameWork: assign(({ context }: Args) => ({ lastError: context.end?.error ?? context.error })),
    blameDelay: assign(
      ({ context }: Args, { limit, what }: { readonly limit: keyof AgentLimits; readonly what: string }) => ({
        lastError: lateError(limitOf(context, limit), what),
      }),
    ),
  },
  actors: { timer },
}
