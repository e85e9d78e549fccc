/** What is said of malformed contexts, envelopes and headers: where, what, what to do, and never too much. */
import {
  createDistributedContext,
  createEnvelopes,
  formatBaggage,
  parseBaggage,
  parseDistributedContext,
  parseTraceparent,
  parseTracestate,
  propagateContext,
} from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { malformed, parsePart, readPlainJson } from '../../src/hooks/distributed/malformed.ts'
import { errorOf } from '../support/refusal.ts'
import { auditor, clockAt, copyOf, hook, planner, sample } from './distributed-samples.ts'

const subject = { what: 'The thing', advice: 'Do it right.' }
const key = 'a key that both nodes know'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

describe('flaws', () => {
  const flaws = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ path: `k${String(i)}`, problem: 'is bad' }))
  const FIVE = '"k0": is bad; "k1": is bad; "k2": is bad; "k3": is bad; "k4": is bad'

  test('are named with their paths, the whole without one', () => {
    const error = malformed(subject, { path: '', problem: 'is nothing' }, { path: 'a.b', problem: 'is bad' })
    expect(error.message).toBe('The thing is malformed: is nothing; "a.b": is bad. Do it right.')
    expect(error.details).toEqual({
      what: 'The thing',
      flaws: [
        { path: '', problem: 'is nothing' },
        { path: 'a.b', problem: 'is bad' },
      ],
    })
  })

  test('are five at most, and what is left out is counted', () => {
    expect(malformed(subject, ...flaws(5)).message).toBe(`The thing is malformed: ${FIVE}. Do it right.`)
    expect(malformed(subject, ...flaws(7)).message).toBe(`The thing is malformed: ${FIVE}; and 2 more. Do it right.`)
    expect(malformed(subject, ...flaws(7)).details['flaws']).toHaveLength(5)
  })

  test('unknown keys are named, five at most', () => {
    const message = (given: object) => errorOf(() => parsePart(z.strictObject({}), given, subject)).message
    expect(message({ a: 1, b: 2 })).toBe('The thing is malformed: unknown key "a", "b". Do it right.')
    expect(message({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 })).toBe(
      'The thing is malformed: unknown key "a", "b", "c", "d", "e". Do it right.',
    )
  })

  test('text that is no JSON', () => {
    const error = errorOf(() => readPlainJson('{"version":', subject))
    expect(error.message).toBe('The thing is malformed: the text is not JSON. Do it right.')
    expect(error.cause).toBeUndefined()
  })
})

const TRACEPARENT = 'Pass the header as it was received, or leave it out to start a new trace.'
const TRACESTATE = 'Pass the header as it was received, or leave it out.'
const BAGGAGE = 'Pass the header as it was received, or carry less.'
const NEW = 'Give source and hook, and JSON only.'
const PROPAGATE = 'Give from, and to unless it is a broadcast.'

