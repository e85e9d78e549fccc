import { createHmac } from 'node:crypto'
import { createEnvelopes, parseDistributedContext } from 'hookchart/hooks'
import type { CreateEnvelopesOptions, Envelope } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'
import { auditor, changed, clockAt, copyOf, hook, idsFrom, planner, sample } from './distributed-samples.ts'

const key = 'a key that both nodes know'

/** Two sides with the same key and clock. */
function pair(options: Partial<CreateEnvelopesOptions> = {}) {
  const clock = clockAt(1_000_000)
  const sender = createEnvelopes({ key, clock, ids: idsFrom() })
  return { clock, sender, receiver: createEnvelopes({ key, clock, ...options }) }
}

/** A JSON text with sorted keys, written by hand. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join()}}`
}

/** An envelope with a change and a signature that is right for it. */
function resigned(envelope: Envelope, path: string, put: unknown): unknown {
  const { signature: _, ...rest } = changed(envelope, path, () => put)
  return { ...rest, signature: createHmac('sha256', key).update(sorted(rest)).digest('hex') }
}

describe('an envelope', () => {
  test('holds version, key id, time, nonce, context and the signature of all that', () => {
    const envelope = pair().sender.seal(sample())
    const { signature, ...rest } = envelope
    expect(rest).toEqual({ version: 1, keyId: 'default', timestamp: 1_000_000, nonce: 'nonce-1', context: sample() })
    expect(signature).toBe(createHmac('sha256', key).update(sorted(rest)).digest('hex'))
    expect(copyOf(envelope)).toEqual(envelope)
    expect(Object.isFrozen(envelope)).toBe(true)
  })

  test('opens as text and as what JSON.parse gives, also with its keys in another order', () => {
    const { sender, receiver } = pair()
    expect(receiver.open(JSON.stringify(sender.seal(sample())))).toEqual(sample())
    expect(receiver.open(copyOf(sender.seal(sample())))).toEqual(sample())
    const shuffled = Object.fromEntries(Object.entries(copyOf(sender.seal(sample()))).reverse())
    expect(receiver.open(shuffled)).toEqual(sample())
  })

  test('without options it takes the time, nonces and hash of the platform', () => {
    const [sender, receiver] = [createEnvelopes({ key }), createEnvelopes({ key })]
    expect(receiver.open(sender.seal(sample()))).toEqual(sample())
    expect(sender.seal(sample()).nonce).not.toBe(sender.seal(sample()).nonce)
  })

  test('keys may be bytes, and are copied', () => {
    const bytes = new TextEncoder().encode(key)
    const sender = createEnvelopes({ key: bytes })
    bytes.fill(0)
    expect(createEnvelopes({ key }).open(sender.seal(sample()))).toEqual(sample())
  })

  test('the hash is a port', () => {
    const hash = { sha256: () => '', hmacSha256: () => 'signed', equal: (a: string, b: string) => a === b }
    const envelopes = createEnvelopes({ key, hash })
    const envelope = envelopes.seal(sample())
    expect(envelope.signature).toBe('signed')
    expect(envelopes.open(envelope)).toEqual(sample())
  })

  test.each<[string, unknown, string]>([
    ['a context that is none', {}, '"context.version"'],
    ['a context with an unknown key', { ...sample(), extra: 1 }, '"context": unknown key "extra"'],
    ['a context that is not JSON', { ...sample(), metadata: { x: () => 1 } }, '"context.metadata.x"'],
    ['a context of another version', { ...sample(), version: 2 }, '"context.version"'],
    ['nothing', undefined, '"context"'],
  ])('is not made of %s', (_, context, text) => {
    const error = errorOf(() => pair().sender.seal(context as never))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(text)
  })
})

