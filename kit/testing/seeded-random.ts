/** Chance that comes out the same every time. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Random } from '../../src/ports/random.ts'

/**
 * A source of numbers, evenly spread over 0 ≤ n < 1, that is the same for the same seed (xoroshiro128+ of pure-rand).
 *
 * @example
 * ```ts
 * import { seededRandom } from 'hookchart/testing'
 * console.assert(seededRandom(42).next() === seededRandom(42).next())
 * ```
 */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  return { next: () => uniformFloat64(generator) }
}
