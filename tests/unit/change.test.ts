import { describe, expect, test } from 'vitest'
import { applyPatches, changeData, setKey } from '../../src/hooks/change.ts'
import type { Change, GateData } from '../../src/hooks/change.ts'

type Draft = Record<string, never>
const recipe = (change: (draft: { input: Record<string, unknown>; list: number[] }) => unknown) => change as never

/** The change, which must have been accepted. */
function accepted(change: Change | string): Change {
  if (typeof change === 'string') throw new Error(change)
  return change
}

const data: GateData = Object.freeze({ input: Object.freeze({ a: 1, inner: { b: 2 } }), list: [3, 1, 2] })

/** Holds for every change: the patches make the new data of the old, and the other way round. */
function expectRoundTrip(change: Change, from: GateData = data) {
  expect(applyPatches(from, change.patches)).toEqual(change.data)
  expect(applyPatches(change.data, change.inversePatches)).toEqual(from)
}

describe('a patch', () => {
  test('replaces the keys it has, and keeps the others', () => {
    const change = accepted(changeData(data, { input: 7 }, undefined))
    expect(change.data).toEqual({ input: 7, list: [3, 1, 2] })
    expect(change.patches).toEqual([{ op: 'replace', path: ['input'], value: 7 }])
    expect(change.inversePatches).toEqual([{ op: 'replace', path: ['input'], value: data['input'] }])
    expectRoundTrip(change)
  })

  test('is shallow: an object takes the place of the other', () => {
    expect(accepted(changeData(data, { input: { c: 3 } }, undefined)).data['input']).toEqual({ c: 3 })
  })

  test('adds keys', () => {
    const change = accepted(changeData(data, { extra: null }, undefined))
    expect(change.patches).toEqual([{ op: 'add', path: ['extra'], value: null }])
    expect(change.inversePatches).toEqual([{ op: 'remove', path: ['extra'] }])
    expectRoundTrip(change)
  })

  test('a key with undefined is a change, unless it was undefined before', () => {
    expect(accepted(changeData(data, { input: undefined }, undefined)).data).toEqual({ list: [3, 1, 2] })
    expect(accepted(changeData({ input: undefined }, { input: undefined }, undefined)).patches).toEqual([])
    expect(accepted(changeData({}, { input: undefined }, undefined)).patches).toEqual([
      { op: 'add', path: ['input'], value: undefined },
    ])
  })

  test('what is equal is no change', () => {
    const change = accepted(changeData(data, { input: { inner: { b: 2 }, a: 1 }, list: [3, 1, 2] }, undefined))
    expect(change).toMatchObject({ patches: [], inversePatches: [] })
    expect(accepted(changeData(data, {}, undefined)).patches).toEqual([])
  })

  test('never touches the old data', () => {
    const before = JSON.stringify(data)
    changeData(data, { input: 1, extra: 2 }, undefined)
    expect(JSON.stringify(data)).toBe(before)
  })

  test('is copied: what happens to it later changes nothing', () => {
    const input = { list: [1] }
    const change = accepted(changeData(data, { input }, undefined))
    input.list.push(2)
    expect(change.data['input']).toEqual({ list: [1] })
    expect(change.patches[0]!.value).toEqual({ list: [1] })
  })

  test.each([
    ['a function', { input: { f: () => 1 } }, 'is not JSON: "input.f" is a function'],
    ['NaN', { input: [NaN] }, 'is not JSON: "input.0" is NaN'],
    ['a date', { input: new Date(0) }, 'is not JSON: "input" is an instance of Date'],
    ['a __proto__ key', JSON.parse('{"__proto__":{"admin":true}}') as object, 'sets a __proto__ key'],
    [
      'a __proto__ key further down',
      { input: JSON.parse('{"a":{"__proto__":1}}') as object },
      'is not JSON: "input.a.__proto__" is a __proto__ key',
    ],
  ])('with %s cannot be accepted', (_, patch, problem) => {
    expect(changeData(data, patch, undefined)).toBe(problem)
  })
})

describe('what may be changed', () => {
  test('any key when nothing is said', () => {
    expect(changeData(data, { other: 1 }, undefined)).toMatchObject({ data: { other: 1 } })
  })

  test('only the keys that are writable, for patches and recipes', () => {
    const problem = 'changes "list", but here "input", "output" may be changed'
    expect(changeData(data, { list: [] }, ['input', 'output'])).toBe(problem)
    expect(
      changeData(
        data,
        recipe((draft) => draft.list.push(4)),
        ['input', 'output'],
      ),
    ).toBe(problem)
    expect(changeData(data, { input: 1 }, ['input', 'output'])).toMatchObject({ data: { input: 1 } })
    expect(
      changeData(
        data,
        recipe((draft) => void (draft.input['a'] = 5)),
        ['input'],
      ),
    ).toMatchObject({ data: { input: { a: 5 } } })
  })

  test('one key that is not is enough', () => {
    expect(changeData(data, { input: 1, list: [] }, ['input'])).toBe('changes "list", but here "input" may be changed')
  })

  test('where nothing is, it says so', () => {
    expect(changeData(data, { list: [] }, [])).toBe('changes "list", but here nothing may be changed')
  })

  test('a key that stays as it is may be given all the same', () => {
    expect(changeData(data, { list: [3, 1, 2], input: 1 }, ['input'])).toMatchObject({ data: { input: 1 } })
  })
})