describe('form', () => {
  test.each<[string, string, unknown, string]>([
    ['an unknown key', 'colour', 'red', 'unknown key "colour"'],
    ['no version', 'version', undefined, '"version"'],
    ['no key id', 'keyId', undefined, '"keyId"'],
    ['an empty key id', 'keyId', '', '"keyId"'],
    ['no timestamp', 'timestamp', undefined, '"timestamp"'],
    ['a negative timestamp', 'timestamp', -1, '"timestamp"'],
    ['no nonce', 'nonce', undefined, '"nonce"'],
    ['a long nonce', 'nonce', 'n'.repeat(201), '"nonce"'],
    ['no context', 'context', undefined, '"context"'],
    ['a malformed context', 'context.hops.taken', 9, '"context.hops.taken"'],
    ['a signature that is no text', 'signature', 1, '"signature"'],
  ])('refuses %s', (_, path, put, text) => {
    const { sender, receiver } = pair()
    const error = errorOf(() => receiver.open(changed(sender.seal(sample()), path, () => put)))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(text)
    expect(error.message).toContain('as they were sealed')
  })

  test.each(['', '{', 'null', '[]', '1', '{"__proto__":{}}'])('refuses the text %j', (text) => {
    expect(errorOf(() => pair().receiver.open(text)).code).toBe('CONTEXT_INVALID')
  })

  test('refuses an unknown option of open', () => {
    const { sender, receiver } = pair()
    const error = errorOf(() => receiver.open(sender.seal(sample()), { adress: 'x' } as never))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain('"adress"')
  })
})

describe('version', () => {
  test('another version is refused, of the envelope and of its context', () => {
    const { sender, receiver } = pair()
    for (const path of ['version', 'context.version']) {
      const error = errorOf(() => receiver.open(resigned(sender.seal(sample()), path, 2)))
      expect(error.code).toBe('CONTEXT_INVALID')
      expect(error.message).toContain(`"${path}": this release reads version 1, not 2`)
    }
  })
})

describe('signature', () => {
  test.each<[string, (old: never) => unknown]>([
    ['keyId', () => 'other'],
    ['timestamp', (old: number) => old + 1],
    ['nonce', (old) => `${String(old)}x`],
    ['context.source.agentId', () => 'root'],
    ['context.hook.data.input.n', () => 2],
    ['context.metadata.admin', () => true],
    ['context.trace.baggage', () => 'a=1'],
    ['signature', (old: string) => old.replace(/./, (digit) => (digit === '0' ? '1' : '0'))],
    ['signature', (old: string) => old.toUpperCase()],
    ['signature', (old: string) => `${old}0`],
    ['signature', () => ''],
  ])('is refused when %s was changed', (path, change) => {
    const { sender, receiver } = pair()
    const envelope = changed(sender.seal(sample()), path, change)
    expect(errorOf(() => receiver.open(envelope)).code).toBe('CONTEXT_SIGNATURE')
    expect(receiver.open(sender.seal(sample()))).toEqual(sample())
  })

  test('is refused whichever character of the text is changed', () => {
    const { clock, sender } = pair()
    const text = JSON.stringify(sender.seal(sample()))
    const receiver = createEnvelopes({ key, clock })
    for (let at = 0; at < text.length; at++) {
      for (const put of ['', '0', 'a', ' ', '"', '\\', '-']) {
        const other = text.slice(0, at) + put + text.slice(at + 1)
        if (other === text) continue
        const error = errorOf(() => receiver.open(other))
        expect(['CONTEXT_INVALID', 'CONTEXT_SIGNATURE']).toContain(error.code)
      }
    }
  })

  test('is refused when it is missing, from another key or from an unknown key id', () => {
    const { sender, receiver } = pair()
    const { signature: _, ...unsigned } = sender.seal(sample())
    expect(errorOf(() => receiver.open(unsigned))).toMatchObject({
      code: 'CONTEXT_SIGNATURE',
      message: expect.stringContaining('no signature'),
    })
    const forged = createEnvelopes({ key: 'another key of another node', clock: clockAt(1_000_000) }).seal(sample())
    expect(errorOf(() => receiver.open(forged)).code).toBe('CONTEXT_SIGNATURE')
    const foreign = createEnvelopes({ keys: [{ id: 'k2', key }], clock: clockAt(1_000_000) }).seal(sample())
    expect(errorOf(() => receiver.open(foreign))).toMatchObject({
      code: 'CONTEXT_SIGNATURE',
      message: expect.stringContaining('"k2" is not known'),
    })
    expect(errorOf(() => receiver.open({ ...foreign, keyId: '__proto__' })).code).toBe('CONTEXT_SIGNATURE')
  })

  test('errors tell neither the key nor the right signature', () => {
    const { sender, receiver } = pair()
    const envelope = sender.seal(sample())
    const error = errorOf(() => receiver.open({ ...envelope, signature: '0'.repeat(64) }))
    const text = JSON.stringify(error) + error.message
    expect(text).not.toContain(key)
    expect(text).not.toContain(envelope.signature)
  })

  test('keys can be changed: the first seals, each opens', () => {
    const [old, fresh] = [
      { id: '2026-01', key: 'the key of January, long enough' },
      { id: '2026-02', key: 'the key of February, long enough' },
    ]
    const before = createEnvelopes({ keys: [old] })
    const both = createEnvelopes({ keys: [fresh, old] })
    const after = createEnvelopes({ keys: [fresh] })
    expect(both.open(before.seal(sample()))).toEqual(sample())
    expect(both.seal(sample()).keyId).toBe('2026-02')
    expect(after.open(both.seal(sample()))).toEqual(sample())
    expect(errorOf(() => after.open(before.seal(sample()))).code).toBe('CONTEXT_SIGNATURE')
  })
})

