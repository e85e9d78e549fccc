/** The event as everybody sees it: publishers, subscribers, stores and other languages. Plain JSON, in one version. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../errors.ts'
import type { Language } from '../hooks/context.ts'
import { findJsonFlaw } from '../json.ts'
import { isEventType } from './event-type.ts'
import { textSchema } from './text.ts'

/** The version of the envelope. */
export const SCHEMA_VERSION = '1.0'

/** What an event says besides its type and its data. */
export interface EventMetadata {
  /** One for all events that belong together; by default that of the cause, or else the id of the event. */
  readonly correlationId: string
  /** The id of the event that caused this one. */
  readonly causationId?: string
  /** How many causes stand behind it; absent for an event without a cause. */
  readonly depth?: number
  /** Who published it. */
  readonly source?: string
  /** Whom it is for. */
  readonly target?: string
  readonly tags: readonly string[]
  /** Lower is more urgent; 0 by default. A 32-bit integer. */
  readonly priority: number
  /** It expires when it is this old, in milliseconds; never by default. */
  readonly ttlMs?: number
}

/** An event. JSON: it survives `JSON.stringify` and `structuredClone` unchanged. */
export interface UniversalEvent<Data = unknown> {
  readonly id: string
  /** Dotted segments: `order.paid`. */
  readonly type: string
  /** JSON; null when there is none. */
  readonly data: Data
  /** Place among the events of its bus: 0, 1, 2 … without gaps. */
  readonly sequence: number
  /** Milliseconds since the epoch, whole. */
  readonly timestamp: number
  /** The language that it was published from. */
  readonly language: Language
  readonly metadata: EventMetadata
  readonly schemaVersion: typeof SCHEMA_VERSION
}

/** The languages that hooks and events may come from. */
export const LANGUAGES = ['native', 'lua', 'javascript', 'python', 'unknown'] as const satisfies readonly Language[]

export const typeSchema = z.custom<string>(isEventType, { error: "expected an event type such as 'order.paid'" })
export const prioritySchema = z.int32()
export const tagsSchema = z.array(textSchema).max(100)
export const ttlSchema = z.number().positive()

/** A moment that a date can be made of, from the year 0 to the year 9999, as CloudEvents can write it. */
const timestampSchema = z.int().min(-62_167_219_200_000).max(253_402_300_799_999)

/** JSON as it is after it was written and read: nothing in it is undefined. */
const jsonSchema = z.custom<unknown>(
  (value) => value !== undefined && findJsonFlaw(value) === undefined,
  'expected JSON',
)

const metadataSchema = z.strictObject({
  correlationId: textSchema,
  causationId: textSchema.optional(),
  depth: z.int().positive().optional(),
  source: textSchema.optional(),
  target: textSchema.optional(),
  tags: tagsSchema,
  priority: prioritySchema,
  ttlMs: ttlSchema.optional(),
})

const eventSchema = z.strictObject({
  id: textSchema,
  type: typeSchema,
  data: jsonSchema,
  sequence: z.int().nonnegative(),
  timestamp: timestampSchema,
  language: z.enum(LANGUAGES),
  metadata: metadataSchema,
  schemaVersion: z.literal(SCHEMA_VERSION),
})

/**
 * Reads an event that came from elsewhere: out of a store, off a wire.
 *
 * Nothing is filled in and nothing is left out: what is no event in every field is refused.
 *
 * @throws EVENT_INVALID
 * @example
 * ```ts
 * import { createEventBus, parseEvent } from 'hookchart/events'
 * const events = createEventBus()
 * const texts: string[] = []
 * events.subscribe('order.*', (event) => { texts.push(JSON.stringify(event)) }, { delivery: 'sync' })
 * void events.publish('order.paid', { cents: 700 })
 * console.assert(parseEvent(JSON.parse(texts[0] ?? '')).type === 'order.paid')
 * ```
 */
export function parseEvent(value: unknown): UniversalEvent {
  const parsed = eventSchema.safeParse(value)
  if (parsed.success) return parsed.data as UniversalEvent
  throw invalidEvent('An event', parsed.error)
}

/** The error for something that is no event, or no CloudEvent. */
export function invalidEvent(what: string, { issues }: z.ZodError): HookchartError<'EVENT_INVALID'> {
  const flaws = issues.map(({ path, message }) => ({ path: path.map(String).join('.'), problem: message }))
  const text = flaws.map(({ path, problem }) => (path === '' ? problem : `${nameOf(path)}: ${problem}`)).join('; ')
  return new HookchartError('EVENT_INVALID', `${what} is malformed: ${text}.`, { details: { flaws } })
}
