/**
 * `npm run mutation [-- part…]`: mutation testing of the kernel, part by part, because the whole takes hours: a part that
 * is done need not be done again. Fails when fewer mutants are found than should be; `npm run mutation:report` lists the others.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isFound, memoryOf, mutatedFiles, parts, partsDone, reportOf } from './mutation-parts.ts'
import { packageRoot } from './root.ts'

/** Of all mutants, how many must be found. */
const LEAST_SCORE = 0.85

const given = process.argv.slice(2)
const unknown = given.find((name) => !Object.hasOwn(parts, name))
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". The parts are ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}
for (const part of given.length > 0 ? given : Object.keys(parts)) run(part)
const found = mutatedFiles()
  .flatMap(([, { mutants }]) => mutants.map(isFound))
  .filter((each) => each !== undefined)
const score = found.filter(Boolean).length / found.length
console.log(`${partsDone().join(', ')}: ${(100 * score).toFixed(1)} % of the mutants are found.`)
process.exitCode = score < LEAST_SCORE ? 1 : 0

function run(part: string): void {
  console.log(`mutating ${part}`)
  const mutate = (parts[part] as readonly string[]).join(',')
  const options = ['--mutate', mutate, '--incrementalFile', memoryOf(part)]
  const { status } = spawnSync('npx', ['stryker', 'run', ...options], { cwd: packageRoot, stdio: 'inherit' })
  if (status !== 0) throw new Error(`The mutation run of ${part} ended with ${String(status)}.`)
  mkdirSync(dirname(reportOf(part)), { recursive: true })
  copyFileSync(join(packageRoot, 'reports/mutation/mutation.json'), reportOf(part))
}