describe('age', () => {
  test.each([
    [{}, 300_000],
    [{ maxAgeMs: '2s' }, 2_000],
    [{ maxAgeMs: 1 }, 1],
  ] as const)('with %j opens at %d ms and not 1 ms later', (options, bound) => {
    const { clock, sender, receiver } = pair(options)
    const [first, second] = [sender.seal(sample()), sender.seal(sample())]
    clock.time += bound
    expect(receiver.open(first)).toEqual(sample())
    clock.time += 1
    expect(errorOf(() => receiver.open(second))).toMatchObject({
      code: 'CONTEXT_EXPIRED',
      details: { ageMs: bound + 1, maxAgeMs: bound },
      message: expect.stringContaining('raise maxAgeMs'),
    })
  })

  test.each([
    [{}, 30_000],
    [{ maxSkewMs: 500 }, 500],
    [{ maxSkewMs: 0 }, 0],
  ] as const)('with %j opens %d ms from the future and not 1 ms more', (options, bound) => {
    const { clock, sender, receiver } = pair(options)
    const [first, second] = [sender.seal(sample()), sender.seal(sample())]
    clock.time -= bound
    expect(receiver.open(first)).toEqual(sample())
    clock.time -= 1
    expect(errorOf(() => receiver.open(second))).toMatchObject({
      code: 'CONTEXT_EXPIRED',
      details: { aheadMs: bound + 1, maxSkewMs: bound },
      message: expect.stringContaining('raise maxSkewMs'),
    })
  })
})

