import { describe, expect, test } from 'vitest'
import { HookMeter } from '../../src/hooks/monitor.ts'

/** A meter with calls, some of them timed. */
function meter(count: number, ...timed: number[]): HookMeter {
  const made = new HookMeter()
  made.count = count
  for (const duration of timed) made.record(duration, 0)
  return made
}

describe('stats', () => {
  test('of a hook that was never called are zeros', () => {
    expect(new HookMeter().stats('h', 'P', 100, 0)).toEqual({
      hook: 'h',
      point: 'P',
      count: 0,
      errors: 0,
      timeouts: 0,
      skipped: 0,
      samples: 0,
      minMs: 0,
      maxMs: 0,
      meanMs: 0,
      p50Ms: 0,
      p95Ms: 0,
      p99Ms: 0,
      shareRatio: 0,
    })
  })

  test('tell what was counted and timed', () => {
    const made = meter(5, 1, 3)
    made.errors = 2
    made.timeouts = 1
    made.skipped = 4
    expect(made.stats('h', 'P', 40, 0)).toMatchObject({
      count: 5,
      errors: 2,
      timeouts: 1,
      skipped: 4,
      samples: 2,
      meanMs: 2,
      shareRatio: 0.25,
    })
  })

  test('the share is 0 until operations have been measured, and may be over 1', () => {
    expect(meter(2, 10).stats('h', 'P', 0, 0).shareRatio).toBe(0)
    expect(meter(2, 10).stats('h', 'P', 4, 0).shareRatio).toBe(5)
  })

  test('durations are those of the window, the count is that of all time', () => {
    expect(meter(1, 5).stats('h', 'P', 10, 3_600_001)).toMatchObject({ count: 1, samples: 0, shareRatio: 0.5 })
  })
})

describe('what calls cost', () => {
  test('is the mean of those that were timed, times all of them', () => {
    expect(meter(10, 1, 3).costSince()).toBe(20)
  })

  test('is nothing when none was timed, or none made', () => {
    expect(meter(10).costSince()).toBe(0)
    expect(meter(0, 5).costSince()).toBe(0)
  })

  test('since a mark it is by the calls and times since', () => {
    const made = meter(10, 1, 3)
    const mark = made.mark()
    made.count += 4
    made.record(5, 0)
    made.record(7, 0)
    expect(made.costSince(mark)).toBe(24)
  })

  test('when none was timed since, the mean of all time stands in', () => {
    const made = meter(10, 1, 3)
    const mark = made.mark()
    made.count += 4
    expect(made.costSince(mark)).toBe(8)
  })

  test('a mark does not move with the meter', () => {
    const made = meter(1, 2)
    const mark = made.mark()
    made.count = 9
    expect(mark).toEqual({ count: 1, timedMs: 2, timedCalls: 1 })
  })
})
