import { breakerPresets } from 'hookchart/hooks'
import type { BreakerSettings } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { CounterBreaker } from '../../src/hooks/breaker.ts'
import { failsClosed, makeBreaker, matcherOf } from '../../src/hooks/registry/unit.ts'

describe('match', () => {
  const tool = { type: 'tool', name: 'http_get', id: 'x' } as const

  test('nothing said: no question to ask', () => {
    expect(matcherOf(undefined)).toBeUndefined()
  })

  test.each<[object, boolean]>([
    [{}, true],
    [{ component: 'http_get' }, true],
    [{ component: 'http_*' }, true],
    [{ component: 'ftp_*' }, false],
    [{ component: 'x' }, false],
    [{ type: 'tool' }, true],
    [{ type: 't*' }, true],
    [{ type: 'agent' }, false],
    [{ component: 'http_*', type: 'tool' }, true],
    [{ component: 'http_*', type: 'agent' }, false],
    [{ component: 'ftp_*', type: 'tool' }, false],
  ])('%j: %s', (match, expected) => {
    expect(matcherOf(match)?.(tool)).toBe(expected)
  })
})

test.each([
  ['guard', undefined, true],
  ['guard', 'closed', true],
  ['transform', undefined, false],
  ['transform', 'open', false],
  ['transform', 'closed', true],
  ['observe', 'closed', false],
  ['observe', undefined, false],
] as const)('a %s that fails %s: closed %s', (kind, onFailure, closed) => {
  expect(failsClosed(kind, { onFailure })).toBe(closed)
})

describe('the breaker of a hook', () => {
  const settings = breakerPresets.default
  const made: BreakerSettings[] = []
  const make = (...[kind, timeoutMs]: ['guard' | 'transform' | 'observe', number]) =>
    makeBreaker(settings, kind, timeoutMs, (given) => {
      made.push(given)
      return new CounterBreaker(given, createTestClock())
    })

  test.each([
    ['transform', 10, 50],
    ['transform', 5_000, 50],
    ['observe', 5_000, 50],
    ['guard', 49, 50],
    ['guard', 50, 50],
    ['guard', 51, 51],
  ] as const)('of a %s with %i ms calls %i ms slow', (kind, timeoutMs, slowCallMs) => {
    expect(make(kind, timeoutMs)?.slowCallMs).toBe(slowCallMs)
    expect(made.at(-1)).toEqual({ ...settings, slowCallMs })
  })

  test('is none when it is turned off', () => {
    const factory = () => {
      throw new Error('not asked')
    }
    expect(makeBreaker(false, 'guard', 1, factory)).toBeUndefined()
  })
})
