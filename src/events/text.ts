/** Text in the envelope of an event: what may stand in ids, types, tags and names, so that it survives JSON and CloudEvents. */
import * as z from 'zod'

/** Longest text in an envelope. */
export const MOST_CHARACTERS = 1_000

/** No control characters and no halves of a surrogate pair: CloudEvents allows neither. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u

/** Whether a value is a text that may stand in an envelope: not empty, no control characters, at most 1,000 characters. */
export function isEnvelopeText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_CHARACTERS && PRINTABLE.test(value)
}

/** The schema of the same. */
export const textSchema = z.custom<string>(isEnvelopeText, {
  error: `expected a text that is not empty, without control characters and of at most ${String(MOST_CHARACTERS)} characters`,
})