describe('replay', () => {
  test('an envelope opens once', () => {
    const { sender, receiver } = pair()
    const envelope = sender.seal(sample())
    receiver.open(envelope)
    expect(errorOf(() => receiver.open(envelope))).toMatchObject({ code: 'CONTEXT_REPLAYED', retryable: false })
    expect(receiver.open(sender.seal(sample()))).toEqual(sample())
  })

  test('an envelope opens once for as long as it is young enough, and one from the future longer', () => {
    const { clock, sender, receiver } = pair({ maxAgeMs: 1_000, maxSkewMs: 500 })
    const envelope = sender.seal(sample())
    clock.time -= 500
    receiver.open(envelope)
    clock.time += 1_500
    expect(errorOf(() => receiver.open(envelope)).code).toBe('CONTEXT_REPLAYED')
    clock.time += 1
    expect(errorOf(() => receiver.open(envelope)).code).toBe('CONTEXT_EXPIRED')
  })

  test('a nonce is not spent by a forged envelope', () => {
    const { sender, receiver } = pair()
    const envelope = sender.seal(sample())
    expect(errorOf(() => receiver.open({ ...envelope, signature: '0'.repeat(64) })).code).toBe('CONTEXT_SIGNATURE')
    expect(receiver.open(envelope)).toEqual(sample())
  })

  test('a nonce is not spent by an envelope from an address that is not allowed', () => {
    const { sender, receiver } = pair({ allow: { addresses: ['10.0.0.1'] } })
    const envelope = sender.seal(sample())
    expect(errorOf(() => receiver.open(envelope, { address: '6.6.6.6' })).code).toBe('CONTEXT_NOT_ALLOWED')
    expect(receiver.open(envelope, { address: '10.0.0.1' })).toEqual(sample())
  })

  test('a nonce is not spent by who has another key', () => {
    const clock = clockAt(1_000_000)
    const [a, b] = [
      { id: 'a', key: 'the key of the first sender' },
      { id: 'b', key: 'the key of the second sender' },
    ]
    const receiver = createEnvelopes({ keys: [a, b], clock })
    for (const own of [a, b]) {
      expect(receiver.open(createEnvelopes({ keys: [own], clock, ids: idsFrom('same') }).seal(sample()))).toEqual(
        sample(),
      )
    }
  })

  test('a nonce may come again when its envelope is too old', () => {
    const { clock, receiver } = pair({ maxAgeMs: 1_000 })
    const sender = createEnvelopes({ key, clock, ids: idsFrom('same', 'same', 'same') })
    receiver.open(sender.seal(sample()))
    clock.time += 1_000
    expect(errorOf(() => receiver.open(sender.seal(sample()))).code).toBe('CONTEXT_REPLAYED')
    clock.time += 1
    expect(receiver.open(sender.seal(sample()))).toEqual(sample())
  })

  test('when all nonces that can be held are needed, an envelope is refused and none is forgotten', () => {
    const { clock, sender, receiver } = pair({ maxAgeMs: 1_000, maxNonces: 2 })
    const first = sender.seal(sample())
    clock.time += 400
    const second = sender.seal(sample())
    const third = sender.seal(sample())
    // Not in the order of their times.
    receiver.open(second)
    receiver.open(first)
    expect(errorOf(() => receiver.open(third))).toMatchObject({
      code: 'CONTEXT_REPLAYED',
      retryable: true,
      details: { maxNonces: 2, retryAfterMs: 601 },
      message: expect.stringContaining('raise maxNonces'),
    })
    expect(errorOf(() => receiver.open(first)).message).toContain('opened before')
    clock.time += 600
    expect(errorOf(() => receiver.open(third))).toMatchObject({ retryable: true, details: { retryAfterMs: 1 } })
    clock.time += 1
    expect(receiver.open(third)).toEqual(sample())
    expect(errorOf(() => receiver.open(second)).message).toContain('opened before')
    expect(errorOf(() => receiver.open(third)).message).toContain('opened before')
  })

  test('many envelopes with times in any order are each opened once', () => {
    const clock = clockAt(0)
    const sender = createEnvelopes({ key, clock, ids: idsFrom() })
    const envelopes = Array.from({ length: 200 }, (_, i) => {
      clock.time = (i * 37) % 200
      return sender.seal(sample())
    })
    const receiver = createEnvelopes({ key, clock, maxAgeMs: 100, maxSkewMs: 1_000, maxNonces: 200 })
    clock.time = 100
    for (const envelope of envelopes) expect(receiver.open(envelope)).toEqual(sample())
    for (const time of [100, 150, 200, 250]) {
      clock.time = time
      for (const envelope of envelopes) {
        const expected = time - envelope.timestamp > 100 ? 'CONTEXT_EXPIRED' : 'CONTEXT_REPLAYED'
        expect(errorOf(() => receiver.open(envelope)).code).toBe(expected)
      }
    }
  })
})

