import { createDistributedContext, createHooks, createIds, parseDistributedContext } from 'hookchart/hooks'
import type { DistributedContext } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'
import { auditor, changed, copyOf, hook, planner, sample } from './distributed-samples.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe('createDistributedContext', () => {
  test('gives the whole wire form, with defaults', () => {
    expect(sample()).toEqual({
      version: 1,
      source: { ...planner, capabilities: {} },
      targets: [{ ...auditor, capabilities: {} }],
      hook,
      trace: { traceparent: '00-00000001000000020000000300000004-0000000500000006-02' },
      hops: { max: 3, taken: 0 },
      flags: {
        broadcast: false,
        awaitRemote: false,
        remoteTimeoutMs: 30_000,
        continueOnFailure: true,
        priority: 'normal',
      },
      results: [],
      metadata: {},
    })
  })

  test('takes the ctx of a hook that runs', async () => {
    const made: DistributedContext[] = []
    const hooks = createHooks()
    hooks.register('BeforeToolExecution', (ctx) => {
      // A hook that has taken what is its own is still one that can be sent.
      expect(ctx.signal.aborted).toBe(false)
      made.push(createDistributedContext({ source: planner, hook: ctx }))
    })
    const result = await hooks.wrap({ name: 'add', before: 'BeforeToolExecution' }, (n: number) => n + 1)(1, {
      metadata: { userId: 'ann' },
    })
    const [context] = made
    expect(context?.hook).toMatchObject({
      point: 'BeforeToolExecution',
      component: { name: 'add' },
      data: { input: 1 },
      metadata: { userId: 'ann' },
      correlationId: result.correlationId,
      operation: { id: result.id, attempt: 1, gatePass: 1 },
      language: 'native',
    })
    // The ids of createIds are trace ids, so the trace is found by the correlation id.
    expect(context?.trace.traceparent).toMatch(new RegExp(`^00-${result.correlationId}-[0-9a-f]{16}-00$`))
    expect(copyOf(context)).toEqual(context)
  })

  test('two new traces have different ids', () => {
    const traces = [1, 2].map(() => createDistributedContext({ source: planner, hook }).trace.traceparent)
    expect(traces[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/)
    expect(traces[0]).not.toBe(traces[1])
  })

  test.each(['0'.repeat(32), 'A'.repeat(32), 'a'.repeat(33)])(
    'the correlation id %s is no trace id, so one is drawn',
    (correlationId) => {
      expect(sample({ hook: { ...hook, correlationId } as never }).trace.traceparent).toBe(
        '00-00000001000000020000000300000004-0000000500000006-02',
      )
    },
  )

  test('chance that gives only zeros still makes valid ids', () => {
    expect(sample({ random: { next: () => 0 } }).trace.traceparent).toBe(
      `00-${'1'.padStart(32, '0')}-${'1'.padStart(16, '0')}-02`,
    )
  })

  test('takes headers that were received as they are', () => {
    const trace = { traceparent: TRACEPARENT, tracestate: 'congo=t61, rojo=1', baggage: 'a=%20' }
    expect(sample({ trace }).trace).toEqual(trace)
    expect(sample({ trace: { baggage: 'a=1' } }).trace).toMatchObject({ baggage: 'a=1' })
  })

  test('takes every option', () => {
    const context = sample({
      source: { ...planner, address: '10.0.0.1:7000', capabilities: { gpu: true } },
      maxHops: 0,
      metadata: { region: 'eu' },
      flags: { broadcast: true, awaitRemote: true, remoteTimeoutMs: '2s', continueOnFailure: false, priority: 'high' },
    })
    expect(context).toMatchObject({
      source: { address: '10.0.0.1:7000', capabilities: { gpu: true } },
      hops: { max: 0, taken: 0 },
      metadata: { region: 'eu' },
      flags: { broadcast: true, awaitRemote: true, remoteTimeoutMs: 2_000, continueOnFailure: false, priority: 'high' },
    })
  })

  test('is a copy that does not change', () => {
    const data = { input: { list: [1] } }
    const context = sample({ hook: { ...hook, data } as never })
    data.input.list.push(2)
    expect(context.hook.data).toEqual({ input: { list: [1] } })
    expect(() => (context.hook.data['input'] as { list: number[] }).list.push(3)).toThrow(TypeError)
    expect(() => Object.assign(context.hops, { taken: 9 })).toThrow(TypeError)
  })

  test('leaves out what JSON leaves out', () => {
    const context = sample({ hook: { ...hook, data: { input: undefined, zero: -0 } } as never })
    expect(Object.keys(context.hook.data)).toEqual(['zero'])
    expect(Object.is(context.hook.data['zero'], 0)).toBe(true)
  })

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected an object'],
    ['no source', { hook }, '"source"'],
    ['no hook', { source: planner }, '"hook"'],
    ['an unknown option', { source: planner, hook, tragets: [] }, 'unknown key "tragets"'],
    ['an unknown flag', { source: planner, hook, flags: { loud: true } }, '"flags": unknown key "loud"'],
    ['an unknown key of an agent', { source: { ...planner, port: 1 }, hook }, '"source": unknown key "port"'],
    ['an empty node id', { source: { ...planner, nodeId: '' }, hook }, '"source.nodeId"'],
    ['a target that comes twice', { source: planner, hook, targets: [auditor, auditor] }, '"targets.1": this agent'],
    [
      'a target that comes twice with other capabilities',
      { source: planner, hook, targets: [auditor, { ...auditor, capabilities: { gpu: true } }] },
      '"targets.1": this agent',
    ],
    ['half a hop', { source: planner, hook, maxHops: 1.5 }, '"maxHops"'],
    ['negative hops', { source: planner, hook, maxHops: -1 }, '"maxHops"'],
    ['no time to wait', { source: planner, hook, flags: { remoteTimeoutMs: 0 } }, '"flags.remoteTimeoutMs"'],
    ['an unknown priority', { source: planner, hook, flags: { priority: 'urgent' } }, '"flags.priority"'],
    [
      'a function',
      { source: planner, hook: { ...hook, data: { input: () => 1 } } },
      '"hook.data.input": is a function',
    ],
    ['a date', { source: planner, hook: { ...hook, data: { input: new Date(0) } } }, '"hook.data.input"'],
    ['infinity', { source: planner, hook, metadata: { n: Infinity } }, '"metadata.n": is Infinity'],
    ['data that is a list', { source: planner, hook: { ...hook, data: [1] } }, '"hook.data"'],
    ['no data', { source: planner, hook: { ...hook, data: undefined } }, '"hook.data"'],
    [
      'a __proto__ key',
      { source: planner, hook, metadata: JSON.parse('{"__proto__":{"admin":true}}') as object },
      '"metadata.__proto__"',
    ],
    ['a bad traceparent', { source: planner, hook, trace: { traceparent: 'x' } }, '"trace.traceparent"'],
    [
      'a bad tracestate',
      { source: planner, hook, trace: { traceparent: TRACEPARENT, tracestate: 'a=1,a=2' } },
      '"trace.tracestate"',
    ],
    ['a bad baggage', { source: planner, hook, trace: { baggage: 'a' } }, '"trace.baggage"'],
    ['a tracestate alone', { source: planner, hook, trace: { tracestate: 'a=1' } }, '"trace.tracestate"'],
    ['chance that is none', { source: planner, hook, random: 4 }, '"random"'],
  ])('refuses %s', (_, options, text) => {
    const error = errorOf(() => createDistributedContext(options as never))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(text)
    expect(error.message).toMatch(/JSON only\.$/)
  })
})

