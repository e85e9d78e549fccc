/**
 * The package as its documentation sees it: the public entries of package.json and the TypeScript program they make.
 * Takes the root as an argument, so that tests can plant a small package elsewhere.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'
import { packageRoot } from '../root.ts'

/** One public entry: what users import, and the source file behind it. */
export interface Entry {
  /** `hookchart`, `hookchart/hooks`, … */
  readonly specifier: string
  /** The path from the root. */
  readonly source: string
  readonly exists: boolean
}

/** Entries and program of one package. */
export interface DocsProject {
  readonly root: string
  readonly options: ts.CompilerOptions
  readonly entries: readonly Entry[]
  readonly program: ts.Program
}

/** Something wrong with the documentation, and where. */
export interface Problem {
  /** `file:line`, or the file alone. */
  readonly at: string
  readonly message: string
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly 'hookchart-source'?: string }>>
}

let own: DocsProject | undefined

/** Reads package.json and tsconfig.json under `root` and makes the program of the entries that exist. That of the package itself is made once. */
export function loadProject(root: string = packageRoot): DocsProject {
  return root === packageRoot ? (own ??= readProject(root)) : readProject(root)
}

function readProject(root: string): DocsProject {
  const options = compilerOptions(root)
  const entries = readEntries(root)
  const sources = entries.filter(({ exists }) => exists).map(({ source }) => join(root, source))
  return { root, options, entries, program: ts.createProgram(sources, options) }
}

/** The entries of `exports` that have a source condition. */
function readEntries(root: string): Entry[] {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const path = typeof target === 'string' ? undefined : target['hookchart-source']
    if (path === undefined) return []
    const source = relative(root, join(root, path)).split(sep).join('/')
    return [{ specifier: name + subpath.slice(1), source, exists: existsSync(join(root, source)) }]
  })
}

function compilerOptions(root: string): ts.CompilerOptions {
  const file = join(root, 'tsconfig.json')
  const { config, error } = ts.readConfigFile(file, (path) => ts.sys.readFile(path))
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  // The files are ours to name; only the options are wanted.
  const { options, errors } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
  // 18002: "the files list is empty", which it is on purpose.
  const real = errors.filter(({ code }) => code !== 18002)
  if (real[0] !== undefined) throw new Error(ts.flattenDiagnosticMessageText(real[0].messageText, '\n'))
  return options
}

/** The package's own source files that its entries reach. */
export function ownSources({ program, root }: DocsProject): ts.SourceFile[] {
  return program.getSourceFiles().filter(({ fileName }) => isOwn(root, fileName))
}

/** Whether a file is the package's own source and not a library's. */
export function isOwn(root: string, fileName: string): boolean {
  const path = relative(root, fileName)
  return !path.startsWith('..') && !path.split(/[\\/]/).includes('node_modules') && !path.endsWith('.d.ts')
}

/** `file:line` of a position, as people and editors read it. */
export function placeOf(root: string, file: ts.SourceFile, position: number): string {
  return `${pathOf(root, file)}:${file.getLineAndCharacterOfPosition(position).line + 1}`
}

/** The path of a source file from the root, with slashes. */
export function pathOf(root: string, file: ts.SourceFile): string {
  return relative(root, file.fileName).split(sep).join('/')
}
