import { describe, expect, test } from 'vitest'
import { durationSchema, positiveDurationSchema, toMilliseconds } from '../../src/duration.ts'

test.each<[unknown, number]>([
  [0, 0],
  [1, 1],
  [0.5, 0.5],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['0ms', 0],
  ['250ms', 250],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
])('%s is %i ms', (duration, ms) => {
  expect(toMilliseconds(duration)).toBe(ms)
  expect(durationSchema.parse(duration)).toBe(ms)
})

test.each([
  [-1],
  [-0.001],
  [NaN],
  [Infinity],
  [-Infinity],
  [''],
  ['5'],
  ['s'],
  ['-5s'],
  ['+5s'],
  ['.5s'],
  ['5.s'],
  [' 5s'],
  ['5s '],
  ['5 s'],
  ['5S'],
  ['5sec'],
  ['5y'],
  ['5w'],
  ['1e3s'],
  ['soon'],
  ['5s\n'],
  [null],
  [undefined],
  [true],
  [5n],
  [['5s']],
  [{ valueOf: () => 5 }],
])('%o is no duration', (duration) => {
  expect(toMilliseconds(duration)).toBeUndefined()
})

test('a text of digits without end is none', () => {
  expect(toMilliseconds(`${'9'.repeat(101)}s`)).toBeUndefined()
})

describe('as an option', () => {
  test('what is none is refused with what to write instead', () => {
    const { error } = durationSchema.safeParse('soon')
    expect(error?.issues[0]?.message).toBe("expected milliseconds (a number ≥ 0) or text such as '250ms', '5s' or '2m'")
  })

  test.each([[0], ['0s'], ['0.0d']])('%s is not greater than 0', (duration) => {
    expect(durationSchema.parse(duration)).toBe(0)
    const { error } = positiveDurationSchema.safeParse(duration)
    expect(error?.issues[0]?.message).toBe("expected a duration greater than 0, such as 100 or '5s'")
  })

  test.each<[unknown, number]>([
    [0.001, 0.001],
    ['1ms', 1],
  ])('%s is', (duration, ms) => {
    expect(positiveDurationSchema.parse(duration)).toBe(ms)
  })
})
