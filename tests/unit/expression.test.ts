/** Expressions of loops: what they mean, and where those that do not parse go wrong. */
import { evaluateExpression, formatExpression, parseExpression } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'
import { changeable } from './define-samples.ts'

const scope = {
  iteration: 3,
  value: { status: 'done', list: [10, { deep: true }], 'a-b': 1, none: null },
  state: { count: 2, user: { name: 'ann' } },
}
const holds = (text: string, given: Parameters<typeof evaluateExpression>[1] = scope) =>
  evaluateExpression(parseExpression(text), given)

const truths = [
  'true',
  '!false',
  '!!true',
  '$iteration == 3',
  '$iteration >= 3 && $iteration <= 3',
  '$iteration > 2 || false',
  '$iteration != 4',
  '2<$iteration',
  '$value.status == "done"',
  "$value.status == 'done'",
  '$value.list.0 == 10',
  '$value.list.1.deep',
  '$value.a-b == 1',
  '$state.count == 2',
  '$state.user.name < "bob"',
  '"a" < "b"',
  '"10" < "9"',
  '-1 < 0',
  '1.5e1 == 15',
  '-0 == 0',
  '"\\u0041\\n\\t\\r\\b\\f\\/\\\\\\"\\\'" == "A\\n\\t\\r\\b\\f/\\\\\\"\'"',
  'null == null',
  '  ( ( true ) )  ',
  // What is not there is null.
  '$value.missing == null',
  '$value.none == null',
  '$state.a.b.c == null',
  '$value.status.length == null',
  '$value.list.length == null',
  '$value.list.01 == null',
  '$state.toString == null',
  '$value.__proto__ == null',
  // ! is tighter than ==, which is tighter than &&, which is tighter than ||.
  '!false == true',
  'true || false && false',
  '!(true && false)',
  '(1 < 2) == true',
  // Only true is true.
  '!0',
  '!"true"',
  '!$state.missing',
]

test.each(truths)('%s holds', (text) => {
  expect(holds(text)).toBe(true)
})

const untruths = [
  'false',
  'null',
  '1',
  '"true"',
  '$value',
  '1 == "1"',
  'null == false',
  '0 == false',
  '"" == null',
  '1 < "2"',
  '"1" < 2',
  'null < 1',
  'null <= null',
  'true > false',
  '$value.list < $value.list',
  '$value != $value',
  '(true || false) && false',
  '1 && true',
  '"a" || 1',
]

test.each(untruths)('%s does not hold', (text) => {
  expect(holds(text)).toBe(false)
})

test('== goes through and through', () => {
  const given = { iteration: 0, value: { a: [1, { b: null }] }, state: { same: { a: [1, { b: null }] }, other: {} } }
  expect(holds('$value == $state.same', given)).toBe(true)
  expect(holds('$value == $state.other', given)).toBe(false)
})

test('without value and state there is nothing', () => {
  expect(holds('$value == null && $state.a == null', { iteration: 0 })).toBe(true)
})

test('a parsed expression is JSON that cannot be changed', () => {
  const parsed = parseExpression('!($value.a == 1) && $state.b || true')
  expect(changeable(parsed)).toEqual([])
  expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed)
})

test('formats with no more brackets than needed', () => {
  const text = '(!((($value.a)) == "x") || ((true && false))) && (1 < 2) == !(2 > 1) && ((true && true))'
  expect(formatExpression(parseExpression(text))).toBe(
    '(!($value.a == "x") || true && false) && (1 < 2) == !(2 > 1) && (true && true)',
  )
})

