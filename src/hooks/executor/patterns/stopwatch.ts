/** How long a parallel composite took: children that run side by side count once, and nobody counts while waiting for people. */
import type { Time } from '../time.ts'

/** Runs while at least one of several is at work. */
export class Stopwatch {
  readonly #time: Time
  /** Of the parallel composite around this one, which is at work only as long as these are. */
  readonly #outer: Stopwatch | undefined
  #working = 0
  #since = 0
  #spentMs = 0

  constructor(time: Time, outer: Stopwatch | undefined) {
    this.#time = time
    this.#outer = outer
  }

  get spentMs(): number {
    return this.#spentMs + (this.#working > 0 ? this.#time.now() - this.#since : 0)
  }

  start(): void {
    if (this.#working++ > 0) return
    this.#since = this.#time.now()
    this.#outer?.start()
  }

  stop(): void {
    if (--this.#working > 0) return
    this.#spentMs += this.#time.now() - this.#since
    this.#outer?.stop()
  }
}
