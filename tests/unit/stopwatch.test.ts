import { createTestClock } from 'hookchart/testing'
import { expect, test } from 'vitest'
import { Stopwatch } from '../../src/hooks/executor/patterns/stopwatch.ts'
import { Time } from '../../src/hooks/executor/time.ts'

function watches() {
  const clock = createTestClock(1_000)
  const time = new Time(clock)
  const outer = new Stopwatch(time, undefined)
  return { clock, outer, inner: new Stopwatch(time, outer) }
}

test('work that goes on counts up to now', async () => {
  const { clock, inner } = watches()
  inner.start()
  await clock.advance(30)
  expect(inner.spentMs).toBe(30)
  inner.stop()
  await clock.advance(50)
  expect(inner.spentMs).toBe(30)
  inner.start()
  await clock.advance(5)
  expect(inner.spentMs).toBe(35)
})

test('work that overlaps counts once, for what is around it too', async () => {
  const { clock, inner, outer } = watches()
  inner.start()
  await clock.advance(10)
  inner.start()
  await clock.advance(10)
  inner.stop()
  await clock.advance(10)
  inner.stop()
  await clock.advance(10)
  expect([inner.spentMs, outer.spentMs]).toEqual([30, 30])
})
