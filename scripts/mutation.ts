/**
 * `npm run mutation [-- part…]`: mutation testing of the kernel, part by part, because the whole takes hours: a part that
 * is done need not be done again. Fails when fewer mutants are found than should be; `npm run mutation:report` lists the others.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './root.ts'

/** The parts, and what each mutates. */
export const parts: Readonly<Record<string, readonly string[]>> = {
  points: ['src/hooks/points/**/*.ts'],
  compose: ['src/hooks/compose/**/*.ts', 'src/hooks/executor/patterns/**/*.ts'],
  distributed: ['src/hooks/distributed/**/*.ts'],
  selective: ['src/hooks/selective/**/*.ts'],
  replay: ['src/hooks/replay/**/*.ts'],
  registry: ['src/hooks/registry/**/*.ts'],
  operation: ['src/hooks/operation/**/*.ts'],
  executor: ['src/hooks/executor/*.ts'],
  results: ['src/hooks/*.ts', '!src/hooks/index.ts'],
}

/** Of all mutants, how many must be found. */
const LEAST_SCORE = 0.85

/** Where the report of each part is kept. */
export const reportOf = (part: string): string => join(packageRoot, 'reports/mutation/parts', `${part}.json`)

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

function run(part: string): void {
  console.log(`mutating ${part}`)
  const mutate = (parts[part] as readonly string[]).join(',')
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', mutate], { cwd: packageRoot, stdio: 'inherit' })
  if (status !== 0) throw new Error(`The mutation run of ${part} ended with ${String(status)}.`)
  mkdirSync(join(packageRoot, 'reports/mutation/parts'), { recursive: true })
  copyFileSync(join(packageRoot, 'reports/mutation/mutation.json'), reportOf(part))
}

function scoreOf(names: readonly string[]): number {
  const reports = names.map((name) => JSON.parse(readFileSync(reportOf(name), 'utf8')) as Report)
  // A report also holds what earlier parts found.
  const files = new Map(reports.flatMap((report) => Object.entries(report.files)))
  const all = [...files.values()]
    .flatMap(({ mutants }) => mutants.map(({ status }) => status))
    .filter((status) => ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status))
  return all.filter((status) => status === 'Killed' || status === 'Timeout').length / all.length
}

if (import.meta.filename === process.argv[1]) {
  const given = process.argv.slice(2)
  const unknown = given.find((name) => !Object.hasOwn(parts, name))
  if (unknown !== undefined) {
    console.error(`There is no part "${unknown}". The parts are ${Object.keys(parts).join(', ')}.`)
    process.exit(2)
  }
  for (const part of given.length > 0 ? given : Object.keys(parts)) run(part)
  const done = Object.keys(parts).filter((part) => existsSync(reportOf(part)))
  const score = scoreOf(done)
  console.log(`${done.join(', ')}: ${(100 * score).toFixed(1)} % of the mutants are found.`)
  process.exitCode = score < LEAST_SCORE ? 1 : 0
}
