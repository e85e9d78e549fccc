import { systemClock } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Time } from '../../src/hooks/executor/time.ts'

test('an injected clock is read every time', () => {
  const clock = createTestClock(5)
  const time = new Time(clock)
  const read = vi.spyOn(clock, 'now')
  expect(time.exact).toBe(true)
  for (let i = 0; i < 1_000; i++) {
    void clock.advance(1)
    expect(time.coarse()).toBe(6 + i)
  }
  expect(time.now()).toBe(1_005)
  expect(read).toHaveBeenCalledTimes(1_001)
  expect(clock.timers).toBe(0)
})

describe('on the clock of the machine', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  /** A time whose readings are 1, 2, 3 …, and how often the clock was read for so many coarse ones. */
  function counted() {
    let readings = 0
    vi.spyOn(systemClock, 'now').mockImplementation(() => ++readings)
    const time = new Time(systemClock)
    return {
      time,
      coarse: (times: number) => {
        let last = 0
        for (let i = 0; i < times; i++) last = time.coarse()
        return last
      },
      read: () => readings,
    }
  }

  test('now() always reads it', () => {
    const { time, read } = counted()
    expect(time.exact).toBe(false)
    for (let i = 1; i <= 1_000; i++) expect(time.now()).toBe(i)
    expect(read()).toBe(1_000)
  })

  test('a coarse reading says whether it was an exact one', () => {
    const { coarse, time } = counted()
    coarse(257)
    expect(time.fresh).toBe(true)
    coarse(1)
    expect(time.fresh).toBe(false)
    coarse(63)
    expect(time.fresh).toBe(true)
  })

  test('sharpened, the next 256 are exact again', () => {
    const { coarse, time } = counted()
    coarse(260)
    time.sharpen()
    expect(coarse(1)).toBe(258)
    expect(coarse(255)).toBe(513)
    expect(coarse(1)).toBe(514)
    expect(coarse(63)).toBe(514)
  })

  test('the first 256 coarse readings of a turn are exact, then one serves 64', () => {
    const { coarse } = counted()
    expect(coarse(256)).toBe(256)
    expect(coarse(1)).toBe(257)
    expect(coarse(63)).toBe(257)
    expect(coarse(1)).toBe(258)
    expect(coarse(63)).toBe(258)
    expect(coarse(1)).toBe(259)
  })

  test('as long as readings are exact no timer is set', () => {
    const { coarse } = counted()
    coarse(256)
    expect(vi.getTimerCount()).toBe(0)
    coarse(1)
    expect(vi.getTimerCount()).toBe(1)
    coarse(1_000)
    expect(vi.getTimerCount()).toBe(1)
  })

  test('the next turn begins anew', () => {
    const { coarse, read } = counted()
    coarse(260)
    expect(read()).toBe(257)
    vi.advanceTimersByTime(1)
    expect(vi.getTimerCount()).toBe(0)
    expect(coarse(1)).toBe(258)
    expect(coarse(255)).toBe(513)
    expect(coarse(64)).toBe(514)
    expect(vi.getTimerCount()).toBe(1)
  })
})

test('where timers are numbers, as in a browser, the turn is waited for all the same', () => {
  vi.useFakeTimers()
  const set = vi.spyOn(globalThis, 'setTimeout').mockImplementation((() => 1) as never)
  try {
    const time = new Time(systemClock)
    for (let i = 0; i < 300; i++) time.coarse()
    expect(set).toHaveBeenCalledExactlyOnceWith(expect.any(Function), 1)
  } finally {
    vi.restoreAllMocks()
    vi.useRealTimers()
  }
})
