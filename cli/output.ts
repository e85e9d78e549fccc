/**
 * Where the command writes: standard output for what was asked for, standard error for all else. A pipe that was closed
 * at the other end is no error; what would go there is dropped.
 */
import picocolors from 'picocolors'

/** A standard stream: where it is a terminal, with its size. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly writableLength: number
}

/** Colours, or none. */
export type Styles = ReturnType<typeof picocolors.createColors>

/** A terminal that says nothing, or something absurd, is taken for this wide. */
const NARROWEST = 20

/** See the head of this file. */
export class Output {
  /** Colours for standard error. */
  readonly styles: Styles
  /** Colours for standard output. */
  readonly outStyles: Styles
  /** Standard error is a terminal whose lines can be written over. */
  readonly isLive: boolean
  readonly #out: OutputStream
  readonly #err: OutputStream
  readonly #closed = new Set<OutputStream>()

  constructor(out: OutputStream, err: OutputStream, env: Readonly<Record<string, string | undefined>>) {
    this.#out = out
    this.#err = err
    const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
    const isTerminal = ({ isTTY }: OutputStream) => isTTY === true
    this.styles = picocolors.createColors(isTerminal(err) && !plain)
    this.outStyles = picocolors.createColors(isTerminal(out) && !plain)
    this.isLive = isTerminal(err) && env['TERM'] !== 'dumb'
    for (const stream of [out, err])
      stream.on('error', (error: Error) => {
        if ((error as { readonly code?: string }).code !== 'EPIPE') throw error
        this.#closed.add(stream)
      })
  }

  /** Standard error, for what writes over its own lines. */
  get liveStream(): NodeJS.WritableStream {
    return this.#err
  }

  /** The width of standard output; what is no terminal has none. */
  get outColumns(): number {
    return columnsOf(this.#out)
  }

  get errColumns(): number {
    return columnsOf(this.#err)
  }

  get errRows(): number {
    return this.#err.rows ?? 24
  }

  /** A line, or several, of what was asked for. */
  print(text: string): void {
    this.#write(this.#out, `${text}\n`)
  }

  /** A line, or several, of what is worth knowing. */
  note(text: string): void {
    this.#write(this.#err, `${text}\n`)
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await Promise.all(
      [this.#out, this.#err].map(
        (stream) =>
          new Promise<void>((resolve) => {
            if (this.#closed.has(stream) || stream.writableLength === 0) resolve()
            else
              stream.write('', () => {
                resolve()
              })
          }),
      ),
    )
  }

  #write(stream: OutputStream, text: string): void {
    if (!this.#closed.has(stream)) stream.write(text)
  }
}

function columnsOf({ isTTY, columns }: OutputStream): number {
  return isTTY === true ? Math.max(NARROWEST, columns ?? 80) : Infinity
}
