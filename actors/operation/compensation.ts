/** Undoing what chains and workflows have started: each compensation is an operation of its own, which nothing that has ended the rest can end. */
import { HookchartError } from '../../src/errors.ts'
import type { ErrorData } from '../../src/errors.ts'
import { callOf } from '../../src/hooks/operation/effect.ts'
import type { Effect, EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { CompensateCall } from '../../machines/call.ts'
import type { Host } from '../system/host.ts'
import { errorOf, hasOutput } from './run-end.ts'

/** What an effect that was started was given, and what is known of it. */
export interface Undoable {
  readonly input: unknown
  readonly output?: unknown
  /** Why it is not known to have completed. */
  readonly error?: ErrorData
}

/** What became of the compensations of a run, in the order in which they ran. */
export interface Undone {
  readonly undone: readonly string[]
  readonly notUndone: readonly { readonly id: string; readonly error: ErrorData }[]
}

export const NOTHING_UNDONE: Undone = Object.freeze({ undone: [], notUndone: [] })

/** A compensation that is to run. */
export interface Compensation {
  /** That of the effect in which all was started. */
  readonly call: EffectCall
  readonly undoable: Undoable
  readonly compensate: (call: CompensateCall<never, never>) => unknown
  /** Makes the operation with its gates. */
  readonly startable: (effect: Effect) => Startable
  /** Undefined: as long as it likes. */
  readonly timeoutMs: number | undefined
}

/** Runs a compensation under a signal of its own. */
export async function runCompensation(host: Host, compensation: Compensation): Promise<RunResult> {
  const { call, undoable, compensate, startable, timeoutMs = Infinity } = compensation
  const { input, ...known } = undoable
  const effect = (given: unknown, own: EffectCall) =>
    compensate(
      Object.assign(own, { input: given, ...known }, host.callersFor(own), {
        emit: host.emitterFor(own),
      }) as unknown as CompensateCall<never, never>,
    )
  const { operation, cause } = callOf(call) as NonNullable<ReturnType<typeof callOf>>
  return await execute(
    host.kernel,
    startable(effect),
    input,
    {},
    {
      ...{ parent: operation, cause, depth: operation.depth, maxDepth: Infinity, redirects: 0 },
      ...{ signal: undefined, timeoutMs, detached: true },
    },
  )
}

/** Undoes all that was started, the last first. One that cannot be undone is noted, and the rest still is. */
export async function undoAll<Started>(
  started: readonly Started[],
  idOf: (each: Started) => string,
  undo: (each: Started) => Promise<RunResult>,
): Promise<Undone> {
  const undone: string[] = []
  const notUndone: Undone['notUndone'][number][] = []
  for (const each of started.toReversed()) {
    const id = idOf(each)
    const result = await undo(each)
    if (hasOutput(result)) undone.push(id)
    else notUndone.push({ id, error: errorOf(result) })
  }
  return { undone, notUndone }
}

/** Says in the error of a run what was undone, and what was not. */
export function withUndone(error: HookchartError, { undone, notUndone }: Undone): HookchartError {
  if (undone.length + notUndone.length === 0) return error
  const { code, message, retryable, name, cause } = error
  const details = { ...error.details, undone, notUndone }
  return new HookchartError(code, message, { retryable, name, details, ...(cause !== undefined && { cause }) })
}
