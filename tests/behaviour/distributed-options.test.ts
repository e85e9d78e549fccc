/** The options of contexts that travel and of their envelopes: of each, two values that come to two outcomes. */
import { createHmac } from 'node:crypto'
import { createDistributedContext, createEnvelopes, isHookchartError, propagateContext } from 'hookchart/hooks'
import type {
  CreateDistributedContextOptions,
  CreateEnvelopesOptions,
  PropagationFlags,
  TraceHeaders,
} from 'hookchart/hooks'
import { createTestClock, createTestIds, seededRandom } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { outcomesOf } from '../support/outcomes.ts'

const planner = { nodeId: 'berlin-1', agentId: 'planner' }
const auditor = { nodeId: 'oslo-2', agentId: 'auditor' }

const hookAt = (point: string): CreateDistributedContextOptions['hook'] => ({
  point,
  component: { type: 'tool', name: 'add', id: 'tool-1' },
  data: { input: 1 },
  metadata: {},
  correlationId: 'order-17',
  operation: { id: 'op-1', attempt: 1, gatePass: 1 },
  language: 'native',
  timestamp: 0,
})

const contextOf = (options: Partial<CreateDistributedContextOptions> = {}) =>
  createDistributedContext({
    source: planner,
    targets: [auditor],
    hook: hookAt('BeforeToolExecution'),
    random: seededRandom(1),
    ...options,
  })

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03'

describe('createDistributedContext', () => {
  test('source: who sends it', async () => {
    const source = (given: typeof planner) => contextOf({ source: given }).source.agentId
    expect(await outcomesOf(source, planner, auditor)).toEqual(['planner', 'auditor'])
  })

  test('targets: whom it is for, and so whether it is passed on', async () => {
    const outcome = (targets: (typeof planner)[]) => propagateContext.applies(contextOf({ targets }))
    expect(await outcomesOf(outcome, [auditor], [])).toEqual([true, false])
  })

  test('hook: what travels', async () => {
    const point = (given: string) => contextOf({ hook: hookAt(given) }).hook.point
    expect(await outcomesOf(point, 'ToolError', 'AgentError')).toEqual(['ToolError', 'AgentError'])
  })

  test('trace: that of the caller, or a new one', async () => {
    const outcome = (trace: Partial<TraceHeaders>) => contextOf({ trace }).trace.traceparent === TRACEPARENT
    expect(await outcomesOf(outcome, { traceparent: TRACEPARENT }, {})).toEqual([true, false])
  })

  test.each<[keyof TraceHeaders, readonly [string, string]]>([
    ['traceparent', [TRACEPARENT, TRACEPARENT.replace('0af7', '1af7')]],
    ['tracestate', ['a=1', 'a=2']],
    ['baggage', ['user=ann', 'user=bob']],
  ])('trace.%s: the header that goes along', async (header, values) => {
    const sent = (value: string) => {
      const context = contextOf({ trace: { traceparent: TRACEPARENT, [header]: value } })
      return createEnvelopes({ key: KEY }).seal(context).context.trace[header]
    }
    expect(await outcomesOf(sent, ...values)).toEqual(values)
  })

  test('maxHops: how often it is passed on', async () => {
    const hops = (maxHops: number) => {
      let context = contextOf({ maxHops })
      while (propagateContext.applies(context)) context = propagateContext(context, { from: planner, to: auditor })
      return context.hops.taken
    }
    expect(await outcomesOf(hops, 0, 2)).toEqual([0, 2])
  })

  test('flags: how it is to be handled', async () => {
    const outcome = (flags: Partial<PropagationFlags>) => propagateContext.applies(contextOf({ targets: [], flags }))
    expect(await outcomesOf(outcome, { broadcast: true }, {})).toEqual([true, false])
  })

  test('flags.broadcast: whether it goes on without targets', async () => {
    const outcome = (broadcast: boolean) => propagateContext.applies(contextOf({ targets: [], flags: { broadcast } }))
    expect(await outcomesOf(outcome, true, false)).toEqual([true, false])
  })

  test.each<[keyof PropagationFlags, readonly [unknown, unknown]]>([
    ['awaitRemote', [true, false]],
    ['remoteTimeoutMs', [10, 20]],
    ['continueOnFailure', [true, false]],
    ['priority', ['low', 'critical']],
  ])('flags.%s: what the receiver reads', async (flag, values) => {
    const received = (value: unknown) => {
      const sent = createEnvelopes({ key: KEY }).seal(contextOf({ flags: { [flag]: value } }))
      return createEnvelopes({ key: KEY }).open(JSON.stringify(sent)).flags[flag]
    }
    expect(await outcomesOf(received, ...values)).toEqual(values)
  })

  test('metadata: what the sender says besides', async () => {
    const said = (reason: string) => contextOf({ metadata: { reason } }).metadata
    expect(await outcomesOf(said, 'a', 'b')).toEqual([{ reason: 'a' }, { reason: 'b' }])
  })

  test('random: what the ids of a new trace are drawn from', async () => {
    const trace = (seed: number) => contextOf({ random: seededRandom(seed) }).trace.traceparent
    const [first, again, other] = await outcomesOf(trace, 1, 1, 2)
    expect([first === again, first === other]).toEqual([true, false])
  })
})

