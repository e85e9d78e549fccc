/** The options of a subscription: how much it holds, what happens when that is full, and how its handler is called. */
import * as z from 'zod'
import { durationSchema, positiveDurationSchema } from '../duration.ts'
import type { Duration } from '../duration.ts'
import { nameSchema } from '../hooks/points/point.ts'
import { breakerPresets } from '../hooks/breaker.ts'
import type { BreakerSettings } from '../ports/breaker.ts'

/**
 * What happens to an event for which a subscription has no room. One must go: of the least urgent among those that wait
 * and the new one.
 *
 * - `drop_oldest`: the oldest of them goes.
 * - `drop_newest`: the newest of them goes, which is the new one unless it is more urgent.
 * - `block`: the publisher waits until there is room.
 * - `reject`: the publisher gets EVENT_REJECTED; other subscriptions have got the event all the same.
 */
export type Overflow = 'drop_oldest' | 'drop_newest' | 'block' | 'reject'

/** When a subscription that keeps failing is cut off, and for how long. */
export interface SubscriptionBreaker {
  /** Failures within the window that open it. Default 3. */
  readonly failureThreshold?: number
  /** Successes that close it again; also the most that are tried at once. Default 2. */
  readonly successThreshold?: number
  /** Default 30 s. */
  readonly windowMs?: Duration
  /** How long it is cut off the first time. Default 15 s. */
  readonly openMs?: Duration
  /** Factor on that for each further time. Default 2. */
  readonly openMultiplier?: number
  /** Default 8 times `openMs`. */
  readonly maxOpenMs?: Duration
}

/** What every subscription may say, of a handler or of a stream. */
export interface BufferOptions {
  /** What it is called in figures and on the control stream; default its pattern. */
  readonly name?: string
  /** Events that may wait. Default 10,000. */
  readonly bufferSize?: number
  /** Events that wait when a warning is given; default 80 % of `bufferSize`, rounded up. */
  readonly highWaterMark?: number
  /** Events that wait when it counts as relieved; default 20 % of `bufferSize`, rounded down. */
  readonly lowWaterMark?: number
  /** Default `drop_oldest`. */
  readonly overflow?: Overflow
  /** How long a publisher waits with `block`, at most. Default 30 s. */
  readonly blockTimeoutMs?: Duration
  /** Ends the subscription when it is aborted. */
  readonly signal?: AbortSignal
}

/** Options of `subscribe`. */
export interface SubscribeOptions extends BufferOptions {
  /** batched: in a microtask after the publish, many at once. sync: inside of the publish. Default `batched`. */
  readonly delivery?: 'batched' | 'sync'
  /** Async handlers at once. Default 1: one event after another. */
  readonly concurrency?: number
  /** How long an async handler may take before it counts as failed and the next event has its turn. Default 30 s; false: for ever. */
  readonly timeoutMs?: Duration | false
  /** Cuts off a handler that keeps failing; false: never. */
  readonly breaker?: SubscriptionBreaker | false
}

/** Options as they hold, with all defaults filled in. */
export interface SubscriptionSettings {
  readonly name: string | undefined
  readonly bufferSize: number
  readonly highWaterMark: number
  readonly lowWaterMark: number
  readonly overflow: Overflow
  readonly blockTimeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly delivery: 'batched' | 'sync'
  readonly concurrency: number
  /** undefined: for ever. */
  readonly timeoutMs: number | undefined
  readonly breaker: BreakerSettings | undefined
}

const countSchema = z.int().positive()

const buffer = {
  name: nameSchema.optional(),
  bufferSize: countSchema.max(10_000_000).default(10_000),
  highWaterMark: countSchema.optional(),
  lowWaterMark: z.int().nonnegative().optional(),
  overflow: z.enum(['drop_oldest', 'drop_newest', 'block', 'reject']).default('drop_oldest'),
  blockTimeoutMs: positiveDurationSchema.default(30_000),
  signal: z.instanceof(AbortSignal).optional(),
}

const breakerSchema = z.strictObject({
  failureThreshold: countSchema.default(breakerPresets.default.failureThreshold),
  successThreshold: countSchema.default(breakerPresets.default.successThreshold),
  windowMs: positiveDurationSchema.default(breakerPresets.default.windowMs),
  openMs: positiveDurationSchema.default(breakerPresets.default.openMs),
  openMultiplier: z.number().min(1).default(breakerPresets.default.openMultiplier),
  maxOpenMs: positiveDurationSchema.optional(),
})

/** Adds the default marks and refuses those that are in the wrong order. */
function withMarks<
  Given extends { bufferSize: number; highWaterMark?: number | undefined; lowWaterMark?: number | undefined },
>(given: Given, context: z.RefinementCtx<Given>): Given & { highWaterMark: number; lowWaterMark: number } {
  const { bufferSize } = given
  const { highWaterMark = Math.ceil(bufferSize * 0.8) } = given
  const { lowWaterMark = Math.min(Math.floor(bufferSize * 0.2), highWaterMark - 1) } = given
  const refuse = (path: string, message: string) => {
    context.addIssue({ code: 'custom', path: [path], message })
  }
  if (highWaterMark > bufferSize) refuse('highWaterMark', `expected at most the bufferSize, ${String(bufferSize)}`)
  else if (lowWaterMark >= highWaterMark)
    refuse('lowWaterMark', `expected less than the highWaterMark, ${String(highWaterMark)}`)
  return { ...given, highWaterMark, lowWaterMark }
}

/** Options of `stream`. */
export const streamSchema = z.strictObject(buffer).transform(withMarks)

/** Options of `subscribe`. */
export const subscribeSchema = z
  .strictObject({
    ...buffer,
    delivery: z.enum(['batched', 'sync']).default('batched'),
    concurrency: countSchema.default(1),
    timeoutMs: z.union([z.literal(false), durationSchema.pipe(z.number().positive())]).default(30_000),
    breaker: z.union([z.literal(false), breakerSchema]).default(() => breakerSchema.parse({})),
  })
  .transform(withMarks)

/** How the handler of a stream is called: it is handed an event when somebody asks for one, and cannot fail. */
const PULLED = { delivery: 'sync', concurrency: 1, timeoutMs: undefined, breaker: undefined } as const

/** The settings of a stream. */
export function streamSettings(parsed: z.output<typeof streamSchema>): SubscriptionSettings {
  return { ...parsed, ...PULLED, name: parsed.name, signal: parsed.signal }
}

/** The settings of a subscription. */
export function subscriptionSettings({
  timeoutMs,
  breaker,
  ...parsed
}: z.output<typeof subscribeSchema>): SubscriptionSettings {
  return {
    ...parsed,
    name: parsed.name,
    signal: parsed.signal,
    timeoutMs: timeoutMs === false ? undefined : timeoutMs,
    // A handler that is slow hurts only itself, so slowness never cuts it off.
    breaker:
      breaker === false
        ? undefined
        : {
            ...breaker,
            maxOpenMs: breaker.maxOpenMs ?? breaker.openMs * 8,
            slowCallThreshold: 1,
            slowCallMs: Infinity,
          },
  }
}
