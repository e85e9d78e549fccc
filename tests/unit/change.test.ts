import { describe, expect, test } from 'vitest'
import { applyPatches, asOneChange, changeData, setKey, settleKeys } from '../../src/hooks/change.ts'
import { accepted, data, expectRoundTrip, recipe } from './change-samples.ts'

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

test('setKey sets one key and knows the way back', () => {
  const change = setKey(data, 'forks', { a: 1 })
  expect(change.data).toMatchObject({ forks: { a: 1 }, list: [3, 1, 2] })
  expect(change.patches).toEqual([{ op: 'add', path: ['forks'], value: { a: 1 } }])
  expectRoundTrip(change)
  expect(setKey(change.data, 'forks', { b: 2 }).patches).toEqual([{ op: 'replace', path: ['forks'], value: { b: 2 } }])
})

describe('settleKeys', () => {
  const from = { a: { x: ' 1 ', y: [1], gone: true, deep: { z: 1, w: 2 } }, b: 2 }

  test('changes as little as can be', () => {
    const change = settleKeys(from, { a: { x: '1', y: [1, 2], made: 0, deep: { z: 1, w: 3 } }, b: 2, c: 4 })
    expect(change.data).toEqual({ a: { x: '1', y: [1, 2], made: 0, deep: { z: 1, w: 3 } }, b: 2, c: 4 })
    expect(change.patches.map(({ op, path }) => `${op} ${path.join('.')}`)).toEqual([
      'replace a.x',
      'replace a.y',
      'remove a.gone',
      'replace a.deep.w',
      'add a.made',
      'add c',
    ])
    expectRoundTrip(change, from)
  })

  test('replaces what no patch can reach into', () => {
    const odd = { a: JSON.parse('{"constructor":{"n":1},"x":1}') as object }
    const change = settleKeys(odd, { a: JSON.parse('{"constructor":{"n":2},"x":1}') as object })
    expect(change.patches.map(({ path }) => path.join('.'))).toEqual(['a'])
    expectRoundTrip(change, odd)
  })

  test('of nothing new is no change', () => {
    expect(settleKeys(from, { a: structuredClone(from.a) }).patches).toEqual([])
  })
})

test('changes one after another are one, with one way back', () => {
  const first = changeData({ a: 1 }, { a: 2, b: 3 }, undefined) as Exclude<ReturnType<typeof changeData>, string>
  const second = settleKeys(first.data, { a: 4 })
  const change = asOneChange([first, second])
  expect(change.data).toEqual({ a: 4, b: 3 })
  expectRoundTrip(change, { a: 1 })
})

test("what is recorded is nobody's own", () => {
  const before = { input: { n: 1 } }
  const change = changeData(before, { input: { n: 2 } }, undefined) as Exclude<ReturnType<typeof changeData>, string>
  before.input.n = 8
  ;(change.data['input'] as { n: number }).n = 9
  expect([change.patches, change.inversePatches]).toMatchObject([[{ value: { n: 2 } }], [{ value: { n: 1 } }]])
  const recipe = changeData(before, (draft: { input: unknown }) => void (draft.input = { n: 3 }), undefined)
  before.input.n = 7
  expect(recipe).toMatchObject({ inversePatches: [{ value: { n: 8 } }] })
})

test('applyPatches leaves the data as it is', () => {
  const from = Object.freeze({ a: Object.freeze({ b: 1 }) })
  expect(applyPatches(from, [{ op: 'replace', path: ['a', 'b'], value: 2 }])).toEqual({ a: { b: 2 } })
  expect(from).toEqual({ a: { b: 1 } })
  expect(applyPatches(from, [])).toBe(from)
})
