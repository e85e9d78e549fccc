/** The command, run in this process on streams that remember, and as a process of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { command } from '../../cli/command.ts'
import { Interrupts } from '../../cli/interrupts.ts'
import { Output } from '../../cli/output.ts'
import type { OutputStream } from '../../cli/output.ts'
import { packageRoot } from '../../scripts/root.ts'

/** A terminal, or none. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A stream that remembers; one with a size is a terminal. */
export function remembering({ columns, rows }: Terminal = {}) {
  const written: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      written.push(chunk)
      done()
    },
  })
  const size = columns === undefined ? {} : { isTTY: true, columns, rows: rows ?? 24 }
  return { stream: Object.assign(stream, size) as OutputStream, text: () => written.join('') }
}

/** Runs the command in this process. */
export async function called(argv: readonly string[], { env = {}, ...size }: Terminal = {}) {
  const [out, err] = [remembering(size), remembering(size)]
  const output = new Output(out.stream, err.stream, env)
  const signals = new EventEmitter()
  const exits: number[] = []
  const source = { on: signals.on.bind(signals), exit: (code: number) => void exits.push(code) as never }
  const interrupts = new Interrupts(source, output)
  const code = await command(argv, { output, interrupts })
  return { code, out: out.text(), err: err.text() }
}

/** A file of `tests/fixtures/command`. */
export const fixture = (name: string): string => join(packageRoot, 'tests/fixtures/command', name)

const MAIN = ['--import', 'tsx', '--conditions=hookchart-source', join(packageRoot, 'cli/main.ts')]

/** The command as a process; ends with the test that starts it. */
export function started(argv: readonly string[], { pty = false } = {}): Started {
  const line = [process.execPath, ...MAIN, ...argv]
  const at = { cwd: packageRoot, env: { ...process.env, NO_COLOR: '1' } }
  const child = pty
    ? spawn('script', ['-qec', `stty cols 80 rows 24; ${line.map((word) => `'${word}'`).join(' ')}`, '/dev/null'], at)
    : spawn(process.execPath, line.slice(1), at)
  return new Started(child)
}

/** A process whose output is read as it comes. */
export class Started implements Disposable {
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  readonly ended: Promise<number | null>
  text = ''

  constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.text += chunk
        for (const look of this.#waiting) look()
      })
    this.ended = new Promise((resolve) => child.once('close', resolve))
  }

  /** Resolves when this was written; rejects when the process ends without it. */
  until(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!this.text.includes(text)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      void this.ended.then(() => {
        reject(new Error(`It ended without "${text}":\n${this.text}`))
      })
      look()
    })
  }

  signal(signal: 'SIGINT' | 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Nobody reads what it prints any more. */
  closeOutput(): void {
    this.#child.stdout?.destroy()
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL')
  }
}