describe('a recipe', () => {
  test('changes a draft; only what it changed is a patch', () => {
    const change = accepted(
      changeData(
        data,
        recipe((draft) => void (draft.input['a'] = 9)),
        undefined,
      ),
    )
    expect(change.data).toEqual({ input: { a: 9, inner: { b: 2 } }, list: [3, 1, 2] })
    expect(change.patches).toEqual([{ op: 'replace', path: ['input', 'a'], value: 9 }])
    expectRoundTrip(change)
    expect(data['input']).toEqual({ a: 1, inner: { b: 2 } })
  })

  test('may delete, add, and change lists', () => {
    const change = accepted(
      changeData(
        data,
        recipe((draft) => {
          delete draft.input['inner']
          draft.input['new'] = [{ x: 1 }]
          draft.list.splice(0, 2)
        }),
        undefined,
      ),
    )
    expect(change.data).toEqual({ input: { a: 1, new: [{ x: 1 }] }, list: [2] })
    expectRoundTrip(change)
  })

  test('that changes nothing is no change, and the data stays the same object', () => {
    const change = accepted(
      changeData(
        data,
        recipe(() => undefined),
        undefined,
      ),
    )
    expect(change).toEqual({ data, patches: [], inversePatches: [] })
    expect(change.data).toBe(data)
  })

  test('may give anything that is no object, or its draft, besides', () => {
    expect(
      changeData(
        data,
        recipe((draft) => draft.list.push(4)),
        undefined,
      ),
    ).toMatchObject({
      data: { list: [3, 1, 2, 4] },
    })
    expect(
      changeData(
        data,
        recipe((draft) => draft),
        undefined,
      ),
    ).toMatchObject({ patches: [] })
    expect(
      changeData(
        data,
        recipe(() => null),
        undefined,
      ),
    ).toMatchObject({ patches: [] })
  })

  test('what it hands in is copied', () => {
    const given = { n: 1 }
    const change = accepted(
      changeData(
        data,
        recipe((draft) => void (draft.input['given'] = given)),
        undefined,
      ),
    )
    given.n = 2
    expect(change.data).toMatchObject({ input: { given: { n: 1 } } })
    expect(change.patches[0]!.value).toEqual({ n: 1 })
  })

  test.each<[string, (draft: never) => unknown, string]>([
    [
      'that gives other data',
      () => ({ input: 1 }),
      'replaces all of data; change the draft instead of returning another value',
    ],
    ['that gives a list', () => [], 'replaces all of data; change the draft instead of returning another value'],
    ['that is async', async () => undefined, 'has an async recipe; await first and give a recipe that is not async'],
    [
      'that is async and rejects',
      async () => {
        throw new Error('late')
      },
      'has an async recipe; await first and give a recipe that is not async',
    ],
    [
      'that throws',
      () => {
        throw new Error('no such key')
      },
      'has a recipe that failed: no such key',
    ],
    [
      'that throws a text',
      () => {
        throw 'no such key'
      },
      'has a recipe that failed: no such key',
    ],
    [
      'that sets what is no JSON',
      recipe((draft) => void (draft.input['f'] = () => 1)),
      'is not JSON: "input.f" is a function',
    ],
    [
      'that sets what is no JSON deep inside',
      recipe((draft) => void (draft.input['a'] = { b: [NaN] })),
      'is not JSON: "input.a.b.0" is NaN',
    ],
    [
      'that sets a __proto__ key',
      recipe((draft) => void (draft.input['x'] = JSON.parse('{"__proto__":1}'))),
      'is not JSON: "input.x.__proto__" is a __proto__ key',
    ],
    [
      'that sets a prototype',
      recipe((draft) => Object.setPrototypeOf(draft.input, {})),
      'has a recipe that failed: [Immer] Object.setPrototypeOf() cannot be used on an Immer draft',
    ],
  ])('%s cannot be accepted', (_, change, problem) => {
    expect(changeData(data, change as (draft: Draft) => void, undefined)).toBe(problem)
  })

  // A nested draft is revoked once the recipe is over, and must not be looked at.
  test.each<[string, Parameters<typeof recipe>[0], object]>([
    ['Object.assign', (draft) => Object.assign(draft.input, { a: 2 }), { input: { a: 2 } }],
    ['sort', (draft) => draft.list.sort(), { list: [1, 2, 3] }],
  ])('may give a part of its draft, as %s does', (_, change, after) => {
    expect(changeData(data, recipe(change), undefined)).toMatchObject({ data: after })
  })

  // Immer applies no patch whose path leads through `constructor`.
  test('never throws: below a key "constructor"', () => {
    const car = { input: { constructor: { name: 'Ford' } } }
    const change = recipe((draft) => void ((draft.input['constructor'] as { name?: string }).name = 'Opel'))
    expect(['string', 'object']).toContain(typeof changeData(car, change, undefined))
  })

  // String() of an object without a prototype throws.
  test('never throws: when it throws what has no text', () => {
    const change = recipe(() => {
      throw Object.create(null)
    })
    expect(changeData(data, change, undefined)).toContain('has a recipe that failed')
  })
})

test('setKey sets one key and knows the way back', () => {
  const change = setKey(data, 'forks', { a: 1 })
  expect(change.data).toMatchObject({ forks: { a: 1 }, list: [3, 1, 2] })
  expect(change.patches).toEqual([{ op: 'add', path: ['forks'], value: { a: 1 } }])
  expectRoundTrip(change)
  expect(setKey(change.data, 'forks', { b: 2 }).patches).toEqual([{ op: 'replace', path: ['forks'], value: { b: 2 } }])
})

test('applyPatches leaves the data as it is', () => {
  const from = Object.freeze({ a: Object.freeze({ b: 1 }) })
  expect(applyPatches(from, [{ op: 'replace', path: ['a', 'b'], value: 2 }])).toEqual({ a: { b: 2 } })
  expect(from).toEqual({ a: { b: 1 } })
  expect(applyPatches(from, [])).toBe(from)
})
