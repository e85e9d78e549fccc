import { compose, defineHook } from 'hookchart/hooks'
import type { HookOptions } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { explain } from '../../src/hooks/registry/explain.ts'
import { nothing, registryOf } from './kernel-samples.ts'

const POINT = 'BeforeToolExecution'

function explained(...hooks: (HookOptions & { name: string })[]) {
  const registry = registryOf()
  const registered = hooks.map((options) => registry.register({ points: POINT, handler: nothing, options }))
  const slot = registry.points.slot(POINT)
  return { registry, slot, registered, explanation: () => explain(slot) }
}

test('without hooks', () => {
  const { explanation } = explained()
  expect(explanation()).toEqual({ point: POINT, enabled: true, hooks: [], pairs: [], unbound: [], overlaps: [] })
  expect(explanation().toString()).toBe(`${POINT}\n  no hooks`)
})

test('each hook as it stands', () => {
  const { explanation, registry, registered, slot } = explained(
    { name: 'a', priority: 5, timeoutMs: 7 },
    { name: 'b', kind: 'guard', priority: 1 },
    { name: 'c', before: ['x'], onFailure: 'closed' },
  )
  registry.setEnabled(registered[1]!, false)
  registered[0]!.links[0]!.shed = true
  slot.enabled = false
  expect(explanation().enabled).toBe(false)
  expect(explanation().hooks).toEqual([
    {
      name: 'c',
      kind: 'transform',
      enabled: true,
      priority: 0,
      effectivePriority: 0,
      failsClosed: true,
      timeoutMs: 5_000,
      shed: false,
      conditions: [],
    },
    {
      name: 'a',
      kind: 'transform',
      enabled: true,
      priority: 5,
      effectivePriority: 5,
      failsClosed: false,
      timeoutMs: 7,
      shed: true,
      conditions: [],
    },
    {
      name: 'b',
      kind: 'guard',
      enabled: false,
      priority: 1,
      effectivePriority: 1,
      failsClosed: true,
      timeoutMs: 5_000,
      shed: false,
      conditions: [],
    },
  ])
})

test('for each neighbour pair, why', () => {
  const { explanation } = explained(
    { name: 'late', priority: 9 },
    { name: 'first', before: ['second'] },
    { name: 'second' },
    { name: 'third' },
    { name: 'guard', kind: 'guard', priority: -9 },
  )
  expect(explanation().pairs).toEqual([
    {
      first: 'first',
      second: 'second',
      because: 'constraint',
      text: 'a before or after constraint holds second behind first',
    },
    { first: 'second', second: 'third', because: 'registration', text: 'second was registered first' },
    { first: 'third', second: 'late', because: 'priority', text: 'third has the smaller priority' },
    {
      first: 'late',
      second: 'guard',
      because: 'stage',
      text: 'late is a transform, guard a guard: transforms run first, then guards, then observers',
    },
  ])
})

test('the effective priority, where a constraint makes it another', () => {
  const { explanation } = explained({ name: 'a', priority: -3 }, { name: 'b', priority: 5, before: ['a'] })
  expect(explanation().hooks.map((each) => [each.name, each.priority, each.effectivePriority])).toEqual([
    ['b', 5, -3],
    ['a', -3, -3],
  ])
})

test('pairs that unwind', () => {
  const registry = registryOf()
  for (const name of ['a', 'b']) {
    const unwindsFrom = registry.register({ points: POINT, handler: nothing, options: { name } })
    registry.register({ points: 'AfterToolExecution', handler: nothing, options: { name }, unwindsFrom })
  }
  expect(explain(registry.points.slot('AfterToolExecution')).pairs).toEqual([
    { first: 'b', second: 'a', because: 'unwind', text: 'b and a are after parts of pairs, which unwind in reverse' },
  ])
})

