/** Chance as a port. */

/** A source of numbers, evenly spread over 0 ≤ n < 1. */
export interface Random {
  next(): number
}

/** Chance of the platform. */
export const systemRandom: Random = { next: () => Math.random() }
