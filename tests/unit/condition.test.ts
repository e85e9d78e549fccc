/** Conditions as data: each kind is kept as a frozen copy, and what is none is refused. */
import { conditional } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'
import { changeable, one } from './define-samples.ts'

const parse = (condition: unknown) =>
  conditional({ name: 'flow', branches: [{ name: 'a', condition, steps: [one] }] } as never).branches[0]!.condition

const fn = () => true

const conditions: object[] = [
  { type: 'always' },
  { type: 'never' },
  { type: 'shared_data_equals', key: 'a', expected: { b: [1, null] } },
  { type: 'shared_data_equals', key: 'a', expected: null },
  { type: 'shared_data_exists', key: 'a' },
  { type: 'step_result_equals', step: 'one', expected: 1 },
  { type: 'step_succeeded', step: 'one' },
  { type: 'step_failed', step: 'one' },
  { type: 'and', conditions: [] },
  { type: 'or', conditions: [{ type: 'not', condition: { type: 'and', conditions: [{ type: 'never' }, fn] } }] },
]

test.each(conditions)('%o is kept', (condition) => {
  const parsed = parse(condition)
  expect(parsed).toEqual(condition)
  expect(changeable(parsed)).toEqual([])
})

test('a function is kept as it is', () => {
  expect(parse(fn)).toBe(fn)
})

test('what becomes of the expected value later changes nothing', () => {
  const expected = { b: 1 }
  const parsed = parse({ type: 'shared_data_equals', key: 'a', expected })
  expected.b = 2
  expect(parsed).toMatchObject({ expected: { b: 1 } })
})

describe('refused:', () => {
  const cyclic: { type: 'not'; condition?: unknown } = { type: 'not' }
  cyclic.condition = cyclic
  const refusals: [string, unknown, string][] = [
    ['an unknown type', { type: 'sometimes' }, 'no condition has the type "sometimes"'],
    ['a type of every object', { type: 'toString' }, 'no condition has the type "toString"'],
    ['no type', { key: 'a' }, 'no condition has the type undefined'],
    ['a text', '$iteration > 1', 'the condition is "$iteration > 1"'],
    ['a boolean', true, 'the condition is true'],
    ['null', null, 'the condition is null'],
    ['an unknown key', { type: 'always', key: 'a' }, 'unknown option "key"'],
    ['no key', { type: 'shared_data_exists' }, '"key"'],
    ['an empty key', { type: 'shared_data_exists', key: '' }, '"key"'],
    ['no expected value', { type: 'shared_data_equals', key: 'a' }, '"expected"'],
    [
      'an expected value that is not JSON',
      { type: 'step_result_equals', step: 'a', expected: [fn] },
      '"0" is a function',
    ],
    ['no step', { type: 'step_failed' }, '"step"'],
    ['no list', { type: 'and', conditions: { type: 'always' } }, '"conditions"'],
    ['an unknown one inside', { type: 'or', conditions: [{ type: 'xor' }] }, 'or 0: no condition has the type "xor"'],
    ['nothing inside', { type: 'not' }, 'not: the condition is undefined'],
    ['one that contains itself', cyclic, 'nested deeper than 50, or contain themselves'],
  ]

  test.each(refusals)('%s', (_, condition, problem) => {
    const error = errorOf(() => parse(condition))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain('conditional("flow"), branch "a"')
    expect(error.message).toContain(problem)
  })
})
