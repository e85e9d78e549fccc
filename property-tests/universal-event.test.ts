/** Events go through JSON and through CloudEvents and come back the same, whatever they say. */
import fc from 'fast-check'
import * as real from 'hookchart/events'
import type { UniversalEvent } from 'hookchart/events'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import { testLawOf } from './support/law.ts'

type Events = typeof real

/** Any text that may stand in an envelope. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((given) => given.replaceAll(/[\p{Cc}\p{Cs}]/gu, '_'))
const type = fc
  .array(
    text.map((given) => given.replaceAll(/[\s.*]/gu, '_')),
    { minLength: 1, maxLength: 4 },
  )
  .map((segments) => segments.join('.'))
/** JSON as it is after it was written and read. */
const data = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))
const source = fc.oneof(text, fc.webUrl(), fc.constantFrom('urn:hookchart', '/a%20b', '/a%2'))

const event: fc.Arbitrary<UniversalEvent> = fc.record(
  {
    id: text,
    type,
    data,
    sequence: fc.maxSafeNat(),
    timestamp: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
    language: fc.constantFrom('native', 'lua', 'javascript', 'python', 'unknown'),
    metadata: fc.record(
      {
        correlationId: text,
        tags: fc.array(text, { maxLength: 3 }),
        priority: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        causationId: text,
        depth: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        source,
        target: text,
        ttlMs: fc.double({ min: 1e-3, max: 1e12, noNaN: true }),
      },
      { requiredKeys: ['correlationId', 'tags', 'priority'], noNullPrototype: true },
    ),
    schemaVersion: fc.constant('1.0' as const),
  },
  { noNullPrototype: true },
)

const UNIVERSAL = 'src/events/universal-event.ts'
const CLOUD = 'src/events/cloud-event.ts'

testLawOf<Events>(
  real,
  'src/events/index.ts',
  'an event comes back from JSON as it was',
  ({ parseEvent }) =>
    fc.property(event, (given) => {
      expect(parseEvent(JSON.parse(JSON.stringify(given)))).toStrictEqual(given)
    }),
  [
    {
      name: 'null is no data',
      file: UNIVERSAL,
      from: '(value) => value !== undefined &&',
      to: '(value) => (value ?? undefined) !== undefined &&',
    },
    {
      name: 'every event has been caused',
      file: UNIVERSAL,
      from: 'causationId: textSchema.optional()',
      to: "causationId: textSchema.default('none')",
    },
  ],
)

testLawOf<Events>(
  real,
  'src/events/index.ts',
  'an event comes back from CloudEvents as it was, and has only attributes that those allow',
  ({ parseCloudEvent, toCloudEvent }) =>
    fc.property(event, (given) => {
      const cloud: unknown = JSON.parse(JSON.stringify(toCloudEvent(given)))
      for (const [name, value] of Object.entries(cloud as object)) {
        expect(name).toMatch(/^(?:[a-z0-9]{1,20})$/)
        if (name === 'data') continue
        // Integers of CloudEvents have 32 bits; there are no lists.
        if (typeof value === 'number') expect(value).toBe(value | 0)
        else expect(typeof value).toBe('string')
      }
      expect((cloud as { source: string }).source).toMatch(/^[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+$/)
      expect(parseCloudEvent(cloud)).toStrictEqual(given)
    }),
  [
    { name: 'null is lost', file: CLOUD, from: 'data: given.data ?? null', to: 'data: given.data || null' },
    {
      name: 'a source is taken for a reference',
      file: CLOUD,
      from: 'if (URI_REFERENCE.test(source)) return { source }',
      to: 'return { source }',
    },
    {
      name: 'tags are put together',
      file: CLOUD,
      from: 'hctags: JSON.stringify(tags)',
      to: 'hctags: JSON.stringify([tags.join()])',
    },
    {
      name: 'the time is lost below the second',
      file: CLOUD,
      from: 'Date.parse(given.time)',
      to: 'Math.floor(Date.parse(given.time) / 1000) * 1000',
    },
    {
      name: 'a time to live is a number',
      file: CLOUD,
      from: '{ hcttlms: String(ttlMs) }',
      to: '{ hcttlms: String(Math.round(ttlMs)) }',
    },
    {
      name: 'a priority is lost',
      file: CLOUD,
      from: 'priority: given.hcpriority',
      to: 'priority: Math.max(-1000, given.hcpriority)',
    },
  ],
)

testLawOf<Events>(
  real,
  'src/events/index.ts',
  'what a bus publishes is an event, numbered without gaps',
  ({ createEventBus, parseEvent }) =>
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(type, fc.constantFrom('', 'a..b', '*')),
          fc.oneof(data, fc.constant(undefined), fc.constant(NaN)),
        ),
      ),
      (given) => {
        const events = createEventBus({ clock: createTestClock(), ids: createTestIds() })
        const seen: UniversalEvent[] = []
        events.subscribe('**', (each) => seen.push(each), { delivery: 'sync' })
        const taken: unknown[] = []
        for (const [name, payload] of given) {
          try {
            void events.publish(name, payload)
            taken.push([name, payload ?? null])
          } catch {
            // Refused as a whole.
          }
        }
        expect(seen.map((each) => [each.type, each.data])).toEqual(taken)
        expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, i) => i))
        for (const each of seen) expect(parseEvent(JSON.parse(JSON.stringify(each)))).toStrictEqual(each)
      },
    ),
  [
    {
      name: 'what is refused takes a number',
      file: 'src/events/bus.ts',
      from: 'const route = this.#routes.of(type)\n    assertEventData(data, type)\n    if (this.#gates?.isHooked(route.component) === true) return this.#emit(route, data, ROOT_DRAFT)',
      to: 'const route = this.#routes.of(type)\n    this.#sequence++\n    assertEventData(data, type)\n    this.#sequence--\n    if (this.#gates?.isHooked(route.component) === true) return this.#emit(route, data, ROOT_DRAFT)',
    },
    { name: 'no data is no data', file: 'src/events/bus.ts', from: 'data ?? null', to: 'data' },
  ],
)
