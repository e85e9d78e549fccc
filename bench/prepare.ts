/** Getting ready: a build of the package that is not older than its source, and the bench as plain JavaScript. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { packageRoot } from '../scripts/root.ts'

/** Inside the package, so that `hookchart/hooks` is found by the package's own exports. */
export const outputFolder = join(packageRoot, '.generated/bench')

/** What goes into `dist`. */
const SOURCES = ['src', 'machines', 'actors', 'kit', 'cli', 'studio', 'tsconfig.json', 'tsconfig.build.json']

/** Builds what is missing or older than its source. */
export function prepare(): void {
  const built = newest(join(packageRoot, 'dist'))
  if (built < Math.max(...SOURCES.map((path) => newest(join(packageRoot, path))))) build()
  compileBench()
}

function build(): void {
  console.log('dist is older than the source: npm run build')
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: packageRoot, stdio: 'inherit' })
  if (status !== 0) throw new Error('The build failed; nothing was measured.')
}

/** A loader in the measured process would rewrite functions and cost time, so the bench is compiled as the package is. */
function compileBench(): void {
  rmSync(outputFolder, { recursive: true, force: true })
  // Peers that were installed beside the bench are no part of it.
  const own = filesUnder(import.meta.dirname).filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
  for (const path of own) {
    const target = join(outputFolder, path.slice(import.meta.dirname.length + 1).replace(/\.ts$/, '.js'))
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      fileName: path,
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    })
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
}

/** When the youngest file under a path was written; 0 when there is none. */
function newest(path: string): number {
  if (!existsSync(path)) return 0
  return Math.max(0, ...filesUnder(path).map((file) => statSync(file).mtimeMs))
}

function filesUnder(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
