/** How often something is started again, and how long is waited in between. */
import * as z from 'zod'
import { durationSchema } from '../src/duration.ts'
import type { Duration } from '../src/duration.ts'

/** The wait before another attempt: `delayMs × multiplier^(n-1)` before attempt n + 1, at most `maxDelayMs`. */
export interface Backoff {
  /** Default 1,000. */
  readonly delayMs: number
  /** At least 1, which makes the wait constant; default 2. */
  readonly multiplier: number
  /** Default 60,000, or `delayMs` where that is longer. */
  readonly maxDelayMs: number
}

/** The wait behind the nth try in a row. */
export function backoffMs({ delayMs, multiplier, maxDelayMs }: Backoff, n: number): number {
  // Nothing times infinity is no number.
  return delayMs === 0 ? 0 : Math.min(maxDelayMs, delayMs * multiplier ** Math.max(0, n - 1))
}

/** How often something is started, and the waits in between. */
export interface RetryPolicy {
  /** Starts in all, the first included: 3 means 3. */
  readonly maxAttempts: number
  readonly backoff: Backoff
}

/** A {@link RetryPolicy} as it is written. */
export interface RetryOptions {
  /** Starts in all, from 1 to 100; default 3. */
  readonly maxAttempts?: number
  /** The first wait, or all of it. */
  readonly backoff?:
    | Duration
    | {
        readonly delayMs?: Duration
        readonly multiplier?: number
        readonly maxDelayMs?: Duration
      }
}

/** The reference system's `max_retry_attempts`, `retry_delay_ms` and doubling; the cap is ours. */
const DEFAULTS = { maxAttempts: 3, delayMs: 1_000, multiplier: 2, maxDelayMs: 60_000 } as const

/** As many as a run may start one effect in all; see `maxAttemptsTotal`. */
const MOST_ATTEMPTS = 100

/** The option `retry`. Its output has all defaults filled in. */
export const retrySchema = z
  .strictObject({
    maxAttempts: z.int().min(1).max(MOST_ATTEMPTS).optional(),
    // A duration alone is short for an object with nothing else.
    backoff: z
      .preprocess(
        (given) => (typeof given === 'number' || typeof given === 'string' ? { delayMs: given } : given),
        z.strictObject({
          delayMs: durationSchema.optional(),
          multiplier: z.number().min(1).max(100).optional(),
          maxDelayMs: durationSchema.optional(),
        }),
      )
      .optional(),
  })
  .transform(({ maxAttempts = DEFAULTS.maxAttempts, backoff = {} }): RetryPolicy => {
    const { delayMs = DEFAULTS.delayMs, multiplier = DEFAULTS.multiplier, maxDelayMs } = backoff
    const longest = maxDelayMs ?? Math.max(DEFAULTS.maxDelayMs, delayMs)
    return Object.freeze({ maxAttempts, backoff: Object.freeze({ delayMs, multiplier, maxDelayMs: longest }) })
  })
