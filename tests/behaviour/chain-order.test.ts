/** In what order the components of a chain run, and what they get and give. */
import { defineChain, unwrap } from 'hookchart'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { chainBench } from '../support/chains.ts'

test('a component starts as soon as those that it comes after have settled', async () => {
  const { system, log, waiting, tool, go } = chainBench()
  const chain = defineChain('diamond', {
    components: [
      { tool: tool('d'), after: ['b', 'c'] },
      { tool: waiting('b'), after: ['a'] },
      { tool: waiting('c') },
      { tool: waiting('a') },
      { tool: tool('e'), after: ['b'] },
    ],
  })
  const running = system.chains.execute(chain, 'go')
  await go('nothing')
  expect(log).toEqual(['c', 'a'])
  await go('a')
  expect(log).toEqual(['c', 'a', 'b'])
  await go('b')
  expect(log).toEqual(['c', 'a', 'b', 'e'])
  await go('c')
  expect(log).toEqual(['c', 'a', 'b', 'e', 'd'])
  expect(await running).toMatchObject({
    status: 'completed',
    output: { a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' },
    attempts: 1,
  })
})

test('inputs: that of the chain, or made of it and of the results', async () => {
  const { system, tool } = chainBench()
  const seen: unknown[] = []
  const chain = defineChain('report', { input: z.object({ text: z.string().trim() }) })
    .tool(tool('plain', ({ input }) => input))
    .tool(
      tool('made', ({ input }) => input),
      {
        after: ['plain'],
        input: ({ input, results, metadata, correlationId }) => {
          seen.push(metadata, correlationId, Object.keys(results))
          return [input.text, results.plain]
        },
      },
    )
  const result = await system.chains.execute(
    chain,
    { text: ' to be ' },
    { metadata: { userId: 'ann' }, correlationId: 'c-1' },
  )
  expect(result.output).toEqual({ plain: { text: 'to be' }, made: ['to be', { text: 'to be' }] })
  expect(seen).toEqual([{ userId: 'ann' }, 'c-1', ['plain']])
})

test('input that does not fit runs nothing', async () => {
  const { system, log, tool } = chainBench()
  const chain = defineChain('report', { input: z.string() }).tool(tool('a'))
  expect(await system.chains.execute(chain, 1 as never)).toMatchObject({
    status: 'failed',
    error: { code: 'INVALID_INPUT' },
  })
  expect(log).toEqual([])
})

test('an input that cannot be made fails its component', async () => {
  const { system, log, tool } = chainBench()
  const chain = defineChain('report').tool(tool('a'), {
    input: () => {
      throw new RangeError('no idea')
    },
  })
  expect(await system.chains.execute(chain, 1)).toMatchObject({
    status: 'failed',
    error: { message: 'report failed at "a": no idea', details: { component: 'report', failed: 'a' } },
  })
  expect(log).toEqual([])
})

test('a chain without components completes', async () => {
  const { system } = chainBench()
  expect(await system.chains.execute(defineChain('empty'), 1)).toMatchObject({ status: 'completed', output: {} })
})

test.each([
  [1, ['a'], ['a', 'b'], ['a', 'b', 'c']],
  [2, ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c']],
  [undefined, ['a', 'b', 'c'], ['a', 'b', 'c'], ['a', 'b', 'c']],
])('of them at most %s at once', async (maxConcurrency, ...expected) => {
  const { system, log, waiting, go } = chainBench()
  const chain = defineChain('wide', maxConcurrency === undefined ? {} : { maxConcurrency })
    .tool(waiting('a'))
    .tool(waiting('b'))
    .tool(waiting('c'))
  const running = system.chains.execute(chain, 1)
  const seen: string[][] = []
  for (const each of ['', 'a', 'b']) {
    await go(each)
    seen.push([...log])
  }
  expect(seen).toEqual(expected)
  await go('c')
  expect((await running).status).toBe('completed')
})

test('ids with dots, and one like a part of another', async () => {
  const { system, tool } = chainBench()
  const chain = defineChain('a.b').tool(tool('x.running')).tool(tool('x')).tool(tool('x%2Erunning'))
  expect((await system.chains.execute(chain, 1)).output).toEqual({
    'x.running': 'x.running',
    x: 'x',
    'x%2Erunning': 'x%2Erunning',
  })
})

describe('gates', () => {
  test('each fires with its data, in order, as one tree', async () => {
    const { system, tool } = chainBench()
    const seen: unknown[] = []
    system.hooks.register(
      ['*Chain*', 'BeforeToolExecution'],
      ({ point, component, data, correlationId, parent }) =>
        void seen.push([point, component.id, data, correlationId, parent?.component.id]),
      { kind: 'observe' },
    )
    const chain = defineChain('report', { description: 'reports', tags: ['x'], metadata: { of: 'mine' } }).tool(
      tool('a'),
      { id: 'first' },
    )
    unwrap(await system.chains.execute(chain, 1))
    const told = { name: 'report', description: 'reports', tags: ['x'], metadata: { of: 'mine' } }
    const component = { id: 'first', action: 'run', chain: told }
    expect(seen).toEqual([
      ['BeforeChain', 'report', { input: 1, chain: told }, 'id-1', undefined],
      ['BeforeChainComponent', 'report/first', { input: 1, ...component }, 'id-1', 'report'],
      ['BeforeToolExecution', 'a', expect.objectContaining({ input: 1 }), 'id-1', 'report/first'],
      ['AfterChainComponent', 'report/first', { input: 1, output: 'a', ...component }, 'id-1', 'report'],
      ['AfterChain', 'report', { input: 1, output: { first: 'a' }, chain: told }, 'id-1', undefined],
    ])
  })

  test('hooks change what goes in and what comes out', async () => {
    const { system, tool } = chainBench()
    const chain = defineChain('sum').tool(tool('a', ({ input }) => (input as number) + 1))
    const on = system.hooks.for(chain)
    on.register('BeforeChain', () => ({ type: 'modified', patch: { input: 10 } }))
    on.register('BeforeChainComponent', ({ data }) => ({
      type: 'modified',
      patch: { input: (data.input as number) * 2 },
    }))
    system.hooks.register('AfterChainComponent', ({ data }) => ({ type: 'modified', patch: { output: [data.output] } }))
    on.register('AfterChain', ({ data }) => ({
      type: 'modified',
      patch: { output: { ...(data.output as object), more: 1 } },
    }))
    expect((await system.chains.execute(chain, 1)).output).toEqual({ a: [21], more: 1 })
  })

  test('a cancel in front of a component fails it, and its tool is not called', async () => {
    const { system, tool, log } = chainBench()
    system.hooks.register('BeforeChainComponent', () => ({ type: 'cancel', reason: 'not today' }), { name: 'no' })
    const result = await system.chains.execute(defineChain('report').tool(tool('a')), 1)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'HOOK_CANCELLED' } })
    expect(log).toEqual([])
  })

  test('a cancel in front of the chain cancels it', async () => {
    const { system, tool, log } = chainBench()
    system.hooks.register('BeforeChain', () => ({ type: 'cancel', reason: 'not today' }), { name: 'no' })
    const result = await system.chains.execute(defineChain('report').tool(tool('a')), 1)
    expect(result).toMatchObject({ status: 'cancelled', error: { code: 'HOOK_CANCELLED' } })
    expect(log).toEqual([])
  })

  test('what stands in for a component is its output', async () => {
    const { system, tool, log } = chainBench()
    system.hooks.register('BeforeChainComponent', ({ data }) =>
      data.id === 'a' ? { type: 'replace', value: 'cached' } : undefined,
    )
    const chain = defineChain('report')
      .tool(tool('a'))
      .tool(tool('b'), { after: ['a'], input: ({ results }) => results.a })
    expect((await system.chains.execute(chain, 1)).output).toEqual({ a: 'cached', b: 'b' })
    expect(log).toEqual(['b'])
  })

  test('a retry runs the component again, or the chain', async () => {
    const { system, tool, failing, log, clock } = chainBench()
    let once = true
    const hook = system.hooks.register('AfterChainComponent', () => {
      if (!once) return undefined
      once = false
      return { type: 'retry', delayMs: 10 }
    })
    const running = system.chains.execute(defineChain('report').tool(tool('a')), 1)
    await clock.advanceSteps(10)
    expect((await running).status).toBe('completed')
    expect(log).toEqual(['a', 'a'])
    hook.unregister()
    system.hooks.register('ChainError', () => ({ type: 'retry', delayMs: 10, maxAttempts: 2 }))
    const again = system.chains.execute(defineChain('report').tool(failing('b')), 1)
    await clock.advanceSteps(10)
    expect(await again).toMatchObject({ status: 'failed', attempts: 2, error: { code: 'ATTEMPTS_EXHAUSTED' } })
    expect(log).toEqual(['a', 'a', 'b', 'b'])
  })

  test('a chain that failed can be recovered', async () => {
    const { system, failing } = chainBench()
    system.hooks.register('ChainError', ({ data }) => ({ type: 'replace', value: data.error.message }))
    expect(await system.chains.execute(defineChain('report').tool(failing('a')), 1)).toMatchObject({
      status: 'completed',
      output: 'report failed at "a": a broke',
    })
  })

  test('a component that waits for an answer holds no slot', async () => {
    const { system, tool, log, clock } = chainBench()
    system.hooks.register(
      'BeforeChainComponent',
      ({ data }) => (data.id === 'a' ? { type: 'suspend', question: 'May it?' } : undefined),
      { kind: 'guard' },
    )
    const running = system.chains.execute(
      defineChain('report', { maxConcurrency: 1 }).tool(tool('a')).tool(tool('b')),
      1,
    )
    await clock.settle()
    expect(log).toEqual(['b'])
    await system.approvals.resume(system.approvals.pending()[0]!.id)
    expect((await running).status).toBe('completed')
    expect(log).toEqual(['b', 'a'])
  })
})

test('the work of a chain is in its trace', async () => {
  const { system, tool } = chainBench()
  const { trace, id } = await system.chains.execute(defineChain('report').tool(tool('a')), 1)
  expect(trace.filter(({ kind }) => kind === 'effect').map(({ component }) => component)).toEqual(
    expect.arrayContaining(['report', 'a']),
  )
  expect(id).toBe('id-1')
})
