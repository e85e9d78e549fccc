/** Events as CloudEvents 1.0, there and back without loss. What CloudEvents has no attribute for travels as extensions. */
import * as z from 'zod'
import { textSchema } from './text.ts'
import {
  LANGUAGES,
  SCHEMA_VERSION,
  invalidEvent,
  parseEvent,
  prioritySchema,
  tagsSchema,
  typeSchema,
} from './universal-event.ts'
import type { EventMetadata, UniversalEvent } from './universal-event.ts'

/** An event in the JSON format of CloudEvents 1.0. Names of extensions are lower-case letters and digits, as it demands. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0'
  readonly id: string
  readonly type: string
  /** A URI reference; `urn:hookchart` for an event without a source. */
  readonly source: string
  /** RFC 3339, in UTC, to the millisecond. */
  readonly time?: string
  readonly datacontenttype?: string
  /** Whom it is for. */
  readonly subject?: string
  readonly data?: Data
  /** 20 digits, so that texts are in the order of the numbers. */
  readonly sequence?: string
  readonly correlationid?: string
  readonly causationid?: string
  readonly hclanguage?: string
  readonly hcpriority?: number
  /** A list, as JSON text. */
  readonly hctags?: string
  /** A number of milliseconds, as text: integers of CloudEvents have 32 bits. */
  readonly hcttlms?: string
  readonly hcdepth?: number
  /** The source as it was given, where that is no URI reference; empty: there was none. */
  readonly hcsource?: string
  readonly hcschemaversion?: string
}

const NO_SOURCE = 'urn:hookchart'

const URI_REFERENCE = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/
const DIGITS = /^\d{1,20}$/

/**
 * An event as a CloudEvent, for whoever else speaks CloudEvents 1.0; `parseCloudEvent` makes the same event of it again.
 *
 * @example
 * ```ts
 * import { createEventBus, toCloudEvent } from 'hookchart/events'
 * const events = createEventBus()
 * events.subscribe('order.*', (event) => {
 *   const cloud = toCloudEvent(event)
 *   console.assert(cloud.specversion === '1.0' && cloud.type === 'order.paid' && cloud.source === '/shop')
 * }, { delivery: 'sync' })
 * void events.publish('order.paid', { cents: 700 }, { source: '/shop' })
 * ```
 */
export function toCloudEvent<Data>(event: UniversalEvent<Data>): CloudEvent<Data> {
  const { id, type, data, sequence, timestamp, language, metadata } = event
  const { correlationId, causationId, depth, target, tags, priority, ttlMs } = metadata
  return {
    specversion: '1.0',
    id,
    type,
    ...sourceOf(metadata),
    time: new Date(timestamp).toISOString(),
    ...(target !== undefined && { subject: target }),
    datacontenttype: 'application/json',
    ...(data !== null && { data }),
    sequence: String(sequence).padStart(20, '0'),
    correlationid: correlationId,
    ...(causationId !== undefined && { causationid: causationId }),
    hclanguage: language,
    hcpriority: priority,
    hctags: JSON.stringify(tags),
    ...(ttlMs !== undefined && { hcttlms: String(ttlMs) }),
    ...(depth !== undefined && { hcdepth: depth }),
    hcschemaversion: SCHEMA_VERSION,
  }
}

function sourceOf({ source }: EventMetadata): Pick<CloudEvent, 'source' | 'hcsource'> {
  if (source === undefined) return { source: NO_SOURCE, hcsource: '' }
  if (URI_REFERENCE.test(source)) return { source }
  return { source: encodeURIComponent(source), hcsource: source }
}

/** A text that is JSON, as what it says; else itself, which then does not fit. */
const tagsText = z.string().transform((text): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
})

const schema = z.looseObject({
  specversion: z.literal('1.0'),
  id: textSchema,
  type: typeSchema,
  source: z.string().min(1),
  time: z
    .string()
    .refine((text) => TIME.test(text) && !Number.isNaN(Date.parse(text)), 'expected a time as in RFC 3339')
    .optional(),
  datacontenttype: z.string().optional(),
  subject: textSchema.optional(),
  data: z.unknown().optional(),
  data_base64: z.undefined({ error: 'expected data as JSON, not as bytes' }).optional(),
  sequence: z.string().regex(DIGITS).transform(Number).optional(),
  correlationid: textSchema.optional(),
  causationid: textSchema.optional(),
  hclanguage: z.enum(LANGUAGES).default('unknown'),
  hcpriority: prioritySchema.default(0),
  hctags: tagsText.pipe(tagsSchema).default([]),
  hcttlms: z.string().transform(Number).pipe(z.number().positive()).optional(),
  hcdepth: z.int().positive().optional(),
  hcsource: z.string().optional(),
  hcschemaversion: z.literal(SCHEMA_VERSION).optional(),
})

/**
 * Reads a CloudEvent, one of ours or one from elsewhere.
 *
 * What one from elsewhere does not say is taken as little as can be: sequence 0, the epoch, language `unknown`, its own id
 * as its correlation id. Extensions that hookchart does not know are left out.
 *
 * @throws EVENT_INVALID, also for data that is bytes
 * @example
 * ```ts
 * import { parseCloudEvent } from 'hookchart/events'
 * const event = parseCloudEvent({ specversion: '1.0', id: '1', type: 'com.example.paid', source: '/shop', data: { cents: 700 } })
 * console.assert(event.metadata.source === '/shop' && event.language === 'unknown')
 * ```
 */
export function parseCloudEvent(value: unknown): UniversalEvent {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalidEvent('A CloudEvent', parsed.error)
  const given = parsed.data
  const source = given.hcsource ?? given.source
  return parseEvent({
    id: given.id,
    type: given.type,
    data: given.data ?? null,
    sequence: given.sequence ?? 0,
    timestamp: given.time === undefined ? 0 : Date.parse(given.time),
    language: given.hclanguage,
    metadata: {
      correlationId: given.correlationid ?? given.id,
      ...(given.causationid !== undefined && { causationId: given.causationid }),
      ...(given.hcdepth !== undefined && { depth: given.hcdepth }),
      ...(source !== '' && { source }),
      ...(given.subject !== undefined && { target: given.subject }),
      tags: given.hctags,
      priority: given.hcpriority,
      ...(given.hcttlms !== undefined && { ttlMs: given.hcttlms }),
    },
    schemaVersion: SCHEMA_VERSION,
  })
}
