/** How an operation ends, and the errors that say so. */
import { HookchartError, isHookchartError } from '../../errors.ts'
import type { ErrorData } from '../../errors.ts'
import type { ComponentInfo } from '../context.ts'
import type { PassEnd } from '../executor/stages.ts'
import type { Operation, Target } from '../executor/operation.ts'
import type { Parsed } from '../points/schema.ts'
import type { Slot } from '../registry/slot.ts'

/** The end of an operation. */
export type Ending =
  | { readonly status: 'completed' | 'partial'; readonly output: unknown }
  | { readonly status: 'failed' | 'cancelled' | 'timed_out'; readonly error: HookchartError }
  | { readonly status: 'redirected'; readonly target: Target; readonly input: unknown }

/** What has become of the effect when a gate behind it ends an operation. */
export type EffectState = 'not_run' | 'completed' | 'failed'

/** An operation that failed. */
export function failed(error: HookchartError): Ending {
  return { status: 'failed', error }
}

/** An operation that was aborted from outside. */
export function aborted({ component, aborted: abort }: Operation): Ending {
  const reason = abort?.reason
  // Nobody wanted it to end.
  if (isHookchartError(reason, 'SUPERVISOR_RESTART')) return failed(reason)
  const why = reason instanceof Error && reason.name !== 'AbortError' ? `: ${reason.message}` : ''
  const error = new HookchartError('RUN_ABORTED', `${component.name} was aborted${why}.`, {
    details: { component: component.name },
    cause: reason,
  })
  return { status: 'cancelled', error }
}

/** What a cancel at a gate comes to: before an effect, of which there is nothing to say, the operation is cancelled; behind it, failed. */
export function cancelled(
  operation: Operation,
  slot: Slot,
  end: Extract<PassEnd, { type: 'cancel' }>,
  effect: EffectState | undefined,
  cause?: HookchartError,
): Ending {
  if (end.code === 'RUN_ABORTED') return aborted(operation)
  const { hook, code, reason } = end
  const point = slot.definition.id
  const name = operation.component.name
  const what =
    code === 'HOOK_CANCELLED' ? 'was cancelled' : code.startsWith('APPROVAL') ? 'was not approved' : 'was refused'
  const error = new HookchartError(code, `${name} ${what} by hook "${String(hook)}" at ${point}: ${reason}`, {
    details: { hook, point, reason, component: name, ...(effect !== undefined && { effect }) },
    ...((end.cause ?? cause) !== undefined && { cause: end.cause ?? cause }),
  })
  return effect === undefined ? { status: 'cancelled', error } : failed(error)
}

/** Another attempt was asked for after the last one. */
export function exhausted(
  { component, attempts }: Operation,
  slot: Slot,
  end: Extract<PassEnd, { type: 'retry' }>,
  limit: number,
  count: number,
  cause: HookchartError | undefined,
): Ending {
  const point = slot.definition.id
  const error = new HookchartError(
    'ATTEMPTS_EXHAUSTED',
    `${component.name}: hook "${end.hook}" at ${point} asked for another attempt after ${String(count)} of ${String(limit)}${cause === undefined ? '' : `; the last one failed: ${cause.message}`}`,
    {
      details: { hook: end.hook, point, component: component.name, attempts, limit },
      ...(cause !== undefined && { cause }),
    },
  )
  return failed(error)
}

/** It was sent on too often. */
export function redirectLimit({ component }: Operation, slot: Slot, hook: string, limit: number): Ending {
  const point = slot.definition.id
  const message = `${component.name} was redirected by hook "${hook}" at ${point}, after ${String(limit)} redirects already; maxRedirects is ${String(limit)}.`
  return failed(
    new HookchartError('REDIRECT_LIMIT', message, { details: { hook, point, component: component.name, limit } }),
  )
}

/** It lies too deep under hooks that start operations. */
export function depthLimit(operation: Operation, limit: number): Ending {
  const what = `operations started from hooks are nested deeper than ${String(limit)}`
  return tooDeep(operation, limit, `${what}. A hook probably starts the operation that fires it.`)
}

/** Operations call each other without an end. */
export function nestingLimit(operation: Operation, limit: number): Ending {
  const what = `operations call each other more than ${String(limit)} deep`
  return tooDeep(operation, limit, `${what}. Something probably calls itself without an end.`)
}

function tooDeep({ component: { name } }: Operation, limit: number, why: string): Ending {
  const details = { component: name, limit }
  return failed(new HookchartError('DEPTH_LIMIT', `${name} was not run: ${why}`, { details }))
}

/** A value that its schema refuses. */
export function doesNotFit(
  code: 'INVALID_INPUT' | 'INVALID_OUTPUT',
  what: 'input' | 'output',
  { name }: ComponentInfo,
  { problem, issues }: Extract<Parsed<unknown>, { problem: string }>,
): HookchartError {
  return new HookchartError(code, `The ${what} of ${name} does not fit its schema: ${problem}.`, {
    details: { component: name, issues },
  })
}

/** The error as hooks changed it. */
export function changedError(original: HookchartError, { code, name, message, retryable }: ErrorData): HookchartError {
  return new HookchartError(code, message, { name, retryable, details: original.details, cause: original })
}

/** Says in an error of a gate behind an effect that the effect has run. */
export function withEffect(error: unknown, effect: EffectState): unknown {
  if (!(error instanceof HookchartError) || effect === 'not_run') return error
  return new HookchartError(error.code, error.message, { details: { ...error.details, effect }, cause: error.cause })
}