test('constraints by names that nobody has', () => {
  const { explanation } = explained({ name: 'a', before: ['audit'], after: ['auth', 'b'] }, { name: 'b' })
  expect(explanation().unbound).toEqual([
    { hook: 'a', constraint: 'before', name: 'audit' },
    { hook: 'a', constraint: 'after', name: 'auth' },
  ])
})

test('what decides whether it is called', () => {
  const { explanation } = explained(
    { name: 'a', match: { type: 'tool' }, when: () => true },
    { name: 'b', once: true, priority: 'low' },
  )
  expect(explanation().hooks.map(({ conditions }) => conditions)).toEqual([['match', 'when'], ['once']])
  expect(String(explanation())).toContain('1. a (transform, 0, with match and when): first')
  expect(String(explanation())).toContain('2. b (transform, 100, with once): a has the smaller priority')
})

describe('declared writes that overlap', () => {
  test.each<[string, string[], string[], string | undefined]>([
    ['the same path', ['input.url'], ['input.url'], 'input.url'],
    ['a part of the other', ['input'], ['input.url'], 'input.url'],
    ['the whole of the other', ['input.url'], ['input'], 'input.url'],
    ['one of several', ['output', 'input.a'], ['input.b', 'input.a.x'], 'input.a.x'],
    ['neighbours', ['input.a'], ['input.b'], undefined],
    ['a common beginning of a name', ['input.url'], ['input.urls'], undefined],
    ['nothing declared', [], ['input'], undefined],
  ])('%s', (_, a, b, path) => {
    const { explanation } = explained({ name: 'a', writes: a }, { name: 'b', writes: b })
    expect(explanation().overlaps).toEqual(path === undefined ? [] : [{ hooks: ['a', 'b'], path }])
  })

  test('of the children of parallel composites, and of all below them', () => {
    const child = (name: string, ...writes: string[]) => defineHook({ name, writes, handler: nothing })
    const registry = registryOf()
    registry.register({
      points: POINT,
      handler: compose.sequential(
        child('first', 'input.z'),
        compose.parallel(
          child('a', 'input.x', 'input.y'),
          compose.firstMatch(child('b', 'input'), child('c', 'output')),
          child('d', 'output.n'),
        ),
        child('last', 'input.z'),
      ),
      options: { name: 'all' },
    })
    const inside = 'all/parallel#1'
    expect(explain(registry.points.slot(POINT)).overlaps).toEqual([
      { hooks: [`${inside}/a`, `${inside}/first_match#1/b`], path: 'input.x' },
      { hooks: [`${inside}/a`, `${inside}/first_match#1/b`], path: 'input.y' },
      { hooks: [`${inside}/first_match#1/c`, `${inside}/d`], path: 'output.n' },
    ])
  })

  test('a hook does not overlap with itself; of three each pair is told', () => {
    const { explanation } = explained(
      { name: 'a', writes: ['input', 'input.a'] },
      { name: 'b', writes: ['input'] },
      { name: 'c', writes: ['input'] },
    )
    expect(explanation().overlaps.map(({ hooks, path }) => [...hooks, path].join(' '))).toEqual([
      'a b input',
      'a c input',
      'a b input.a',
      'a c input.a',
      'b c input',
    ])
  })
})

test('all of it as text, which is no part of the data', () => {
  const { explanation, registry, registered } = explained(
    { name: 'a', priority: 2, writes: ['input'], before: ['nobody'] },
    { name: 'b', writes: ['input.url'], priority: 2.5 },
  )
  registry.setEnabled(registered[1]!, false)
  const text = [
    POINT,
    '  1. a (transform, 2): first',
    '  2. b (transform, 2.5, disabled): a has the smaller priority',
    '  unbound: a before "nobody", which is not registered',
    '  overlap: a and b both change input.url',
  ].join('\n')
  expect(explanation().toString()).toBe(text)
  expect(`${explanation()}`).toBe(text)
  expect(Object.keys(explanation())).not.toContain('toString')
  expect(structuredClone(explanation())).toMatchObject({ point: POINT })
})
