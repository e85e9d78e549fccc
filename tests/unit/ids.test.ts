import { createIds } from 'hookchart/hooks'
import { createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'

describe('createIds', () => {
  test('each is 32 hexadecimal digits, and not all zeros, so that it can be a trace id', () => {
    const ids = createIds()
    for (let i = 0; i < 5; i++) expect(ids.next()).toMatch(/^(?!0{32})[0-9a-f]{32}$/)
  })

  test('those of one source count on behind one prefix', () => {
    const ids = createIds()
    const [first, second] = [ids.next(), ids.next()]
    expect(first.slice(0, 20)).toBe(second.slice(0, 20))
    expect(first.slice(20)).toBe('000000000001')
    expect(second.slice(20)).toBe('000000000002')
  })

  test('the count goes on over the 4,095th without a gap or a repetition', () => {
    const ids = createIds()
    const counts = Array.from({ length: 8_193 }, () => parseInt(ids.next().slice(20), 16))
    expect(counts).toEqual(Array.from({ length: 8_193 }, (_, i) => i + 1))
  })

  test('two sources give different ids', () => {
    expect(createIds().next()).not.toBe(createIds().next())
  })
})

describe('createTestIds', () => {
  test('counts from 1, each source by itself', () => {
    const ids = createTestIds()
    expect([ids.next(), ids.next(), createTestIds().next()]).toEqual(['id-1', 'id-2', 'id-1'])
  })

  test('takes a prefix', () => {
    expect(createTestIds('run').next()).toBe('run-1')
    expect(createTestIds('').next()).toBe('-1')
  })
})
