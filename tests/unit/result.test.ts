import { hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { checkResult } from '../../src/hooks/check-result.ts'

const fork = { id: 'a', type: 'tool', target: 't' } as const

describe('constructors', () => {
  const recipe = () => undefined
  test.each<[string, () => unknown, object]>([
    ['continue', () => hook.continue(), { type: 'continue' }],
    ['skipped', () => hook.skipped(), { type: 'skipped' }],
    ['skipped, and why', () => hook.skipped('not mine'), { type: 'skipped', reason: 'not mine' }],
    ['modified by a patch', () => hook.modified({ input: 1 }), { type: 'modified', patch: { input: 1 } }],
    ['modified by a recipe', () => hook.modified(recipe), { type: 'modified', patch: recipe }],
    ['cancel', () => hook.cancel(), { type: 'cancel' }],
    ['cancel, and why', () => hook.cancel('no'), { type: 'cancel', reason: 'no' }],
    ['cancel for an empty reason', () => hook.cancel(''), { type: 'cancel', reason: '' }],
    ['redirect', () => hook.redirect('other'), { type: 'redirect', target: 'other' }],
    ['replace', () => hook.replace(0), { type: 'replace', value: 0 }],
    ['replace by nothing', () => hook.replace(), { type: 'replace', value: undefined }],
    ['retry', () => hook.retry(), { type: 'retry' }],
    ['retry, how', () => hook.retry({ delayMs: 5, maxAttempts: 2 }), { type: 'retry', delayMs: 5, maxAttempts: 2 }],
    ['fork', () => hook.fork([fork]), { type: 'fork', operations: [fork] }],
    ['cache', () => hook.cache({ key: 'k', ttlMs: '1m' }), { type: 'cache', key: 'k', ttlMs: '1m' }],
    ['suspend', () => hook.suspend({ question: 'go?', data: 1 }), { type: 'suspend', question: 'go?', data: 1 }],
  ])('%s', (_, make, expected) => {
    expect(make()).toStrictEqual(expected)
  })

  test('each takes state and a message last', () => {
    const extras = { state: { a: 1 }, message: 'm' }
    for (const result of [
      hook.continue(extras),
      hook.skipped('r', extras),
      hook.modified({}, extras),
      hook.cancel('r', extras),
      hook.redirect('t', extras),
      hook.replace(1, extras),
      hook.retry({}, extras),
      hook.fork([fork], extras),
      hook.cache({ key: 'k' }, extras),
      hook.suspend({ question: 'q' }, extras),
    ]) {
      expect(result).toMatchObject(extras)
      expect(checkResult(result)).toMatchObject(extras)
    }
  })

  test('the plain continue is one frozen object', () => {
    expect(hook.continue()).toBe(hook.continue())
    expect(Object.isFrozen(hook.continue())).toBe(true)
  })
})

describe('what is accepted, with its defaults', () => {
  const schema = z.object({})
  const recipe = () => undefined
  test.each<[string, unknown, object]>([
    ['undefined', undefined, { type: 'continue' }],
    ['a plain object', { type: 'continue' }, { type: 'continue' }],
    ['cancel', hook.cancel(), { type: 'cancel', reason: 'no reason given' }],
    ['cancel for an empty reason', hook.cancel(''), { type: 'cancel', reason: '' }],
    ['retry', hook.retry(), { type: 'retry', delayMs: 1_000, maxAttempts: 3 }],
    ['retry at once, once', hook.retry({ delayMs: 0, maxAttempts: 1 }), { type: 'retry', delayMs: 0, maxAttempts: 1 }],
    ['retry by text', hook.retry({ delayMs: '2s' }), { type: 'retry', delayMs: 2_000, maxAttempts: 3 }],
    ['cache', hook.cache({ key: 'k' }), { type: 'cache', key: 'k', ttlMs: 300_000 }],
    ['cache for no time', hook.cache({ key: '', ttlMs: 0 }), { type: 'cache', key: '', ttlMs: 0 }],
    ['suspend', hook.suspend({ question: '' }), { type: 'suspend', question: '', expiresInMs: 86_400_000 }],
    [
      'suspend, in full',
      hook.suspend({ question: 'q', data: [1], schema, expiresInMs: '1h', escalateTo: 'ann' }),
      { type: 'suspend', question: 'q', data: [1], schema, expiresInMs: 3_600_000, escalateTo: 'ann' },
    ],
    ['replace by nothing', hook.replace(), { type: 'replace', value: undefined }],
    ['skipped', hook.skipped(), { type: 'skipped' }],
    ['modified by a patch', hook.modified({ a: 1 }), { type: 'modified', patch: { a: 1 } }],
    ['modified by a recipe', hook.modified(recipe), { type: 'modified', patch: recipe }],
    ['redirect', hook.redirect('x'), { type: 'redirect', target: 'x' }],
    ['keys with undefined', { type: 'continue', message: undefined, state: undefined }, { type: 'continue' }],
  ])('%s', (_, given, expected) => {
    expect(checkResult(given)).toEqual(expected)
  })

  test.each(['tool', 'agent', 'workflow'] as const)('a fork of a %s', (type) => {
    const result = hook.fork([{ ...fork, type, input: { a: undefined } }])
    expect(checkResult(result)).toEqual(result)
  })
})

test('what was returned can be changed later without harm', () => {
  const value = { list: [1] }
  const results = [
    hook.replace(value),
    hook.continue({ state: { value } }),
    hook.suspend({ question: 'q', data: value }),
    hook.fork([{ ...fork, input: value }]),
  ].map(checkResult)
  const before = JSON.stringify(results)
  value.list.push(2)
  expect(JSON.stringify(results)).toBe(before)
})

describe('what is no hook result', () => {
  test.each<[unknown, string]>([
    [null, 'returned null instead of a hook result'],
    [true, 'returned true instead of a hook result'],
    [0, 'returned 0 instead of a hook result'],
    ['continue', 'returned "continue" instead of a hook result'],
    [[], 'returned an array instead of a hook result'],
    [() => undefined, 'returned a function instead of a hook result'],
    [new Date(0), 'returned an object instead of a hook result'],
    [
      {},
      'returned an object whose type is undefined, not one of continue, skipped, modified, cancel, redirect, replace, retry, fork, cache, suspend',
    ],
    [{ type: 1 }, 'returned an object whose type is 1, not one of'],
    [{ type: 'stop' }, 'returned an object whose type is "stop", not one of'],
    [{ type: 'toString' }, 'returned an object whose type is "toString", not one of'],
    [{ type: 'continue', reason: 'x' }, 'returned continue with an unknown key "reason"'],
    [{ type: 'cancel', why: 'x' }, 'returned cancel with an unknown key "why"'],
    [{ type: 'cancel', patch: {} }, 'returned cancel with an unknown key "patch"'],
    [{ type: 'cancel', reason: 3 }, 'returned cancel whose reason is no text'],
    [{ type: 'cancel', reason: null }, 'returned cancel whose reason is no text'],
    [{ type: 'skipped', reason: 3 }, 'returned skipped whose reason is no text'],
    [{ type: 'continue', message: 3 }, 'returned continue whose message is no text'],
    [{ type: 'continue', state: [] }, 'returned continue whose state is no plain object'],
    [
      { type: 'continue', state: { f: () => 1 } },
      'returned continue whose state at "f" is a function, so it is not JSON',
    ],
    [{ type: 'modified' }, 'returned modified whose patch is neither a plain object nor a recipe'],
    [{ type: 'modified', patch: [] }, 'returned modified whose patch is neither a plain object nor a recipe'],
    [{ type: 'redirect' }, 'returned redirect whose target is no name'],
    [{ type: 'redirect', target: '' }, 'returned redirect whose target is no name'],
    [{ type: 'redirect', target: 3 }, 'returned redirect whose target is no name'],
    [{ type: 'replace', value: 1n }, 'returned replace whose value is a bigint, so it is not JSON'],
    [{ type: 'replace', value: [NaN] }, 'returned replace whose value at "0" is NaN, so it is not JSON'],
    [{ type: 'retry', delayMs: -1 }, 'returned retry whose delayMs is no duration: -1'],
    [{ type: 'retry', delayMs: 'soon' }, 'returned retry whose delayMs is no duration: "soon"'],
    [{ type: 'retry', maxAttempts: 0 }, 'returned retry whose maxAttempts is no whole number ≥ 1'],
    [{ type: 'retry', maxAttempts: 1.5 }, 'returned retry whose maxAttempts is no whole number ≥ 1'],
    [{ type: 'retry', maxAttempts: '2' }, 'returned retry whose maxAttempts is no whole number ≥ 1'],
    [{ type: 'cache' }, 'returned cache whose key is no text'],
    [{ type: 'cache', key: 1 }, 'returned cache whose key is no text'],
    [{ type: 'cache', key: 'k', ttlMs: Infinity }, 'returned cache whose ttlMs is no duration: Infinity'],
    [{ type: 'suspend' }, 'returned suspend whose question is no text'],
    [{ type: 'suspend', question: 'q', data: () => 1 }, 'returned suspend whose data is a function, so it is not JSON'],
    [{ type: 'suspend', question: 'q', schema: {} }, 'returned suspend whose schema is no Standard Schema'],
    [{ type: 'suspend', question: 'q', expiresInMs: 'x' }, 'returned suspend whose expiresInMs is no duration: "x"'],
    [{ type: 'suspend', question: 'q', escalateTo: '' }, 'returned suspend whose escalateTo is no name'],
    [{ type: 'fork' }, 'returned fork whose operations is no list of operations'],
    [{ type: 'fork', operations: [] }, 'returned fork whose operations is no list of operations'],
    [{ type: 'fork', operations: [1] }, 'returned fork whose operations has an element that is no operation'],
    [
      { type: 'fork', operations: [{ ...fork, id: '' }] },
      'returned fork whose operations has an operation without id or target',
    ],
    [
      { type: 'fork', operations: [{ id: 'a', type: 'tool' }] },
      'returned fork whose operations has an operation without id or target',
    ],
    [
      { type: 'fork', operations: [{ ...fork, type: 'step' }] },
      'returned fork whose operations has an operation of unknown type "step"',
    ],
    [
      { type: 'fork', operations: [{ ...fork, timeout: 1 }] },
      'returned fork whose operations has an operation with an unknown key "timeout"',
    ],
    [{ type: 'fork', operations: [fork, fork] }, 'returned fork whose operations has two operations with the id "a"'],
    [
      { type: 'fork', operations: [{ ...fork, input: { n: 1n } }] },
      'returned fork whose operations has an operation whose input at "n" is a bigint, so it is not JSON',
    ],
  ])('%o', (value, problem) => {
    const text = checkResult(value)
    expect(text).toBeTypeOf('string')
    expect((text as string).slice(0, problem.length)).toBe(problem)
  })

  // The prototype of a table of keys must not answer for them.
  test.each(['valueOf', 'toString', 'constructor', 'hasOwnProperty'])('an unknown key "%s"', (key) => {
    expect(checkResult({ type: 'continue', [key]: 1 })).toBe(`returned continue with an unknown key "${key}"`)
  })

  // `forks[id] = …` would set a prototype.
  test('a fork whose id is __proto__', () => {
    expect(checkResult(hook.fork([{ ...fork, id: '__proto__' }]))).toBeTypeOf('string')
  })

  test('an object whose getter throws, instead of throwing itself', () => {
    const broken = {
      get type() {
        throw new Error('not ready')
      },
    }
    expect(checkResult(broken)).toBeTypeOf('string')
  })
})
