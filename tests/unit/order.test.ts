import { describe, expect, test } from 'vitest'
import { orderHooks, unboundConstraints } from '../../src/hooks/order.ts'
import type { Ordered, OrderConflict, Place } from '../../src/hooks/order.ts'

/** Hooks in the order of their registration. */
function hooks(...given: (Partial<Ordered> & { name: string })[]): Ordered[] {
  return given.map((each, i) => ({
    kind: 'transform',
    priority: 0,
    before: [],
    after: [],
    registered: i + 1,
    ...each,
  }))
}

function places(...given: (Partial<Ordered> & { name: string })[]): readonly Place<Ordered>[] {
  const order = orderHooks(hooks(...given))
  if ('type' in order) throw new Error(JSON.stringify(order))
  return order
}

const names = (...given: (Partial<Ordered> & { name: string })[]) =>
  places(...given)
    .map(({ hook }) => hook.name)
    .join(' ')

const reasons = (...given: (Partial<Ordered> & { name: string })[]) => places(...given).map(({ because }) => because)

const effective = (...given: (Partial<Ordered> & { name: string })[]) =>
  Object.fromEntries(places(...given).map(({ hook, effectivePriority }) => [hook.name, effectivePriority]))

const conflict = (...given: (Partial<Ordered> & { name: string })[]) => orderHooks(hooks(...given)) as OrderConflict

describe('without constraints', () => {
  test('nobody is in no order', () => {
    expect(orderHooks([])).toEqual([])
  })

  test('lower priority first, then registration', () => {
    expect(names({ name: 'c', priority: 1 }, { name: 'a', priority: -1 }, { name: 'b' }, { name: 'b2' })).toBe(
      'a b b2 c',
    )
  })

  test('whatever order they are given in', () => {
    const [a, b, c] = hooks({ name: 'a' }, { name: 'b' }, { name: 'c' }) as [Ordered, Ordered, Ordered]
    expect((orderHooks([c, a, b]) as Place<Ordered>[]).map(({ hook }) => hook)).toEqual([a, b, c])
  })

  test('the list that is given stays as it is', () => {
    const given = hooks({ name: 'b', priority: 1 }, { name: 'a' })
    orderHooks(given)
    expect(given.map(({ name }) => name)).toEqual(['b', 'a'])
  })

  test('transforms, then guards, then observers, whatever their priorities', () => {
    expect(
      names(
        { name: 'o', kind: 'observe', priority: -9 },
        { name: 'g', kind: 'guard', priority: -5 },
        { name: 't', priority: 9 },
      ),
    ).toBe('t g o')
  })

  test('each neighbour has its reason; the first has none', () => {
    expect(
      reasons({ name: 'a' }, { name: 'b' }, { name: 'c', priority: 1 }, { name: 'g', kind: 'guard', priority: -1 }),
    ).toEqual([undefined, 'registration', 'priority', 'stage'])
  })
})

