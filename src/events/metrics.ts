/** Counting for the figures of a bus: bounded whatever types there are, and cheap enough for a million events a second. */
import type { Language } from '../hooks/context.ts'
import type { Time } from '../hooks/executor/time.ts'
import { createWindowHistogram } from '../ports/histogram.ts'
import type { DurationSummary } from '../ports/histogram.ts'
import { RateWindow } from './rate-window.ts'
import type { Trend } from './rate-window.ts'
import type { Rate } from './stats.ts'

/** Types that are counted one by one. */
const MOST_TYPES = 1_000

/** What all others are summed up under; no type has this name. */
const OTHERS = '*'

const MOST_LATENCIES = 10_000

/** What metrics say of all events. */
export interface Flow {
  readonly uptimeMs: number
  readonly published: Rate
  readonly peakPerSecond: number
  readonly trend: Trend
  readonly errorRatio: number
  readonly latency: DurationSummary
  readonly types: Readonly<Record<string, Rate>>
  readonly languages: Readonly<Record<string, Rate>>
}

/** Counts events and times deliveries. */
export class Metrics {
  readonly #time: Time
  readonly #startedAt: number
  readonly #published = new RateWindow()
  readonly #types = new Map<string, RateWindow>()
  readonly #languages = new Map<Language, RateWindow>()
  readonly #handled = new RateWindow()
  readonly #failed = new RateWindow()
  readonly #latency = createWindowHistogram({ maxSamples: MOST_LATENCIES })

  constructor(time: Time) {
    this.#time = time
    this.#startedAt = time.now()
  }

  /** Where events of a type are counted. */
  counterOf(type: string): RateWindow {
    const known = this.#types.get(type)
    if (known !== undefined) return known
    const key = this.#types.size < MOST_TYPES ? type : OTHERS
    let counter = this.#types.get(key)
    if (counter === undefined) this.#types.set(key, (counter = new RateWindow()))
    return counter
  }

  published(counter: RateWindow, language: Language, at: number): void {
    const second = this.#secondOf(at)
    this.#published.add(second)
    counter.add(second)
    let spoken = this.#languages.get(language)
    if (spoken === undefined) this.#languages.set(language, (spoken = new RateWindow()))
    spoken.add(second)
  }

  /** A handler has ended with an event that was published then. On the clock of the machine only exact readings are taken. */
  ended(publishedAt: number, ok: boolean): void {
    const at = this.#time.coarse()
    const window = ok ? this.#handled : this.#failed
    window.add(this.#secondOf(at))
    if (this.#time.fresh) this.#latency.record(Math.max(0, at - publishedAt), at)
  }

  read(): Flow {
    const now = this.#time.now()
    const second = this.#secondOf(now)
    const rateOf = (window: RateWindow): Rate => ({ total: window.total, perSecond: window.perSecond(second) })
    const [handled, failed] = [this.#handled.recent(second), this.#failed.recent(second)]
    return {
      uptimeMs: now - this.#startedAt,
      published: rateOf(this.#published),
      peakPerSecond: this.#published.peak(second),
      trend: this.#published.trend(second),
      errorRatio: failed === 0 ? 0 : failed / (handled + failed),
      latency: this.#latency.summary(now),
      types: Object.fromEntries([...this.#types].map(([type, window]) => [type, rateOf(window)])),
      languages: Object.fromEntries([...this.#languages].map(([language, window]) => [language, rateOf(window)])),
    }
  }

  #secondOf(at: number): number {
    return Math.floor((at - this.#startedAt) / 1_000)
  }
}
