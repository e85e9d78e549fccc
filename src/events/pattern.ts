/**
 * Patterns of event types: segments of which `*` stands for exactly one and `**` for any number, also none. A lone `*`
 * matches everything. Lives here: parsing and the match of one pattern; many at once are matched by the trie.
 */
import { HookchartError, nameOf } from '../errors.ts'
import { assertEventType, flawOfSegments } from './event-type.ts'

/** A pattern, taken apart. */
export interface Pattern {
  readonly text: string
  readonly segments: readonly string[]
}

const LITERAL = /^[^\s*\p{Cc}\p{Cs}]+$/u

/** Takes a pattern apart, or throws EVENT_PATTERN_INVALID saying which segment is wrong and what to write. */
export function parsePattern(text: string): Pattern {
  const problem = problemOf(text)
  if (problem !== undefined) {
    throw new HookchartError('EVENT_PATTERN_INVALID', `${nameOf(text)} is no pattern of events: ${problem}.`, {
      details: { pattern: typeof text === 'string' ? text : null },
    })
  }
  return { text, segments: text === '*' ? ['**'] : text.split('.') }
}

function problemOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'it is not a text'
  const flaw = flawOfSegments(text)
  if (flaw !== undefined) return flaw
  const segments = text.split('.')
  const index = segments.findIndex((segment) => segment !== '*' && segment !== '**' && !LITERAL.test(segment))
  if (index === -1) return undefined
  const segment = segments[index] as string
  const where = `segment ${String(index + 1)}, ${nameOf(segment)},`
  return segment.includes('*')
    ? `${where} mixes stars with other text; a star stands for a whole segment, so write '*' for one or '**' for any number`
    : `${where} has white space or a character that cannot be printed`
}

/** Whether a type matches a pattern. Time grows with segments of the one times segments of the other, never faster. */
export function matches({ segments }: Pattern, type: string): boolean {
  let reached = skipStars(segments, new Set([0]))
  for (const given of type.split('.')) {
    const next = new Set<number>()
    for (const at of reached) {
      const segment = segments[at]
      if (segment === '**') next.add(at)
      else if (segment === '*' || segment === given) next.add(at + 1)
    }
    if (next.size === 0) return false
    reached = skipStars(segments, next)
  }
  return reached.has(segments.length)
}

/** `**` may stand for nothing. */
function skipStars(segments: readonly string[], reached: Set<number>): Set<number> {
  for (const at of reached) if (segments[at] === '**') reached.add(at + 1)
  return reached
}

/**
 * Whether an event type matches a pattern: `*` is exactly one segment, `**` any number of them, also none, and a lone `*`
 * everything.
 *
 * @throws EVENT_PATTERN_INVALID, EVENT_TYPE_INVALID
 * @example
 * ```ts
 * import { matchesPattern } from 'hookchart/events'
 * console.assert(matchesPattern('*.failed', 'order.failed') && !matchesPattern('*.failed', 'order.item.failed'))
 * console.assert(matchesPattern('**.failed', 'order.item.failed') && matchesPattern('order.**', 'order'))
 * ```
 */
export function matchesPattern(pattern: string, type: string): boolean {
  const parsed = parsePattern(pattern)
  assertEventType(type)
  return matches(parsed, type)
}
