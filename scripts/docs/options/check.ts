/** Holds the table of options against the source and the tests. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../project.ts'
import type { OptionGroup, OptionRow } from './rows.ts'
import type { OptionSchema } from './schemas.ts'
import type { OptionTable } from './table.ts'
import { findTest, findTestOf, titlesOf } from './test-titles.ts'
import type { FoundTest, TestTitles } from './test-titles.ts'
import { problemOf } from './two-values.ts'

/** A row with what it says resolved. */
export interface CheckedRow {
  readonly option: string
  readonly byDefault: string
  /** The test, or why there is none yet. */
  readonly test: { readonly file: string; readonly path: string } | { readonly pending: string } | undefined
  /** Why the test is none of this option. */
  readonly problem?: string
}

const TABLE = 'scripts/docs/options/table.ts'

/** Reads each test file once. */
export class TestFiles {
  readonly #root: string
  readonly #read = new Map<string, TestTitles | undefined>()

  constructor(root: string) {
    this.#root = root
  }

  titles(file: string): TestTitles | undefined {
    if (!this.#read.has(file)) {
      const path = join(this.#root, file)
      this.#read.set(file, existsSync(path) ? titlesOf(readFileSync(path, 'utf8')) : undefined)
    }
    return this.#read.get(file)
  }
}

/** The rows of a group, each with its test. */
export function rowsOf(group: OptionGroup, table: OptionTable, files: TestFiles): CheckedRow[] {
  const rows = { ...group.rows, ...group.beside }
  return Object.entries(rows).map(([option, row]) => {
    const reason = pendingReason(group, option, table)
    if (reason !== undefined) return { option, byDefault: row[0], test: { pending: reason } }
    const found = testOf(group, option, row, files)
    const problem = found && problemOf(found.test, option)
    return {
      ...{ option, byDefault: row[0], test: found && { file: found.file, path: found.test.path } },
      ...(problem !== undefined && { problem }),
    }
  })
}

function pendingReason(group: OptionGroup, option: string, { pendingRows }: OptionTable): string | undefined {
  return pendingRows.find(
    ({ schema, options }) => group.schemas.includes(schema) && (options === undefined || options.includes(option)),
  )?.reason
}

const ELSEWHERE = /^(?<file>\S+\.test\.ts): (?<title>.*)$/

function testOf(
  { tests }: OptionGroup,
  option: string,
  [, title]: OptionRow,
  files: TestFiles,
): { readonly file: string; readonly test: FoundTest } | undefined {
  const elsewhere = title === undefined ? undefined : ELSEWHERE.exec(title)?.groups
  const [own, suite] = tests ?? []
  const file = elsewhere?.['file'] ?? own
  const titles = file === undefined ? undefined : files.titles(file)
  if (file === undefined || titles === undefined) return undefined
  const wanted = elsewhere?.['title'] ?? title
  const test = wanted === undefined ? findTestOf(titles, suite, option) : findTest(titles, wanted)
  return test && { file, test }
}

/** What is missing, what is too much, and what has no test. */
export function findOptionProblems(
  table: OptionTable,
  schemas: readonly OptionSchema[],
  root: string,
  files: TestFiles = new TestFiles(root),
): Problem[] {
  const { groups, pendingRows, noOptions } = table
  const known = new Map(schemas.map((schema) => [schema.id, schema]))
  const listed = new Map(groups.flatMap((group) => group.schemas.map((id) => [id, group] as const)))
  const problems: Problem[] = []
  const tell = (at: string, message: string) => problems.push({ at, message })

  for (const { id } of schemas) {
    const isOption = listed.has(id)
    if (isOption && Object.hasOwn(noOptions, id)) tell(id, 'is in the table and among those that are no options')
    if (!isOption && !Object.hasOwn(noOptions, id)) tell(id, `has no rows in ${TABLE}, and no reason why not`)
  }
  for (const id of [...listed.keys(), ...Object.keys(noOptions), ...pendingRows.map(({ schema }) => schema)]) {
    if (!known.has(id)) tell(id, `is no schema, and ${TABLE} names it`)
  }
  for (const group of groups) {
    const keys = new Set(group.schemas.flatMap((id) => known.get(id)?.keys ?? []))
    const where = `${TABLE}, ${group.call}`
    for (const key of keys) if (!Object.hasOwn(group.rows, key)) tell(where, `the option "${key}" has no row`)
    for (const row of Object.keys(group.rows)) if (!keys.has(row)) tell(where, `"${row}" is no option`)
    for (const { option, test, problem } of rowsOf(group, table, files)) {
      if (test === undefined) tell(where, `"${option}" has no test, or one that is not there`)
      else if (problem !== undefined) tell(where, `the test of "${option}" is none: ${problem}`)
    }
  }
  for (const { schema, options } of pendingRows) {
    const group = listed.get(schema)
    if (group === undefined) continue
    for (const option of options ?? Object.keys(group.rows)) {
      const row = group.rows[option]
      if (row === undefined) tell(schema, `"${option}" is pending and no option`)
      else if (testOf(group, option, row, files) !== undefined) tell(schema, `"${option}" is pending and has a test`)
    }
  }
  return problems
}
