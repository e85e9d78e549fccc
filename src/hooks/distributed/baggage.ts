/** The `baggage` header of W3C Baggage: what an application carries along, as keys and values. */
import * as z from 'zod'
import { headerText, TOKEN, trimBlanks } from './header-text.ts'
import { malformed, parsePart } from './malformed.ts'
import type { Subject } from './malformed.ts'

/** Something said about an entry of the baggage. */
export interface BaggageProperty {
  readonly key: string
  /** Any text, decoded; absent for a property that is only there. */
  readonly value?: string
}

/** One entry of the baggage. */
export interface BaggageEntry {
  /** A token: letters, digits and ``!#$%&'*+-.^_`|~``. */
  readonly key: string
  /** Any text, decoded. */
  readonly value: string
  readonly properties: readonly BaggageProperty[]
}

/** An entry as {@link formatBaggage} takes it; without properties it has none. */
export type BaggageInput = Omit<BaggageEntry, 'properties'> & Partial<Pick<BaggageEntry, 'properties'>>

const SUBJECT: Subject = {
  what: 'The baggage',
  advice: 'Pass the header as it was received, or carry less.',
}

/** The list's length in the grammar. Receivers need only take 64. */
const MAX_MEMBERS = 180
/** What every receiver must take, and so the most that may be relied on. */
const MAX_BYTES = 8_192

/** Characters that stand for themselves: no controls, blanks, `"`, `,`, `;` and `\`. */
const OCTETS = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
/** What must be encoded: everything else, and the `%` that does it. */
const ENCODED = /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu
const STRAY_PERCENT = /%(?![0-9A-Fa-f]{2})/

const keySchema = z.string().regex(TOKEN, "expected a token: letters, digits and !#$%&'*+-.^_`|~")
const textSchema = z
  .string('expected a value, as in key=value')
  .refine((text) => !/\p{Surrogate}/u.test(text), 'expected text that UTF-8 can hold, without half of a surrogate pair')

const schema = z
  .array(
    z.strictObject({
      key: keySchema,
      value: textSchema,
      properties: z
        .array(
          z
            .strictObject({ key: keySchema, value: textSchema.optional() })
            .transform(({ key, value }): BaggageProperty => (value === undefined ? { key } : { key, value })),
        )
        .default([]),
    }),
  )
  .max(MAX_MEMBERS, `expected at most ${String(MAX_MEMBERS)} entries`)

/**
 * Reads a baggage header (W3C Baggage, section 3), in its order.
 *
 * Several headers are one, joined with commas. Keys may come twice. Values are percent-decoded; octets that are no UTF-8
 * become U+FFFD. An empty header gives an empty list.
 *
 * @throws CONTEXT_INVALID for a bad key, a character or a `%` that had to be encoded, more than 180 entries or 8,192 bytes.
 * @example
 * ```ts
 * import { parseBaggage } from 'hookchart/hooks'
 * const [user, node] = parseBaggage('userId=alice, serverNode=DF%2028;ttl=5')
 * console.assert(user?.value === 'alice' && node?.value === 'DF 28' && node.properties[0]?.key === 'ttl')
 * ```
 */
export function parseBaggage(text: string): readonly BaggageEntry[] {
  const header = checkSize(headerText(text, SUBJECT))
  if (trimBlanks(header) === '') return []
  const entries = header.split(',').map((member, index) => {
    const [first = '', ...properties] = member.split(';')
    return {
      ...readPair(first, `${String(index)}.value`),
      properties: properties.map((property) => readPair(property, `${String(index)}.properties`)),
    }
  })
  return parsePart(schema, entries, SUBJECT)
}

/**
 * Writes a baggage header; values may be any text and are percent-encoded. An empty list gives an empty text; do not send that.
 *
 * @throws CONTEXT_INVALID for a bad key, half a surrogate pair, more than 180 entries or 8,192 bytes.
 * @example
 * ```ts
 * import { formatBaggage } from 'hookchart/hooks'
 * console.assert(formatBaggage([{ key: 'serverNode', value: 'DF 28' }]) === 'serverNode=DF%2028')
 * ```
 */
export function formatBaggage(entries: readonly BaggageInput[]): string {
  const members = parsePart(schema, entries, SUBJECT).map(({ key, value, properties }) =>
    [writePair({ key, value }), ...properties.map(writePair)].join(';'),
  )
  return checkSize(members.join(','))
}

function checkSize(header: string): string {
  // What is not ASCII is refused later, so a character is a byte.
  if (header.length <= MAX_BYTES) return header
  throw malformed(SUBJECT, { path: '', problem: `expected at most ${String(MAX_BYTES)} bytes` })
}

function readPair(pair: string, path: string): { key: string; value?: string } {
  const at = pair.indexOf('=')
  if (at === -1) return { key: trimBlanks(pair) }
  return { key: trimBlanks(pair.slice(0, at)), value: decode(trimBlanks(pair.slice(at + 1)), path) }
}

function writePair({ key, value }: BaggageProperty): string {
  return value === undefined ? key : `${key}=${value.replace(ENCODED, encodeURIComponent)}`
}

function decode(value: string, path: string): string {
  if (!OCTETS.test(value)) throw malformed(SUBJECT, { path, problem: 'has a character that must be percent-encoded' })
  if (STRAY_PERCENT.test(value)) {
    throw malformed(SUBJECT, { path, problem: 'has a % that is not followed by two hexadecimal digits' })
  }
  // decodeURIComponent would throw where the standard wants U+FFFD. A byte order mark is text here.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return value.replace(/(?:%..)+/g, (run) =>
    decoder.decode(Uint8Array.from(run.slice(1).split('%'), (octet) => Number.parseInt(octet, 16))),
  )
}
