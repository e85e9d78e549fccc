/**
 * The examples as programs: each file of examples/<group> is run by itself, as a user would, and what it prints is
 * compared with the `.expected.txt` beside it. Shared by `npm run examples` and the tests.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { packageRoot } from '../root.ts'
import { describeDifference } from './difference.ts'

/** What is run by the command, and tells of the folder that it is run in; its tests are in tests/examples. */
const BY_COMMAND: ReadonlySet<string> = new Set(['repo-report.ts'])

/** How long an example may take. */
const LIMIT_MS = 30_000

/** One example and the file that says what it prints. */
export interface Example {
  /** `hooks/01-first`. */
  readonly name: string
  readonly file: string
  readonly expectedFile: string
}

/** How a run went. */
export interface ExampleRun {
  /** What it printed to standard output. */
  readonly output: Buffer
  readonly durationMs: number
  /** Why it could not be compared: it failed or took too long. */
  readonly failure?: string
}

/** The examples of all groups, of one, or one by itself, in order of their names; none when there is nothing of this name. */
export function listExamples(folder: string = join(packageRoot, 'examples'), wanted?: string): Example[] {
  const all = listGroups(folder).flatMap((name) => {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.ts') && !BY_COMMAND.has(file))
    return files.sort().map((file) => {
      const stem = basename(file, '.ts')
      return {
        name: `${name}/${stem}`,
        file: join(folder, name, file),
        expectedFile: join(folder, name, `${stem}.expected.txt`),
      }
    })
  })
  if (wanted === undefined) return all
  const plain = plainName(wanted)
  return all.filter(({ name }) => name === plain || dirname(name) === plain)
}

/** `hooks`, `hooks/`, `hooks/01-basic.ts` or `examples/hooks/01-basic.ts`, as a shell completes them, without what surrounds the name. */
function plainName(wanted: string): string {
  return wanted.replace(/^(\.\/)?(examples\/)?/, '').replace(/(\/|\.ts)$/, '')
}

/** The groups: the folders in `examples`. */
export function listGroups(folder: string = join(packageRoot, 'examples')): string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
}

/** Runs an example as a user would, in a process of its own. Never rejects for what the example does. */
export function runExample({ file }: Example, limitMs: number = LIMIT_MS): Promise<ExampleRun> {
  return runProgram(['--import', 'tsx', '--conditions=hookchart-source', file], limitMs)
}

/** Runs Node.js with these arguments as an example runs. */
export function runProgram(args: readonly string[], limitMs: number = LIMIT_MS): Promise<ExampleRun> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: packageRoot,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const durationMs = performance.now() - startedAt
      const failure = failureOf(code, signal, durationMs >= limitMs, limitMs, Buffer.concat(errors).toString())
      resolve({ output: Buffer.concat(output), durationMs, ...(failure !== undefined && { failure }) })
    })
  })
}

/** What is wrong with a run by the expected file; undefined for nothing. */
export function problemOf({ expectedFile }: Example, { output, failure }: ExampleRun): string | undefined {
  if (failure !== undefined) return failure
  if (!existsSync(expectedFile)) {
    return `${basename(expectedFile)} is missing. Check what it prints and run: npm run examples -- --update`
  }
  const expected = readFileSync(expectedFile)
  return expected.equals(output) ? undefined : describeDifference(expected.toString(), output.toString())
}

function failureOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  late: boolean,
  limitMs: number,
  errors: string,
): string | undefined {
  if (code === 0) return undefined
  const how = late && signal !== null ? `did not end within ${limitMs} ms` : `ended with ${code ?? signal}`
  return [how, errors.trim()].filter((part) => part !== '').join('\n')
}

/** The examples run as on a user's machine: not as a test, without colours, and without what a test runner hands down. */
function environment(): NodeJS.ProcessEnv {
  const foreign = /^(NODE_ENV|NODE_OPTIONS|NODE_V8_COVERAGE|FORCE_COLOR|VITEST.*|TEST)$/
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  return { ...Object.fromEntries(kept), NO_COLOR: '1' }
}
