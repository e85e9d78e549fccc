/** How a system stops: it takes nothing new, waits for what runs as long as it may, and aborts the rest. */
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { PointFirer } from '../../src/hooks/executor/run-point.ts'

/** See the head of this file. */
export class Closing {
  readonly #kernel: Kernel
  readonly #system: string
  readonly #end: () => Promise<void>
  #over: Promise<void> | undefined
  #hurry: () => void = () => undefined
  #timers: unknown[] = []

  /** `end` stops what is left once nothing runs any more, or may run. */
  constructor(kernel: Kernel, system: string, end: () => Promise<void>) {
    this.#kernel = kernel
    this.#system = system
    this.#end = end
  }

  /** Stops within a time; whoever asks again may shorten it. */
  stop(timeoutMs: number): Promise<void> {
    const { clock } = this.#kernel.time
    this.#over ??= this.#close()
    if (timeoutMs === 0) this.#hurry()
    else
      this.#timers.push(
        clock.setTimeout(() => {
          this.#hurry()
        }, timeoutMs),
      )
    return this.#over
  }

  async #close(): Promise<void> {
    const { clock } = this.#kernel.time
    this.#kernel.closing = true
    const hurried = new Promise<void>((resolve) => {
      this.#hurry = resolve
    })
    await Promise.race([this.#kernel.running.drained(), hurried])
    this.#hurry = () => undefined
    for (const timer of this.#timers) clock.clearTimeout(timer)
    // The point takes observers only; what is left is stopped with the hooks, which waits for those.
    void new PointFirer(this.#kernel).fire(
      this.#kernel.registry.points.slot('SystemShutdown'),
      { system: this.#system },
      undefined,
    )
    await this.#end()
    for (const timer of this.#timers) clock.clearTimeout(timer)
  }
}