const flaws: [text: string, position: number, expected: string][] = [
  ['', 0, 'a value, a variable, ! or ('],
  ['   ', 3, 'a value, a variable, ! or ('],
  ['$iteration >=', 13, 'a value, a variable, ! or ('],
  ['$iteration => 5', 11, 'a value, a variable, ! or (, or an operator'],
  ['1 == 2 == 3', 7, '&&, ||, or brackets'],
  ['1 < 2 < 3', 6, '&&, ||, or brackets'],
  ['(1', 2, 'an operator or )'],
  ['(1 == 1', 7, 'an operator or )'],
  ['1)', 1, 'an operator or the end'],
  ['true false', 5, 'an operator or the end'],
  ['()', 1, 'a value, a variable, ! or ('],
  ['true &&', 7, 'a value, a variable, ! or ('],
  ['&& true', 0, 'a value, a variable, ! or ('],
  ['true & false', 5, 'or an operator'],
  ['a == 1', 0, 'true, false, null, $iteration'],
  ['$count == 1', 0, 'true, false, null, $iteration'],
  ['$value. == 1', 0, 'true, false, null, $iteration'],
  ['$value..a', 0, 'true, false, null, $iteration'],
  ['$state == 1', 0, '$state with a key'],
  ['$iteration.a == 1', 0, '$iteration without a path'],
  ['01 == 1', 0, 'a number as JSON writes it'],
  ['1. == 1', 0, 'a number as JSON writes it'],
  ['5a', 0, 'a number as JSON writes it'],
  ['.5 == 1', 0, 'true, false, null'],
  ['+1 == 1', 0, 'a value'],
  ['1e999 == 1', 0, 'a number that is finite'],
  ['"abc', 4, 'a closing "'],
  ['\'abc"', 5, "a closing '"],
  ['"a\\x"', 2, 'an escape'],
  ['"\\u12g4"', 1, 'an escape'],
  ['"\\', 1, 'an escape'],
  ['1 == 😀', 5, 'a value'],
  ['f(1)', 0, 'true, false, null'],
  ['$value = 1', 7, 'or an operator'],
]

test.each(flaws)('%j goes wrong at %i', (text, position, expected) => {
  const error = errorOf(() => parseExpression(text))
  expect(error.code).toBe('EXPRESSION_INVALID')
  expect(error.details).toMatchObject({ position, expression: text })
  expect(error.details['expected']).toContain(expected)
  expect(error.message).toContain(`at position ${position} is`)
})

test.each([undefined, null, 5, () => true])('%s is no expression', (text) => {
  expect(errorOf(() => parseExpression(text as never)).code).toBe('INVALID_OPTIONS')
})

describe('a hundred thousand characters', () => {
  const many = 100_000

  test.each([
    ['brackets', '('.repeat(many)],
    ['negations', '!'.repeat(many)],
    ['both', '!('.repeat(many / 2)],
    ['an open text', `"${'a'.repeat(many)}`],
    ['a long word', 'a'.repeat(many)],
    ['comparisons', `1${'==1'.repeat(many / 3)}`],
  ])('of %s are refused, in a message that can be read', (_, text) => {
    const error = errorOf(() => parseExpression(text))
    expect(error.code).toBe('EXPRESSION_INVALID')
    expect(error.message.length).toBeLessThan(500)
    expect(JSON.stringify(error.details).length).toBeLessThan(1_000)
  })

  test.each([
    ['operands', `true${' && true'.repeat(many / 8)}`],
    ['alternatives of both kinds', `false${' || true && 1 < 2'.repeat(many / 16)}`],
    ['one text', `"${'a'.repeat(many)}" != 1`],
    ['escapes', `"${'\\n'.repeat(many / 2)}" != 1`],
    ['a path', `$value${'.a'.repeat(many / 2)} == null`],
    ['a number', `${'1'.repeat(300)} > 1`],
    ['spaces', `true${' '.repeat(many)}`],
  ])('of %s are parsed, evaluated and written again', (_, text) => {
    const parsed = parseExpression(text)
    expect(evaluateExpression(parsed, { iteration: 0 })).toBe(true)
    expect(parseExpression(formatExpression(parsed))).toEqual(parsed)
  })

  test('brackets nest a hundred deep, and no deeper', () => {
    expect(holds(`${'('.repeat(100)}true${')'.repeat(100)}`)).toBe(true)
    expect(holds(`${'!'.repeat(100)}true`)).toBe(true)
    expect(errorOf(() => parseExpression(`${'('.repeat(101)}true${')'.repeat(101)}`)).details).toMatchObject({
      position: 100,
      expected: 'at most 100 brackets and ! inside each other',
    })
  })
})
