import { seededRandom } from 'hookchart/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemRandom } from '../../src/ports/random.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('the chance of the platform is Math.random', () => {
  vi.spyOn(Math, 'random').mockReturnValueOnce(0.25).mockReturnValueOnce(0)
  expect([systemRandom.next(), systemRandom.next()]).toEqual([0.25, 0])
})

describe('seededRandom', () => {
  const draw = (seed: number, count: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: count }, () => random.next())
  }

  test('is the same for the same seed, and another for another', () => {
    expect(draw(42, 20)).toEqual(draw(42, 20))
    expect(draw(42, 20)).not.toEqual(draw(43, 20))
  })

  test('two sources of one seed do not disturb each other', () => {
    const [a, b] = [seededRandom(7), seededRandom(7)]
    const first = a.next()
    a.next()
    expect(b.next()).toBe(first)
  })

  test('is never the same twice in a row, and spread over 0 ≤ n < 1', () => {
    const numbers = draw(1, 1_000)
    expect(new Set(numbers).size).toBe(1_000)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    for (let tenth = 0; tenth < 10; tenth++) {
      const within = numbers.filter((n) => Math.floor(n * 10) === tenth).length
      expect(within).toBeGreaterThan(60)
    }
  })
})
