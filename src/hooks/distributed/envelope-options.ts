/** Options of envelopes: keys, bounds, allow lists and ports. */
import * as z from 'zod'
import { durationSchema, positiveDurationSchema } from '../../duration.ts'
import type { Duration } from '../../duration.ts'
import { parseOptions } from '../../options.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Hash } from '../../ports/hash.ts'
import type { Ids } from '../../ports/ids.ts'
import { nameSchema } from '../points/point.ts'
import { allowSchema } from './allow-list.ts'
import type { AllowLists } from './allow-list.ts'

/** A key and the id that envelopes call it by. */
export interface EnvelopeKey {
  readonly id: string
  /** At least 16 bytes; 32 random ones are best. Text counts as UTF-8. */
  readonly key: string | Uint8Array
}

/** Options of {@link createEnvelopes}. Give either `key` or `keys`. */
export interface CreateEnvelopesOptions {
  /** The one key; its id is `default`. */
  readonly key?: EnvelopeKey['key']
  /**
   * Several: the first seals, each opens. To change keys, add the new one at the end on all nodes, then move it to the
   * front on all, then drop the old one when `maxAgeMs` has passed.
   */
  readonly keys?: readonly EnvelopeKey[]
  /** Default the clock of the machine. */
  readonly clock?: Pick<Clock, 'now'>
  /** Makes the nonces; default `createIds()`. */
  readonly ids?: Ids
  /** How old an envelope may be; at the bound it still opens. Default 5 minutes. */
  readonly maxAgeMs?: Duration
  /** How far ahead of this clock a sender's may be; at the bound it still opens. Default 30 seconds. */
  readonly maxSkewMs?: Duration
  /** Nonces held; see {@link Envelopes.open}. Default 100,000: 333 envelopes a second at the default age. */
  readonly maxNonces?: number
  /** Default: all are allowed. */
  readonly allow?: AllowLists
  /** Default node:crypto. */
  readonly hash?: Hash
}

/** Half of what the hash gives, and the least that cannot be guessed. */
const MIN_KEY_BYTES = 16

function port<T>(...methods: string[]) {
  return z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
    `expected an object with ${methods.join(', ')}`,
  )
}

const keySchema = z
  .union([z.string(), z.instanceof(Uint8Array)], { error: 'expected text or a Uint8Array' })
  // A copy, so that wiping the caller's buffer does not change the key.
  .transform((key) => (typeof key === 'string' ? new TextEncoder().encode(key) : Uint8Array.from(key)))
  .refine((key) => key.length >= MIN_KEY_BYTES, `expected a key of at least ${String(MIN_KEY_BYTES)} bytes`)

const keysSchema = z
  .array(z.strictObject({ id: nameSchema, key: keySchema }))
  .min(1, 'expected at least one key')
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'expected no key id twice')

const schema = z
  .strictObject({
    key: keySchema.optional(),
    keys: keysSchema.optional(),
    clock: port<Pick<Clock, 'now'>>('now').optional(),
    ids: port<Ids>('next').optional(),
    maxAgeMs: positiveDurationSchema.default(300_000),
    maxSkewMs: durationSchema.default(30_000),
    maxNonces: z.int().positive().default(100_000),
    allow: allowSchema.default({}),
    hash: port<Hash>('hmacSha256', 'equal').optional(),
  })
  .refine(({ key, keys }) => (key === undefined) !== (keys === undefined), 'expected either key or keys')

/** Checks the options; the keys come by id, the one that seals first. */
export function parseEnvelopeOptions(options: CreateEnvelopesOptions) {
  const { key, keys, ...rest } = parseOptions(schema, options, 'createEnvelopes')
  const list = key === undefined ? (keys ?? []) : [{ id: 'default', key }]
  return { ...rest, keys: new Map(list.map((each) => [each.id, each.key])) }
}
