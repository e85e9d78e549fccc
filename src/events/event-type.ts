/** The type of an event: segments with dots between them. Lives here: what a type is, and the error for what is none. */
import { HookchartError, nameOf } from '../errors.ts'

/** Longest type or pattern. */
export const MOST_TYPE_CHARACTERS = 500

/** Segments with single dots between them; neither white space, stars nor what cannot be printed. */
const TYPE = /^[^\s.*\p{Cc}\p{Cs}]+(?:\.[^\s.*\p{Cc}\p{Cs}]+)*$/u

/** Whether a value is an event type. */
export function isEventType(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_TYPE_CHARACTERS && TYPE.test(value)
}

/** Throws EVENT_TYPE_INVALID, saying what is wrong, unless it is an event type. */
export function assertEventType(value: unknown): asserts value is string {
  if (isEventType(value)) return
  const text = `${nameOf(value)} is no event type: ${problemOf(value)}. Use segments with dots between them, such as 'order.paid'.`
  throw new HookchartError('EVENT_TYPE_INVALID', text, { details: { type: typeof value === 'string' ? value : null } })
}

function problemOf(value: unknown): string {
  if (typeof value !== 'string') return 'it is not a text'
  if (value.includes('*')) return 'stars are for patterns'
  return flawOfSegments(value) ?? 'it has white space or a character that cannot be printed'
}

/** What is wrong with a text as dotted segments, whatever stands in them. */
export function flawOfSegments(text: string): string | undefined {
  if (text === '') return 'it is empty'
  if (text.length > MOST_TYPE_CHARACTERS) return `it is longer than ${String(MOST_TYPE_CHARACTERS)} characters`
  const empty = text.split('.').indexOf('')
  return empty === -1 ? undefined : `segment ${String(empty + 1)} is empty`
}