describe('an agent', () => {
  test.each(['nodeId', 'agentId'] as const)('%s: whether it is another one', async (key) => {
    const outcome = (value: string) =>
      opened({ allow: { agents: [planner] } }, { source: { ...planner, [key]: value } })
    expect(await outcomesOf(outcome, planner[key], 'other')).toEqual(['opened', 'CONTEXT_NOT_ALLOWED'])
  })

  test('address: what others read of it; with another one it is the same agent', async () => {
    const read = (address: string) => {
      const source = { ...planner, address }
      expect(opened({ allow: { agents: [planner] } }, { source })).toBe('opened')
      return contextOf({ source }).source.address
    }
    expect(await outcomesOf(read, 'here', 'there')).toEqual(['here', 'there'])
  })

  test('capabilities: what others read of it', async () => {
    const read = (speaks: string) => contextOf({ source: { ...planner, capabilities: { speaks } } }).source.capabilities
    expect(await outcomesOf(read, 'en', 'de')).toEqual([{ speaks: 'en' }, { speaks: 'de' }])
  })
})

describe('propagateContext', () => {
  test('from: who sends it now', async () => {
    const source = (from: typeof planner) => propagateContext(contextOf(), { from, to: auditor }).source.agentId
    expect(await outcomesOf(source, planner, auditor)).toEqual(['planner', 'auditor'])
  })

  test('to: whom it is for now', async () => {
    const targets = (to: (typeof planner)[]) =>
      propagateContext(contextOf(), { from: planner, to }).targets.map(({ agentId }) => agentId)
    expect(await outcomesOf(targets, [auditor], [auditor, planner])).toEqual([['auditor'], ['auditor', 'planner']])
  })

  test('random: what the new span id is drawn from', async () => {
    const context = contextOf()
    const trace = (seed: number) =>
      propagateContext(context, { from: planner, to: auditor, random: seededRandom(seed) }).trace.traceparent
    const [first, again, other] = await outcomesOf(trace, 1, 1, 2)
    expect([first === again, first === other]).toEqual([true, false])
  })
})

const KEY = 'a key that both nodes know'

/** What becomes of an envelope from a sender 1,000 ms after it was sealed. */
function opened(
  options: Partial<CreateEnvelopesOptions>,
  context: Partial<CreateDistributedContextOptions> = {},
  { address, sealedAt = 0, times = 1 }: { address?: string; sealedAt?: number; times?: number } = {},
) {
  const sender = createEnvelopes({ key: KEY, clock: createTestClock(sealedAt), ids: createTestIds() })
  const keyed = options.keys === undefined ? { key: KEY } : {}
  const receiver = createEnvelopes({ ...keyed, clock: createTestClock(1_000), ...options })
  try {
    for (let i = 0; i < times; i++)
      receiver.open(sender.seal(contextOf(context)), address === undefined ? {} : { address })
    return 'opened'
  } catch (error) {
    if (!isHookchartError(error)) throw error
    return error.code
  }
}

