/** Event correlation: what belongs together, how it ended, and where the time went; within bounds. */
import { createSystem, defineAgent, defineTool, hook, parallel, step } from 'hookchart'
import { createEventCorrelator } from 'hookchart/actors'
import type { CorrelatedStatus, EventCorrelatorOptions } from 'hookchart/actors'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { outcomesOf } from '../support/outcomes.ts'
import { errorOf } from '../support/refusal.ts'

function bench(options: EventCorrelatorOptions = {}) {
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), id: 's' })
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))
  const tool = (name: string, ms: number, fails = false) =>
    defineTool({
      ...{ name, description: name, input: z.unknown() },
      execute: async () => {
        if (ms > 0) await wait(ms)
        if (fails) throw new Error('down')
        return name
      },
    })
  const run = async <Result>(running: Promise<Result>) => {
    await clock.advanceSteps(10_000)
    return running
  }
  return { clock, system, wait, tool, run, correlator: createEventCorrelator(system, options) }
}

test('operations of one run are kept with their parents, paths and ends', async () => {
  const { correlator, system, tool, run } = bench()
  const [quick, slow] = [tool('quick', 10), tool('slow', 70)]
  const both = parallel({
    name: 'both',
    branches: [
      { name: 'a', steps: [step.tool('quick', quick)] },
      { name: 'b', steps: [step.tool('slow', slow)] },
    ],
  })
  system.hooks.register('BeforeToolExecution', () => hook.modified({ input: 1 }), { name: 'one' })
  const { correlationId } = await run(system.workflows.execute(both, undefined))
  const trace = correlator.trace(correlationId)
  expect(trace).toMatchObject({ status: 'completed', cut: 0, lastAt: trace!.startedAt + 70 })
  const byId = new Map(trace!.operations.map((each) => [each.id, each]))
  expect(trace!.operations.map(({ path, parent, durationMs }) => [path, byId.get(parent!)?.path, durationMs])).toEqual([
    ['s/workflow:both', undefined, 70],
    ['s/workflow:both/step:quick', 's/workflow:both', 10],
    ['s/workflow:both/step:quick/tool:quick', 's/workflow:both/step:quick', 10],
    ['s/workflow:both/step:slow', 's/workflow:both', 70],
    ['s/workflow:both/step:slow/tool:slow', 's/workflow:both/step:slow', 70],
  ])
  expect(trace!.events).toMatchObject([
    { type: 'gate_passed', point: 'BeforeToolExecution', decision: 'modified' },
    { type: 'gate_passed', point: 'BeforeToolExecution', decision: 'modified' },
  ])
  expect(JSON.parse(JSON.stringify(trace))).toEqual(trace)
})

test('where the time went: by component, own and whole, by point, and on the path that all waited for', async () => {
  const { correlator, system, tool, run, wait } = bench()
  const [quick, slow] = [tool('quick', 10), tool('slow', 70)]
  const agent = defineAgent({
    name: 'agent',
    execute: async ({ tools }) => {
      await wait(20)
      await Promise.all([tools.call(quick, 1), tools.call(slow, 1)])
    },
  })
  system.hooks.register('AfterToolExecution', () => wait(5), { name: 'look', timeoutMs: '1s' })
  const { correlationId } = await run(system.agents.execute(agent, undefined))
  expect(correlator.analyse(correlationId)).toEqual({
    totalMs: 95,
    components: [
      { component: 'tool:slow', times: 1, totalMs: 75, ownMs: 75 },
      { component: 'agent:agent', times: 1, totalMs: 95, ownMs: 20 },
      { component: 'tool:quick', times: 1, totalMs: 15, ownMs: 15 },
    ],
    points: [{ point: 'AfterToolExecution', times: 2, totalMs: 10 }],
    bottlenecks: [{ component: 'tool:slow', share: 75 / 95 }],
    criticalPath: ['s/agent:agent', 's/agent:agent/tool:slow'],
  })
})

test('runs of one correlation id are one trace; it has failed when one of them has', async () => {
  const { correlator, system, tool, run } = bench()
  const options = { correlationId: 'one' }
  await run(system.tools.execute(tool('good', 1), 1, options))
  expect(correlator.trace('one')?.status).toBe('completed')
  const running = system.tools.execute(tool('bad', 1, true), 1, options)
  expect(correlator.trace('one')?.status).toBe('active')
  await run(running)
  expect(correlator.trace('one')).toMatchObject({
    status: 'failed',
    operations: [{ status: 'completed' }, { status: 'failed' }],
  })
})

test('a child that fails without its run failing is no failure of the trace', async () => {
  const { correlator, system, tool, run } = bench()
  const bad = tool('bad', 1, true)
  const agent = defineAgent({ name: 'patient', execute: async ({ tools }) => (await tools.execute(bad, 1)).status })
  const { correlationId } = await run(system.agents.execute(agent, undefined))
  expect(correlator.trace(correlationId)?.status).toBe('completed')
})

