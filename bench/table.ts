/** Figures as tables: for the terminal and, the same lines, for Markdown. */
import type { Answer, RowFigures } from './figures.ts'

export type Table = readonly (readonly string[])[]

/** The cases of a row, each against the limit. */
export function caseTable({ cases }: RowFigures): Table {
  const limit = cases.find(({ role }) => role === 'limit')?.medianNs
  return [
    ['case', 'min ns', 'median ns', 'max ns', '× limit'],
    ...cases.map(({ name, role, minNs, medianNs, maxNs }) => [
      role === 'ours' ? name : `${name} (${role})`,
      toText(minNs),
      toText(medianNs),
      toText(maxNs),
      limit === undefined || role === 'limit' || limit < 2 ? '' : toText(medianNs / limit),
    ]),
  ]
}

/** The answers of a row, with goals and verdicts. */
export function answerTable({ answers }: RowFigures): Table {
  return [
    ['figure', 'median', 'quartiles', 'goal', 'verdict'],
    ...answers.map((answer) => [
      answer.text,
      withUnit(answer.value, answer.unit),
      answer.spread === undefined ? '' : answer.spread.map(toText).join(' – '),
      answer.atMost === undefined ? '' : `≤ ${withUnit(answer.atMost, answer.unit)}`,
      verdictOf(answer),
    ]),
  ]
}

/** Met, or missed by how much. */
export function verdictOf({ met, value, atMost = 0, unit }: Answer): string {
  if (met === undefined) return ''
  if (met) return 'met'
  if (unit === '×') return `missed: ${toText(value)} for ${toText(atMost)}`
  return `missed by ${withUnit(value - atMost, unit)}`
}

export function toLines(table: Table): string {
  const widths = widthsOf(table)
  return table
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function toMarkdown(table: Table): string {
  const [head = [], ...body] = table
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'))
  return [head, rule, ...body].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function widthsOf(table: Table): number[] {
  return (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
}

function withUnit(value: number, unit: string): string {
  return `${toText(value)}${unit === '' ? '' : ` ${unit}`}`
}

/** Three digits that count. */
function toText(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  if (size >= 10) return value.toFixed(1)
  return value.toFixed(size >= 0.9 && size < 1.1 ? 3 : 2)
}
