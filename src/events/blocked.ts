/** Publishers that wait for room in one subscription, in their order, each with a deadline and a signal. */
import type { HookchartError } from '../errors.ts'
import { whenAborted } from '../hooks/abort-signals.ts'
import type { Deadlines } from '../hooks/executor/deadlines.ts'
import type { Posting } from './posting.ts'

/** How long a publisher waits. */
export interface Patience {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

interface Waiter {
  readonly posting: Posting
  /** Ends its wait: with nothing, or with what the publisher is told. */
  readonly settle: (error?: HookchartError) => void
}

/** The publishers that wait for room in a subscription. */
export class Blocked {
  readonly #deadlines: Deadlines
  readonly #waiters = new Set<Waiter>()

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.size
  }

  /**
   * Waits until the posting has been taken. `onGone` is called, before the promise rejects, when it was not:
   * because its time is up, or because the signal was aborted.
   */
  wait(
    posting: Posting,
    { timeoutMs, signal }: Patience,
    onGone: (reason: 'blocked' | 'aborted') => HookchartError,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadlines = this.#deadlines
      let release: () => void = () => undefined
      const waiter: Waiter = {
        posting,
        settle: (error) => {
          if (!this.#waiters.delete(waiter)) return
          deadlines.disarm(deadline)
          deadlines.release()
          release()
          if (error === undefined) resolve()
          else reject(error)
        },
      }
      const leave = (reason: 'blocked' | 'aborted') => {
        if (this.#waiters.has(waiter)) waiter.settle(onGone(reason))
      }
      deadlines.hold()
      const deadline = deadlines.arm(timeoutMs, () => {
        leave('blocked')
      })
      this.#waiters.add(waiter)
      if (signal !== undefined) {
        release = whenAborted(signal, () => {
          leave('aborted')
        })
      }
    })
  }

  /** Takes the first, and lets its publisher go on. */
  take(): Posting | undefined {
    const { value: waiter } = this.#waiters.values().next()
    waiter?.settle()
    return waiter?.posting
  }

  /** Lets all go on, with nothing or with what they are told; gives how many. */
  releaseAll(error?: HookchartError): number {
    const all = [...this.#waiters]
    for (const { settle } of all) settle(error)
    return all.length
  }
}
