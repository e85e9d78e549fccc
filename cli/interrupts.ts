/** Ctrl-C and SIGTERM: the first asks what runs to end, the second ends the process. */
import type { Output } from './output.ts'

const CODES = { SIGINT: 130, SIGTERM: 143 } as const
type Signal = keyof typeof CODES

/** The part of the process that is needed. */
export interface SignalSource {
  on(signal: Signal, listener: () => void): unknown
  exit(code: number): never
}

/** See the head of this file. */
export class Interrupts {
  readonly #output: Output
  readonly #process: SignalSource
  #code: number | undefined
  #stop: (() => void) | undefined

  constructor(process: SignalSource, output: Output) {
    this.#output = output
    this.#process = process
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        this.#take(signal)
      })
  }

  /** The exit code of the first signal, once there was one. */
  get code(): number | undefined {
    return this.#code
  }

  /** From now on there is something that ends by itself when it is asked to. */
  onFirst(stop: () => void): void {
    this.#stop = stop
  }

  #take(signal: Signal): void {
    const again = this.#code !== undefined
    this.#code = CODES[signal]
    if (again || this.#stop === undefined) this.#process.exit(this.#code)
    this.#output.note('Stopping. Press Ctrl-C again to end at once.')
    this.#stop()
  }
}
