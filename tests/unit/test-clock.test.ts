import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { errorOf, rejectionOf } from '../support/refusal.ts'

/** A clock with a log of what fired, and when. */
function bench(startAt?: number) {
  const clock = createTestClock(startAt)
  const log: string[] = []
  return {
    clock,
    log,
    set: (name: string, delayMs: number, then: () => unknown = () => undefined) =>
      clock.setTimeout(() => {
        log.push(`${name} at ${clock.now()}`)
        then()
      }, delayMs),
  }
}

test('it starts at 0, or where it is told, and stands still', async () => {
  expect(createTestClock().now()).toBe(0)
  const clock = createTestClock(1_000)
  await clock.settle()
  expect(clock.now()).toBe(1_000)
})

test('it moves by what it is told, fractions too', async () => {
  const clock = createTestClock()
  await clock.advance(10)
  await clock.advance(0)
  await clock.advance(0.5)
  expect(clock.now()).toBe(10.5)
  await clock.advanceSteps(1)
  expect(clock.now()).toBe(11.5)
})

describe.each(['advance', 'advanceSteps'] as const)('%s', (how) => {
  test('fires timers that come due, at their times, in their order', async () => {
    const { clock, log, set } = bench(100)
    set('b', 20)
    set('a', 10)
    set('b2', 20)
    set('late', 21)
    await clock[how](20)
    expect(log).toEqual(['a at 110', 'b at 120', 'b2 at 120'])
    expect([clock.now(), clock.timers]).toEqual([120, 1])
  })

  test('a timer fires once', async () => {
    const { clock, log, set } = bench()
    set('a', 10)
    await clock[how](10)
    await clock[how](100)
    expect(log).toEqual(['a at 10'])
  })

  test('a cleared one does not', async () => {
    const { clock, log, set } = bench()
    const a = set('a', 10)
    set('b', 5, () => {
      clock.clearTimeout(a)
    })
    expect(clock.timers).toBe(2)
    await clock[how](10)
    clock.clearTimeout(a)
    clock.clearTimeout(undefined)
    expect(log).toEqual(['b at 5'])
  })

  test('one set without delay, or with less than none, fires with the next move', async () => {
    const { clock, log, set } = bench()
    set('now', 0)
    set('past', -5)
    await clock.settle()
    expect(log).toEqual([])
    await clock[how](0)
    expect(log).toEqual(['now at 0', 'past at 0'])
  })

  test('timers set by timers may come due on the way', async () => {
    const { clock, log, set } = bench()
    set('a', 10, () => set('b', 5, () => set('c', 5)))
    await clock[how](19)
    expect(log).toEqual(['a at 10', 'b at 15'])
    await clock[how](1)
    expect(log).toEqual(['a at 10', 'b at 15', 'c at 20'])
  })

  test('what timers set going has run when it is over', async () => {
    const { clock, log, set } = bench()
    set('a', 10, async () => {
      for (let i = 0; i < 20; i++) await Promise.resolve()
      log.push('done')
    })
    await clock[how](10)
    expect(log).toEqual(['a at 10', 'done'])
  })

  test.each([[-1], [NaN], [Infinity], ['5']])('%s is refused', async (ms) => {
    const { clock, log, set } = bench()
    set('a', 0)
    const error = await rejectionOf(Promise.resolve().then(() => clock[how](ms as number)))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toMatch(/^clock\.advance: /)
    expect(log).toEqual([])
  })
})

describe('what differs', () => {
  /** Goes on in steps of 5 ms, each set when the one before it is awaited. */
  function walking() {
    const all = bench()
    const { clock, log } = all
    void (async () => {
      for (let i = 1; i <= 3; i++) {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 5))
        log.push(`step ${i} at ${clock.now()}`)
      }
    })()
    return all
  }

  test('advance fires all timers before anything that they set going has run', async () => {
    const { clock, log } = walking()
    await clock.advance(15)
    expect(log).toEqual(['step 1 at 15'])
  })

  test('advanceSteps stops at each', async () => {
    const { clock, log } = walking()
    await clock.advanceSteps(15)
    expect(log).toEqual(['step 1 at 5', 'step 2 at 10', 'step 3 at 15'])
  })

  test('advanceSteps lets everything run before it moves', async () => {
    const { clock, log, set } = bench()
    void Promise.resolve().then(() => set('a', 5))
    await clock.advanceSteps(5)
    expect(log).toEqual(['a at 5'])
  })

  test('advance moves the time before it returns', () => {
    const { clock, log, set } = bench()
    set('a', 5)
    void clock.advance(7)
    expect([clock.now(), log]).toEqual([7, ['a at 5']])
  })
})

test('a clock that is moved on by a timer does not go back', async () => {
  const { clock, log, set } = bench()
  set('a', 5, () => void clock.advance(20))
  set('b', 10)
  await clock.advance(30)
  expect(log).toEqual(['a at 5', 'b at 10'])
  set('late', 0)
  void clock.advance(0)
  expect(log.at(-1)).toBe('late at 30')
})

test.each([[-1], [NaN], [Infinity], ['now']])('starting at %s is refused', (startAt) => {
  const error = errorOf(() => createTestClock(startAt as number))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toMatch(/^createTestClock: /)
})
