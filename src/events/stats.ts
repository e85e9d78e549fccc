/** The figures of a bus, as `stats()` and the control stream give them. JSON. */
import type { LANGUAGES } from './universal-event.ts'
import type { DurationSummary } from '../ports/histogram.ts'
import type { BreakerState } from '../ports/breaker.ts'
import type { Counts, RefusalReason } from './counts.ts'
import type { PressureLevel } from './pressure.ts'
import type { Trend } from './rate-window.ts'

/** How many there were of something, and how many a second of late. */
export interface Rate {
  readonly total: number
  /** Over the last minute, or since the bus was made. */
  readonly perSecond: number
}

/** What waits, and what runs. */
export interface Load {
  /** Events that wait in the buffer. */
  readonly pending: number
  /** Publishers that wait for room. */
  readonly waiting: number
  /** Async handlers that have not settled. */
  readonly running: number
}

/** The figures of a subscription. */
export interface SubscriptionStats extends Readonly<Counts>, Load {
  readonly id: string
  readonly name: string
  readonly pattern: string
  readonly bufferSize: number
  /** The most that ever waited. */
  readonly maxPending: number
  readonly pressure: PressureLevel
  /** undefined: it has none. */
  readonly breaker: BreakerState | undefined
}

/** The figures of a bus. */
export interface EventBusStats extends Load {
  readonly uptimeMs: number
  /** Events that got a sequence number. */
  readonly published: Rate
  /** The most in one second of the last minute. */
  readonly peakPerSecond: number
  readonly trend: Trend
  /** Publishes that came to nothing, by reason. */
  readonly refused: Readonly<Record<RefusalReason, number>>
  /** What became of the events, summed up over all subscriptions there ever were. */
  readonly deliveries: Readonly<Counts>
  /** Failed deliveries of the last minute by all that ended in it, 0..1. */
  readonly errorRatio: number
  /** From publishing to the end of the handler, of a sample of the last hour. */
  readonly latency: DurationSummary
  /** By type, for the first 1,000 types; those that came later are summed up under `*`. */
  readonly types: Readonly<Record<string, Rate>>
  readonly languages: Readonly<Partial<Record<(typeof LANGUAGES)[number], Rate>>>
  readonly subscriptions: readonly SubscriptionStats[]
  /** Messages of the control stream that were lost because there were too many at once. */
  readonly controlDropped: number
}