describe('createEnvelopes', () => {
  test('key: what both sides must have', async () => {
    const outcome = (key: string) => opened({ key })
    expect(await outcomesOf(outcome, KEY, 'another key that is long')).toEqual(['opened', 'CONTEXT_SIGNATURE'])
  })

  test('keys: any of them opens', async () => {
    const other = { id: 'other', key: 'another key that is long' }
    const outcome = (keys: { id: string; key: string }[]) => opened({ keys })
    expect(await outcomesOf(outcome, [other, { id: 'default', key: KEY }], [other])).toEqual([
      'opened',
      'CONTEXT_SIGNATURE',
    ])
  })

  test('keys[].id: what an envelope calls its key by', async () => {
    const outcome = (id: string) => opened({ keys: [{ id, key: KEY }] })
    expect(await outcomesOf(outcome, 'default', 'other')).toEqual(['opened', 'CONTEXT_SIGNATURE'])
  })

  test('keys[].key: the key', async () => {
    const outcome = (key: string) => opened({ keys: [{ id: 'default', key }] })
    expect(await outcomesOf(outcome, KEY, 'another key that is long')).toEqual(['opened', 'CONTEXT_SIGNATURE'])
  })

  test('clock: whose time an envelope has, and is judged by', async () => {
    const timestamp = (at: number) =>
      createEnvelopes({ key: KEY, clock: createTestClock(at) }).seal(contextOf()).timestamp
    expect(await outcomesOf(timestamp, 5, 6)).toEqual([5, 6])
    const outcome = (at: number) => opened({ clock: createTestClock(at) })
    expect(await outcomesOf(outcome, 300_000, 300_001)).toEqual(['opened', 'CONTEXT_EXPIRED'])
  })

  test('ids: the nonces', async () => {
    const nonce = (prefix: string) => createEnvelopes({ key: KEY, ids: createTestIds(prefix) }).seal(contextOf()).nonce
    expect(await outcomesOf(nonce, 'a', 'b')).toEqual(['a-1', 'b-1'])
  })

  test('maxAgeMs: how old an envelope may be', async () => {
    expect(await outcomesOf((maxAgeMs: number) => opened({ maxAgeMs }), 1_000, 999)).toEqual([
      'opened',
      'CONTEXT_EXPIRED',
    ])
  })

  test('maxSkewMs: how far ahead of the clock it may be', async () => {
    const outcome = (maxSkewMs: number) => opened({ maxSkewMs }, {}, { sealedAt: 1_500 })
    expect(await outcomesOf(outcome, 500, 499)).toEqual(['opened', 'CONTEXT_EXPIRED'])
  })

  test('maxNonces: how many envelopes it can tell apart at once', async () => {
    const outcome = (maxNonces: number) => opened({ maxNonces }, {}, { times: 3 })
    expect(await outcomesOf(outcome, 3, 2)).toEqual(['opened', 'CONTEXT_REPLAYED'])
  })

  test('allow: who may send', async () => {
    const outcome = (allow: NonNullable<CreateEnvelopesOptions['allow']>) => opened({ allow })
    expect(await outcomesOf(outcome, {}, { agents: [] })).toEqual(['opened', 'CONTEXT_NOT_ALLOWED'])
  })

  test.each<[string, readonly [object, object]]>([
    ['agents', [{ agents: [planner] }, { agents: [auditor] }]],
    ['points', [{ points: ['Before*'] }, { points: ['After*'] }]],
    ['addresses', [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }]],
  ])('allow.%s: which are let in', async (_, lists) => {
    const outcome = (allow: object) => opened({ allow }, {}, { address: '10.0.0.1' })
    expect(await outcomesOf(outcome, ...lists)).toEqual(['opened', 'CONTEXT_NOT_ALLOWED'])
  })

  test('hash: what signs', async () => {
    const signature = (algorithm: string) => {
      const hmacSha256 = (key: string | Uint8Array, text: string) =>
        createHmac(algorithm, key).update(text).digest('hex')
      const hash = { sha256: (text: string) => text, hmacSha256, equal: (a: string, b: string) => a === b }
      return createEnvelopes({ key: KEY, hash }).seal(contextOf()).signature.length
    }
    expect(await outcomesOf(signature, 'sha256', 'sha512')).toEqual([64, 128])
  })

  test('address: where an envelope came from, for the list of addresses', async () => {
    const outcome = (address: string) => opened({ allow: { addresses: ['10.0.0.1'] } }, {}, { address })
    expect(await outcomesOf(outcome, '10.0.0.1', '10.0.0.2')).toEqual(['opened', 'CONTEXT_NOT_ALLOWED'])
  })
})
