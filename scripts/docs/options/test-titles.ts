/** The titles of the tests in a file, read without running it, and finding the one that a row means. */
import ts from 'typescript'

/** The titles of one file. */
export interface TestTitles {
  /** Suites and test, from the outside in, as they are written: `['wrap', '%s: what fits its schema']`. */
  readonly paths: readonly (readonly string[])[]
  /** All of the file: what stands for a `%s` must be in it. */
  readonly text: string
}

const TESTS: readonly string[] = ['test', 'it']
const PLACEHOLDER = /%[sdifjo]/g

/** Reads the titles of a file's text. */
export function titlesOf(text: string): TestTitles {
  const paths: string[][] = []
  const visit = (node: ts.Node, suites: readonly string[]): void => {
    const named = titleOf(node)
    if (named === undefined) {
      ts.forEachChild(node, (child) => {
        visit(child, suites)
      })
      return
    }
    const path = [...suites, named.title]
    if (named.isTest) paths.push(path)
    else {
      for (const argument of named.call.arguments) visit(argument, path)
    }
  }
  visit(ts.createSourceFile('tests.ts', text, ts.ScriptTarget.Latest, true), [])
  return { paths, text }
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
  return isTest || callee.text === 'describe' ? { title: title.text, isTest, call: node } : undefined
}

/** The test with this path, written with ` > `. Gives the path; undefined when there is none. */
export function findTest(titles: TestTitles, path: string): string | undefined {
  const wanted = path.split(' > ')
  const isIt = (written: readonly string[]) =>
    written.length === wanted.length && written.every((title, i) => fits(title, wanted[i] as string, titles.text))
  return titles.paths.some(isIt) ? path : undefined
}

/** The test in a suite whose title begins with the name of an option and a colon. Gives its path. */
export function findTestOf(titles: TestTitles, suite: string | undefined, option: string): string | undefined {
  for (const path of titles.paths) {
    const title = path.at(-1) as string
    const colon = title.indexOf(': ')
    if (colon < 0 || !fits(title.slice(0, colon), option, titles.text)) continue
    const suites = path.slice(0, -1).join(' > ')
    if (!fits(suites, suite ?? '', titles.text)) continue
    return [...(suite === undefined ? [] : [suite]), option + title.slice(colon)].join(' > ')
  }
  return undefined
}

/** Whether a title is the one meant. For a placeholder anything may stand that is in the file as text of its own. */
function fits(written: string, wanted: string, text: string): boolean {
  if (written === wanted) return true
  const parts = written.split(PLACEHOLDER).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const [, ...words] = new RegExp(`^${parts.join('(.+)')}$`).exec(wanted) ?? []
  return words.length > 0 && words.every((word) => isWordOf(text, word))
}

/** A text, or the key of an object. */
function isWordOf(text: string, word: string): boolean {
  return [`'${word}'`, ` ${word}: `].some((form) => text.includes(form))
}