describe('parseDistributedContext', () => {
  const whole = () =>
    sample({
      source: { ...planner, address: 'tcp://berlin', capabilities: { tools: ['add'] } },
      trace: { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: 'b=2' },
    })

  test('takes JSON text and what JSON.parse gives', () => {
    const context = whole()
    expect(parseDistributedContext(JSON.stringify(context))).toEqual(context)
    expect(parseDistributedContext(copyOf(context))).toEqual(context)
    expect(JSON.stringify(parseDistributedContext(JSON.stringify(context)))).toBe(JSON.stringify(context))
  })

  test('gives a frozen copy', () => {
    const given = copyOf(whole())
    const context = parseDistributedContext(given)
    Object.assign(given['hops'] as object, { max: 99 })
    expect(context.hops.max).toBe(3)
    expect(Object.isFrozen(context.hook.data)).toBe(true)
  })

  test.each([
    'version',
    'source',
    'targets',
    'hook',
    'trace',
    'hops',
    'flags',
    'results',
    'metadata',
    'source.nodeId',
    'source.agentId',
    'source.capabilities',
    'hook.point',
    'hook.component',
    'hook.component.type',
    'hook.data',
    'hook.metadata',
    'hook.correlationId',
    'hook.operation',
    'hook.operation.attempt',
    'hook.language',
    'hook.timestamp',
    'trace.traceparent',
    'hops.max',
    'hops.taken',
    'flags.broadcast',
    'flags.remoteTimeoutMs',
    'flags.priority',
  ])('names %s when it is missing', (path) => {
    const error = errorOf(() => parseDistributedContext(changed(whole(), path, () => undefined)))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(`"${path}"`)
    expect(error.message).toContain('createDistributedContext')
    expect(error.details['flaws']).toMatchObject([{ path }])
  })

  test.each([
    [''],
    ['source'],
    ['targets.0'],
    ['hook'],
    ['hook.component'],
    ['hook.operation'],
    ['trace'],
    ['hops'],
    ['flags'],
  ])('names an unknown key in "%s"', (path) => {
    const context = changed(whole(), path === '' ? 'colour' : `${path}.colour`, () => 'red')
    expect(errorOf(() => parseDistributedContext(context)).message).toContain('unknown key "colour"')
  })

  const result = { agent: auditor, status: 'completed', durationMs: 1, at: 1 }
  test.each<[string, string, unknown, string]>([
    ['another version', 'version', 2, 'reads version 1, not 2'],
    ['more hops than there are', 'hops.taken', 4, '"hops.taken"'],
    ['an unknown component', 'hook.component.type', 'plugin', '"hook.component.type"'],
    ['an unknown language', 'hook.language', 'cobol', '"hook.language"'],
    ['a negative time', 'hook.timestamp', -1, '"hook.timestamp"'],
    ['a duration as text', 'flags.remoteTimeoutMs', '2s', '"flags.remoteTimeoutMs"'],
    ['a target that comes twice', 'targets.1', { ...auditor, capabilities: { gpu: true } }, '"targets.1"'],
    ['a result that comes twice', 'results', [result, { ...result, at: 2 }], '"results.1"'],
    ['an unknown status', 'results', [{ ...result, status: 'fine' }], '"results.0.status"'],
    ['a suspended result', 'results', [{ ...result, status: 'suspended' }], '"results.0.status"'],
    [
      'a result with more of an agent than who',
      'results',
      [{ ...result, agent: { ...auditor, address: 'x' } }],
      'unknown',
    ],
    ['an address that is no text', 'source.address', 7, '"source.address"'],
    ['an empty address', 'source.address', '', '"source.address"'],
    ['a long address', 'source.address', 'x'.repeat(501), '"source.address"'],
    ['a control character in an id', 'source.agentId', 'a\nb', '"source.agentId"'],
    ['a long correlation id', 'hook.correlationId', 'c'.repeat(201), '"hook.correlationId"'],
    ['an empty correlation id', 'hook.correlationId', '', '"hook.correlationId"'],
    ['an empty point', 'hook.point', '', '"hook.point"'],
    ['part of an attempt', 'hook.operation.attempt', 0.5, '"hook.operation.attempt"'],
  ])('refuses %s', (_, path, put, text) => {
    const error = errorOf(() => parseDistributedContext(changed(whole(), path, () => put)))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(text)
  })

  test.each<[string, unknown]>([
    ['text that is not JSON', '{"version":1,'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', 1],
    ['nothing', undefined],
    ['a class instance', new Map()],
    ['a number that is too big', '{"version":1e999}'],
    ['a __proto__ key', '{"__proto__":{"version":1}}'],
  ])('refuses %s', (_, value) => {
    expect(errorOf(() => parseDistributedContext(value)).code).toBe('CONTEXT_INVALID')
  })

  test('refuses what is nested without end', () => {
    const nested = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(errorOf(() => parseDistributedContext(nested)).message).toContain('nested deeper')
    const cycle = copyOf(whole())
    cycle['metadata'] = { cycle }
    expect(errorOf(() => parseDistributedContext(cycle)).message).toContain('nested deeper')
  })

  test('a __proto__ key deep inside is refused and sets nothing', () => {
    const text = JSON.stringify(whole()).replace('"n":1', '"__proto__":{"admin":true}')
    expect(errorOf(() => parseDistributedContext(text)).message).toContain('"hook.data.input.__proto__"')
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  test('an error does not repeat what was sent, nor grow with it', () => {
    const text = JSON.stringify({ ...whole(), targets: Array.from({ length: 1_000 }, () => ({ secret: 's3cret' })) })
    const { message } = errorOf(() => parseDistributedContext(text))
    expect(message.length).toBeLessThan(2_000)
    expect(message).toMatch(/and \d+ more/)
    expect(message).not.toContain('s3cret')
    const long = errorOf(() => parseDistributedContext({ ...whole(), ['k'.repeat(100_000)]: 1 }))
    expect(long.message.length).toBeLessThan(500)
    const deep = errorOf(() => parseDistributedContext({ ...whole(), metadata: { ['k'.repeat(100_000)]: Infinity } }))
    expect(deep.message.length).toBeLessThan(500)
  })

  test('the ids of createIds pass', () => {
    const ids = createIds()
    expect(sample({ hook: { ...hook, correlationId: ids.next() } as never }).version).toBe(1)
  })
})
