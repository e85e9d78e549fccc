/**
 * `npm run bench [-- row…] [-- --quick] [-- --docs]`: measures the rows on the built package, prints min, median and
 * max with ratios to the limit and to peers, and writes `.generated/bench-results.json`. `--docs` also writes the tables of
 * `docs/performance.md`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../scripts/root.ts'
import { readArguments } from './arguments.ts'
import { writeDocsPage } from './docs-page.ts'
import type { RowFigures } from './figures.ts'
import { FULL, QUICK } from './measure.ts'
import { prepare } from './prepare.ts'
import { rows } from './rows.ts'
import { runRow } from './run-row.ts'
import { answerTable, caseTable, toLines } from './table.ts'

const { options, names } = readArguments(
  'npm run bench -- [row…] [--quick] [--docs]',
  ['--quick', '--docs'],
  Object.keys(rows),
)
const [quick, docs] = [options.has('--quick'), options.has('--docs')]
if (docs && (quick || names.length < Object.keys(rows).length)) {
  console.error('--docs takes all rows, in full.')
  process.exit(2)
}
const effort = quick ? QUICK : FULL
const run = `Node ${process.version}, NODE_ENV=production, the built package. Rounds a process: ${effort.rounds}, processes a row: ${effort.processes}.`
prepare()
console.log(`${run}\n`)
const measured: RowFigures[] = []
for (const name of names) {
  try {
    const row = runRow(name, effort)
    measured.push(row)
    console.log(`${row.title} (${name})\n${row.workload}\n`)
    if (row.cases.length > 0) console.log(`${toLines(caseTable(row))}\n`)
    console.log(`${toLines(answerTable(row))}\n`)
  } catch (error) {
    console.error(`${String(error)}\n`)
    process.exitCode = 1
  }
}
const goals = measured.flatMap(({ answers }) => answers).filter(({ met }) => met !== undefined)
console.log(
  `${goals.length} goals, ${goals.filter(({ met }) => met).length} met, ${goals.filter(({ met }) => !met).length} missed`,
)
const results = { node: process.version, effort, rows: measured }
writeFileSync(join(packageRoot, '.generated/bench-results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
if (docs && measured.length === names.length) await writeDocsPage(measured, run)
