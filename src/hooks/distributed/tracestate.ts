/** The `tracestate` header of W3C Trace Context, level 2: what tracing systems carry along, the latest first. */
import * as z from 'zod'
import { headerText, trimBlanks } from './header-text.ts'
import { malformed, parsePart } from './malformed.ts'
import type { Subject } from './malformed.ts'

/** One tracing system's entry. */
export interface TracestateEntry {
  /** Up to 256 of `a-z 0-9 _ - * / @`; begins with a letter or a digit. */
  readonly key: string
  /** 1 to 256 printable ASCII characters without `,` and `=`; does not end with a space. */
  readonly value: string
}

const SUBJECT: Subject = {
  what: 'The tracestate',
  advice: 'Pass the header as it was received, or leave it out.',
}

/** Of the grammar in section 3.3.1; empty members count too. */
const MAX_MEMBERS = 32

const schema = z
  .array(
    z.strictObject({
      key: z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/,
          'expected up to 256 of a-z, 0-9, _, -, *, / and @, not beginning with a sign',
        ),
      value: z
        .string('expected a value, as in key=value')
        .regex(
          /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/,
          'expected 1 to 256 printable ASCII characters without "," and "=", not ending with a space',
        ),
    }),
  )
  .max(MAX_MEMBERS, `expected at most ${String(MAX_MEMBERS)} entries`)
  .superRefine((entries, check) => {
    const keys = new Set<string>()
    entries.forEach(({ key }, index) => {
      if (keys.has(key))
        check.addIssue({ code: 'custom', path: [index, 'key'], message: 'this key has an entry already' })
      keys.add(key)
    })
  })

/**
 * Reads a tracestate header (W3C Trace Context, level 2, section 3.3), in its order.
 *
 * Several headers are one, joined with commas. Empty members are skipped; an empty header gives an empty list.
 *
 * @throws CONTEXT_INVALID for a bad key or value, a key that comes twice, and more than 32 members.
 * @example
 * ```ts
 * import { parseTracestate } from 'hookchart/hooks'
 * const [latest] = parseTracestate('rojo=00f067aa0ba902b7, congo=t61rcWkgMzE')
 * console.assert(latest?.key === 'rojo')
 * ```
 */
export function parseTracestate(text: string): readonly TracestateEntry[] {
  const members = headerText(text, SUBJECT).split(',')
  if (members.length > MAX_MEMBERS) {
    throw malformed(SUBJECT, { path: '', problem: `expected at most ${String(MAX_MEMBERS)} members` })
  }
  const entries = members
    .map(trimBlanks)
    .filter((member) => member !== '')
    .map((member) => {
      const at = member.indexOf('=')
      return at === -1 ? { key: member } : { key: member.slice(0, at), value: member.slice(at + 1) }
    })
  return parsePart(schema, entries, SUBJECT)
}

/**
 * Writes a tracestate header. An empty list gives an empty text; do not send that.
 *
 * @throws CONTEXT_INVALID
 * @example
 * ```ts
 * import { formatTracestate, parseTracestate } from 'hookchart/hooks'
 * const others = parseTracestate('congo=t61rcWkgMzE')
 * console.assert(formatTracestate([{ key: 'rojo', value: '1' }, ...others]) === 'rojo=1,congo=t61rcWkgMzE')
 * ```
 */
export function formatTracestate(entries: readonly TracestateEntry[]): string {
  return parsePart(schema, entries, SUBJECT)
    .map(({ key, value }) => `${key}=${value}`)
    .join(',')
}
