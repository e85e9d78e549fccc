/** The hash port on node:crypto. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Hash } from '../hash.ts'

/** Hashes by node:crypto. */
export const nodeHash: Hash = {
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  equal: (left, right) => {
    const a = Buffer.from(left)
    const b = Buffer.from(right)
    return a.length === b.length && timingSafeEqual(a, b)
  },
}