describe('the hook that declares a constraint moves, the one it names stays', () => {
  test('before lowers its priority to that of the other', () => {
    expect(effective({ name: 'a', priority: -5 }, { name: 'b', priority: 5, before: ['a'] })).toEqual({ b: -5, a: -5 })
    expect(names({ name: 'a', priority: -5 }, { name: 'm' }, { name: 'b', priority: 5, before: ['a'] })).toBe('b a m')
  })

  test('after raises it', () => {
    expect(effective({ name: 'a', priority: 5 }, { name: 'b', priority: -5, after: ['a'] })).toEqual({ a: 5, b: 5 })
    expect(names({ name: 'a', priority: 5 }, { name: 'm' }, { name: 'b', priority: -5, after: ['a'] })).toBe('m a b')
  })

  test('one that stands right already keeps its priority', () => {
    expect(effective({ name: 'a', priority: 5 }, { name: 'b', priority: 1, before: ['a'] })).toEqual({ b: 1, a: 5 })
    expect(effective({ name: 'a', priority: 1 }, { name: 'b', priority: 5, after: ['a'] })).toEqual({ a: 1, b: 5 })
  })

  test('of several the strictest counts, and after wins over before', () => {
    expect(
      effective({ name: 'a', priority: -1 }, { name: 'b', priority: -2 }, { name: 'c', before: ['a', 'b'] })['c'],
    ).toBe(-2)
    expect(
      effective({ name: 'a', priority: 1 }, { name: 'b', priority: 2 }, { name: 'c', after: ['a', 'b'] })['c'],
    ).toBe(2)
    expect(
      effective({ name: 'a', priority: 3 }, { name: 'b', priority: 5 }, { name: 'c', after: ['a'], before: ['b'] })[
        'c'
      ],
    ).toBe(3)
  })

  test('through a chain of hooks', () => {
    expect(
      effective(
        { name: 'c', priority: 3, before: ['b'] },
        { name: 'b', priority: 2, before: ['a'] },
        { name: 'a', priority: -4 },
      ),
    ).toEqual({ a: -4, b: -4, c: -4 })
  })

  test('a long chain does not overflow the stack', () => {
    const chain = Array.from({ length: 5_000 }, (_, i) => ({
      name: `h${i}`,
      priority: i,
      ...(i > 0 && { before: [`h${i - 1}`] }),
    }))
    const order = places(...chain)
    expect(order[0]?.hook.name).toBe('h4999')
    expect(order.every(({ effectivePriority }) => effectivePriority === 0)).toBe(true)
  })

  test('hooks that name each other meet at the own priority of the one that is asked first', () => {
    const [a, b] = [
      { name: 'a', priority: 5, before: ['b'] },
      { name: 'b', priority: 1, after: ['a'] },
    ]
    expect(effective(a, b)).toEqual({ a: 5, b: 5 })
    const ring = [
      { name: 'a', priority: 5, before: ['b'] },
      { name: 'b', priority: 1, before: ['c'] },
      { name: 'c', after: ['a'] },
    ]
    expect(effective(...ring)['c']).toBe(5)
  })

  test('a name that nobody has binds nothing', () => {
    expect(names({ name: 'a', before: ['nobody'], after: ['none'] }, { name: 'b' })).toBe('a b')
    expect(effective({ name: 'a', priority: 2, before: ['nobody'] })).toEqual({ a: 2 })
  })

  test('hooks of other stages lend no priority', () => {
    expect(effective({ name: 'g', kind: 'guard', priority: -9 }, { name: 't', priority: 4, before: ['g'] })).toEqual({
      t: 4,
      g: -9,
    })
    expect(effective({ name: 't', priority: 9 }, { name: 'g', kind: 'guard', priority: -4, after: ['t'] })).toEqual({
      t: 9,
      g: -4,
    })
  })

  test('the smallest free one goes next, registration deciding among equals', () => {
    expect(names({ name: 'x', after: ['z'] }, { name: 'y' }, { name: 'z' })).toBe('y z x')
    expect(names({ name: 'x', after: ['z'] }, { name: 'y' }, { name: 'z' }, { name: 'w' })).toBe('y z x w')
  })

  test('one that comes free stands behind equals that were registered before it', () => {
    expect(names({ name: 'z' }, { name: 'w' }, { name: 'x', after: ['z'] }, { name: 'v' })).toBe('z w x v')
  })

  test('whatever order they are given in', () => {
    const given = hooks({ name: 'a', after: ['c'] }, { name: 'b' }, { name: 'c' }, { name: 'd', before: ['b'] })
    const expected = (orderHooks(given) as Place<Ordered>[]).map(({ hook }) => hook.name)
    expect(expected).toEqual(['c', 'a', 'd', 'b'])
    expect((orderHooks(given.toReversed()) as Place<Ordered>[]).map(({ hook }) => hook.name)).toEqual(expected)
  })

  test('a hook waits for all that it must follow', () => {
    expect(names({ name: 'x', after: ['y', 'z'] }, { name: 'y' }, { name: 'm', priority: 1 }, { name: 'z' })).toBe(
      'y z x m',
    )
  })

  test('the reason is the constraint where it holds the pair, also from afar', () => {
    expect(reasons({ name: 'a' }, { name: 'b', before: ['a'] })).toEqual([undefined, 'constraint'])
    expect(reasons({ name: 'x', after: ['z'] }, { name: 'y' }, { name: 'z' })).toEqual([
      undefined,
      'registration',
      'constraint',
    ])
  })
})

