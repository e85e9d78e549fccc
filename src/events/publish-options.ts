/** The options of a publish: what the envelope says besides type and data, and how long the publisher waits for room. */
import * as z from 'zod'
import { positiveDurationSchema, toMilliseconds } from '../duration.ts'
import type { Duration } from '../duration.ts'
import type { HookContext, Language } from '../hooks/context.ts'
import { parseOptions } from '../options.ts'
import { isEnvelopeText, textSchema } from './text.ts'
import { LANGUAGES, prioritySchema, tagsSchema } from './universal-event.ts'
import type { UniversalEvent } from './universal-event.ts'

/** Options of `publish`. */
export interface PublishOptions {
  /** Default that of the cause or of the parent, or else the id of the event. */
  readonly correlationId?: string
  /** The event that caused this one. Known by itself while its handler has not awaited anything, and with `call.publish`. */
  readonly cause?: UniversalEvent
  /** The context of the hook that publishes: the event carries its correlation. */
  readonly parent?: Pick<HookContext, 'correlationId' | 'metadata'>
  /** Who publishes; default the source of the bus. */
  readonly source?: string
  /** Whom it is for. */
  readonly target?: string
  readonly tags?: readonly string[]
  /** Lower is more urgent; default 0. */
  readonly priority?: number
  /** The event expires when it is this old; default never. */
  readonly ttlMs?: Duration
  /** Default `native`. */
  readonly language?: Language
  /** Ends the wait for room. */
  readonly signal?: AbortSignal
  /** How long to wait for room at most; a shorter `blockTimeoutMs` of the subscription holds. */
  readonly timeoutMs?: Duration
}

/** Options, read. */
export interface GivenOptions {
  readonly correlationId: string | undefined
  readonly cause: UniversalEvent | undefined
  readonly parent: PublishOptions['parent']
  readonly source: string | undefined
  readonly target: string | undefined
  readonly tags: readonly string[]
  readonly priority: number
  readonly ttlMs: number | undefined
  readonly language: Language
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number | undefined
}

const NO_TAGS: readonly string[] = Object.freeze([])

/** What holds without options. */
export const NO_OPTIONS: GivenOptions = {
  ...{ correlationId: undefined, cause: undefined, parent: undefined, source: undefined, target: undefined },
  ...{ tags: NO_TAGS, priority: 0, ttlMs: undefined, language: 'native', signal: undefined, timeoutMs: undefined },
}

/** An event, as far as a cause is read. */
const causeSchema = z.custom<UniversalEvent>(isEvent, 'expected an event')
const parentSchema = z.custom<Pick<HookContext, 'correlationId' | 'metadata'>>(
  isContext,
  'expected the context of a hook',
)

const schema = z.strictObject({
  correlationId: textSchema.optional(),
  cause: causeSchema.optional(),
  parent: parentSchema.optional(),
  source: textSchema.optional(),
  target: textSchema.optional(),
  tags: tagsSchema.optional(),
  priority: prioritySchema.optional(),
  ttlMs: positiveDurationSchema.optional(),
  language: z.enum(LANGUAGES).optional(),
  signal: z.instanceof(AbortSignal).optional(),
  timeoutMs: positiveDurationSchema.optional(),
})

/** Whether a value fits the option of this name. The schema says the same, and what is wrong, at ten times the cost. */
const fits: { readonly [Key in keyof Required<PublishOptions>]: (value: unknown) => boolean } = {
  correlationId: isEnvelopeText,
  cause: isEvent,
  parent: isContext,
  source: isEnvelopeText,
  target: isEnvelopeText,
  tags: (value) => Array.isArray(value) && value.length <= 100 && value.every(isEnvelopeText),
  priority: (value) => value === ~~(value as number),
  ttlMs: isPositive,
  language: (value) => LANGUAGES.includes(value as Language),
  signal: (value) => value instanceof AbortSignal,
  timeoutMs: isPositive,
}

/** Reads the options of a publish, or throws INVALID_OPTIONS. */
export function readPublishOptions(options: PublishOptions | undefined, type: string): GivenOptions {
  if (options === undefined) return NO_OPTIONS
  if (!fit(options)) parseOptions(schema, options, `publish("${type}")`)
  const { tags, ttlMs, timeoutMs } = options
  return {
    correlationId: options.correlationId,
    cause: options.cause,
    parent: options.parent,
    source: options.source,
    target: options.target,
    tags: tags === undefined ? NO_TAGS : Object.freeze([...tags]),
    priority: options.priority ?? 0,
    ttlMs: ttlMs === undefined ? undefined : toMilliseconds(ttlMs),
    language: options.language ?? 'native',
    signal: options.signal,
    timeoutMs: timeoutMs === undefined ? undefined : toMilliseconds(timeoutMs),
  }
}

function fit(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false
  for (const key of Object.keys(options)) {
    const value = (options as Record<string, unknown>)[key]
    if (!Object.hasOwn(fits, key) || (value !== undefined && !fits[key as keyof typeof fits](value))) return false
  }
  return true
}

function isPositive(value: unknown): boolean {
  return (toMilliseconds(value) ?? 0) > 0
}

function isEvent(value: unknown): value is UniversalEvent {
  if (typeof value !== 'object' || value === null) return false
  const { id, metadata } = value as Partial<UniversalEvent>
  return isEnvelopeText(id) && typeof metadata === 'object' && isEnvelopeText(metadata.correlationId)
}

function isContext(value: unknown): value is Pick<HookContext, 'correlationId' | 'metadata'> {
  if (typeof value !== 'object' || value === null) return false
  const { correlationId, metadata } = value as Partial<HookContext>
  return isEnvelopeText(correlationId) && typeof metadata === 'object'
}
