/** Why an event does not come through a gate. */
import { HookchartError } from '../../errors.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Decision } from '../decision.ts'
import type { TransitionGate } from './transition-gate.ts'

/** A hook has refused, or failed where it fails closed. */
export function refusalOf({ point }: TransitionGate, decision: Decision): HookchartError {
  const { code, reason, hook, cause } = decision as Extract<Decision, { readonly type: 'cancel' }>
  return new HookchartError(
    code as ErrorCode,
    `${hook === undefined ? point : `Hook "${hook}" at ${point}`} refused: ${reason}`,
    {
      details: { point, reason, ...(hook !== undefined && { hook }) },
      ...(cause !== undefined && { cause }),
    },
  )
}

/** The reason that a hook gave, or what went wrong. */
export function reasonOf({ details, message }: HookchartError): string {
  const { reason } = details as { readonly reason?: unknown }
  return typeof reason === 'string' ? reason : message
}

/** A transition has no result that could be replaced or cached, and nothing to start again once it is taken. */
export function notActable(decision: Decision, { point, at }: TransitionGate): HookchartError | undefined {
  const asked = decision.type === 'modified' && decision.cache !== undefined ? 'cache' : decision.type
  const unfit = at === 'entered' ? ['replace', 'retry', 'cache'] : ['replace', 'cache']
  if (!unfit.includes(asked)) return undefined
  return new HookchartError(
    'HOOK_DECISION_NOT_ALLOWED',
    `A hook at ${point} decided ${asked}, but a transition has no result. Change the event, refuse it, or redirect it to another.`,
    { details: { point, decision: asked } },
  )
}

export function redirectLimit({ point }: TransitionGate, limit: number): HookchartError {
  return new HookchartError('REDIRECT_LIMIT', `Events were redirected at ${point} more than ${String(limit)} times.`, {
    details: { point, limit },
  })
}

export function unknownTarget({ point }: TransitionGate, target: string, known: readonly string[]): HookchartError {
  return new HookchartError(
    'UNKNOWN_TARGET',
    `A hook at ${point} redirected to "${target}", which the machine does not take. It takes ${known.join(', ')}.`,
    { details: { point, target, known } },
  )
}
