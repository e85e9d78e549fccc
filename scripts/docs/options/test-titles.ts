/** The titles of the tests in a file, read without running it, and finding the one that a row means. */
import ts from 'typescript'
import { titleRowsOf } from './test-tables.ts'
import type { TitleRow } from './test-tables.ts'

/** The tests of one file. */
export type TestTitles = readonly TestCase[]

interface TestCase {
  /** Of its suites and its own, from the outside in. */
  readonly path: readonly Title[]
  readonly call: ts.CallExpression
}

interface Title {
  /** As it is written: `%s: what fits its schema`. */
  readonly written: string
  /** What its table makes of it; undefined without a table. */
  readonly rows: readonly TitleRow[] | undefined
}

/** A test that a row of the page names. */
export interface FoundTest {
  readonly path: string
  readonly call: ts.CallExpression
  /** The values of the rows of tables that the path names. */
  readonly cells: readonly ts.Node[]
  /** Whether it stands for several rows of a table, each of which is a value. */
  readonly isManyRows: boolean
}

const TESTS: readonly string[] = ['test', 'it']

/** Reads the titles of a file's text. */
export function titlesOf(text: string): TestTitles {
  const tests: TestCase[] = []
  const visit = (node: ts.Node, suites: readonly Title[]): void => {
    const named = titleOf(node)
    if (named === undefined) {
      ts.forEachChild(node, (child) => {
        visit(child, suites)
      })
      return
    }
    const { isTest, call, written } = named
    const path = [...suites, { written, rows: titleRowsOf(call, written) }]
    if (isTest) tests.push({ path, call })
    else {
      for (const argument of call.arguments) visit(argument, path)
    }
  }
  visit(ts.createSourceFile('tests.ts', text, ts.ScriptTarget.Latest, true), [])
  return tests
}

/** The title of a `test(…)`, `describe(…)` or `test.each(…)(…)`. */
function titleOf(node: ts.Node) {
  if (!ts.isCallExpression(node)) return undefined
  const [title] = node.arguments
  if (title === undefined || !ts.isStringLiteralLike(title)) return undefined
  let callee: ts.Expression = node.expression
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) callee = callee.expression
  if (!ts.isIdentifier(callee)) return undefined
  const isTest = TESTS.includes(callee.text)
  return isTest || callee.text === 'describe' ? { written: title.text, isTest, call: node } : undefined
}

/** The test with this path, written with ` > `; undefined when there is none. */
export function findTest(tests: TestTitles, path: string): FoundTest | undefined {
  const wanted = path.split(' > ')
  for (const test of tests) {
    if (test.path.length !== wanted.length) continue
    const found = foundAs(test, (written, i) => written === wanted[i])
    if (found !== undefined) return found
  }
  return undefined
}

/** The test in a suite whose title begins with the name of an option and a colon; undefined when there is none. */
export function findTestOf(tests: TestTitles, suite: string | undefined, option: string): FoundTest | undefined {
  const suites = suite === undefined ? [] : suite.split(' > ')
  for (const test of tests) {
    if (test.path.length !== suites.length + 1) continue
    const found = foundAs(test, (title, i) =>
      i < suites.length ? title === suites[i] : title.startsWith(`${option}: `),
    )
    if (found !== undefined) return found
  }
  return undefined
}

/** A test with the titles that fit: as they are written, or as a row of their table makes them. */
function foundAs({ path, call }: TestCase, fits: (title: string, index: number) => boolean): FoundTest | undefined {
  const titles: string[] = []
  const cells: ts.Node[] = []
  let isManyRows = false
  for (const [i, { written, rows }] of path.entries()) {
    const row = rows?.find(({ title }) => fits(title, i))
    if (fits(written, i)) isManyRows ||= rows !== undefined && rows.length > 1
    else if (row !== undefined) cells.push(...row.cells)
    else return undefined
    titles.push(fits(written, i) ? written : (row as TitleRow).title)
  }
  return { path: titles.join(' > '), call, cells, isManyRows }
}
