/** What the chart of an operation knows while it goes on. All of it JSON. */
import type { ErrorData } from '../../src/errors.ts'

/** Where an operation stands beside its state. */
export interface OperationContext {
  /** As hooks have changed it. */
  readonly input: unknown
  /** What its schema says against it; null when it fits. */
  readonly problem: ErrorData | null
  readonly output: unknown
  /** Of the last attempt that failed, as hooks have changed it. */
  readonly error: ErrorData | null
  /** What has become of the effect. */
  readonly effect: 'not_run' | 'completed' | 'failed'
  /** The point at which something has taken the place of the effect; null when it ran, or nothing has. */
  readonly replacedAt: string | null
  /** Starts of the effect. */
  readonly attempts: number
}

/** What whatever an operation invokes tells it: which way to go, and what is to be noted. */
export interface Outcome<Type extends string = string> {
  readonly type: Type
  readonly note?: Partial<OperationContext>
}

/**
 * What a gate tells. continue: go on; look_up: go on unless the result is there already; value: something has taken the
 * place of the effect or of its result; again: wait, and pass the gate again or run the effect again; failed: what is checked
 * there does not hold; ended.
 */
export type GateOutcome = Outcome<'continue' | 'look_up' | 'value' | 'again' | 'failed' | 'ended'>

/** What a look into the cache tells; missed: this operation is the one that makes the result. */
export type LookupOutcome = Outcome<'hit' | 'missed' | 'ended'>

/** What a start of the effect tells. */
export type EffectOutcome = Outcome<'completed' | 'failed' | 'timed_out' | 'ended'>

/** What a wait tells; ended: it may not go on. */
export type WaitOutcome = Outcome<'done' | 'ended'>

/** What an operation is begun with. */
export interface OperationInput {
  readonly input: unknown
  readonly problem?: ErrorData
}

/** An operation that has not begun. */
export function beginOperation({ input, problem }: OperationInput): OperationContext {
  return {
    input,
    problem: problem ?? null,
    output: undefined,
    error: null,
    effect: 'not_run',
    replacedAt: null,
    attempts: 0,
  }
}
