/** The options of a bus. */
import * as z from 'zod'
import { durationSchema, positiveDurationSchema } from '../duration.ts'
import type { Duration } from '../duration.ts'
import type { Hooks } from '../hooks/api.ts'
import { kernelOf } from '../hooks/create-hooks.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import { textSchema } from './text.ts'

/** How many events a bus takes, and what becomes of those that are too many. */
export interface RateLimitOptions {
  /** Events a second in the long run; may be less than 1. */
  readonly ratePerSecond: number
  /** Events at once. Default as many as a second, at least 1. */
  readonly burst?: number
  /** drop: they are counted as `rate_limited`. reject: the publisher gets EVENT_REJECTED as well. Default `drop`. */
  readonly whenExceeded?: 'drop' | 'reject'
}

/** Options of {@link createEventBus}. */
export interface CreateEventBusOptions {
  /** Default the clock of the machine. */
  readonly clock?: Clock
  readonly ids?: Ids
  /** Whose hooks run at BeforeEventEmit, AfterEventEmit and EventHandlerError. Default none. */
  readonly hooks?: Hooks
  /** The source of events that name none. */
  readonly source?: string
  /** How many causes an event may have behind it before EVENT_LOOP. Default 16. */
  readonly maxDepth?: number
  /** Default none: as many as come. */
  readonly rateLimit?: RateLimitOptions
  /** How often the control stream carries the figures, while somebody listens; false: never. Default 30 s. */
  readonly statsIntervalMs?: Duration | false
  /** How long `stop` waits for handlers to deal with what is pending. Default 5 s. */
  readonly drainTimeoutMs?: Duration
}

function port<T>(...methods: string[]) {
  return z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
    `expected an object with ${methods.join(', ')}`,
  )
}

/** Hooks of another maker have no kernel. */
function isMade(hooks: Hooks): boolean {
  const kernel: unknown = kernelOf(hooks)
  return kernel !== undefined
}

const rateLimitSchema = z
  .strictObject({
    ratePerSecond: z.number().positive(),
    burst: z.int().positive().optional(),
    whenExceeded: z.enum(['drop', 'reject']).default('drop'),
  })
  .transform(({ burst, ...given }) => ({ ...given, burst: burst ?? Math.max(1, Math.floor(given.ratePerSecond)) }))

/** The schema of the same, with defaults filled in. */
export const busSchema = z.strictObject({
  clock: port<Clock>('now', 'setTimeout', 'clearTimeout').optional(),
  ids: port<Ids>('next').optional(),
  hooks: z.custom<Hooks>((value) => isMade(value as Hooks), 'expected what createHooks gave').optional(),
  source: textSchema.optional(),
  maxDepth: z.int().positive().default(16),
  rateLimit: rateLimitSchema.optional(),
  statsIntervalMs: z.union([z.literal(false), positiveDurationSchema]).default(30_000),
  drainTimeoutMs: durationSchema.default(5_000),
})
