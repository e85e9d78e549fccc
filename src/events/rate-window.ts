/** Counting by the second over the last minute. */

/** Seconds that are kept. */
export const WINDOW_SECONDS = 60

/** Seconds that a trend compares with as many before them. */
const TREND_SECONDS = 5

/** A change of less than this share is no trend. */
const TREND_SHARE = 0.1

/** Where the rate goes: the last 5 whole seconds against the 5 before, by more than 10 %. unknown: there are fewer than 10 yet. */
export type Trend = 'increasing' | 'decreasing' | 'stable' | 'unknown'

/** Counts in slots of one second. Seconds count from when the bus was made and never go back. */
export class RateWindow {
  total = 0
  #second = 0
  /** The current second by itself: the slots are touched once a second, not with each event. */
  #current = 0
  /** The seconds before it. */
  readonly #slots = new Uint32Array(WINDOW_SECONDS)

  add(second: number): void {
    if (second > this.#second) this.#rollTo(second)
    this.#current++
    this.total++
  }

  /** How many there were in the last minute, the current second included. */
  recent(second: number): number {
    if (second > this.#second) this.#rollTo(second)
    return this.#current + this.#sum(1, WINDOW_SECONDS - 1)
  }

  /** Events a second over the last minute, or for as long as there is something to count. */
  perSecond(second: number): number {
    return this.recent(second) / Math.min(WINDOW_SECONDS, second + 1)
  }

  /** The most in one second of the last minute. */
  peak(second: number): number {
    if (second > this.#second) this.#rollTo(second)
    return Math.max(this.#current, ...this.#slots)
  }

  trend(second: number): Trend {
    if (second < 2 * TREND_SECONDS) return 'unknown'
    if (second > this.#second) this.#rollTo(second)
    const [last, before] = [this.#sum(1, TREND_SECONDS), this.#sum(1 + TREND_SECONDS, TREND_SECONDS)]
    if (last > before * (1 + TREND_SHARE)) return 'increasing'
    return last < before * (1 - TREND_SHARE) ? 'decreasing' : 'stable'
  }

  /** The sum of so many whole seconds, the last of them so many seconds ago. */
  #sum(ago: number, seconds: number): number {
    let sum = 0
    for (let i = ago; i < ago + seconds; i++) {
      const second = this.#second - i
      if (second >= 0) sum += this.#slots[second % WINDOW_SECONDS] as number
    }
    return sum
  }

  /** The slot of the current second stays empty until it is over. */
  #rollTo(second: number): void {
    this.#slots[this.#second % WINDOW_SECONDS] = this.#current
    const from = Math.max(this.#second + 1, second - WINDOW_SECONDS + 1)
    for (let each = from; each <= second; each++) this.#slots[each % WINDOW_SECONDS] = 0
    this.#second = second
    this.#current = 0
  }
}
