/** Laws of distributed contexts: they survive JSON, no change goes unseen, hops end, nothing opens twice. */
import * as fc from 'fast-check'
import {
  createDistributedContext,
  createEnvelopes,
  formatBaggage,
  formatTraceparent,
  formatTracestate,
  isHookchartError,
  parseBaggage,
  parseDistributedContext,
  parseTraceparent,
  parseTracestate,
  propagateContext,
} from 'hookchart/hooks'
import type { DistributedContext, Envelope } from 'hookchart/hooks'
import { expect, test } from 'vitest'

const runs = (times: number) => ({ numRuns: times * Number(process.env['HOOKCHART_RUNS'] ?? 1) })

const KEY = 'a key that both nodes know'

/** Any text at all, halves of surrogate pairs too. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units))
const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }), anyText)
const key = text.filter((each) => each !== '__proto__')
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, -0, 5e-324, 1e21, 0.1, '', 'constructor'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
})).value
const record = fc.dictionary(key, json, { maxKeys: 3 })

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length })
const id = (length: number) => hex(length).filter((each) => /[^0]/.test(each))
/** What is compared strictly with what a parser makes is made like that, with a prototype. */
const plain = { noNullPrototype: true } as const
const traceparent = fc.record({ traceId: id(32), spanId: id(16), sampled: fc.boolean(), random: fc.boolean() }, plain)

const characters = (from: number, to: number, without: string) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)).filter(
    (each) => !without.includes(each),
  )
const tracestate = fc.uniqueArray(
  fc.record(
    {
      key: fc.stringMatching(/^[a-z0-9][a-z0-9_\-*/@]{0,30}$/),
      value: fc
        .string({ unit: fc.constantFrom(...characters(0x20, 0x7e, ',=')), minLength: 1, maxLength: 30 })
        .filter((each) => !each.endsWith(' ')),
    },
    plain,
  ),
  { selector: (entry) => entry.key, maxLength: 32 },
)

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,10}$/)
const unicode = fc.string({ unit: 'binary', maxLength: 12 })
const property = fc.oneof(fc.record({ key: token }, plain), fc.record({ key: token, value: unicode }, plain))
const baggage = fc.array(
  fc.record({ key: token, value: unicode, properties: fc.array(property, { maxLength: 2 }) }, plain),
  { maxLength: 12 },
)

const name = fc.stringMatching(/^[a-z0-9/._-]{1,8}$/)
const identity = fc.record({ nodeId: name, agentId: name })
const agent = fc.record(
  { nodeId: name, agentId: name, address: name, capabilities: record },
  { requiredKeys: ['nodeId', 'agentId'] },
)
const agents = (minLength: number) =>
  fc.uniqueArray(agent, { minLength, maxLength: 3, selector: ({ nodeId, agentId }) => `${nodeId} ${agentId}` })
const time = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e13, noNaN: true }))
const result = fc.oneof(
  fc.record({
    agent: identity,
    status: fc.constantFrom('completed' as const, 'partial' as const),
    output: json,
    durationMs: time,
    at: time,
  }),
  fc.record({
    agent: identity,
    status: fc.constantFrom('failed' as const, 'cancelled' as const, 'timed_out' as const),
    error: fc.record(
      { code: text, name: text, message: text, retryable: fc.boolean(), details: record, cause: json },
      { requiredKeys: ['code', 'name', 'message', 'retryable'] },
    ),
    durationMs: time,
    at: time,
  }),
)

const options = fc.record(
  {
    source: agent,
    targets: agents(0),
    hook: fc.record({
      point: fc.oneof(
        fc.constantFrom('BeforeToolExecution', 'custom:x'),
        text.filter((each) => each !== ''),
      ),
      component: fc.record({ type: fc.constantFrom('tool' as const, 'agent' as const), name: text, id: text }),
      data: record,
      metadata: record,
      correlationId: fc.oneof(
        hex(32),
        text.filter((each) => each !== ''),
      ),
      operation: fc.record({ id: text, attempt: fc.nat(), gatePass: fc.nat() }),
      language: fc.constantFrom('native' as const, 'lua' as const, 'unknown' as const),
      timestamp: time,
    }),
    trace: fc.record({ traceparent, tracestate, baggage }).map((trace) => ({
      traceparent: formatTraceparent(trace.traceparent),
      tracestate: formatTracestate(trace.tracestate),
      baggage: formatBaggage(trace.baggage),
    })),
    maxHops: fc.nat(5),
    flags: fc.record(
      {
        broadcast: fc.boolean(),
        awaitRemote: fc.boolean(),
        remoteTimeoutMs: fc.integer({ min: 1 }),
        continueOnFailure: fc.boolean(),
        priority: fc.constantFrom('low' as const, 'normal' as const, 'high' as const, 'critical' as const),
      },
      { requiredKeys: [] },
    ),
    metadata: record,
  },
  { requiredKeys: ['source', 'hook'] },
)

