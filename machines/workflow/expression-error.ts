/** The error of an expression that cannot be parsed. */
import { HookchartError, nameOf } from '../../src/errors.ts'

/** What is wrong at a position, and what was expected there. `found` is empty at the end. */
export function malformed(
  source: string,
  position: number,
  found: string,
  expected: string,
): HookchartError<'EXPRESSION_INVALID'> {
  const what = found === '' ? 'the end' : nameOf(found)
  return new HookchartError(
    'EXPRESSION_INVALID',
    `The expression ${nameOf(source)} cannot be parsed: at position ${String(position)} is ${what}; expected ${expected}.`,
    { details: { position, found: cut(found), expected, expression: cut(source) } },
  )
}

/** Details stay readable, however long the expression is. */
function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
