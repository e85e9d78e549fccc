import { describe, expect, test } from 'vitest'
import { createWindowHistogram } from '../../src/ports/histogram.ts'

const EMPTY = { samples: 0, minMs: 0, maxMs: 0, meanMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 }

function filled(durations: readonly number[], options = {}) {
  const histogram = createWindowHistogram(options)
  for (const duration of durations) histogram.record(duration, 0)
  return histogram
}

test('without samples every figure is 0', () => {
  expect(createWindowHistogram().summary(5)).toEqual(EMPTY)
})

test('one sample is every figure', () => {
  expect(filled([7]).summary(0)).toEqual({
    samples: 1,
    minMs: 7,
    maxMs: 7,
    meanMs: 7,
    p50Ms: 7,
    p95Ms: 7,
    p99Ms: 7,
  })
})

describe('percentiles are the smallest sample at or above the rank', () => {
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => n - i)
  test.each([
    [1, 1, 1, 1],
    [2, 1, 2, 2],
    [3, 2, 3, 3],
    [19, 10, 19, 19],
    [20, 10, 19, 20],
    [21, 11, 20, 21],
    [99, 50, 95, 99],
    [100, 50, 95, 99],
    [101, 51, 96, 100],
  ])('of %i samples: p50 %i, p95 %i, p99 %i', (n, p50Ms, p95Ms, p99Ms) => {
    expect(filled(upTo(n)).summary(0)).toMatchObject({ samples: n, minMs: 1, maxMs: n, p50Ms, p95Ms, p99Ms })
  })

  test('in whatever order they came, and by their size, not their text', () => {
    expect(filled([100, 9, 20]).summary(0)).toMatchObject({ minMs: 9, p50Ms: 20, maxMs: 100, meanMs: 43 })
  })
})

test('only the last samples count', () => {
  expect(filled([1, 2, 3], { maxSamples: 3 }).summary(0)).toMatchObject({ samples: 3, minMs: 1, maxMs: 3 })
  expect(filled([1, 2, 3, 4], { maxSamples: 3 }).summary(0)).toMatchObject({ samples: 3, minMs: 2, maxMs: 4 })
  expect(filled([1, 2, 3, 4, 5, 6, 7], { maxSamples: 3 }).summary(0)).toMatchObject({ minMs: 5, maxMs: 7, meanMs: 6 })
})

test('by default the last 1,000', () => {
  const all = Array.from({ length: 1_001 }, (_, i) => i)
  expect(filled(all).summary(0)).toMatchObject({ samples: 1_000, minMs: 1, maxMs: 1_000 })
})

test('a sample of the age of the window counts, an older one does not', () => {
  const histogram = createWindowHistogram({ retentionMs: 100 })
  histogram.record(1, 0)
  histogram.record(3, 50)
  expect(histogram.summary(100)).toMatchObject({ samples: 2, meanMs: 2 })
  expect(histogram.summary(101)).toMatchObject({ samples: 1, meanMs: 3 })
  expect(histogram.summary(151)).toEqual(EMPTY)
})

test('by default those of the last hour', () => {
  const histogram = filled([1])
  expect(histogram.summary(3_600_000).samples).toBe(1)
  expect(histogram.summary(3_600_001).samples).toBe(0)
})
