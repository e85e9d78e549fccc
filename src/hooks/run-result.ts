/** What every execute gives: how the operation ended and what happened on the way. */
import { toHookchartError } from '../errors.ts'
import type { ErrorData, HookchartError } from '../errors.ts'
import type { TraceEntry } from './trace.ts'

/** How an operation ended. `partial`: some of a workflow's steps failed and it went on. `suspended`: it waits for an approval. */
export type RunStatus = 'completed' | 'partial' | 'failed' | 'cancelled' | 'timed_out' | 'suspended'

/** The outcome of an operation. Survives JSON. */
export interface RunResult<Output = unknown> {
  readonly status: RunStatus
  /** There when completed or partial. */
  readonly output?: Output
  /** There when failed, cancelled or timed out. */
  readonly error?: HookchartError
  /** The operation's id. */
  readonly id: string
  readonly correlationId: string
  readonly durationMs: number
  /** How often the effect was started. */
  readonly attempts: number
  /** What each gate, hook and effect did, in order; empty with `trace: 'off'`. */
  readonly trace: readonly TraceEntry[]
  /** What is waited for, when suspended: the id to give to `approvals.resume`. */
  readonly approvalId?: string
  /** Workflow state, when hooks or steps set any. */
  readonly state?: Readonly<Record<string, unknown>>
  /** Tokens and costs, when models were called. */
  readonly usage?: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}

/**
 * The output of a completed or partial run; throws the error of any other.
 *
 * @throws the run's error
 * @example
 * ```ts
 * import { createHooks, unwrap } from 'hookchart'
 * const half = createHooks().wrap({ name: 'half' }, (n: number) => n / 2)
 * console.assert(unwrap(await half(42)) === 21)
 * ```
 */
export function unwrap<Output>(result: RunResult<Output>): Output {
  if (result.status === 'completed' || result.status === 'partial') return result.output as Output
  if (result.error !== undefined) throw reviveError(result.error)
  throw toHookchartError(new Error(`Operation ${result.id} is ${result.status} and has no output yet.`))
}

/** A result that went through JSON holds its error as data. */
function reviveError(error: HookchartError | ErrorData): Error {
  if (error instanceof Error) return error
  return Object.assign(toHookchartError(Object.assign(new Error(error.message), error)), {
    details: error.details ?? {},
  })
}
