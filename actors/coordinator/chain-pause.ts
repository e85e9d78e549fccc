/** Whether a run of a chain is paused, and waiting until it is not. */

/** See the head of this file. */
export class ChainPause {
  #going: Promise<void> | undefined
  #resume: () => void = () => undefined

  get isPaused(): boolean {
    return this.#going !== undefined
  }

  /** Settles when it is not paused. */
  async going(): Promise<void> {
    while (this.#going !== undefined) await this.#going
  }

  pause(): void {
    this.#going ??= new Promise((resolve) => {
      this.#resume = resolve
    })
  }

  resume(): void {
    this.#going = undefined
    this.#resume()
  }
}
