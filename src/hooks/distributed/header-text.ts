/** What the headers of the W3C have in common: optional white space and tokens. */
import { malformed } from './malformed.ts'
import type { Subject } from './malformed.ts'

/** A token of RFC 9110, section 5.6.2. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** The value of a header, or CONTEXT_INVALID when it is no text. */
export function headerText(value: unknown, subject: Subject): string {
  if (typeof value === 'string') return value
  throw malformed(subject, { path: '', problem: 'expected the text of one header' })
}

/** Without the spaces and tabs at both ends. Not `trim`, which takes line ends too; not a pattern, which can be slow. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text[start])) start++
  while (end > start && isBlank(text[end - 1])) end--
  return text.slice(start, end)
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}
