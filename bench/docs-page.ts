/** Writes the measured tables into `docs/performance.md`, between its two marks. */
import { join } from 'node:path'
import { writeSection } from '../scripts/generated-section.ts'
import { packageRoot } from '../scripts/root.ts'
import type { RowFigures } from './figures.ts'
import { answerTable, caseTable, toMarkdown } from './table.ts'

/** Replaces the tables by those of a run. */
export async function writeDocsPage(rows: readonly RowFigures[], run: string): Promise<void> {
  const content = [run, ...rows.map(sectionOf)].join('\n\n')
  await writeSection(join(packageRoot, 'docs/performance.md'), 'figures', content)
}

function sectionOf(row: RowFigures): string {
  const cases = row.cases.length === 0 ? [] : [toMarkdown(caseTable(row))]
  return [`### ${row.title} (\`${row.row}\`)`, row.workload, ...cases, toMarkdown(answerTable(row))].join('\n\n')
}
