import { describe, expect, test } from 'vitest'
import {
  assertJson,
  canonicalJson,
  copyJson,
  equalJson,
  findJsonFlaw,
  freezeJson,
  isPlainObject,
} from '../../src/json.ts'
import { errorOf } from '../support/refusal.ts'

class Money {
  readonly amount = 1
}

/** A list inside a list, so many lists in all. */
function nested(levels: number): unknown {
  let value: unknown = 0
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

describe('findJsonFlaw', () => {
  test.each([
    ['null', null],
    ['true', true],
    ['a text', ''],
    ['zero', 0],
    ['the smallest number', -Number.MAX_VALUE],
    ['an empty list', []],
    ['an empty object', {}],
    ['nothing at all', undefined],
    ['a key with undefined', { a: undefined, b: { c: undefined } }],
    ['an object without a prototype', Object.create(null)],
    ['deep data', { a: [{ b: [null, 1, 'x', false] }] }],
  ])('%s is JSON', (_, value) => {
    expect(findJsonFlaw(value)).toBeUndefined()
  })

  test.each<[string, unknown, string, string]>([
    ['NaN', { a: NaN }, 'a', 'is NaN'],
    ['Infinity', [0, Infinity], '1', 'is Infinity'],
    ['minus Infinity', -Infinity, '', 'is -Infinity'],
    ['undefined in a list', { list: [1, undefined] }, 'list.1', 'is undefined'],
    ['a hole in a list', [1, , 2], '1', 'is undefined'], // eslint-disable-line no-sparse-arrays
    ['a function', { a: { f: () => 1 } }, 'a.f', 'is a function'],
    ['a symbol', [[Symbol('x')]], '0.0', 'is a symbol'],
    ['a bigint', { n: 1n }, 'n', 'is a bigint'],
    ['a date', { at: new Date(0) }, 'at', 'is an instance of Date'],
    ['a map', new Map(), '', 'is an instance of Map'],
    ['an instance of a class', { price: new Money() }, 'price', 'is an instance of Money'],
    ['an instance of a class without a name', Object.create({ constructor: undefined }), '', 'an instance of a class'],
    ['a __proto__ key', { a: JSON.parse('{"__proto__":{"admin":true}}') }, 'a.__proto__', 'is a __proto__ key'],
  ])('%s is none, and it says where', (_, value, path, problem) => {
    expect(findJsonFlaw(value)).toEqual({ path, problem: expect.stringContaining(problem) })
  })

  test('the first flaw counts, wherever it is', () => {
    expect(findJsonFlaw({ a: [1n, () => 1], b: NaN })?.path).toBe('a.0')
    expect(findJsonFlaw({ a: { fine: 1 }, b: [1, 2, { c: null, d: NaN }] })?.path).toBe('b.2.d')
  })

  test('data may be 256 levels deep, not 257', () => {
    expect(findJsonFlaw(nested(256))).toBeUndefined()
    expect(findJsonFlaw(nested(257))?.problem).toBe('is nested deeper than 256 levels, or a cycle')
  })

  test('a cycle is a flaw, not the end of the process', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect(findJsonFlaw(cycle)?.problem).toContain('cycle')
  })
})

describe('assertJson', () => {
  test('lets JSON pass', () => {
    expect(assertJson({ a: [1] }, 'The input')).toBeUndefined()
  })

  test('says what and where', () => {
    const error = errorOf(() => assertJson({ a: { f: () => 1 } }, 'The input'))
    expect(error.code).toBe('DATA_NOT_JSON')
    expect(error.message).toBe('The input at "a.f" is a function. Hooks work on JSON; pass plain data.')
    expect(error.details).toEqual({ what: 'The input', path: 'a.f' })
  })

  test('says no place for the value itself', () => {
    expect(errorOf(() => assertJson(1n, 'The input')).message).toMatch(/^The input is a bigint\./)
  })
})

describe('copyJson', () => {
  test.each([['x'], [0], [false], [null], [undefined]])('%s is itself', (value) => {
    expect(copyJson(value)).toBe(value)
  })

  test('nothing of a copy is the original', () => {
    const original = { list: [{ a: 1 }], inner: { b: [2] }, nothing: null }
    const copy = copyJson(original)
    expect(copy).toEqual(original)
    expect(copy).not.toBe(original)
    expect(copy.list).not.toBe(original.list)
    expect(copy.list[0]).not.toBe(original.list[0])
    expect(copy.inner.b).not.toBe(original.inner.b)
  })

  test('keys with undefined are left out, at every level', () => {
    expect(Object.keys(copyJson({ a: undefined, b: 1 }))).toEqual(['b'])
    expect(Object.keys(copyJson([{ a: undefined }])[0]!)).toEqual([])
  })

  test('a copy of something frozen can be changed', () => {
    const copy = copyJson(Object.freeze({ a: 1 })) as { a: number }
    copy.a = 2
    expect(copy.a).toBe(2)
  })
})