const context: fc.Arbitrary<DistributedContext> = fc
  .tuple(options, fc.array(result, { maxLength: 3 }))
  .map(([given, results]) => results.reduce(propagateContext.record, createDistributedContext(given)))

function clockAt(start: number) {
  const clock = { time: start, now: () => clock.time }
  return clock
}

function counter() {
  let n = 0
  return { next: () => `nonce-${String(++n)}` }
}

/** The code of the HookchartError that a call throws, or undefined. Anything else that is thrown fails the test. */
function codeOf(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if (isHookchartError(error)) return error.code
    throw error
  }
}

test('a context is what it is after a trip through JSON', () => {
  fc.assert(
    fc.property(context, (each) => {
      const sent = JSON.stringify(each)
      const back: unknown = JSON.parse(sent)
      expect(back).toStrictEqual(each)
      expect(parseDistributedContext(back)).toStrictEqual(each)
      expect(JSON.stringify(parseDistributedContext(sent))).toBe(sent)
    }),
    runs(300),
  )
})

test('an envelope is what it is after a trip through JSON, and opens to the context that was sealed', () => {
  fc.assert(
    fc.property(context, time, (each, now) => {
      const clock = clockAt(now)
      const envelope = createEnvelopes({ key: KEY, clock, ids: counter() }).seal(each)
      const sent = JSON.stringify(envelope)
      expect(JSON.parse(sent)).toStrictEqual(envelope)
      expect(createEnvelopes({ key: KEY, clock }).open(sent)).toStrictEqual(each)
    }),
    runs(200),
  )
})

test('an envelope of which one character was changed does not open, or opens to the identical context', () => {
  const character = fc.oneof(
    fc.constantFrom(...Array.from('0123456789-+.eE{}[]",:\\ \n\tabcdefux_')),
    fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
  )
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    removed: fc.constantFrom(0, 1),
    put: fc.oneof(character, fc.constant('')),
  })
  fc.assert(
    fc.property(context, fc.array(change, { minLength: 20, maxLength: 40 }), (each, changes) => {
      const clock = clockAt(1_000)
      const sent = JSON.stringify(createEnvelopes({ key: KEY, clock, ids: counter() }).seal(each))
      for (const { at, removed, put } of changes) {
        const index = Math.floor(at * sent.length)
        const changed = sent.slice(0, index) + put + sent.slice(index + removed)
        let opened: DistributedContext | undefined
        const code = codeOf(() => {
          opened = createEnvelopes({ key: KEY, clock }).open(changed)
        })
        if (code === undefined) expect(opened).toStrictEqual(each)
        else expect(['CONTEXT_INVALID', 'CONTEXT_SIGNATURE']).toContain(code)
      }
    }),
    runs(60),
  )
})

test('headers are what they were when they are written and read', () => {
  fc.assert(
    fc.property(traceparent, tracestate, baggage, (parent, state, carried) => {
      expect(parseTraceparent(formatTraceparent(parent))).toStrictEqual(parent)
      expect(parseTracestate(formatTracestate(state))).toStrictEqual(state)
      expect(parseBaggage(formatBaggage(carried))).toStrictEqual(carried)
      expect(formatBaggage(carried)).toMatch(/^[\x21-\x7e]*$/)
    }),
    runs(500),
  )
})

test('any text is a header that can be written again, or CONTEXT_INVALID', () => {
  const pieces = fc.array(
    fc.oneof(fc.constantFrom(',', '=', ';', ' ', '\t', '%', '%20', '%C3', '-', 'a', '0', '@', '00-', '\n'), anyText),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(
      pieces.map((each) => each.join('')),
      (header) => {
        for (const roundTrip of [
          () => {
            expect(parseTracestate(formatTracestate(parseTracestate(header)))).toStrictEqual(parseTracestate(header))
          },
          () => {
            expect(parseBaggage(formatBaggage(parseBaggage(header)))).toStrictEqual(parseBaggage(header))
          },
          () => parseTraceparent(header),
        ]) {
          expect([undefined, 'CONTEXT_INVALID']).toContain(codeOf(roundTrip))
        }
      },
    ),
    runs(1_000),
  )
})

