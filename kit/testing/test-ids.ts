/** Ids that a test can foretell. */
import type { Ids } from '../../src/ports/ids.ts'

/**
 * Ids for tests: `id-1`, `id-2`, … or with a prefix of your own.
 *
 * @example
 * ```ts
 * import { createTestIds } from 'hookchart/testing'
 * const ids = createTestIds('run')
 * console.assert(ids.next() === 'run-1' && ids.next() === 'run-2')
 * ```
 */
export function createTestIds(prefix = 'id'): Ids {
  let count = 0
  return { next: () => `${prefix}-${String(++count)}` }
}
