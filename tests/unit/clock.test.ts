import { systemClock } from 'hookchart/hooks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('the time is milliseconds since the epoch, and runs with the time of the process', () => {
  const before = systemClock.now()
  expect(before).toBeGreaterThan(Date.UTC(2024, 0))
  vi.advanceTimersByTime(1_500)
  expect(systemClock.now() - before).toBeCloseTo(1_500, 2)
})

test('a change of the system’s time changes nothing', () => {
  const before = systemClock.now()
  vi.setSystemTime(0)
  expect(systemClock.now()).toBe(before)
})

test('a timer fires once its time has come, not before', () => {
  const fired = vi.fn()
  systemClock.setTimeout(fired, 10)
  vi.advanceTimersByTime(9)
  expect(fired).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(fired).toHaveBeenCalledTimes(1)
})

test('a timer that is cleared never fires', () => {
  const fired = vi.fn()
  systemClock.clearTimeout(systemClock.setTimeout(fired, 10))
  vi.advanceTimersByTime(100)
  expect(fired).not.toHaveBeenCalled()
})

test.each([
  ['a fraction is rounded up, so that no timer is early', 1.2, 2],
  ['the longest time that a timer of the platform takes', 2 ** 31 - 1, 2 ** 31 - 1],
  ['a longer one would fire at once, so it is cut', 2 ** 31, 2 ** 31 - 1],
])('%s', (_, delayMs, expected) => {
  const set = vi.spyOn(globalThis, 'setTimeout')
  const handle = systemClock.setTimeout(() => undefined, delayMs)
  expect(set.mock.calls[0]?.[1]).toBe(expected)
  systemClock.clearTimeout(handle)
})
