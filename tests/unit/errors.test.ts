import { describe, expect, test } from 'vitest'
import {
  errorCodes,
  HookchartError,
  isHookchartError,
  nameOf,
  toErrorData,
  toHookchartError,
} from '../../src/errors.ts'

describe('the table of codes', () => {
  test.each(Object.entries(errorCodes))('%s says what it means and what to do, in sentences', (code, meaning) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/)
    expect(meaning).toMatch(/^[A-Z].{20,}\.$/)
  })
})

describe('HookchartError', () => {
  test('has a code, and little else when nothing else is said', () => {
    const error = new HookchartError('INVALID_INPUT', 'no width')
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.code, error.retryable, error.details]).toEqual([
      'HookchartError',
      'INVALID_INPUT',
      false,
      {},
    ])
    expect(error.message).toBe('no width')
    expect('cause' in error).toBe(false)
  })

  test('takes name, details, cause and whether to try again', () => {
    const cause = new Error('deep')
    const error = new HookchartError('X', 'm', { name: 'NetError', retryable: true, details: { a: 1 }, cause })
    expect(error).toMatchObject({ name: 'NetError', retryable: true, details: { a: 1 }, cause })
  })

  test('a cause of undefined is still a cause', () => {
    expect('cause' in new HookchartError('X', 'm', { cause: undefined })).toBe(true)
  })

  test('as JSON it has what is there', () => {
    expect(JSON.parse(JSON.stringify(new HookchartError('X', 'm')))).toEqual({
      code: 'X',
      name: 'HookchartError',
      message: 'm',
      retryable: false,
    })
    expect(new HookchartError('X', 'm', { details: { a: 1 }, retryable: true }).toJSON()).toEqual({
      code: 'X',
      name: 'HookchartError',
      message: 'm',
      retryable: true,
      details: { a: 1 },
    })
  })

  test.each<[string, unknown, unknown]>([
    [
      'one of ours, with its details and cause',
      new HookchartError('Y', 'deep', { details: { b: 2 }, cause: 'deeper' }),
      { code: 'Y', name: 'HookchartError', message: 'deep', retryable: false, details: { b: 2 }, cause: 'deeper' },
    ],
    [
      'any error, without its stack',
      Object.assign(new TypeError('bad'), { code: 'E1', retryable: true }),
      { code: 'E1', name: 'TypeError', message: 'bad', retryable: true },
    ],
    ['a text', 'because', 'because'],
    ['an object', { a: 1 }, '{"a":1}'],
    ['null', null, 'null'],
  ])('as JSON its cause is %s', (_, cause, data) => {
    expect(new HookchartError('X', 'm', { cause }).toJSON().cause).toEqual(data)
  })
})

describe('isHookchartError', () => {
  const error = new HookchartError('HOOK_FAILED', 'm')

  test('with a code it is that one', () => {
    expect(isHookchartError(error)).toBe(true)
    expect(isHookchartError(error, 'HOOK_FAILED')).toBe(true)
    expect(isHookchartError(error, 'HOOK_KIND')).toBe(false)
  })

  test('one from another copy of the package is one', () => {
    const other = Object.assign(new Error('m'), { code: 'HOOK_FAILED', [Symbol.for('hookchart.error')]: true })
    expect(isHookchartError(other, 'HOOK_FAILED')).toBe(true)
    expect(
      isHookchartError(Object.assign(new Error('m'), { [Symbol.for('hookchart.error')]: true }), 'HOOK_FAILED'),
    ).toBe(false)
  })

  test.each([
    ['an error', new Error('m')],
    ['an error with a code', Object.assign(new Error('m'), { code: 'HOOK_FAILED' })],
    ['what only looks like one', { code: 'HOOK_FAILED', [Symbol.for('hookchart.error')]: true }],
    ['null', null],
    ['undefined', undefined],
    ['a text', 'HOOK_FAILED'],
  ])('%s is none', (_, value) => {
    expect(isHookchartError(value)).toBe(false)
  })
})

describe('toHookchartError', () => {
  test('one of ours stays itself', () => {
    const error = new HookchartError('X', 'm')
    expect(toHookchartError(error)).toBe(error)
  })

  test('an error keeps code, name, message and whether to try again, and is the cause', () => {
    const thrown = Object.assign(new RangeError('too far'), { code: 'FAR', retryable: true })
    const error = toHookchartError(thrown)
    expect(error).toMatchObject({ code: 'FAR', name: 'RangeError', message: 'too far', retryable: true })
    expect(error.cause).toBe(thrown)
  })

  test('without a code it gets the fallback', () => {
    expect(toHookchartError(new Error('m')).code).toBe('EFFECT_FAILED')
    expect(toHookchartError(new Error('m'), 'HOOK_FAILED').code).toBe('HOOK_FAILED')
  })
})

describe('toErrorData', () => {
  test.each([[''], [404], [null], [undefined]])('the code %j is none', (code) => {
    expect(toErrorData(Object.assign(new Error('m'), { code })).code).toBe('EFFECT_FAILED')
  })

  test.each([['true'], [1], [undefined], [false]])('retryable %j is not true', (retryable) => {
    expect(toErrorData(Object.assign(new Error('m'), { retryable })).retryable).toBe(false)
  })

  test('the name of a class of errors is kept', () => {
    class NetError extends Error {
      override name = 'NetError'
    }
    expect(toErrorData(new NetError('m'))).toEqual({
      code: 'EFFECT_FAILED',
      name: 'NetError',
      message: 'm',
      retryable: false,
    })
  })

  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle

  test.each<[string, unknown, string]>([
    ['a text', 'out of paper', 'out of paper'],
    ['an empty text', '', ''],
    ['a number', 7, '7'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { a: [1] }, '{"a":[1]}'],
    ['a symbol', Symbol('why'), 'Symbol(why)'],
    ['a bigint', 1n, '[object BigInt]'],
    ['a cycle', cycle, '[object Object]'],
    ['an object without a prototype', Object.create(null), '{}'],
  ])('what is no error, %s, is its text', (_, thrown, message) => {
    expect(toErrorData(thrown, 'HOOK_FAILED')).toEqual({
      code: 'HOOK_FAILED',
      name: 'Error',
      message,
      retryable: false,
    })
  })

  test('a function is its text', () => {
    expect(toErrorData(function why() {}).message).toContain('function why')
  })
})

test.each<[unknown, string]>([
  ['x', '"x"'],
  ['', '""'],
  ['a'.repeat(60), `"${'a'.repeat(60)}"`],
  ['a'.repeat(61), `"${'a'.repeat(60)}…"`],
  [3, '3'],
  [NaN, 'NaN'],
  [false, 'false'],
  [null, 'null'],
  [undefined, 'undefined'],
  [[1, 2], 'an array'],
  [{ a: 1 }, 'an object'],
  [Object.create(null), 'an object'],
  [() => 1, 'a function'],
  [Symbol('x'), 'a symbol'],
  [1n, 'a bigint'],
])('in a message %o is %s', (value, text) => {
  expect(nameOf(value)).toBe(text)
})