describe('what cannot be ordered', () => {
  test('two that want to be before each other', () => {
    expect(conflict({ name: 'a', before: ['b'] }, { name: 'b', before: ['a'] })).toEqual({
      type: 'cycle',
      hooks: ['a', 'b', 'a'],
    })
  })

  test('one that wants to be before itself', () => {
    expect(conflict({ name: 'a', before: ['a'] })).toEqual({ type: 'cycle', hooks: ['a', 'a'] })
  })

  test('the smallest cycle is told, not all that hangs on it', () => {
    expect(
      conflict(
        { name: 'a', before: ['b'] },
        { name: 'b', before: ['c'] },
        { name: 'c', before: ['d', 'b'] },
        { name: 'd', before: ['a'] },
        { name: 'behind', after: ['d'] },
        { name: 'free' },
      ),
    ).toEqual({ type: 'cycle', hooks: ['b', 'c', 'b'] })
  })

  test('each before the next, before and after mixed', () => {
    expect(conflict({ name: 'a', after: ['c'] }, { name: 'b', after: ['a'] }, { name: 'c', after: ['b'] })).toEqual({
      type: 'cycle',
      hooks: ['a', 'b', 'c', 'a'],
    })
  })

  test.each<[string, (Partial<Ordered> & { name: string })[], string[]]>([
    ['a guard before a transform', [{ name: 't' }, { name: 'g', kind: 'guard', before: ['t'] }], ['g', 't']],
    [
      'a transform after a guard',
      [
        { name: 't', after: ['g'] },
        { name: 'g', kind: 'guard' },
      ],
      ['g', 't'],
    ],
    [
      'an observer before a guard',
      [
        { name: 'g', kind: 'guard' },
        { name: 'o', kind: 'observe', before: ['g'] },
      ],
      ['o', 'g'],
    ],
  ])('%s', (_, given, pair) => {
    expect(conflict(...given)).toEqual({ type: 'stage', hooks: pair })
  })

  test('what goes with the stages can', () => {
    expect(
      names(
        { name: 'g', kind: 'guard', after: ['t'] },
        { name: 't', before: ['g', 'o'] },
        { name: 'o', kind: 'observe' },
      ),
    ).toBe('t g o')
  })
})

describe('after parts of pairs unwind', () => {
  const part = (name: string, place: number, more: Partial<Ordered> = {}) => ({
    name,
    unwinds: { point: 'P', place },
    ...more,
  })

  test('in the reverse order of their before parts, whatever their priorities', () => {
    expect(names(part('a', 0, { priority: -9 }), part('b', 1), part('c', 2, { priority: 9 }))).toBe('c b a')
    expect(reasons(part('a', 0), part('b', 1))).toEqual([undefined, 'unwind'])
  })

  test('gaps between the places do not matter', () => {
    expect(names(part('a', 0), part('b', 7), part('c', 3))).toBe('b c a')
    expect(names(part('a', 3), part('b', 0), part('c', 7))).toBe('c a b')
  })

  test('only among those of one point and one kind', () => {
    expect(names(part('a', 0), { name: 'b', unwinds: { point: 'Q', place: 1 } })).toBe('a b')
    expect(names(part('a', 0), part('b', 1, { kind: 'guard' }))).toBe('a b')
  })

  test('others stand among them by their priority', () => {
    expect(names(part('a', 0), part('b', 1), { name: 'first', priority: -1 }, { name: 'last', priority: 1 })).toBe(
      'first b a last',
    )
  })
})

test('unbound constraints are those by names that nobody here has', () => {
  expect(
    unboundConstraints(hooks({ name: 'a', before: ['b', 'x'], after: ['y', 'b'] }, { name: 'b', after: ['a', 'z'] })),
  ).toEqual([
    { hook: 'a', constraint: 'before', name: 'x' },
    { hook: 'a', constraint: 'after', name: 'y' },
    { hook: 'b', constraint: 'after', name: 'z' },
  ])
  expect(unboundConstraints([])).toEqual([])
})
