/** Where a stream reads from, and the time that it goes by. */
import type { Deadlines } from '../../hooks/executor/deadlines.ts'
import type { Time } from '../../hooks/executor/time.ts'
import type { BusSubscription } from '../subscription.ts'
import type { UniversalEvent } from '../universal-event.ts'

/** Something to be read once, one value after another. */
export interface Source<T> {
  next(): Promise<IteratorResult<T, undefined>>
  /** Whoever waits for the next is told that there is none. */
  close(): void
}

/** Time, as operators need it. */
export interface Timers {
  now(): number
  /** Calls back once; gives what stops that. Keeps the process alive. */
  after(delayMs: number, callback: () => void): () => void
}

/** The time of a bus. */
export function timersOn(time: Pick<Time, 'now'>, deadlines: Deadlines): Timers {
  return {
    now: () => time.now(),
    after: (delayMs, callback) => {
      let held = true
      const release = () => {
        if (held) deadlines.release()
        held = false
      }
      deadlines.hold()
      const deadline = deadlines.arm(delayMs, () => {
        release()
        callback()
      })
      return () => {
        deadlines.disarm(deadline)
        release()
      }
    },
  }
}

const DONE = { done: true, value: undefined } as const

/** The events of a subscription that hands one on for each that is asked for. */
export class SubscriptionSource implements AsyncIterator<UniversalEvent, undefined>, Source<UniversalEvent> {
  readonly #subscription: BusSubscription
  #readers: ((result: IteratorResult<UniversalEvent, undefined>) => void)[] = []

  constructor(subscribe: (take: (event: UniversalEvent) => void, onClose: () => void) => BusSubscription) {
    this.#subscription = subscribe(
      (value) => {
        this.#readers.shift()?.({ done: false, value })
      },
      () => {
        for (const reader of this.#readers.splice(0)) reader(DONE)
      },
    )
  }

  next(): Promise<IteratorResult<UniversalEvent, undefined>> {
    const subscription = this.#subscription
    if (subscription.closed) return Promise.resolve(DONE)
    return new Promise((resolve) => {
      this.#readers.push(resolve)
      subscription.isRead = true
      subscription.credits++
      subscription.drain()
    })
  }

  close(): void {
    this.#subscription.close('unsubscribed')
  }
}
