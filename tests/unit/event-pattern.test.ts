/** Patterns of events, by hand: what matches, what does not, and what is no pattern. */
import { matchesPattern } from 'hookchart/events'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

test.each([
  ['order.paid', 'order.paid', true],
  ['order.paid', 'order', false],
  ['order', 'order.paid', false],
  ['*', 'order', true],
  ['*', 'order.item.paid', true],
  ['order.*', 'order.paid', true],
  ['order.*', 'order', false],
  ['order.*', 'order.item.paid', false],
  ['*.error', 'tool.error', true],
  ['*.error', 'tool.call.error', false],
  ['*.*', 'order', false],
  ['*.*', 'order.paid', true],
  ['a.*.c', 'a.b.c', true],
  ['a.*.c', 'a.c', false],
  ['**', 'order', true],
  ['order.**', 'order', true],
  ['order.**', 'order.item.paid', true],
  ['order.**', 'orders', false],
  ['**.paid', 'paid', true],
  ['**.paid', 'order.item.paid', true],
  ['**.paid', 'order.paid.late', false],
  ['a.**.z', 'a.z', true],
  ['a.**.z', 'a.b.c.z', true],
  ['a.**.b.**.c', 'a.b.x.b.c', true],
  ['a.**.*', 'a', false],
  ['a.**.*', 'a.b', true],
  ['**.**', 'a', true],
  ['hook:cancelled', 'hook:cancelled', true],
  ['ordér.*', 'ordér.pàyé', true],
])('%s and %s: %s', (pattern, type, expected) => {
  expect(matchesPattern(pattern, type)).toBe(expected)
})

describe('is no pattern:', () => {
  test.each<[unknown, string]>([
    ['', 'it is empty'],
    ['a..b', 'segment 2 is empty'],
    ['.a', 'segment 1 is empty'],
    ['a.', 'segment 2 is empty'],
    ['order*', 'segment 1, "order*", mixes stars'],
    ['a.***', 'segment 2, "***", mixes stars'],
    ['a. b', 'white space'],
    ['a\u0007', 'cannot be printed'],
    ['a.'.repeat(300), 'longer than 500 characters'],
    [7, 'not a text'],
  ])('%j', (pattern, why) => {
    const error = errorOf(() => matchesPattern(pattern as string, 'a'))
    expect(error.code).toBe('EVENT_PATTERN_INVALID')
    expect(error.message).toContain(why)
  })
})

test('a pattern that is all stars takes no time', () => {
  const pattern = Array.from({ length: 100 }, () => '**').join('.')
  expect(matchesPattern(`${pattern}.x`, Array.from({ length: 200 }, () => 'a').join('.'))).toBe(false)
})
