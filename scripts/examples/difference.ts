/** Two texts compared by lines, as people read them: where they part, and a few lines of both. */

const LINES_BEFORE = 2
const LINES_AFTER = 5

/** `-` is expected, `+` is what came. Starts at the first line that differs. */
export function describeDifference(expected: string, actual: string): string {
  const wanted = expected.split('\n')
  const got = actual.split('\n')
  const first = wanted.findIndex((line, i) => line !== got[i])
  // Equal as far as the expected text goes: the rest is too much.
  const from = first === -1 ? wanted.length : first
  return [
    `the output differs from line ${from + 1} on:`,
    ...wanted.slice(Math.max(0, from - LINES_BEFORE), from).map((line) => `    ${line}`),
    ...excerpt(wanted, from).map((line) => `  - ${line}`),
    ...excerpt(got, from).map((line) => `  + ${line}`),
  ].join('\n')
}

function excerpt(lines: readonly string[], from: number): string[] {
  if (from >= lines.length) return ['(the end)']
  const shown = lines.slice(from, from + LINES_AFTER)
  return from + LINES_AFTER < lines.length ? [...shown, '…'] : shown
}
