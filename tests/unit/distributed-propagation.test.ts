import { HookchartError, parseTraceparent, propagateContext } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'
import { auditor, counting, copyOf, planner, sample } from './distributed-samples.ts'

const archivist = { nodeId: 'rome-3', agentId: 'archivist' }
const answer = { agent: auditor, status: 'completed', output: 2, durationMs: 3, at: 5 } as const

describe('propagateContext', () => {
  test('goes one hop further and leaves the context as it was', () => {
    const context = propagateContext.record(sample({ metadata: { region: 'eu' } }), answer)
    const before = copyOf(context)
    const next = propagateContext(context, { from: auditor, to: archivist, random: counting() })
    expect(next).toEqual({
      ...before,
      source: { ...auditor, capabilities: {} },
      targets: [{ ...archivist, capabilities: {} }],
      hops: { max: 3, taken: 1 },
      results: [],
      trace: { traceparent: '00-00000001000000020000000300000004-0000000100000002-02' },
    })
    expect(context).toEqual(before)
    expect(next.hook.correlationId).toBe('order-17')
  })

  test('gives a span id of its own in the same trace, with the same flags', () => {
    const traceparent = 'cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later'
    const context = sample({ trace: { traceparent, tracestate: 'congo=t61', baggage: 'a=1' } })
    const { trace } = propagateContext(context, { from: planner, to: auditor })
    const [parent, child] = [parseTraceparent(traceparent), parseTraceparent(trace.traceparent)]
    expect(child).toEqual({ ...parent, spanId: child.spanId })
    expect(child.spanId).not.toBe(parent.spanId)
    expect(trace).toMatchObject({ tracestate: 'congo=t61', baggage: 'a=1' })
    expect(trace.traceparent).toMatch(/^00-/)
  })

  test('an empty tracestate is not sent on', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const context = sample({ trace: { traceparent, tracestate: '' } })
    expect(propagateContext(context, { from: planner, to: auditor }).trace).not.toHaveProperty('tracestate')
  })

  test('takes as many hops as there are, and no more', () => {
    let context = sample({ maxHops: 2 })
    for (const taken of [1, 2]) {
      expect(propagateContext.applies(context)).toBe(true)
      context = propagateContext(context, { from: planner, to: auditor })
      expect(context.hops.taken).toBe(taken)
    }
    expect(propagateContext.applies(context)).toBe(false)
    const error = errorOf(() => propagateContext(context, { from: planner, to: auditor }))
    expect(error).toMatchObject({
      code: 'HOP_LIMIT',
      retryable: false,
      details: { max: 2, taken: 2, correlationId: 'order-17' },
    })
    expect(error.message).toContain('maxHops')
  })

  test('with maxHops 0 it stays where it is', () => {
    expect(errorOf(() => propagateContext(sample({ maxHops: 0 }), { from: planner, to: auditor })).code).toBe(
      'HOP_LIMIT',
    )
  })

  test('takes several agents, and none for a broadcast', () => {
    const { targets } = propagateContext(sample(), { from: planner, to: [auditor, archivist] })
    expect(targets.map(({ agentId }) => agentId)).toEqual(['auditor', 'archivist'])
    expect(propagateContext(sample({ flags: { broadcast: true } }), { from: planner }).targets).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected an object'],
    ['no from', { to: auditor }, '"from"'],
    ['no to without a broadcast', { from: planner }, '"to": expected at least one agent'],
    ['an empty to without a broadcast', { from: planner, to: [] }, '"to": expected at least one agent'],
    ['an agent twice', { from: planner, to: [auditor, auditor] }, '"to.1"'],
    ['an agent without its node', { from: planner, to: { agentId: 'x' } }, '"to.0.nodeId"'],
    ['an unknown option', { from: planner, to: auditor, hops: 9 }, 'unknown key "hops"'],
    ['chance that is none', { from: planner, to: auditor, random: {} }, '"random"'],
  ])('refuses %s', (_, options, text) => {
    const error = errorOf(() => propagateContext(sample(), options as never))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(text)
  })

  test('refuses a context that is none', () => {
    expect(errorOf(() => propagateContext({} as never, { from: planner, to: auditor })).code).toBe('CONTEXT_INVALID')
  })

  test.each([
    [[], false, false],
    [[auditor], false, true],
    [[], true, true],
    [[auditor], true, true],
  ])('targets %j, broadcast %s: applies %s', (targets, broadcast, expected) => {
    expect(propagateContext.applies(sample({ targets, flags: { broadcast } }))).toBe(expected)
    expect(propagateContext.applies(sample({ targets, flags: { broadcast }, maxHops: 0 }))).toBe(false)
  })
})

