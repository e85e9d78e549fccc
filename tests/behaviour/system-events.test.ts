/** The events of a system: who publishes them, what they carry, whom they reach, and how they end. */
import { createSystem, defineAgent, defineChain, defineTool, hook, isHookchartError, sequential, step } from 'hookchart'
import type { CreateSystemOptions } from 'hookchart'
import type { UniversalEvent } from 'hookchart/events'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

function bench(options: CreateSystemOptions = {}) {
  const system = createSystem({ id: 'shop', clock: createTestClock(), ids: createTestIds(), ...options })
  const seen: UniversalEvent[] = []
  system.events.subscribe('**', (event) => {
    seen.push(event)
  })
  return { system, seen }
}

const tool = defineTool({
  name: 'pay',
  description: 'pays',
  input: z.unknown(),
  execute: async ({ emit }) => {
    await emit('order.paid', { cents: 700 })
    return 'paid'
  },
})

test('the table of patterns', async () => {
  const { system } = bench()
  const hits: string[] = []
  for (const pattern of ['order.paid', 'order.*', 'order.**', '**.paid', '*', '*.paid', 'order.*.late', 'Order.paid'])
    system.events.subscribe(pattern, ({ type }) => void hits.push(`${type} ${pattern}`))
  for (const type of ['order', 'order.paid', 'order.paid.late']) void system.events.publish(type)
  await system.events.idle()
  expect(hits.sort()).toEqual(
    [
      ...['order *', 'order order.**'],
      ...['order.paid **.paid', 'order.paid *', 'order.paid *.paid', 'order.paid order.*', 'order.paid order.**'],
      ...['order.paid order.paid', 'order.paid.late *', 'order.paid.late order.**', 'order.paid.late order.*.late'],
    ].sort(),
  )
  for (const pattern of ['', 'a..b', '.a', 'a.'])
    expect(() => system.events.subscribe(pattern, () => undefined)).toThrow(
      expect.objectContaining({ code: 'EVENT_PATTERN_INVALID' }) as Error,
    )
})

describe('emit', () => {
  test('of a tool: an event of its run, from the system', async () => {
    const { system, seen } = bench()
    const { correlationId } = await system.tools.execute(tool, 1)
    await system.events.idle()
    expect(seen).toMatchObject([
      { type: 'order.paid', data: { cents: 700 }, metadata: { correlationId, source: 'shop' }, sequence: 0 },
    ])
  })

  test('of agents, steps, and tools that run elsewhere, all of them of one run', async () => {
    const { system, seen } = bench()
    const elsewhere = defineTool({
      name: 'elsewhere',
      description: 'in a thread',
      isolation: 'worker',
      input: z.unknown(),
      execute: async ({ emit }) => {
        await emit('from.thread', 1)
      },
    })
    const agent = defineAgent({ name: 'agent', execute: async ({ emit }) => emit('from.agent') })
    const flow = sequential({
      name: 'flow',
      steps: [step.run('say', async ({ emit }) => emit('from.step')), step.tool('elsewhere', elsewhere)],
    })
    const { correlationId, status } = await system.chains.execute(
      defineChain('all')
        .agent(agent)
        .workflow(flow, { after: ['agent'] }),
      1,
    )
    await system.events.idle()
    expect(status).toBe('completed')
    expect(seen.map(({ type, metadata }) => [type, metadata.correlationId === correlationId])).toEqual([
      ['from.agent', true],
      ['from.step', true],
      ['from.thread', true],
    ])
  })

  test('what the bus refuses is a failure of who publishes', async () => {
    const { system } = bench()
    const bad = defineTool({ name: 'bad', description: 'x', input: z.unknown(), execute: ({ emit }) => emit('a..b') })
    expect((await system.tools.execute(bad, 1)).error?.code).toBe('EVENT_TYPE_INVALID')
  })
})

test('hooks of the system have a say, and their events are of their run', async () => {
  const { system, seen } = bench()
  system.hooks.register('BeforeEventEmit', ({ data }) =>
    data.type === 'order.paid' ? hook.modified({ input: { cents: 1 } }) : undefined,
  )
  system.hooks.register('AfterToolExecution', async (ctx) => {
    await system.events.publish('hook.saw', undefined, { parent: ctx })
    return undefined
  })
  const { correlationId } = await system.tools.execute(tool, 1)
  await system.events.idle()
  expect(seen.map(({ type, data, metadata }) => [type, data, metadata.correlationId === correlationId])).toEqual([
    ['order.paid', { cents: 1 }, true],
    ['hook.saw', null, true],
  ])
})

test('idle waits for handlers; a stop hands on what is pending, and nothing is taken any more', async () => {
  const { system } = bench()
  const handled: string[] = []
  system.events.subscribe('slow.*', async ({ type }) => {
    await Promise.resolve()
    handled.push(type)
  })
  void system.events.publish('slow.one')
  await system.idle()
  expect(handled).toEqual(['slow.one'])
  void system.events.publish('slow.two')
  await system.stop()
  expect(handled).toEqual(['slow.one', 'slow.two'])
  const late = (() => {
    try {
      void system.events.publish('late')
      return undefined
    } catch (error) {
      return error
    }
  })()
  expect(isHookchartError(late, 'EVENTS_STOPPED')).toBe(true)
})
