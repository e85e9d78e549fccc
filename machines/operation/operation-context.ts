/** What an operation knows while it goes on, and what its gates and effects tell it. All of it JSON. */
import type { ErrorData } from '../../src/errors.ts'

/** Where an operation stands beside its state. */
export interface OperationContext {
  /** As hooks have changed it. */
  readonly input: unknown
  readonly output: unknown
  /** Of the last attempt that failed, as hooks have changed it. */
  readonly error: ErrorData | null
  /** What has become of the effect. */
  readonly effect: 'not_run' | 'completed' | 'failed'
  /** Starts of the effect. */
  readonly attempts: number
  /** Passes of the gate before it. */
  readonly passes: number
  /** The smallest number of attempts, and of passes, that a hook has named; null while none has. */
  readonly attemptLimit: number | null
  readonly passLimit: number | null
  /** Before the next attempt or pass. */
  readonly delayMs: number
  /** Under what the result is kept. */
  readonly cache: { readonly key: string; readonly ttlMs: number } | null
  /** The hooks that propose have had their say: only guards are asked. */
  readonly guardsOnly: boolean
  /** How it ended; null while it goes on. */
  readonly how: OperationEnd | null
}

/** How an operation ends. A gate that ends it knows the rest. */
export type OperationEnd = 'completed' | 'failed' | 'timed_out' | 'aborted' | 'exhausted' | 'decided'

/** What a gate tells: go on, a value in the place of the effect or of its result, once more, or the end. */
export type GateOutcome =
  | { readonly type: 'continue'; readonly data: Changed; readonly cache?: OperationContext['cache'] }
  | { readonly type: 'value'; readonly data: Changed; readonly value: unknown }
  | { readonly type: 'retry'; readonly data: Changed; readonly delayMs: number; readonly maxAttempts: number }
  | { readonly type: 'ended'; readonly how: OperationEnd }

/** What the hooks of a gate have made of what it shows. */
export type Changed = Partial<Pick<OperationContext, 'input' | 'output' | 'error'>>

/** What a start of the effect tells. */
export type EffectOutcome =
  | { readonly type: 'completed'; readonly output: unknown }
  | { readonly type: 'failed' | 'timed_out'; readonly error: ErrorData }
  | { readonly type: 'aborted' }

/** What a look into the cache tells: a result, or that this operation is the one that makes it. */
export type LookupOutcome =
  { readonly type: 'hit'; readonly value: unknown } | { readonly type: 'lead' | 'aborted' | 'timed_out' }

/** What a wait tells; exhausted: no operation of the run may try again. */
export interface WaitOutcome {
  readonly type: 'done' | 'aborted' | 'timed_out' | 'exhausted'
}

/** An operation that has not begun. */
export function beginOperation(input: unknown): OperationContext {
  return {
    input,
    output: undefined,
    error: null,
    effect: 'not_run',
    attempts: 0,
    passes: 0,
    attemptLimit: null,
    passLimit: null,
    delayMs: 0,
    cache: null,
    guardsOnly: false,
    how: null,
  }
}
