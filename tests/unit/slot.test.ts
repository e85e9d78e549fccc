import { describe, expect, test } from 'vitest'
import { compose } from 'hookchart/hooks'
import { chainOf, nothing, registryOf } from './kernel-samples.ts'

const POINT = 'BeforeToolExecution'
const tool = (name: string, type: 'tool' | 'agent' = 'tool') => ({ type, name, id: name })

function bench(executor: object = {}) {
  const registry = registryOf(executor)
  const slot = registry.points.slot(POINT)
  return {
    registry,
    slot,
    add: (name: string, options: object = {}, handler: unknown = nothing) =>
      registry.register({ points: POINT, handler, options: { name, ...options } }),
    names: (component = slot.component) => slot.chainFor(component)?.links.map(({ name }) => name) ?? null,
  }
}

test('what a point fires for when nobody says what is the point itself', () => {
  const { slot } = bench()
  expect(slot.component).toEqual({ type: 'tool', name: POINT, id: POINT })
  expect(Object.isFrozen(slot.component)).toBe(true)
})

describe('the chain', () => {
  test('is none without hooks', () => {
    const { names, add, registry } = bench()
    expect(names()).toBeNull()
    const a = add('a')
    expect(names()).toEqual(['a'])
    registry.unregister(a)
    expect(names()).toBeNull()
  })

  test('is none when all hooks, or the point, are turned off', () => {
    const { names, add, registry, slot } = bench()
    const a = add('a')
    registry.setEnabled(a, false)
    expect(names()).toBeNull()
    registry.setEnabled(a, true)
    slot.enabled = false
    expect([slot.enabled, names()]).toEqual([false, null])
    slot.enabled = true
    expect(names()).toEqual(['a'])
  })

  test('knows where guards and observers begin', () => {
    const { add, slot } = bench()
    add('o', { kind: 'observe' })
    add('g', { kind: 'guard' })
    add('t1')
    add('g2', { kind: 'guard' })
    add('t2')
    const { links, guardsFrom, observersFrom } = chainOf(slot)
    expect(links.map(({ name }) => name)).toEqual(['t1', 't2', 'g', 'g2', 'o'])
    expect([guardsFrom, observersFrom]).toEqual([2, 4])
  })

  test('is the same until something changes; a pass keeps the one it began with', () => {
    const { add, slot } = bench()
    add('a')
    const chain = chainOf(slot)
    expect(chainOf(slot)).toBe(chain)
    add('b')
    expect(chainOf(slot)).not.toBe(chain)
    expect(chain.links).toHaveLength(1)
  })

  test.each<[string, object, unknown, boolean]>([
    ['a function', {}, nothing, true],
    ['a guard', { kind: 'guard' }, nothing, true],
    ['a composite', {}, compose.sequential(nothing), false],
    ['one with a condition', { when: () => true }, nothing, false],
    ['one that runs once', { once: true }, nothing, false],
    ['one for certain components', { match: { component: '*' } }, nothing, true],
  ])('with %s is plain: %s', (_, options, handler, plain) => {
    const { add, slot } = bench()
    add('plain')
    add('x', options, handler)
    expect(chainOf(slot).plain).toBe(plain)
  })

  test('knows the shortest time that a breaker calls slow', () => {
    const { add, slot } = bench({ breaker: false })
    add('a')
    expect(chainOf(slot).slowMs).toBe(Infinity)
    add('b', { breaker: 'default' })
    add('c', { breaker: 'production' })
    expect(chainOf(slot).slowMs).toBe(25)
  })
})

describe('for certain components', () => {
  test('a chain has the hooks that match', () => {
    const { add, names } = bench()
    add('all')
    add('http', { match: { component: 'http_*' } })
    add('agents', { match: { type: 'agent' } })
    expect(names(tool('http_get'))).toEqual(['all', 'http'])
    expect(names(tool('calc'))).toEqual(['all'])
    expect(names(tool('http_get', 'agent'))).toEqual(['all', 'http', 'agents'])
  })

  test('nobody matches: none', () => {
    const { add, names } = bench()
    add('http', { match: { component: 'http_*' } })
    expect(names(tool('calc'))).toBeNull()
    expect(names(tool('calc'))).toBeNull()
  })

  test('chains are kept by type and name, and made anew when something changes', () => {
    const { add, slot, registry } = bench()
    const http = add('http', { match: { component: 'http_*' } })
    const first = slot.chainFor(tool('http_get'))
    expect(slot.chainFor({ ...tool('http_get'), id: 'other' })).toBe(first)
    expect(slot.chainFor(tool('http_get', 'agent'))).not.toBe(first)
    add('b')
    expect(slot.chainFor(tool('http_get'))?.links).toHaveLength(2)
    registry.unregister(http)
    expect(slot.chainFor(tool('x'))).toBe(slot.chainFor(tool('y')))
  })

  test('of very many components the passes are counted all the same', () => {
    const { add, slot } = bench()
    const { links } = add('http', { match: { type: 'tool' } })
    for (let i = 0; i < 1_001; i++) slot.chainFor(tool(`t${i}`))!.passes++
    slot.countPasses()
    expect(links[0]?.meter.count).toBe(1_001)
  })
})

describe('counting', () => {
  test('passes count for every hook of the chain, once', () => {
    const { add, slot } = bench()
    const [a, b] = [add('a'), add('b')]
    chainOf(slot).passes = 3
    slot.countPasses()
    slot.countPasses()
    expect([a.links[0]?.meter.count, b.links[0]?.meter.count]).toEqual([3, 3])
  })

  test('before a chain is given up, it is counted', () => {
    const { add, slot } = bench()
    const a = add('a')
    chainOf(slot).passes = 3
    add('b')
    expect(a.links[0]?.meter.count).toBe(3)
  })

  test('for a hook that is shed they count as skipped', () => {
    const { add, slot } = bench()
    const [a] = [add('a'), add('b')]
    a.links[0]!.shed = true
    slot.invalidate()
    chainOf(slot).passes = 2
    slot.countPasses()
    expect(a.links[0]?.meter).toMatchObject({ count: 0, skipped: 2 })
  })
})

test('a name is taken as long as its hook is there', () => {
  const { add, slot, registry } = bench()
  const a = add('a')
  expect([slot.has('a'), slot.has('b')]).toEqual([true, false])
  registry.unregister(a)
  expect(slot.has('a')).toBe(false)
})

test('the order has the disabled ones too', () => {
  const { add, slot, registry } = bench()
  registry.setEnabled(add('a'), false)
  add('b', { before: ['a'] })
  expect(slot.order.map(({ hook }) => hook.name)).toEqual(['b', 'a'])
  expect(slot.constrained).toBe(true)
})