describe('remote results', () => {
  test('are a list that survives JSON', () => {
    const context = propagateContext.record(sample(), answer)
    expect(context.results).toEqual([answer])
    expect(copyOf(context)).toEqual(context)
    expect(sample().results).toEqual([])
  })

  test('of the same agent are one: the last, whatever else is said of it', () => {
    let context = propagateContext.record(sample(), { ...answer, status: 'failed', output: undefined })
    context = propagateContext.record(context, { ...answer, agent: archivist })
    context = propagateContext.record(context, {
      ...answer,
      agent: { ...auditor, address: 'x', capabilities: { gpu: true } },
    })
    expect(context.results.map(({ agent, status }) => [agent, status])).toEqual([
      [archivist, 'completed'],
      [auditor, 'completed'],
    ])
  })

  test('agents are told apart although their ids have slashes', () => {
    let context = propagateContext.record(sample(), { ...answer, agent: { nodeId: 'a/b', agentId: 'c' } })
    context = propagateContext.record(context, { ...answer, agent: { nodeId: 'a', agentId: 'b/c' } })
    expect(context.results).toHaveLength(2)
  })

  test('successful are those that are completed', () => {
    let context = sample()
    const statuses = ['completed', 'partial', 'failed', 'cancelled', 'timed_out'] as const
    for (const status of statuses) {
      context = propagateContext.record(context, {
        agent: { nodeId: 'n', agentId: status },
        status,
        durationMs: 1,
        at: 1,
      })
    }
    expect(propagateContext.successful(context).map(({ agent }) => agent.agentId)).toEqual(['completed'])
  })

  test('all have succeeded when there are some and none has not', () => {
    const none = sample()
    const one = propagateContext.record(none, answer)
    const two = propagateContext.record(one, { agent: archivist, status: 'partial', durationMs: 1, at: 1 })
    expect([none, one, two].map((context) => propagateContext.allSucceeded(context))).toEqual([false, true, false])
  })

  test('take an error as data and as it was thrown', () => {
    const failed = { agent: auditor, status: 'failed', durationMs: 1, at: 1 } as const
    const data = { code: 'ECONNRESET', name: 'Error', message: 'gone', retryable: true }
    const thrown = Object.assign(new Error('gone'), { code: 'ECONNRESET', retryable: true })
    for (const error of [data, thrown, new HookchartError('ECONNRESET', 'gone', { retryable: true, name: 'Error' })]) {
      const [result] = propagateContext.record(sample(), { ...failed, error }).results
      expect(result?.error).toMatchObject(data)
    }
  })

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected an object'],
    ['an error of what completed', { ...answer, error: new Error('x') }, '"error": a result that is completed'],
    ['an output of what failed', { ...answer, status: 'failed' }, '"output": a result that is failed'],
    ['a suspended result', { ...answer, status: 'suspended' }, '"status"'],
    ['no agent', { ...answer, agent: undefined }, '"agent"'],
    ['a negative duration', { ...answer, durationMs: -1 }, '"durationMs"'],
    ['no time', { ...answer, at: undefined }, '"at"'],
    ['an output that is not JSON', { ...answer, output: new Set() }, '"output"'],
    ['an unknown key', { ...answer, attempts: 1 }, 'unknown key "attempts"'],
    ['an error that is none', { agent: auditor, status: 'failed', error: 'x', durationMs: 1, at: 1 }, '"error"'],
  ])('refuse %s', (_, result, text) => {
    const error = errorOf(() => propagateContext.record(sample(), result as never))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(text)
  })
})
