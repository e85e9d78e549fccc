/** Whether a run of a chain is paused, and waiting until it is not. Deadlines stand still meanwhile. */

/** See the head of this file. */
export class ChainPause {
  readonly #standStill: () => () => void
  #going: Promise<void> | undefined
  #resume: () => void = () => undefined
  #hasEnded = false

  /** `standStill` stops deadlines until what it gives is called. */
  constructor(standStill: () => () => void) {
    this.#standStill = standStill
  }

  get isPaused(): boolean {
    return this.#going !== undefined
  }

  /** Settles when it is not paused. */
  async going(): Promise<void> {
    while (this.#going !== undefined) await this.#going
  }

  pause(): void {
    if (this.#hasEnded || this.isPaused) return
    const goOn = this.#standStill()
    this.#going = new Promise((resolve) => {
      this.#resume = () => {
        goOn()
        resolve()
      }
    })
  }

  resume(): void {
    if (!this.isPaused) return
    this.#going = undefined
    this.#resume()
  }

  /** The run has ended: nothing stays behind, and nothing is paused any more. */
  end(): void {
    this.resume()
    this.#hasEnded = true
  }
}