describe('freezeJson', () => {
  test('freezes through and through, and gives the same object', () => {
    const value = { list: [{ a: 1 }], inner: { b: [2] } }
    expect(freezeJson(value)).toBe(value)
    for (const each of [value, value.list, value.list[0], value.inner, value.inner.b]) {
      expect(Object.isFrozen(each)).toBe(true)
    }
  })

  test.each([['x'], [1], [null], [undefined]])('%s stays what it is', (value) => {
    expect(freezeJson(value)).toBe(value)
  })
})

describe('canonicalJson and equalJson', () => {
  test('the order of keys does not matter, that of lists does', () => {
    expect(canonicalJson({ b: [2, 1], a: { d: 1, c: 2 } })).toBe('{"a":{"c":2,"d":1},"b":[2,1]}')
    expect(equalJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true)
    expect(equalJson([1, 2], [2, 1])).toBe(false)
  })

  test('an absent key and one with undefined are the same', () => {
    expect(equalJson({ a: 1, b: undefined }, { a: 1 })).toBe(true)
    expect(equalJson({ a: undefined }, { a: null })).toBe(false)
  })

  test('undefined is equal to itself only', () => {
    expect(canonicalJson(undefined)).toBe('undefined')
    expect(equalJson(undefined, undefined)).toBe(true)
    expect(equalJson(undefined, null)).toBe(false)
    expect(equalJson(undefined, 'undefined')).toBe(false)
  })

  const value = { a: 1, list: [1, { b: null }], inner: { c: 'x', d: false } }

  test('a copy is equal, also of what is deep', () => {
    expect(equalJson(value, JSON.parse(JSON.stringify(value)))).toBe(true)
    expect(equalJson([], [])).toBe(true)
    expect(equalJson({}, {})).toBe(true)
  })

  test.each<[string, unknown, unknown]>([
    ['a number and its text', 1, '1'],
    ['an object and a list', {}, []],
    ['a list and an object with its places', ['x'], { 0: 'x', length: 1 }],
    ['null and an object', null, {}],
    ['null and a list', null, []],
    ['false and null', false, null],
    ['a text and an object', 'x', { 0: 'x' }],
    ['a longer list', [1, 2], [1]],
    ['a list of undefined', [undefined], []],
    ['another first element', [1, 2], [3, 2]],
    ['another last element', [1, 2], [1, 3]],
    ['one key more', { a: 1 }, { a: 1, b: 2 }],
    ['another key', { a: 1 }, { b: 1 }],
    ['a key that every object inherits', {}, { toString: 1 }],
    ['an inherited key that one has', { toString: 1 }, {}],
    ['another value of the first key', { a: 1, b: 2 }, { a: 3, b: 2 }],
    ['another value of the last key', { a: 1, b: 2 }, { a: 1, b: 3 }],
    ['another value deep inside', value, { ...value, inner: { c: 'x', d: true } }],
    ['another element deep inside', value, { ...value, list: [1, { b: 0 }] }],
  ])('%s: not equal, either way round', (_, left, right) => {
    expect(equalJson(left, right)).toBe(false)
    expect(equalJson(right, left)).toBe(false)
  })

  test('keys with undefined count as absent on both sides, and deep inside', () => {
    expect(equalJson({ a: { b: undefined } }, { a: {} })).toBe(true)
    expect(equalJson({ a: {} }, { a: { b: undefined } })).toBe(true)
    expect(equalJson({ a: undefined, b: 1 }, { b: 1, c: undefined })).toBe(true)
  })
})

describe('isPlainObject', () => {
  test.each([
    ['a literal', {}, true],
    ['from JSON', JSON.parse('{"a":1}'), true],
    ['without a prototype', Object.create(null), true],
    ['of another realm', Object.create(Object.create(null) as object), true],
    ['null', null, false],
    ['a list', [], false],
    ['a date', new Date(0), false],
    ['an instance', new Money(), false],
    ['on top of a literal', Object.create({ a: 1 }), false],
    ['a function', () => 1, false],
    ['a text', 'x', false],
    ['undefined', undefined, false],
  ])('%s', (_, value, plain) => {
    expect(isPlainObject(value)).toBe(plain)
  })
})
