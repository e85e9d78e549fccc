/** Whether an envelope is neither too old nor from the future, and was not opened before. */
import { HookchartError } from '../../errors.ts'
import { isTooOld, SeenNonces } from './seen-nonces.ts'

/** What of an envelope says when and which it is. */
interface Stamp {
  readonly keyId: string
  readonly nonce: string
  readonly timestamp: number
}

/** Bounds of {@link Freshness}. */
export interface FreshnessBounds {
  readonly maxAgeMs: number
  readonly maxSkewMs: number
  readonly maxNonces: number
}

/** Checks stamps and remembers those that were spent. For signed envelopes only: others must not fill the memory. */
export class Freshness {
  readonly #bounds: FreshnessBounds
  readonly #nonces: SeenNonces

  constructor(bounds: FreshnessBounds) {
    this.#bounds = bounds
    this.#nonces = new SeenNonces(bounds.maxNonces, bounds.maxAgeMs)
  }

  /** Throws CONTEXT_EXPIRED or CONTEXT_REPLAYED. Spends nothing. */
  check(stamp: Stamp, now: number): void {
    this.#checkAge(stamp.timestamp, now)
    if (this.#nonces.has(keyOf(stamp), now)) {
      throw new HookchartError(
        'CONTEXT_REPLAYED',
        'The envelope was refused: it was opened before. To send a context twice, seal it twice.',
      )
    }
    const retryAfterMs = this.#nonces.fullForMs(now)
    if (retryAfterMs === undefined) return
    const { maxNonces } = this.#bounds
    throw new HookchartError(
      'CONTEXT_REPLAYED',
      `The envelope was refused: the ${String(maxNonces)} nonces that can be held are all still needed, so a replay ` +
        `could not be told. Try again in ${String(retryAfterMs)} ms, or raise maxNonces.`,
      { retryable: true, details: { maxNonces, retryAfterMs } },
    )
  }

  /** What has this stamp is not fresh any more. */
  spend(stamp: Stamp): void {
    this.#nonces.add(keyOf(stamp), stamp.timestamp)
  }

  #checkAge(timestamp: number, now: number): void {
    const { maxAgeMs, maxSkewMs } = this.#bounds
    const ageMs = now - timestamp
    if (isTooOld(timestamp, now, maxAgeMs)) {
      throw new HookchartError(
        'CONTEXT_EXPIRED',
        `The envelope was sealed ${String(ageMs)} ms ago; at most ${String(maxAgeMs)} ms are allowed. ` +
          'Seal the context again, or raise maxAgeMs.',
        { details: { ageMs, maxAgeMs } },
      )
    }
    if (-ageMs > maxSkewMs) {
      throw new HookchartError(
        'CONTEXT_EXPIRED',
        `The envelope is ${String(-ageMs)} ms from the future; at most ${String(maxSkewMs)} ms are allowed. ` +
          'Set the clocks right, or raise maxSkewMs.',
        { details: { aheadMs: -ageMs, maxSkewMs } },
      )
    }
  }
}

/** By key too: who shares one key with a sender must not spend the nonces that the sender uses with another. */
function keyOf({ keyId, nonce }: Stamp): string {
  return JSON.stringify([keyId, nonce])
}
