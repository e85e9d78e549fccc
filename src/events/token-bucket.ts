/** A token bucket: so many at once, so many a second. Continuous, and full at first. */

/** See {@link TokenBucket}. */
export interface RateLimit {
  /** Events a second in the long run. */
  readonly ratePerSecond: number
  /** Events at once; default as many as a second. */
  readonly burst: number
}

/** Gives tokens: never more than `rate × time + burst` in any stretch of time. */
export class TokenBucket {
  readonly limit: RateLimit
  #tokens: number
  #at: number

  constructor(limit: RateLimit, now: number) {
    this.limit = limit
    this.#tokens = limit.burst
    this.#at = now
  }

  /** Takes a token, if there is one. A time before the last one counts as that one. */
  take(now: number): boolean {
    if (now > this.#at) {
      const more = ((now - this.#at) * this.limit.ratePerSecond) / 1_000
      this.#tokens = Math.min(this.limit.burst, this.#tokens + more)
      this.#at = now
    }
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
