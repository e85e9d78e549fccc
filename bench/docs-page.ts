/** Writes the measured tables into `docs/performance.md`, between its two marks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import type { RowFigures } from './figures.ts'
import { packageRoot } from './prepare.ts'
import { answerTable, caseTable, toMarkdown } from './table.ts'

const page = join(packageRoot, 'docs/performance.md')
const BEGIN = '<!-- figures: begin. Written by `npm run bench -- --docs`; do not edit. -->'
const END = '<!-- figures: end -->'

/** Replaces the tables by those of a run. */
export async function writeDocsPage(rows: readonly RowFigures[], run: string): Promise<void> {
  const text = readFileSync(page, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error('docs/performance.md has lost the marks of its figures.')
  const written = `${text.slice(0, begin + BEGIN.length)}\n\n${run}\n\n${rows.map(sectionOf).join('\n\n')}\n\n${text.slice(end)}`
  writeFileSync(page, await format(written, { ...(await resolveConfig(page)), parser: 'markdown' }))
}

function sectionOf(row: RowFigures): string {
  const cases = row.cases.length === 0 ? [] : [toMarkdown(caseTable(row))]
  return [`### ${row.title} (\`${row.row}\`)`, row.workload, ...cases, toMarkdown(answerTable(row))].join('\n\n')
}
