/** What hooks cost and how they fare: figures per hook and point, over a sliding window. */
import { createWindowHistogram, NO_DURATIONS } from '../ports/histogram.ts'
import type { DurationSummary, Histogram } from '../ports/histogram.ts'

/** The figures of one hook at one point. */
export interface HookStats extends DurationSummary {
  readonly hook: string
  readonly point: string
  /** Calls, all of them. */
  readonly count: number
  /** Failures other than timeouts: throws, rejections, invalid or disallowed results. */
  readonly errors: number
  readonly timeouts: number
  /**
   * Firings at which it was not called: a condition did not hold, its breaker was open, or it was shed. A point at which every hook
   * is shed costs nothing, and counts nothing.
   */
  readonly skipped: number
  /** Its time over that of the operations it served, 0 to 1 and more; 0 until operations have been measured. */
  readonly shareRatio: number
}

/** How far a meter had come at some time. */
export interface MeterMark {
  readonly count: number
  readonly timedMs: number
  readonly timedCalls: number
}

const START: MeterMark = { count: 0, timedMs: 0, timedCalls: 0 }

/** Counts what one hook does at one point. */
export class HookMeter {
  count = 0
  errors = 0
  timeouts = 0
  skipped = 0
  #timedMs = 0
  #timedCalls = 0
  /** Made for the first duration: most hooks are registered more often than they are timed. */
  #histogram: Histogram | undefined

  record(durationMs: number, at: number): void {
    this.#timedMs += durationMs
    this.#timedCalls++
    this.#histogram ??= createWindowHistogram()
    this.#histogram.record(durationMs, at)
  }

  mark(): MeterMark {
    return { count: this.count, timedMs: this.#timedMs, timedCalls: this.#timedCalls }
  }

  /** What all calls since then took, by the mean of those that were timed. */
  costSince({ count, timedMs, timedCalls }: MeterMark = START): number {
    const timed = this.#timedCalls > timedCalls
    const meanMs = timed
      ? (this.#timedMs - timedMs) / (this.#timedCalls - timedCalls)
      : this.#timedMs / Math.max(1, this.#timedCalls)
    return (this.count - count) * meanMs
  }

  stats(hook: string, point: string, operationMs: number, at: number): HookStats {
    return {
      hook,
      point,
      count: this.count,
      errors: this.errors,
      timeouts: this.timeouts,
      skipped: this.skipped,
      ...(this.#histogram?.summary(at) ?? NO_DURATIONS),
      shareRatio: operationMs > 0 ? this.costSince() / operationMs : 0,
    }
  }
}