test('whatever comes is a context or CONTEXT_INVALID', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), fc.json(), anyText), (value) => {
      expect(codeOf(() => parseDistributedContext(value))).toBe('CONTEXT_INVALID')
      expect(codeOf(() => createEnvelopes({ key: KEY }).open(value))).toBe('CONTEXT_INVALID')
    }),
    runs(500),
  )
})

test('a context with one part replaced by anything is a context or CONTEXT_INVALID', () => {
  const paths = (value: unknown, path: readonly string[] = []): (readonly string[])[] => [
    path,
    ...(typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([member, inner]) => paths(inner, [...path, member]))
      : []),
  ]
  fc.assert(
    fc.property(context, fc.nat(), fc.oneof(fc.anything(), json), (each, pick, value) => {
      const all = paths(each).filter((path) => path.length > 0)
      const path = all[pick % all.length] as readonly string[]
      const changed = structuredClone(each) as unknown as Record<string, unknown>
      const parent = path.slice(0, -1).reduce((inner, member) => inner[member] as Record<string, unknown>, changed)
      parent[path.at(-1) as string] = value
      let parsed: DistributedContext | undefined
      const code = codeOf(() => {
        parsed = parseDistributedContext(changed)
      })
      if (code === undefined) expect(JSON.parse(JSON.stringify(parsed))).toStrictEqual(parsed)
      else expect(code).toBe('CONTEXT_INVALID')
    }),
    runs(500),
  )
})

test('hops never exceed their maximum, and the trace and the correlation stay', () => {
  fc.assert(
    fc.property(context, fc.array(fc.tuple(agent, agents(1)), { maxLength: 8 }), (first, ways) => {
      let current = first
      for (const [from, to] of ways) {
        const mayGo = current.hops.taken < current.hops.max
        const code = codeOf(() => {
          const next = propagateContext(current, { from, to })
          expect(next.hops).toEqual({ max: first.hops.max, taken: current.hops.taken + 1 })
          expect(next.hook).toEqual(first.hook)
          expect(next.results).toEqual([])
          const [parent, child] = [current, next].map(({ trace }) => parseTraceparent(trace.traceparent))
          expect(child).toEqual({ ...parent, spanId: child?.spanId })
          expect(child?.spanId).not.toBe(parent?.spanId)
          expect(propagateContext.applies(next)).toBe(next.hops.taken < next.hops.max)
          current = next
        })
        expect(code).toBe(mayGo ? undefined : 'HOP_LIMIT')
        expect(current.hops.taken).toBeLessThanOrEqual(current.hops.max)
      }
    }),
    runs(200),
  )
})

test('nothing opens twice, and what is refused as a replay was opened or has no room', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('advance' as const), ms: fc.nat(60) }),
    fc.record({ type: fc.constant('seal' as const), skewMs: fc.integer({ min: -60, max: 60 }) }),
    fc.record({ type: fc.constant('open' as const), pick: fc.nat() }),
  )
  const [only] = fc.sample(context, 1)
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 10, maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      (steps, maxNonces) => {
        const [clock, sending] = [clockAt(1_000), clockAt(1_000)]
        const sender = createEnvelopes({ key: KEY, clock: sending, ids: counter() })
        const receiver = createEnvelopes({ key: KEY, clock, maxAgeMs: 100, maxSkewMs: 40, maxNonces })
        const sealed: Envelope[] = []
        const opened = new Set<Envelope>()
        for (const each of steps) {
          if (each.type === 'advance') clock.time += each.ms
          else if (each.type === 'seal') {
            sending.time = clock.time + each.skewMs
            sealed.push(sender.seal(only as DistributedContext))
          } else if (sealed.length > 0) {
            const envelope = sealed[each.pick % sealed.length] as Envelope
            const ageMs = clock.time - envelope.timestamp
            const needed = [...opened].filter(({ timestamp }) => clock.time - timestamp <= 100)
            const code = codeOf(() => receiver.open(envelope))
            if (ageMs > 100 || ageMs < -40) expect(code).toBe('CONTEXT_EXPIRED')
            else if (opened.has(envelope) || needed.length >= maxNonces) expect(code).toBe('CONTEXT_REPLAYED')
            else expect(code).toBeUndefined()
            if (code === undefined) opened.add(envelope)
          }
        }
      },
    ),
    runs(200),
  )
})
