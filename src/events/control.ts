/** What a bus tells of itself: pressure, drops, failures, figures. Beside the events, so that it can never add to what it tells of. */
import type { ErrorData } from '../errors.ts'
import type { BreakerState } from '../ports/breaker.ts'
import type { DropReason, RefusalReason } from './counts.ts'
import type { EventBusStats } from './stats.ts'
import type { Overflow } from './subscription-options.ts'

/** Which subscription something is told of. */
export interface OfSubscription {
  /** The id of the subscription. */
  readonly subscription: string
  readonly name: string
  readonly pattern: string
}

/** How full a subscription is when something is told of it. */
export interface UnderPressure extends OfSubscription {
  readonly pending: number
  readonly bufferSize: number
  readonly overflow: Overflow
}

/** What the control stream of a bus carries; `at` is in milliseconds since the epoch. */
export type ControlEvent = { readonly at: number } & (
  | (UnderPressure & {
      /**
       * - `warning`: the high water mark was reached.
       * - `started`: it is full, and its strategy began to act.
       * - `relieved`: it is down at its low water mark. Each is told once until the next `relieved`.
       */
      readonly type: 'warning' | 'started' | 'relieved'
    })
  /** Told once until an event passes again. */
  | { readonly type: 'rate_limit_exceeded'; readonly ratePerSecond: number; readonly burst: number }
  /** Events that a subscription did not get, summed up since this was last told. */
  | (OfSubscription & { readonly type: 'dropped'; readonly reason: DropReason | 'expired'; readonly count: number })
  /** Events that were not published, summed up since this was last told. */
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly count: number }
  /** A handler failed for good; `event` is the id of the event. */
  | (OfSubscription & {
      readonly type: 'handler_failed'
      readonly event: string
      readonly eventType: string
      readonly error: ErrorData
    })
  /** The breaker of a subscription opened, began to probe, or closed. */
  | (OfSubscription & { readonly type: 'breaker_changed'; readonly state: BreakerState })
  /** The store of events could not write. */
  | { readonly type: 'store_failed'; readonly error: ErrorData }
  /** The figures of the bus, every `statsIntervalMs` while somebody listens. */
  | { readonly type: 'stats'; readonly stats: EventBusStats }
)

/** What is told, before it has its time. */
export type Told = ControlEvent extends infer Each ? (Each extends ControlEvent ? Omit<Each, 'at'> : never) : never

/** Called in the order of what is told, never from inside a publish. What it throws is ignored. */
export type ControlListener = (event: ControlEvent) => void

/** Messages kept between two microtasks; what is over goes, the oldest first, and is counted. */
const MOST_MESSAGES = 1_000

interface Listening {
  readonly listener: ControlListener
  readonly onEnd: (() => void) | undefined
}

interface Sum {
  readonly message: Told & { readonly count: number }
  count: number
}

/** Gathers what is told and hands it on once a microtask. Without a listener it keeps nothing. */
export class Control {
  readonly #now: () => number
  readonly #onListening: (listened: boolean) => void
  readonly #listeners = new Set<Listening>()
  #messages: ControlEvent[] = []
  #sums = new Map<string, Sum>()
  #scheduled = false
  /** Messages that nobody could be told, because there were too many at once. */
  dropped = 0

  constructor(now: () => number, onListening: (listened: boolean) => void) {
    this.#now = now
    this.#onListening = onListening
  }

  /** Adds a listener, which may want to know of the end; gives what removes it. */
  listen(listener: ControlListener, onEnd?: () => void): () => void {
    // Of its own, so that the same function may listen twice.
    const own = { listener, onEnd }
    this.#listeners.add(own)
    if (this.#listeners.size === 1) this.#onListening(true)
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#onListening(false)
    }
  }

  tell(message: Told): void {
    if (this.#listeners.size === 0) return
    if (this.#messages.length >= MOST_MESSAGES) {
      this.#messages.shift()
      this.dropped++
    }
    this.#messages.push({ at: this.#now(), ...message })
    this.#schedule()
  }

  /** Tells of something that may happen a million times a second: what has one key is summed up. */
  add(key: string, message: Told & { readonly count: number }): void {
    if (this.#listeners.size === 0) return
    const sum = this.#sums.get(key)
    if (sum === undefined) this.#sums.set(key, { message, count: message.count })
    else sum.count += message.count
    this.#schedule()
  }

  /** Whether somebody listens: what is told to nobody need not be made. */
  get listened(): boolean {
    return this.#listeners.size > 0
  }

  /** Hands on what there is and forgets its listeners. */
  close(): void {
    this.#flush()
    if (this.#listeners.size === 0) return
    const all = [...this.#listeners]
    this.#listeners.clear()
    this.#onListening(false)
    for (const { onEnd } of all) onEnd?.()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#flush()
    })
  }

  #flush(): void {
    this.#scheduled = false
    const [messages, sums, at] = [this.#messages, this.#sums, this.#now()]
    if (messages.length + sums.size === 0) return
    this.#messages = []
    this.#sums = new Map()
    for (const { message, count } of sums.values()) messages.push({ at, ...message, count } as ControlEvent)
    for (const message of messages) {
      for (const { listener } of this.#listeners) {
        try {
          listener(message)
        } catch {
          // Who listens must not be able to stop what is listened to.
        }
      }
    }
  }
}
