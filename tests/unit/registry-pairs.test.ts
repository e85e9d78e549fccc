import { describe, expect, test } from 'vitest'
import type { Registry } from '../../src/hooks/registry/registry.ts'
import { errorOf } from '../support/refusal.ts'
import { nothing, registryOf } from './kernel-samples.ts'
import { add, order, POINT, shown } from './registry-samples.ts'

/** Both parts of a pair. */
function addPair(
  registry: Registry,
  name: string,
  before: unknown = POINT,
  after: unknown = 'AfterToolExecution',
  more: object = {},
) {
  return registry.atomically(() => {
    const first = add(registry, name, more, before)
    const options = { name, ...more }
    return [first, registry.register({ points: after, handler: nothing, options, unwindsFrom: first })] as const
  })
}

describe('pairs', () => {
  test('unwind in the reverse order of their before parts', () => {
    const registry = registryOf()
    addPair(registry, 'a')
    addPair(registry, 'b')
    expect([order(registry), order(registry, 'AfterToolExecution')]).toEqual(['a b', 'b a'])
    add(registry, 'c', { priority: 'high', before: ['a'] })
    expect(order(registry, 'AfterToolExecution')).toBe('b a')
  })

  test('constraints place the before part; the after part unwinds', () => {
    const registry = registryOf()
    addPair(registry, 'a', POINT, 'AfterToolExecution', { after: ['x'] })
    addPair(registry, 'b', POINT, 'AfterToolExecution', { before: ['y'] })
    add(registry, 'x', {}, [POINT, 'AfterToolExecution'])
    add(registry, 'y', { priority: 'high' }, [POINT, 'AfterToolExecution'])
    expect(order(registry)).toBe('b y x a')
    expect(order(registry, 'AfterToolExecution')).toBe('y a b x')
  })

  /** Two pairs of which the first must follow x, and so the second when x comes and runs late. */
  function movable() {
    const registry = registryOf()
    addPair(registry, 'a', POINT, 'AfterToolExecution', { after: ['x'] })
    addPair(registry, 'b')
    expect([order(registry), order(registry, 'AfterToolExecution')]).toEqual(['a b', 'b a'])
    return registry
  }

  test('after parts follow when before parts move', () => {
    const registry = movable()
    const x = add(registry, 'x', { priority: 5 })
    expect([order(registry), order(registry, 'AfterToolExecution')]).toEqual(['b x a', 'a b'])
    registry.unregister(x)
    expect([order(registry), order(registry, 'AfterToolExecution')]).toEqual(['a b', 'b a'])
  })

  test('of several points the after part belongs to the before part of the same component', () => {
    const registry = registryOf()
    for (const name of ['a', 'b'])
      addPair(registry, name, ['BeforeAgentExecution', POINT], ['AfterAgentExecution', 'AfterToolExecution'])
    const link = registry.points.slot('AfterToolExecution').links[0]!
    expect(link.unwinds).toEqual({ point: POINT, place: 0 })
    expect(registry.points.slot('AfterAgentExecution').links[1]!.unwinds).toEqual({
      point: 'BeforeAgentExecution',
      place: 1,
    })
  })

  test('where no before part is of its component, to the first', () => {
    const registry = registryOf()
    addPair(registry, 'a', [POINT, 'BeforeAgentExecution'], 'AfterChain')
    expect(registry.points.slot('AfterChain').links[0]!.unwinds?.point).toBe('BeforeAgentExecution')
  })

  test('that go from one point into itself, or in a circle, are refused', () => {
    const registry = registryOf()
    const error = errorOf(() => addPair(registry, 'x', POINT, POINT))
    expect(error.code).toBe('DUPLICATE_HOOK')
    addPair(registry, 'a')
    const circle = errorOf(() => addPair(registry, 'b', 'AfterToolExecution', POINT))
    expect(circle.code).toBe('HOOK_ORDER_CYCLE')
    expect(circle.message).toBe(
      `The pair "b" goes from AfterToolExecution to ${POINT}, but other pairs unwind from there to here.`,
    )
    expect(circle.details).toEqual({ hook: 'b', point: POINT, points: ['AfterToolExecution', POINT] })
    expect(registry.hooks).toHaveLength(2)
  })

  test('also in a circle over several points', () => {
    const registry = registryOf()
    addPair(registry, 'a', POINT, 'AfterToolExecution')
    addPair(registry, 'b', 'AfterToolExecution', 'AfterChain')
    expect(errorOf(() => addPair(registry, 'c', 'AfterChain', POINT)).code).toBe('HOOK_ORDER_CYCLE')
  })

  test('the other way round may come when the first are gone', () => {
    const registry = registryOf()
    for (const part of addPair(registry, 'a')) registry.unregister(part)
    expect(() => addPair(registry, 'b', 'AfterToolExecution', POINT)).not.toThrow()
  })

  test('a hook among before parts that would turn the unwinding into a cycle is refused, and leaves no trace', () => {
    const registry = movable()
    add(registry, 'between', { after: ['b'], before: ['a'] }, 'AfterToolExecution')
    const before = shown(registry)
    const error = errorOf(() => add(registry, 'x', { priority: 5 }, ['ToolError', POINT]))
    expect(error.code).toBe('HOOK_ORDER_CYCLE')
    expect(error.message).toContain('Hook "x" cannot be ordered at AfterToolExecution: ')
    expect(shown(registry)).toBe(before)
    expect(order(registry, 'AfterToolExecution')).toBe('b between a')
  })
})
