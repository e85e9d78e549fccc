/**
 * The examples of doc comments and Markdown pages: collecting them, writing each to a file of its own, and checking
 * the types of all in one program. A written example keeps the line numbers of the place it came from.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { splitFences } from './code-blocks.ts'
import type { CodeBlock } from './code-blocks.ts'
import { docCommentsIn } from './doc-comment.ts'
import { ownSources, pathOf } from './project.ts'
import type { DocsProject, Problem } from './project.ts'

/** One block of code that users may copy. */
export interface DocExample {
  /** `src/errors.ts:13 errorCodes`; for pages the heading above. */
  readonly title: string
  /** Where its code begins. */
  readonly file: string
  readonly line: number
  readonly code: string
}

/** What was found, and what was left out. */
export interface Collected {
  readonly examples: readonly DocExample[]
  /** Blocks marked `ts no-run`. */
  readonly skipped: readonly Problem[]
  /** Blocks that look like TypeScript but would not be checked. */
  readonly problems: readonly Problem[]
}

/** Names of fences that would slip past the check. */
const OTHER_NAMES = /^(typescript|tsx|mts|js|javascript|jsx|mjs|ts\s.*)$/

/** Every ```ts block in the doc comments that the entries reach, in README.md and in docs. */
export function collectExamples(project: DocsProject): Collected {
  const inSource = ownSources(project).flatMap((file) =>
    docCommentsIn(file).flatMap(({ name, comment }) =>
      comment.blocks.map((block) => ({ file: pathOf(project.root, file), name, block })),
    ),
  )
  const all = [...inSource, ...markdownFiles(project.root).flatMap((file) => blocksOfPage(project.root, file))]
  const at = ({ file, block }: Found) => `${file}:${block.line - 1}`
  const examples = all.filter(({ block }) => block.info === 'ts')
  const skipped = all.filter(({ block }) => block.info === 'ts no-run')
  const odd = all.filter((found) => OTHER_NAMES.test(found.block.info) && !skipped.includes(found))
  return {
    examples: examples.map(({ file, name, block: { line, code } }) => ({
      title: `${file}:${line} ${name}`,
      file,
      line,
      code,
    })),
    skipped: skipped.map((found) => ({ at: at(found), message: 'is not run' })),
    problems: odd.map((found) => ({ at: at(found), message: `is fenced as "${found.block.info}"; use ts or text` })),
  }
}

interface Found {
  readonly file: string
  readonly name: string
  readonly block: CodeBlock
}

function markdownFiles(root: string): string[] {
  const docs = join(root, 'docs')
  const pages = existsSync(docs) ? readdirSync(docs, { recursive: true, encoding: 'utf8' }) : []
  const inDocs = pages.filter((path) => path.endsWith('.md')).map((path) => `docs/${path.replaceAll('\\', '/')}`)
  return [...(existsSync(join(root, 'README.md')) ? ['README.md'] : []), ...inDocs.sort()]
}

function blocksOfPage(root: string, file: string): Found[] {
  const { blocks, prose } = splitFences(readFileSync(join(root, file), 'utf8').split('\n'))
  return blocks.map((block) => {
    const heading = prose.findLast(({ line, text }) => line < block.line && /^#+ /.test(text))
    return { file, name: heading?.text.replace(/^#+ /, '') ?? 'page', block }
  })
}

/** Writes each example to `.generated/doc-examples` and gives the files, in order. Files of examples that are gone go too. */
export function writeExamples(root: string, examples: readonly DocExample[]): string[] {
  const folder = join(root, '.generated/doc-examples')
  mkdirSync(folder, { recursive: true })
  const files = examples.map(({ file, line }) => join(folder, `${file.replaceAll(/[^\w]+/g, '-')}-${line}.ts`))
  for (const name of readdirSync(folder)) if (!files.includes(join(folder, name))) rmSync(join(folder, name))
  for (const [i, { line, code }] of examples.entries()) writeIfChanged(files[i]!, '\n'.repeat(line - 1) + code)
  return files
}

/** Another run may be reading the file; it must not see it empty. */
function writeIfChanged(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}

/** What the type checker says of each file: `line: message`, the line being that of the doc. One program for all. */
export function checkTypes(project: DocsProject, files: readonly string[]): Map<string, string[]> {
  const program = ts.createProgram(files, project.options, undefined, project.program)
  return new Map(
    files.map((file) => {
      const source = program.getSourceFile(file)!
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      return [file, found.map((diagnostic) => describe(source, diagnostic))]
    }),
  )
}

function describe(source: ts.SourceFile, { start, messageText }: ts.Diagnostic): string {
  const { line } = source.getLineAndCharacterOfPosition(start ?? 0)
  return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
}