describe('the whole message', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a traceparent of another form',
      () => parseTraceparent('x'),
      `The traceparent is malformed: "x" is not of the form version-traceid-parentid-flags. ${TRACEPARENT}`,
    ],
    [
      'a traceparent of version ff',
      () => parseTraceparent(`ff-${TRACE}-${SPAN}-01`),
      `The traceparent is malformed: version ff is forbidden. ${TRACEPARENT}`,
    ],
    [
      'a traceparent with more than version 00 has',
      () => parseTraceparent(`00-${TRACE}-${SPAN}-01-more`),
      `The traceparent is malformed: version 00 has nothing behind its flags. ${TRACEPARENT}`,
    ],
    [
      'a traceparent that is no text',
      () => parseTraceparent([`00-${TRACE}-${SPAN}-01`] as never),
      `The traceparent is malformed: expected the text of one header. ${TRACEPARENT}`,
    ],
    [
      'a tracestate that is no text',
      () => parseTracestate(['a=1'] as never),
      `The tracestate is malformed: expected the text of one header. ${TRACESTATE}`,
    ],
    [
      'a tracestate of too many members',
      () => parseTracestate(','.repeat(32)),
      `The tracestate is malformed: expected at most 32 members. ${TRACESTATE}`,
    ],
    [
      'a tracestate without =',
      () => parseTracestate('a=1,bc'),
      `The tracestate is malformed: "1.value": expected a value, as in key=value. ${TRACESTATE}`,
    ],
    [
      'a baggage that is no text',
      () => parseBaggage(['a=1'] as never),
      `The baggage is malformed: expected the text of one header. ${BAGGAGE}`,
    ],
    [
      'a baggage that is too long',
      () => parseBaggage(`k=${'v'.repeat(8_191)}`),
      `The baggage is malformed: expected at most 8192 bytes. ${BAGGAGE}`,
    ],
    [
      'a baggage with a blank in a value',
      () => parseBaggage('a=1,b=c d'),
      `The baggage is malformed: "1.value": has a character that must be percent-encoded. ${BAGGAGE}`,
    ],
    [
      'a baggage with a % in a property',
      () => parseBaggage('a=1,b=2;p=100%'),
      'The baggage is malformed: "1.properties": has a % that is not followed by two hexadecimal digits. ' + BAGGAGE,
    ],
    [
      'a context of nothing',
      () => createDistributedContext(undefined as never),
      `What was given to createDistributedContext is malformed: expected an object. ${NEW}`,
    ],
    [
      'a context with a header that is none',
      () => createDistributedContext({ source: planner, hook, trace: { traceparent: 'x' } }),
      'What was given to createDistributedContext is malformed: "trace.traceparent": The traceparent is malformed: ' +
        `"x" is not of the form version-traceid-parentid-flags. ${TRACEPARENT.slice(0, -1)}. ${NEW}`,
    ],
    [
      'a context with chance that is none',
      () => sample({ random: null as never }),
      `What was given to createDistributedContext is malformed: "random": expected an object with next. ${NEW}`,
    ],
    [
      'a context of another version',
      () => parseDistributedContext({ ...copyOf(sample()), version: 2 }),
      'The distributed context is malformed: "version": this release reads version 1, not 2. ' +
        'Let both sides run releases that speak the same version.',
    ],
    [
      'nothing to propagate by',
      () => propagateContext(sample(), undefined as never),
      `What was given to propagateContext is malformed: expected an object. ${PROPAGATE}`,
    ],
    [
      'a result of nothing',
      () => propagateContext.record(sample(), undefined as never),
      'The remote result is malformed: expected an object. ' +
        'Give agent, status, durationMs and at, and output or error as the status has it.',
    ],
  ])('%s', (_, call, message) => {
    const error = errorOf(call)
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toBe(message)
  })

  test('a sender whose clock is ahead', () => {
    const early = clockAt(1_000_000)
    const envelope = createEnvelopes({ key, clock: clockAt(1_030_001) }).seal(sample())
    expect(errorOf(() => createEnvelopes({ key, clock: early }).open(envelope)).message).toBe(
      'The envelope is 30001 ms from the future; at most 30000 ms are allowed. Set the clocks right, or raise maxSkewMs.',
    )
  })

  test('no room for another nonce', () => {
    const clock = clockAt(1_000)
    const envelopes = createEnvelopes({ key, clock, maxAgeMs: 100, maxNonces: 1 })
    envelopes.open(envelopes.seal(sample()))
    expect(errorOf(() => envelopes.open(envelopes.seal(sample()))).message).toBe(
      'The envelope was refused: the 1 nonces that can be held are all still needed, so a replay could not be told. ' +
        'Try again in 101 ms, or raise maxNonces.',
    )
  })

  test('an address that is not allowed is named', () => {
    const envelopes = createEnvelopes({ key, allow: { addresses: ['10.0.0.1'] } })
    const envelope = envelopes.seal(sample())
    const advice =
      'is not on the allow list of addresses. Add it to allow.addresses, or leave that list out to allow all.'
    expect(errorOf(() => envelopes.open(envelope, { address: '6.6.6.6' })).message).toBe(
      `The envelope was refused: address "6.6.6.6" ${advice}`,
    )
    expect(errorOf(() => envelopes.open(envelope)).message).toBe(
      `The envelope was refused: a peer without an address ${advice}`,
    )
  })

  test('options name their call', () => {
    const envelopes = createEnvelopes({ key })
    expect(errorOf(() => createEnvelopes({ key, maxage: 1 } as never)).message).toBe(
      'createEnvelopes: unknown option "maxage"; known: key, keys, clock, ids, maxAgeMs, maxSkewMs, maxNonces, allow, hash.',
    )
    expect(errorOf(() => envelopes.open(envelopes.seal(sample()), { adress: 'x' } as never)).message).toBe(
      'open: unknown option "adress"; known: address.',
    )
  })
})

test.each<[string, object, string]>([
  ['null as a clock', { clock: null }, '"clock": expected an object with now'],
  ['null as ids', { ids: null }, '"ids": expected an object with next'],
  [
    'a hash with one of its methods',
    { hash: { hmacSha256: () => '' } },
    '"hash": expected an object with hmacSha256, equal',
  ],
])('envelopes refuse %s', (_, options, text) => {
  const error = errorOf(() => createEnvelopes({ key, ...options }))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toContain(text)
})

describe('lists of a header', () => {
  const entries = [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ]

  test('are read and written with a comma between', () => {
    expect(formatBaggage(entries)).toBe('a=1,b=2')
    expect(parseBaggage('a=1,b=2')).toHaveLength(2)
  })

  test('a property that is only there has no value', () => {
    expect(parseBaggage('a=1;p')).toStrictEqual([{ key: 'a', value: '1', properties: [{ key: 'p' }] }])
  })
})

test('a partial result has an output and no error', () => {
  const partial = { agent: auditor, status: 'partial', durationMs: 1, at: 1 } as const
  expect(propagateContext.record(sample(), { ...partial, output: [1] }).results[0]).toMatchObject({ output: [1] })
  expect(errorOf(() => propagateContext.record(sample(), { ...partial, error: new Error('x') })).message).toContain(
    '"error": a result that is partial has no error',
  )
})
