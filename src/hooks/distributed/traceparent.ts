/** The `traceparent` header of W3C Trace Context, level 2: who called, in which trace. Read up to version fe, written as 00. */
import * as z from 'zod'
import { nameOf } from '../../errors.ts'
import { systemRandom } from '../../ports/random.ts'
import type { Random } from '../../ports/random.ts'
import { headerText } from './header-text.ts'
import { malformed, parsePart } from './malformed.ts'
import type { Subject } from './malformed.ts'

/** What a traceparent header says. */
export interface Traceparent {
  /** 32 lower-case hexadecimal digits, not all 0: the whole trace. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits, not all 0: the caller's part of it (`parent-id` in the standard). */
  readonly spanId: string
  /** Whether the caller may have recorded its part. */
  readonly sampled: boolean
  /** Whether the last 14 digits of the trace id were drawn at random, so that they can be sampled by. */
  readonly random: boolean
}

const SUBJECT: Subject = {
  what: 'The traceparent',
  advice: 'Pass the header as it was received, or leave it out to start a new trace.',
}

// What a later version may have behind the flags is printable, so that the text can go into a header again.
const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x20-\x7e]*)?$/
const SAMPLED = 1
const RANDOM = 2

const idSchema = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${String(digits)}}$`), `expected ${String(digits)} lower-case hexadecimal digits`)
    .regex(/[^0]/, 'expected an id that is not all 0')

const schema = z.strictObject({
  traceId: idSchema(32),
  spanId: idSchema(16),
  sampled: z.boolean(),
  random: z.boolean(),
})

/** A source of chance that was passed, or the platform's when none was. */
export function randomSource(random: Random | undefined, subject: Subject): Random {
  if (random === undefined) return systemRandom
  if (typeof (random as Partial<Random> | null)?.next === 'function') return random
  throw malformed(subject, { path: 'random', problem: 'expected an object with next' })
}

function isTraceId(text: string): boolean {
  return schema.shape.traceId.safeParse(text).success
}

/**
 * Reads a traceparent header (W3C Trace Context, level 2, section 3.2).
 *
 * Of a version after 00 it reads what 00 has and no more: there only the flag `sampled` counts, and further fields are
 * ignored. Version ff, ids of zeros, upper-case digits and white space are refused, as the standard has it.
 *
 * @throws CONTEXT_INVALID; the standard's answer to that is a new trace.
 * @example
 * ```ts
 * import { parseTraceparent } from 'hookchart/hooks'
 * const { spanId, sampled } = parseTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
 * console.assert(spanId === 'b7ad6b7169203331' && sampled)
 * ```
 */
export function parseTraceparent(text: string): Traceparent {
  const [match, version, traceId = '', spanId = '', flagDigits = '', rest] =
    PATTERN.exec(headerText(text, SUBJECT)) ?? []
  if (match === undefined) throw refused(`${nameOf(text)} is not of the form version-traceid-parentid-flags`)
  if (version === 'ff') throw refused('version ff is forbidden')
  if (version === '00' && rest !== undefined) throw refused('version 00 has nothing behind its flags')
  const flags = Number.parseInt(flagDigits, 16)
  return parsePart(
    schema,
    { traceId, spanId, sampled: (flags & SAMPLED) !== 0, random: version === '00' && (flags & RANDOM) !== 0 },
    SUBJECT,
  )
}

/**
 * Writes a traceparent header, as version 00.
 *
 * @throws CONTEXT_INVALID
 * @example
 * ```ts
 * import { formatTraceparent, parseTraceparent } from 'hookchart/hooks'
 * const header = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
 * console.assert(formatTraceparent(parseTraceparent(header)) === header)
 * ```
 */
export function formatTraceparent(traceparent: Traceparent): string {
  const { traceId, spanId, sampled, random } = parsePart(schema, traceparent, SUBJECT)
  const flags = (sampled ? SAMPLED : 0) | (random ? RANDOM : 0)
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`
}

/** The header for what the owner of this one calls: a span id of its own in the same trace, with the same flags. */
export function childTraceparent(text: string, random: Random): string {
  return formatTraceparent({ ...parseTraceparent(text), spanId: randomId(8, random) })
}

/** The header of a new trace, not sampled. Its id is the wish if that can be one. */
export function newTraceparent(wish: string, random: Random): string {
  const own = isTraceId(wish)
  const traceId = own ? wish : randomId(16, random)
  return formatTraceparent({ traceId, spanId: randomId(8, random), sampled: false, random: !own })
}

/** An id of random bytes, a multiple of 4, that are not all 0. */
function randomId(sizeBytes: number, random: Random): string {
  let id = ''
  for (let i = 0; i < sizeBytes; i += 4) id += (Math.floor(random.next() * 2 ** 32) >>> 0).toString(16).padStart(8, '0')
  return /[^0]/.test(id) ? id : `${id.slice(0, -1)}1`
}

function refused(problem: string) {
  return malformed(SUBJECT, { path: '', problem })
}
