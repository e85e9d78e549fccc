/** Events as data: what is one, and the same event as a CloudEvent. */
import { parseCloudEvent, parseEvent, toCloudEvent } from 'hookchart/events'
import type { UniversalEvent } from 'hookchart/events'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

const event: UniversalEvent = {
  ...{ id: 'e-1', type: 'order.paid', data: { cents: 700 }, sequence: 12, timestamp: 1_500, language: 'python' },
  metadata: {
    ...{ correlationId: 'c-1', causationId: 'e-0', depth: 2, source: '/shop', target: 'ann' },
    ...{ tags: ['a', 'b,c'], priority: -3, ttlMs: 60_000 },
  },
  schemaVersion: '1.0',
}

const plain: UniversalEvent = {
  ...event,
  metadata: { correlationId: 'c-1', tags: [], priority: 0 },
}

test('an event is read as it was written', () => {
  for (const each of [event, plain]) expect(parseEvent(JSON.parse(JSON.stringify(each)))).toStrictEqual(each)
})

describe('is no event:', () => {
  test.each<[string, unknown, string]>([
    ['null', null, ''],
    ['one without an id', { ...event, id: '' }, 'id'],
    ['one with a bad type', { ...event, type: 'a..b' }, 'type'],
    ['one without data', { ...event, data: undefined }, 'data'],
    ['one with data that is not JSON', { ...event, data: new Map() }, 'data'],
    ['one with a fraction of a sequence', { ...event, sequence: 0.5 }, 'sequence'],
    ['one before all time', { ...event, timestamp: -1e15 }, 'timestamp'],
    ['one in another language', { ...event, language: 'rust' }, 'language'],
    ['one of another version', { ...event, schemaVersion: '2.0' }, 'schemaVersion'],
    ['one with more', { ...event, more: 1 }, ''],
    ['one with more in its metadata', { ...event, metadata: { ...event.metadata, more: 1 } }, 'metadata'],
    ['one with half a character', { ...event, metadata: { ...event.metadata, source: '\ud800' } }, 'metadata.source'],
  ])('%s', (_, value, path) => {
    const error = errorOf(() => parseEvent(value))
    expect(error.code).toBe('EVENT_INVALID')
    expect((error.details['flaws'] as { path: string }[])[0]?.path).toBe(path)
  })
})

describe('as a CloudEvent', () => {
  test('every field has its attribute', () => {
    expect(toCloudEvent(event)).toEqual({
      specversion: '1.0',
      id: 'e-1',
      type: 'order.paid',
      source: '/shop',
      subject: 'ann',
      time: '1970-01-01T00:00:01.500Z',
      datacontenttype: 'application/json',
      data: { cents: 700 },
      sequence: '00000000000000000012',
      correlationid: 'c-1',
      causationid: 'e-0',
      hclanguage: 'python',
      hcpriority: -3,
      hctags: '["a","b,c"]',
      hcttlms: '60000',
      hcdepth: 2,
      hcschemaversion: '1.0',
    })
  })

  test('names of attributes are what CloudEvents allows: at most 20 lower-case letters and digits', () => {
    for (const name of Object.keys(toCloudEvent(event))) expect(name).toMatch(/^[a-z0-9]{1,20}$/)
  })

  test('it comes back as it was', () => {
    const variants: UniversalEvent[] = [
      ...[event, plain, { ...event, data: null }, { ...event, data: false }],
      ...['', ' a b ', 'urn:hookchart', '100 %', 'ä'].map((source) =>
        source === '' ? plain : { ...event, metadata: { ...event.metadata, source } },
      ),
    ]
    for (const each of variants) {
      expect(parseCloudEvent(JSON.parse(JSON.stringify(toCloudEvent(each))))).toStrictEqual(each)
    }
  })

  test('a source that is no URI reference is written as one', () => {
    const { source } = toCloudEvent({ ...plain, metadata: { ...plain.metadata, source: 'the shop' } })
    expect(source).toBe('the%20shop')
  })

  test('one from elsewhere says what it says, and no more', () => {
    expect(
      parseCloudEvent({
        ...{ specversion: '1.0', id: '1', type: 'com.example.paid', source: 'https://example.com', unknownext: 'x' },
        ...{ time: '2020-01-01T01:00:00+01:00', data: 7 },
      }),
    ).toEqual({
      ...{ id: '1', type: 'com.example.paid', data: 7, sequence: 0, timestamp: Date.UTC(2020, 0, 1) },
      language: 'unknown',
      metadata: { correlationId: '1', source: 'https://example.com', tags: [], priority: 0 },
      schemaVersion: '1.0',
    })
  })

  test.each<[string, object]>([
    ['of another version', { specversion: '0.3' }],
    ['without a source', { source: '' }],
    ['with bytes', { data_base64: 'AA==' }],
    ['with a time that is none', { time: 'yesterday' }],
    ['with a day that is none', { time: '2020-13-01T00:00:00Z' }],
    ['with a type that hookchart cannot have', { type: 'a b' }],
    ['with tags that are no list', { hctags: 'a' }],
    ['with data that is not JSON', { data: new Map() }],
  ])('%s is refused', (_, change) => {
    const error = errorOf(() => parseCloudEvent({ specversion: '1.0', id: '1', type: 'a', source: '/', ...change }))
    expect(error.code).toBe('EVENT_INVALID')
  })
})
