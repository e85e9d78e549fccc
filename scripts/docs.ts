/**
 * `npm run docs`: writes the generated pages and checks the docstrings of all public names and the table of options.
 * `npm run docs -- --check` writes nothing and also fails when a page is out of date.
 */
import { findOptionProblems } from './docs/options/check.ts'
import { collectSchemas } from './docs/options/schemas.ts'
import { optionTable } from './docs/options/table.ts'
import { findStale, makePages, writePages } from './docs/pages.ts'
import { loadProject } from './docs/project.ts'
import type { Problem } from './docs/project.ts'
import { findUndocumented, publicNames } from './docs/public-names.ts'

const args = process.argv.slice(2)
const unknown = args.filter((arg) => arg !== '--check')
if (unknown.length > 0) {
  console.error(`Unknown argument ${unknown.join(' ')}. Use: npm run docs [-- --check]`)
  process.exit(2)
}

const check = args.includes('--check')
const project = loadProject()
const pages = await makePages(project)
const stale = check ? findStale(project.root, pages) : []
const written = check ? [] : writePages(project.root, pages)
for (const path of written) console.log(`wrote ${path}`)

const problems: readonly Problem[] = [
  ...stale,
  ...findUndocumented(project),
  ...findOptionProblems(optionTable, collectSchemas(project), project.root),
]
for (const { at, message } of problems) console.error(`${at}  ${message}`)
if (problems.length > 0) {
  console.error(`\n${problems.length} problem${problems.length === 1 ? '' : 's'} in the documentation.`)
  process.exit(1)
}
console.log(`${pages.length} pages up to date, ${publicNames(project).length} public names documented.`)
