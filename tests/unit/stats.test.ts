import { createHooks, hook } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { statsOf } from '../../src/hooks/stats.ts'
import { deferred } from '../support/kernel.ts'
import { kernelOf, nothing } from './kernel-samples.ts'

test('of hooks that nobody registered are zeros', () => {
  expect(statsOf(kernelOf().kernel)).toEqual({
    hooks: 0,
    byPoint: {},
    byLanguage: {},
    perHook: [],
    breakers: [],
    overhead: [],
    observing: 0,
    pending: 0,
  })
})

test('a hook counts once, and at each of its points', () => {
  const { kernel } = kernelOf()
  const register = (points: unknown, options: object) =>
    kernel.registry.register({ points, handler: nothing, options: { breaker: false, ...options } })
  register(['ToolError', 'AgentError'], { name: 'a', language: 'lua' })
  register('ToolError', { name: 'b' })
  register('ToolError', { name: 'c' })
  const { hooks, byPoint, byLanguage, perHook, breakers } = statsOf(kernel)
  expect({ hooks, byPoint, byLanguage, breakers }).toEqual({
    hooks: 3,
    byPoint: { AgentError: 1, ToolError: 3 },
    byLanguage: { lua: 1, native: 2 },
    breakers: [],
  })
  expect(perHook.map(({ hook: name, point }) => `${name} ${point}`)).toEqual([
    'a AgentError',
    'a ToolError',
    'b ToolError',
    'c ToolError',
  ])
})

test('passes that no hook interrupted are counted too', () => {
  const { kernel } = kernelOf()
  kernel.registry.register({ points: 'ToolError', handler: nothing, options: { name: 'a' } })
  const slot = kernel.registry.points.slot('ToolError')
  const chain = slot.chainFor(slot.component)!
  chain.passes = 7
  expect(statsOf(kernel).perHook[0]?.count).toBe(7)
  expect(statsOf(kernel).perHook[0]?.count).toBe(7)
})

test('the share is that of the operations which passed the point', () => {
  const { kernel } = kernelOf()
  kernel.registry.register({ points: 'ToolError', handler: nothing, options: { name: 'a' } })
  const slot = kernel.registry.points.slot('ToolError')
  slot.links[0]!.meter.count = 2
  slot.links[0]!.meter.record(5, 0)
  kernel.overhead.count(100, [{ slot, passes: 1, hookMs: 10 }])
  expect(statsOf(kernel).perHook[0]).toMatchObject({ count: 2, meanMs: 5, shareRatio: 0.1 })
})

describe('of hooks that run', () => {
  test('breakers, observers and approvals are those of now', async () => {
    const clock = createTestClock()
    const hooks = createHooks({ clock })
    const gate = deferred()
    hooks.register('AfterToolExecution', () => gate.promise, { name: 'watch', kind: 'observe' })
    hooks.register('BeforeToolExecution', () => hook.suspend({ question: 'go?' }), { name: 'ask', breaker: false })
    const running = hooks.wrap(
      { name: 'tool', before: 'BeforeToolExecution', after: 'AfterToolExecution' },
      () => 1,
    )(undefined)
    expect(hooks.stats()).toMatchObject({ pending: 1, observing: 0 })
    await hooks.approvals.resume(hooks.approvals.pending()[0]!.id)
    await running
    expect(hooks.stats()).toMatchObject({ pending: 0, observing: 1 })
    expect(hooks.stats().breakers).toEqual([
      {
        hook: 'watch',
        point: 'AfterToolExecution',
        state: 'closed',
        generation: 0,
        failures: [],
        slowCalls: [],
        successes: 0,
        probes: [],
        lostProbes: 0,
        opens: 0,
        openUntil: 0,
      },
    ])
    gate.resolve()
    await hooks.idle()
    expect(hooks.stats().observing).toBe(0)
  })
})