describe('allow lists', () => {
  const opened = (options: Partial<CreateEnvelopesOptions>, address?: string, context = sample()) => {
    const { sender, receiver } = pair(options)
    return () => receiver.open(sender.seal(context), address === undefined ? {} : { address })
  }

  test('an absent list allows all', () => {
    expect(opened({})()).toEqual(sample())
    expect(opened({ allow: {} })()).toEqual(sample())
    expect(opened({ allow: {} }, '6.6.6.6')()).toEqual(sample())
  })

  test.each(['agents', 'points', 'addresses'] as const)('an empty list of %s allows none', (list) => {
    expect(errorOf(opened({ allow: { [list]: [] } }, '10.0.0.1'))).toMatchObject({
      code: 'CONTEXT_NOT_ALLOWED',
      details: { list },
      message: expect.stringContaining(`allow.${list}`),
    })
  })

  test('agents are known by node and agent id, whatever else is said of them', () => {
    const source = { ...planner, address: 'somewhere', capabilities: { gpu: true } }
    expect(opened({ allow: { agents: [auditor, planner] } }, undefined, sample({ source }))().source).toEqual(source)
    for (const stranger of [
      { nodeId: 'berlin-2', agentId: 'planner' },
      { nodeId: 'berlin-1', agentId: 'auditor' },
      { nodeId: 'berlin-1/planner', agentId: 'planner' },
    ]) {
      const error = errorOf(opened({ allow: { agents: [planner] } }, undefined, sample({ source: stranger })))
      expect(error.code).toBe('CONTEXT_NOT_ALLOWED')
      expect(error.message).toContain(stranger.nodeId)
    }
    const slashes = { allow: { agents: [{ nodeId: 'a/b', agentId: 'c' }] } }
    const other = sample({ source: { nodeId: 'a', agentId: 'b/c' } })
    expect(errorOf(opened(slashes, undefined, other)).code).toBe('CONTEXT_NOT_ALLOWED')
  })

  test.each([
    [['BeforeToolExecution'], 'BeforeToolExecution', true],
    [['Before*'], 'BeforeToolExecution', true],
    [['*'], 'custom:anything', true],
    [['custom:*'], 'custom:mine', true],
    [['tool_security_check'], 'ToolSecurityCheck', true],
    [['After*', 'Before*'], 'BeforeToolExecution', true],
    [['After*'], 'BeforeToolExecution', false],
    [['Before'], 'BeforeToolExecution', false],
    [['toString'], 'constructor', false],
    [['ToolSecurityCheck'], 'tool_security_check', false],
  ])('points %j, %s: %s', (points, point, allowed) => {
    const call = opened({ allow: { points } }, undefined, sample({ hook: { ...hook, point } as never }))
    if (allowed) expect(call().hook.point).toBe(point)
    else expect(errorOf(call)).toMatchObject({ code: 'CONTEXT_NOT_ALLOWED', details: { list: 'points' } })
  })

  test('addresses are those that open is given, exactly', () => {
    const allow = { addresses: ['10.0.0.1', '::1'] }
    expect(opened({ allow }, '10.0.0.1')()).toEqual(sample())
    expect(opened({ allow }, '::1')()).toEqual(sample())
    for (const address of ['10.0.0.10', '10.0.0.', '', '10.0.0.1 ']) {
      expect(errorOf(opened({ allow }, address)).code).toBe('CONTEXT_NOT_ALLOWED')
    }
    const self = sample({ source: { ...planner, address: '10.0.0.1' } })
    const error = errorOf(opened({ allow }, undefined, self))
    expect(error.code).toBe('CONTEXT_NOT_ALLOWED')
    expect(error.message).toContain('without an address')
  })
})

