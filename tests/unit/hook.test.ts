import { breakerPresets, compose, defineHook } from 'hookchart/hooks'
import type { HookOptions } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import {
  assertHandler,
  isComposite,
  isHookDefinition,
  optionsOf,
  parseHookOptions,
  priorities,
} from '../../src/hooks/hook.ts'
import { errorOf } from '../support/refusal.ts'
import { nothing } from './kernel-samples.ts'

const DEFAULTS = {
  name: undefined,
  kind: undefined,
  priority: 0,
  before: [],
  after: [],
  when: undefined,
  match: undefined,
  timeoutMs: undefined,
  onFailure: undefined,
  breaker: undefined,
  writes: undefined,
  criticality: 0,
  tags: [],
  version: '1.0.0',
  description: '',
  language: 'native',
  once: false,
  signal: undefined,
}

describe('options', () => {
  test('none, an empty object and keys with undefined are the defaults', () => {
    expect(parseHookOptions(undefined, 'x')).toEqual(DEFAULTS)
    expect(parseHookOptions({}, 'x')).toEqual(DEFAULTS)
    expect(parseHookOptions({ priority: undefined, tags: undefined, version: undefined }, 'x')).toStrictEqual(
      parseHookOptions({}, 'x'),
    )
  })

  test('each is read', () => {
    const { signal } = new AbortController()
    const options: HookOptions = {
      name: 'n',
      kind: 'transform',
      before: ['a'],
      after: ['b'],
      when: () => true,
      match: { component: 'http_*', type: 'tool' },
      timeoutMs: '2s',
      onFailure: 'closed',
      breaker: 'production',
      writes: ['input.url'],
      criticality: -3,
      tags: ['pii'],
      version: '2.0.0',
      description: 'd',
      language: 'lua',
      once: true,
      signal,
      priority: 7,
    }
    expect(parseHookOptions(options, 'x')).toEqual({
      ...options,
      timeoutMs: 2_000,
      breaker: breakerPresets.production,
    })
  })

  test.each([
    ['highest', -1_000],
    ['high', -100],
    ['normal', 0],
    ['low', 100],
    ['lowest', 1_000],
    [3.5, 3.5],
    [-0.1, -0.1],
  ] as const)('the priority %s is %d', (priority, number) => {
    expect(parseHookOptions({ priority }, 'x').priority).toBe(number)
    if (typeof priority === 'string') expect(priorities[priority]).toBe(number)
  })

  test.each<[string, object, string]>([
    ['a priority that is no number', { priority: NaN }, "expected a finite number or 'highest'"],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, '200 characters'],
    ['a name to be before that is empty', { before: [''] }, '"before.0"'],
    ['names as a text', { after: 'auth' }, '"after"'],
    ['a kind that does not exist', { kind: 'filter' }, '"kind"'],
    ['a condition that is no function', { when: true }, '"when": expected a function'],
    ['an unknown key to match', { match: { name: 'x' } }, 'unknown option "name"'],
    ['a match for nothing', { match: { component: '' } }, '"match.component"'],
    ['no time at all', { timeoutMs: 0 }, 'greater than 0'],
    ['a path to write that is empty', { writes: [''] }, '"writes.0"'],
    ['a criticality in words', { criticality: 'high' }, '"criticality"'],
    ['a version as a number', { version: 1 }, '"version"'],
    ['an unknown language', { language: 'perl' }, '"language"'],
    ['once as a number', { once: 1 }, '"once"'],
    ['a signal that is none', { signal: {} }, '"signal"'],
    ['another kind of failing', { onFailure: 'half' }, '"onFailure"'],
    ['an unknown option', { timeout: 1 }, 'unknown option "timeout"'],
  ])('%s is refused', (_, options, says) => {
    const error = errorOf(() => parseHookOptions(options, 'Hook "h"'))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toMatch(/^Hook "h": /)
    expect(error.message).toContain(says)
  })

  test('a guard cannot fail open, and says so; closed it may', () => {
    const error = errorOf(() => parseHookOptions({ kind: 'guard', onFailure: 'open' }, 'Hook "g"'))
    expect(error.message).toBe('Hook "g": a guard always fails closed; "onFailure": "open" is for transforms.')
    expect(error.details).toEqual({
      where: 'Hook "g"',
      flaws: [{ path: 'onFailure', problem: 'a guard always fails closed' }],
    })
    expect(parseHookOptions({ kind: 'guard', onFailure: 'closed' }, 'x').onFailure).toBe('closed')
    expect(parseHookOptions({ kind: 'transform', onFailure: 'open' }, 'x').onFailure).toBe('open')
  })
})

test.each(['open', 'closed'] as const)('an observer cannot fail %s: its failures change nothing', (onFailure) => {
  const error = errorOf(() => parseHookOptions({ kind: 'observe', onFailure }, 'Hook "o"'))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toContain('Hook "o": the failure of an observer is recorded and changes nothing')
  expect(error.details['flaws']).toMatchObject([{ path: 'onFailure' }])
})

test.each<[string, unknown, string]>([
  ['null', null, 'null'],
  ['nothing', undefined, 'undefined'],
  ['a text', 'x', 'string'],
  ['an object', {}, 'object'],
])('%s is no handler', (_, handler, type) => {
  const error = errorOf(() => assertHandler(handler, 'Hook "h"'))
  expect(error.code).toBe('INVALID_HANDLER')
  expect(error.message).toBe(`Hook "h": the handler is ${type}, not a function.`)
  expect(error.details).toEqual({ where: 'Hook "h"' })
})

test('a function is one', () => {
  expect(assertHandler(nothing, 'x')).toBeUndefined()
})

describe('defineHook', () => {
  test('gives what it was given, frozen and copied', () => {
    const given = { name: 'h', points: 'ToolError', handler: nothing, priority: 'high' } as const
    const defined = defineHook(given)
    expect(defined).toEqual(given)
    expect(defined).not.toBe(given)
    expect(Object.isFrozen(defined)).toBe(true)
  })

  test('takes a composite', () => {
    const handler = compose.sequential(nothing)
    expect(defineHook({ handler }).handler).toBe(handler)
  })

  test.each<[string, object, string, string]>([
    ['no handler', { name: 'h' }, 'INVALID_HANDLER', 'defineHook("h"): the handler is undefined'],
    ['a handler that is a text', { handler: 'x' }, 'INVALID_HANDLER', 'defineHook(undefined): the handler is string'],
    [
      'an unknown option',
      { name: 'h', handler: nothing, prio: 1 },
      'INVALID_OPTIONS',
      'defineHook("h"): unknown option',
    ],
    ['a bad name', { name: '', handler: nothing }, 'INVALID_OPTIONS', 'defineHook("")'],
  ])('%s is refused', (_, definition, code, says) => {
    const error = errorOf(() => defineHook(definition as never))
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
  })

  test('its options are all but handler and points', () => {
    expect(optionsOf({ name: 'h', handler: nothing, points: 'ToolError', tags: ['a'] })).toEqual({
      name: 'h',
      tags: ['a'],
    })
  })
})

test('what is a composite, and what a definition', () => {
  const composite = compose.firstMatch(nothing)
  expect([composite, nothing, {}, null, undefined, { pattern: {}, children: [] }].map(isComposite)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ])
  expect([{ handler: nothing }, { handler: undefined }, nothing, {}, null, 'handler'].map(isHookDefinition)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
  expect(Object.isFrozen(composite)).toBe(true)
})