test('something of your own can be recorded', async () => {
  const { correlator, system, tool, run } = bench()
  const { correlationId } = await run(system.tools.execute(tool('t', 1), 1))
  expect(correlator.record(correlationId, 'checked', { by: 'ann' })).toBe(true)
  expect(correlator.trace(correlationId)?.events).toMatchObject([
    { type: 'recorded', message: 'checked', data: { by: 'ann' } },
  ])
  expect(correlator.record('nobody', 'checked')).toBe(false)
  expect(errorOf(() => correlator.record(correlationId, 'x', new Date(0))).code).toBe('DATA_NOT_JSON')
})

test('what goes on is not dropped while something has ended', async () => {
  const { correlator, system, tool, run } = bench({ maxTraces: 2 })
  const long = system.tools.execute(tool('long', 1_000), 1, { correlationId: 'long' })
  for (const correlationId of ['a', 'b', 'c'])
    await system.tools.execute(
      defineTool({ name: correlationId, description: 'x', input: z.unknown(), execute: () => 1 }),
      1,
      { correlationId },
    )
  expect(correlator.traces().map(({ correlationId }) => correlationId)).toEqual(['long', 'c'])
  expect(correlator.stats()).toEqual({ traces: 2, active: 1, dropped: 2, cut: 0 })
  await run(long)
})

test('it looks on until it is stopped, and keeps what it has', async () => {
  const { correlator, system, tool, run } = bench()
  const { correlationId } = await run(system.tools.execute(tool('t', 1), 1))
  correlator.stop()
  const later = await run(system.tools.execute(tool('t', 1), 1))
  expect([correlator.trace(correlationId)?.status, correlator.trace(later.correlationId)]).toEqual([
    'completed',
    undefined,
  ])
})

describe('createEventCorrelator', () => {
  const afterRuns = async (options: EventCorrelatorOptions, runs: number) => {
    const { correlator, system, tool, run, clock } = bench(options)
    system.hooks.register('BeforeToolExecution', () => undefined)
    for (let i = 0; i < runs; i++) await run(system.tools.execute(tool('t', 10), 1, { correlationId: `r${String(i)}` }))
    return { correlator, clock }
  }

  test('maxTraces: how many are kept', async () => {
    const kept = async (maxTraces: number) => (await afterRuns({ maxTraces }, 3)).correlator.stats()
    expect(await outcomesOf(kept, 1, 2)).toMatchObject([
      { traces: 1, dropped: 2 },
      { traces: 2, dropped: 1 },
    ])
  })

  test('maxEventsPerTrace: how much is kept of one', async () => {
    const kept = async (maxEventsPerTrace: number) => {
      const { correlator } = await afterRuns({ maxEventsPerTrace }, 1)
      for (let i = 0; i < 3; i++) correlator.record('r0', 'x')
      const { events, cut } = correlator.trace('r0')!
      return [events.length, cut]
    }
    expect(await outcomesOf(kept, 1, 3)).toEqual([
      [1, 3],
      [3, 1],
    ])
  })

  test('retentionMs: how long', async () => {
    const kept = async (retentionMs: number) => {
      const { correlator, clock } = await afterRuns({ retentionMs }, 1)
      await clock.advance(50_000)
      return correlator.trace('r0') !== undefined
    }
    expect(await outcomesOf(kept, 20_000, 200_000)).toEqual([false, true])
  })

  test('bottleneckShare: what is one', async () => {
    const found = async (bottleneckShare: number) =>
      (await afterRuns({ bottleneckShare }, 1)).correlator.analyse('r0')?.bottlenecks.length
    expect(await outcomesOf(found, 0.5, 1)).toEqual([1, 0])
  })

  test('refuses what is no option, and no system', () => {
    expect(errorOf(() => bench({ maxTrace: 1 } as never)).message).toContain('unknown option "maxTrace"')
    expect(errorOf(() => createEventCorrelator({} as never)).message).toContain('Give what createSystem gave')
  })
})

describe('traces', () => {
  const two = async () => {
    const { correlator, system, tool, run } = bench()
    await run(system.tools.execute(tool('good', 1), 1, { correlationId: 'g' }))
    await run(system.tools.execute(tool('bad', 1, true), 1, { correlationId: 'b' }))
    return (filter: object) => correlator.traces(filter).map(({ correlationId }) => correlationId)
  }

  test('status: how they ended', async () => {
    const traces = await two()
    expect(await outcomesOf((status: CorrelatedStatus) => traces({ status }), 'completed', 'failed')).toEqual([
      ['g'],
      ['b'],
    ])
  })

  test('component: who took part', async () => {
    const traces = await two()
    expect(await outcomesOf((component: string) => traces({ component }), 'good', 'bad')).toEqual([['g'], ['b']])
  })
})
