/** Durations as users write them: milliseconds, or text such as '5s' and '2m'. */
import ms from 'ms'
import * as z from 'zod'

/** Milliseconds as a number, or text with a unit: `'250ms'`, `'5s'`, `'2m'`, `'1h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const TEXT = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/

/** A duration in milliseconds; undefined when it is no finite, non-negative duration. */
export function toMilliseconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return Number.isFinite(duration) && duration >= 0 ? duration : undefined
  // ms itself would also take '-5s', '5 years' and 'soon'.
  if (typeof duration !== 'string' || !TEXT.test(duration)) return undefined
  return ms(duration as ms.StringValue)
}

/** The schema of a duration option; its output is milliseconds. */
export const durationSchema = z
  .custom<Duration>((value) => toMilliseconds(value) !== undefined, {
    error: "expected milliseconds (a number ≥ 0) or text such as '250ms', '5s' or '2m'",
  })
  .transform((value) => toMilliseconds(value) ?? 0)

/** The same, greater than 0. */
export const positiveDurationSchema = durationSchema.refine((value) => value > 0, {
  error: "expected a duration greater than 0, such as 100 or '5s'",
})
