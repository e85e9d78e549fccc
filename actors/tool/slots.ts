/** The slots of one tool in one system: how many of its executions run at once. */
import pLimit from 'p-limit'

/** A place in the line for a slot. */
export interface Place {
  /** Whether it was free at once. */
  readonly granted: Promise<void>
  /** Gives the slot back, or leaves the line. */
  release(): void
}

/** See the head of this file. */
export class Slots {
  readonly #limit: ReturnType<typeof pLimit>

  constructor(count: number) {
    this.#limit = pLimit(count)
  }

  /** Whether nobody has to wait. */
  get isFree(): boolean {
    return this.#limit.pendingCount === 0 && this.#limit.activeCount < this.#limit.concurrency
  }

  queue(): Place {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const granted = new Promise<void>((resolve) => {
      void this.#limit(() => {
        resolve()
        return held
      })
    })
    return { granted, release }
  }
}
