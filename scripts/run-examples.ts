/**
 * `npm run examples [group | group/name]`: runs the examples and compares what they print with their `.expected.txt`.
 * `npm run examples -- --update` writes those files instead.
 */
import { writeFileSync } from 'node:fs'
import { listExamples, listGroups, problemOf, runExample } from './examples/run.ts'

const args = process.argv.slice(2)
const update = args.includes('--update')
const [wanted, ...rest] = args.filter((arg) => arg !== '--update')
if (rest.length > 0 || wanted?.startsWith('-') === true) {
  console.error('Use: npm run examples [group | group/name] [-- --update]')
  process.exit(2)
}
const examples = listExamples(undefined, wanted)
if (wanted !== undefined && examples.length === 0) {
  const all = [...listGroups(), ...listExamples().map(({ name }) => name)]
  console.error(`There is no group or example "${wanted}" in examples. There are: ${all.join(', ') || 'none'}.`)
  process.exit(2)
}

let failed = 0
for (const example of examples) {
  const run = await runExample(example)
  if (update && run.failure === undefined) writeFileSync(example.expectedFile, run.output)
  const problem = problemOf(example, run)
  const time = `${(run.durationMs / 1000).toFixed(2)} s`.padStart(8)
  console.log(`${problem === undefined ? 'pass' : 'FAIL'} ${time}  ${example.name}`)
  if (problem === undefined) continue
  failed++
  console.log(problem.replaceAll(/^/gm, '     '))
}
console.log(`${examples.length} examples, ${examples.length - failed} pass, ${failed} fail`)
process.exitCode = failed === 0 ? 0 : 1
