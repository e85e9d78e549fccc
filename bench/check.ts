/**
 * `npm run bench:check [-- row…]`: measures, compares every ratio with `baseline.json`, and fails when one has become worse.
 * `npm run bench:check -- --write` measures in full and writes the baseline.
 *
 * Ratios are compared, not times: they hold from one machine to another. A ratio may be over its baseline by the tolerance.
 * One that is over is measured again, in full and up to twice; it counts only when it was over each time. Readings that
 * are no times, such as bytes left behind, must keep their goals.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../scripts/root.ts'
import { readArguments } from './arguments.ts'
import type { RowFigures } from './figures.ts'
import { FULL, QUICK } from './measure.ts'
import type { Effort } from './measure.ts'
import { prepare } from './prepare.ts'
import { rows } from './rows.ts'
import { runRow } from './run-row.ts'

/**
 * How much worse a ratio may be. The same code gives ratios up to a quarter apart, from one process to the next, where
 * the compiler decides differently what to inline.
 */
const TOLERANCE = 0.35

const BASELINE = join(packageRoot, 'bench/baseline.json')

/** The ratios of each row, by the texts of the questions. */
type Ratios = Readonly<Record<string, Readonly<Record<string, number>>>>

interface Baseline {
  readonly node: string
  readonly ratios: Ratios
}

const { options, names } = readArguments('npm run bench:check -- [row…] [--write]', ['--write'], Object.keys(rows))
prepare()
if (options.has('--write')) write()
else check(JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline)

function write(): void {
  const ratios = Object.fromEntries(names.map((name) => [name, ratiosOf(measureRow(name, FULL))]))
  const known =
    names.length === Object.keys(rows).length ? {} : (JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline).ratios
  const baseline: Baseline = { node: process.version, ratios: { ...known, ...ratios } }
  writeFileSync(BASELINE, `${JSON.stringify(baseline, undefined, 2)}\n`)
  console.log(`wrote ${String(names.length)} rows to bench/baseline.json`)
}

function check(baseline: Baseline): void {
  if (baseline.node.split('.')[0] !== process.version.split('.')[0])
    console.log(`The baseline is of Node ${baseline.node}, this is ${process.version}: ratios may differ.`)
  const problems = names.flatMap((name) => problemsOf(name, baseline.ratios[name] ?? {}))
  for (const problem of problems) console.error(problem)
  console.log(
    problems.length === 0
      ? `${String(names.length)} rows are no worse than the baseline; tolerance ${String(TOLERANCE * 100)} %.`
      : `${String(problems.length)} worse than the baseline; tolerance ${String(TOLERANCE * 100)} %.`,
  )
  process.exitCode = problems.length === 0 ? 0 : 1
}

/** What is wrong in a row each time that it is measured. */
function problemsOf(name: string, baseline: Ratios[string]): string[] {
  try {
    let problems = compare(measureRow(name, QUICK), baseline)
    for (let again = 0; again < 2 && problems.size > 0; again++) {
      const now = compare(measureRow(name, FULL), baseline)
      problems = new Map([...now].filter(([text]) => problems.has(text)))
    }
    return [...problems].map(([text, problem]) => `${name}: ${text}: ${problem}`)
  } catch (error) {
    return [`${name}: ${String(error)}`]
  }
}

function compare(row: RowFigures, baseline: Ratios[string]): Map<string, string> {
  const problems = new Map<string, string>()
  const ratios = ratiosOf(row)
  for (const text of new Set([...Object.keys(ratios), ...Object.keys(baseline)])) {
    const [now, was] = [ratios[text], baseline[text]]
    if (now === undefined) problems.set(text, 'is in the baseline and is not measured')
    else if (was === undefined) problems.set(text, 'is not in the baseline; run `npm run bench:check -- --write`')
    else if (now > was * (1 + TOLERANCE)) problems.set(text, `was ${was.toFixed(3)} ×, is ${now.toFixed(3)} ×`)
  }
  for (const { text, value, unit, spread, met, atMost } of row.answers) {
    if (met === false && spread === undefined)
      problems.set(text, `is ${value.toFixed(2)} ${unit}, must not be over ${String(atMost)}`)
  }
  return problems
}

function measureRow(name: string, effort: Effort): RowFigures {
  const row = runRow(name, effort)
  console.log(`measured ${name}`)
  return row
}

function ratiosOf({ answers }: RowFigures): Ratios[string] {
  const ratios = answers.filter(({ unit, value }) => unit === '×' && Number.isFinite(value))
  return Object.fromEntries(ratios.map(({ text, value }) => [text, Number(value.toPrecision(3))]))
}