test('open checks in its order: each check is seen to fail while all later ones would too', () => {
  const clock = clockAt(1_000_000)
  const sender = createEnvelopes({ key, clock, ids: idsFrom('spent', 'late') })
  const strict = createEnvelopes({ key, clock, allow: { agents: [], points: [], addresses: [] } })
  const noAgents = createEnvelopes({ key, clock, allow: { points: [], addresses: [] } })
  const noPoints = createEnvelopes({ key, clock, allow: { addresses: [] } })
  const used = createEnvelopes({ key, clock, maxNonces: 1, allow: { addresses: ['home'] } })
  const envelope = sender.seal(sample())
  used.open(envelope, { address: 'home' })

  const bad = { ...copyOf(envelope), version: 2, timestamp: 0, signature: 'x' }
  const steps: [string, string, () => unknown][] = [
    ['CONTEXT_INVALID', 'unknown key', () => strict.open({ ...bad, extra: 1 })],
    ['CONTEXT_INVALID', 'version', () => strict.open(bad)],
    ['CONTEXT_SIGNATURE', 'signature', () => strict.open({ ...bad, version: 1 })],
    ['CONTEXT_EXPIRED', 'sealed', () => used.open(resigned(envelope, 'timestamp', 0))],
    ['CONTEXT_REPLAYED', 'opened before', () => used.open(envelope)],
    ['CONTEXT_REPLAYED', 'maxNonces', () => used.open(sender.seal(sample()))],
    ['CONTEXT_NOT_ALLOWED', 'agent', () => strict.open(envelope)],
    ['CONTEXT_NOT_ALLOWED', 'hook point', () => noAgents.open(envelope)],
    ['CONTEXT_NOT_ALLOWED', 'address', () => noPoints.open(envelope)],
  ]
  for (const [code, text, call] of steps) {
    const error = errorOf(call)
    expect([error.code, error.message.includes(text)]).toEqual([code, true])
  }
})

describe('createEnvelopes', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected object'],
    ['no key', {}, 'expected either key or keys'],
    ['key and keys', { key, keys: [{ id: 'a', key }] }, 'expected either key or keys'],
    ['no keys', { keys: [] }, '"keys"'],
    ['a short key', { key: 'fifteen bytes..' }, '"key": expected a key of at least 16 bytes'],
    ['short bytes', { key: new Uint8Array(15) }, '"key": expected a key of at least 16 bytes'],
    ['a key of another type', { key: 42 }, '"key": expected text or a Uint8Array'],
    [
      'a key id twice',
      {
        keys: [
          { id: 'a', key },
          { id: 'a', key },
        ],
      },
      'no key id twice',
    ],
    ['an empty key id', { keys: [{ id: '', key }] }, '"keys.0.id"'],
    ['an unknown option', { key, maxage: 1 }, '"maxage"'],
    ['no age', { key, maxAgeMs: 0 }, '"maxAgeMs"'],
    ['negative skew', { key, maxSkewMs: -1 }, '"maxSkewMs"'],
    ['no nonces', { key, maxNonces: 0 }, '"maxNonces"'],
    ['a clock that is none', { key, clock: {} }, '"clock"'],
    ['ids that are none', { key, ids: {} }, '"ids"'],
    ['a hash that is none', { key, hash: {} }, '"hash"'],
    ['an unknown list', { key, allow: { ips: [] } }, '"ips"'],
    ['an agent as text', { key, allow: { agents: ['a/b'] } }, '"allow.agents.0"'],
    ['an empty point', { key, allow: { points: [''] } }, '"allow.points.0"'],
  ])('refuses %s', (_, options, text) => {
    const error = errorOf(() => createEnvelopes(options as never))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(text)
  })

  test('an error about a key does not tell it', () => {
    expect(JSON.stringify(errorOf(() => createEnvelopes({ key: 'hunter2' })))).not.toContain('hunter2')
  })

  test('16 bytes are enough', () => {
    expect(parseDistributedContext(createEnvelopes({ key: 'sixteen bytes ok' }).seal(sample()).context)).toEqual(
      sample(),
    )
  })
})
