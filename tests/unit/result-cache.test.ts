import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { ResultCache } from '../../src/hooks/executor/result-cache.ts'
import { Time } from '../../src/hooks/executor/time.ts'
import { nodeHash } from '../../src/ports/node/hash.ts'

function bench() {
  const clock = createTestClock()
  return { cache: new ResultCache(new Time(clock), nodeHash), pass: (ms: number) => void clock.advance(ms) }
}

describe('the key', () => {
  const { cache } = bench()
  const tool = { type: 'tool', name: 'add', id: 'tool-1' } as const
  const note = { key: 'k', ttlMs: 1, hook: 'h' }
  const key = cache.keyOf('P', tool, note, { a: 1, b: [2] })

  test('is a hash', () => {
    expect(key).toMatch(/^[0-9a-f]{64}$/)
  })

  test('does not depend on the order of keys, nor on anything volatile', () => {
    expect(cache.keyOf('P', tool, note, { b: [2], a: 1 })).toBe(key)
    expect(cache.keyOf('P', { ...tool, id: 'tool-2' }, { key: 'k', ttlMs: 9, hook: 'other' }, { a: 1, b: [2] })).toBe(
      key,
    )
  })

  test.each<[string, string]>([
    ['the point', cache.keyOf('Q', tool, note, { a: 1, b: [2] })],
    ['the type of the component', cache.keyOf('P', { ...tool, type: 'agent' }, note, { a: 1, b: [2] })],
    ['the name of the component', cache.keyOf('P', { ...tool, name: 'sub' }, note, { a: 1, b: [2] })],
    ['the key of the hook', cache.keyOf('P', tool, { ...note, key: 'l' }, { a: 1, b: [2] })],
    ['the input', cache.keyOf('P', tool, note, { a: 1, b: [3] })],
  ])('depends on %s', (_, other) => {
    expect(other).not.toBe(key)
  })

  test('what is no JSON has none, and finds nothing', () => {
    expect(cache.keyOf('P', tool, note, new Map([['a', 1]]))).toBeUndefined()
    expect(cache.get(undefined)).toBeUndefined()
  })

  test('no input is not the text of none', () => {
    expect(cache.keyOf('P', tool, note, undefined)).not.toBe(cache.keyOf('P', tool, note, 'undefined'))
    expect(cache.keyOf('P', tool, note, undefined)).not.toBe(cache.keyOf('P', tool, note, null))
  })
})

describe('results', () => {
  test('what was not stored is not there', () => {
    expect(bench().cache.get('k')).toBeUndefined()
  })

  test('are served until their time is over', () => {
    const { cache, pass } = bench()
    cache.store('k', 1, 100)
    expect(cache.get('k')).toEqual({ value: 1 })
    pass(100)
    expect(cache.get('k')).toEqual({ value: 1 })
    pass(1)
    expect(cache.get('k')).toBeUndefined()
  })

  test.each([0, 1, 2])('whenever they were stored: at %i', (at) => {
    const { cache, pass } = bench()
    pass(at)
    cache.store('k', 1, 100)
    pass(100)
    expect(cache.get('k')).toEqual({ value: 1 })
    pass(1)
    expect(cache.get('k')).toBeUndefined()
  })

  test('what is no JSON is not kept', () => {
    const { cache } = bench()
    cache.store('k', { at: new Date(0) }, 100)
    expect(cache.get('k')).toBeUndefined()
  })

  test('may be undefined', () => {
    const { cache } = bench()
    cache.store('k', undefined, 100)
    expect(cache.get('k')).toEqual({ value: undefined })
  })

  test.each([
    [0, false],
    [0.999, false],
    [1, true],
    [1.5, true],
  ])('with %d ms to live: %s', (ttlMs, stored) => {
    const { cache } = bench()
    cache.store('k', 1, ttlMs)
    expect(cache.get('k') !== undefined).toBe(stored)
  })

  test('are copies both ways', () => {
    const { cache } = bench()
    const given = { list: [1] }
    cache.store('k', given, 100)
    given.list.push(2)
    const first = cache.get('k')?.value as typeof given
    expect(first).toEqual({ list: [1] })
    first.list.push(3)
    expect(cache.get('k')?.value).toEqual({ list: [1] })
  })

  test('1,000 are kept; the one used longest ago goes first', () => {
    const { cache } = bench()
    for (let i = 0; i < 1_000; i++) cache.store(`k${i}`, i, 100)
    expect(cache.get('k0')).toEqual({ value: 0 })
    cache.store('one more', 1, 100)
    expect(cache.get('k0')).toEqual({ value: 0 })
    expect(cache.get('k1')).toBeUndefined()
    expect(cache.get('k2')).toEqual({ value: 2 })
  })

  test('a later one takes the place of the former, with a time of its own', () => {
    const { cache, pass } = bench()
    cache.store('k', 1, 100)
    pass(60)
    cache.store('k', 2, 100)
    pass(60)
    expect(cache.get('k')).toEqual({ value: 2 })
  })
})

describe('flights', () => {
  test('one leads, the others see it until it lands', async () => {
    const { cache } = bench()
    expect(cache.flight('k')).toBeUndefined()
    const land = cache.lead('k')
    const flight = cache.flight('k')
    expect(flight).toBeInstanceOf(Promise)
    expect(cache.flight('other')).toBeUndefined()
    land()
    expect(cache.flight('k')).toBeUndefined()
    await expect(flight).resolves.toBeUndefined()
  })

  test('landing twice does not end the flight of the next leader', () => {
    const { cache } = bench()
    const land = cache.lead('k')
    land()
    cache.lead('k')
    land()
    expect(cache.flight('k')).toBeInstanceOf(Promise)
  })
})
