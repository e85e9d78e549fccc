/** The memory of nonces: bounded, and it forgets none before its time. */

interface Held {
  readonly key: string
  readonly timestamp: number
}

/** Whether something of this timestamp is past its age; at the bound it is not. */
export function isTooOld(timestamp: number, now: number, maxAgeMs: number): boolean {
  return now - timestamp > maxAgeMs
}

/**
 * Holds the nonce of every opened envelope for as long as the envelope could be opened again. Of a memory with a bound
 * something must give when it is full: here that is the next envelope, since a forgotten nonce could be replayed.
 */
export class SeenNonces {
  readonly #max: number
  readonly #maxAgeMs: number
  readonly #keys = new Set<string>()
  /** Oldest timestamp first, which is not the order of arrival. */
  readonly #held: Held[] = []

  constructor(max: number, maxAgeMs: number) {
    this.#max = max
    this.#maxAgeMs = maxAgeMs
  }

  has(key: string, now: number): boolean {
    this.#forget(now)
    return this.#keys.has(key)
  }

  /** When there is no room: the milliseconds until there is; else undefined. */
  fullForMs(now: number): number | undefined {
    this.#forget(now)
    const [oldest] = this.#held
    if (oldest === undefined || this.#keys.size < this.#max) return undefined
    return Math.floor(oldest.timestamp + this.#maxAgeMs - now) + 1
  }

  add(key: string, timestamp: number): void {
    this.#keys.add(key)
    let low = 0
    let high = this.#held.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#held[middle] as Held).timestamp <= timestamp) low = middle + 1
      else high = middle
    }
    this.#held.splice(low, 0, { key, timestamp })
  }

  #forget(now: number): void {
    const { length } = this.#held
    let expired = 0
    // The very check that an envelope's age has to pass, so that both turn at the same instant.
    while (expired < length && isTooOld((this.#held[expired] as Held).timestamp, now, this.#maxAgeMs)) expired++
    for (const { key } of this.#held.splice(0, expired)) this.#keys.delete(key)
  }
}
