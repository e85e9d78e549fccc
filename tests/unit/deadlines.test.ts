import { systemClock } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Deadlines } from '../../src/hooks/executor/deadlines.ts'
import { Time } from '../../src/hooks/executor/time.ts'

function bench() {
  const clock = createTestClock()
  const deadlines = new Deadlines(new Time(clock))
  const expired: string[] = []
  return {
    clock,
    deadlines,
    expired,
    arm: (name: string, delayMs: number) => deadlines.arm(delayMs, () => expired.push(`${name} at ${clock.now()}`)),
    pass: (ms: number) => void clock.advance(ms),
  }
}

test('each expires once, at its time', () => {
  const { deadlines, expired, arm, pass } = bench()
  arm('a', 10)
  expect(deadlines.armed).toBe(1)
  pass(9)
  expect(expired).toEqual([])
  pass(1)
  expect(expired).toEqual(['a at 10'])
  expect(deadlines.armed).toBe(0)
  pass(100)
  expect(expired).toHaveLength(1)
})

test('those of any lengths come in the order in which they are due', () => {
  const { expired, arm, pass } = bench()
  arm('c', 30)
  arm('a', 10)
  arm('a2', 10)
  arm('b', 20)
  pass(5)
  arm('a3', 10)
  pass(100)
  expect(expired).toEqual(['a at 10', 'a2 at 10', 'a3 at 15', 'b at 20', 'c at 30'])
})

test('those that are due at one reading come in the order in which they are due, not of their lines', () => {
  const { clock, deadlines } = bench()
  const order: string[] = []
  deadlines.arm(50, () => order.push('late'))
  deadlines.arm(20, () => order.push('early'))
  const now = vi.spyOn(clock, 'now').mockReturnValue(100)
  void clock.advance(20)
  now.mockRestore()
  expect(order).toEqual(['early', 'late'])
})

test('one timer serves all of them', () => {
  const { clock, arm, pass } = bench()
  for (let i = 0; i < 10; i++) arm('x', 10 + i)
  expect(clock.timers).toBe(1)
  arm('sooner', 5)
  expect(clock.timers).toBe(1)
  pass(5)
  expect(clock.timers).toBe(1)
  pass(100)
  expect(clock.timers).toBe(0)
})

test('a deadline of no time expires at the next turn of the clock', () => {
  const { expired, arm, pass } = bench()
  arm('now', 0)
  expect(expired).toEqual([])
  pass(0)
  expect(expired).toEqual(['now at 0'])
})

describe('disarming', () => {
  test('keeps it from expiring, and may be done twice', () => {
    const { deadlines, expired, arm, pass } = bench()
    const [a, b] = [arm('a', 10), arm('b', 10)]
    deadlines.disarm(a)
    deadlines.disarm(a)
    expect(deadlines.armed).toBe(1)
    expect([a.armed, b.armed]).toEqual([false, true])
    pass(10)
    expect(expired).toEqual(['b at 10'])
    deadlines.disarm(b)
    expect(deadlines.armed).toBe(0)
  })

  test.each([0, 1, 2])('of the one in place %i leaves the others in order', (place) => {
    const { deadlines, expired, arm, pass } = bench()
    const all = ['a', 'b', 'c'].map((name) => arm(name, 10))
    deadlines.disarm(all[place]!)
    pass(10)
    expect(expired).toEqual(['a at 10', 'b at 10', 'c at 10'].filter((_, i) => i !== place))
  })

  test('by one that expires at the same time holds', () => {
    const { deadlines, clock } = bench()
    const expired: string[] = []
    deadlines.arm(10, () => {
      expired.push('a')
      deadlines.disarm(b)
    })
    const b = deadlines.arm(10, () => expired.push('b'))
    void clock.advance(10)
    expect(expired).toEqual(['a'])
    expect(deadlines.armed).toBe(0)
  })
})

describe('putting one off', () => {
  test('it expires at its later time, in order with the others', () => {
    const { expired, arm, pass } = bench()
    const a = arm('a', 10)
    arm('b', 10)
    pass(5)
    arm('c', 10)
    a.dueAt = 12
    pass(5)
    expect(expired).toEqual(['b at 10'])
    pass(100)
    expect(expired).toEqual(['b at 10', 'a at 12', 'c at 15'])
  })

  test('behind all others of its line', () => {
    const { expired, arm, pass } = bench()
    const a = arm('a', 10)
    arm('b', 10)
    a.dueAt = 50
    pass(100)
    expect(expired).toEqual(['b at 10', 'a at 50'])
  })

  test('to the time of another, it comes behind it', () => {
    const { expired, arm, pass } = bench()
    const a = arm('a', 10)
    pass(5)
    arm('b', 10)
    a.dueAt = 15
    pass(5)
    arm('c', 10)
    pass(5)
    expect(expired).toEqual(['b at 15', 'a at 15'])
  })

  test('again and again', () => {
    const { expired, arm, pass, clock } = bench()
    const a = arm('a', 10)
    for (const dueAt of [20, 30, 40]) {
      a.dueAt = dueAt
      pass(10)
    }
    expect(expired).toEqual([])
    expect(clock.timers).toBe(1)
    pass(10)
    expect(expired).toEqual(['a at 40'])
  })
})

test('what an expiry arms counts from then', () => {
  const { deadlines, clock } = bench()
  const times: number[] = []
  deadlines.arm(10, () => {
    times.push(clock.now())
    deadlines.arm(5, () => times.push(clock.now()))
  })
  void clock.advance(20)
  expect(times).toEqual([10, 15])
})

test('many lengths: empty lines are forgotten, those in use are not', () => {
  const { deadlines, expired, arm, pass } = bench()
  arm('kept', 1_000)
  for (let i = 0; i < 200; i++) deadlines.disarm(arm('gone', 10 + i))
  arm('new', 500)
  pass(1_000)
  expect(expired).toEqual(['new at 500', 'kept at 1000'])
})

describe('stop', () => {
  test('expires whatever is armed, and leaves no timer', () => {
    const { clock, deadlines, expired, arm } = bench()
    arm('b', 20)
    arm('a', 10)
    arm('b2', 20)
    deadlines.stop()
    expect(expired.sort()).toEqual(['a at 0', 'b at 0', 'b2 at 0'])
    expect([deadlines.armed, clock.timers]).toEqual([0, 0])
  })

  test('leaves out what an expiry disarms, and leaves no timer for what it arms', () => {
    const { clock, deadlines } = bench()
    const expired: string[] = []
    deadlines.arm(10, () => {
      expired.push('a')
      deadlines.disarm(b)
      if (expired.length < 3) deadlines.arm(10, () => expired.push('again'))
    })
    const b = deadlines.arm(10, () => expired.push('b'))
    deadlines.stop()
    expect(expired).toEqual(['a', 'again'])
    expect([deadlines.armed, clock.timers]).toEqual([0, 0])
  })

  test('afterwards deadlines can be armed as before', () => {
    const { deadlines, expired, arm, pass } = bench()
    deadlines.stop()
    arm('a', 10)
    pass(10)
    expect(expired).toEqual(['a at 10'])
  })
})

describe('keeping the process alive', () => {
  /** A clock whose timers say whether they keep the process alive. */
  function alive() {
    const log: string[] = []
    const clock = {
      now: () => 0,
      setTimeout: () => ({ ref: () => log.push('ref'), unref: () => log.push('unref') }),
      clearTimeout: () => log.push('clear'),
    }
    return { log, deadlines: new Deadlines(new Time(clock)) }
  }

  test('a timer does not, unless somebody waits', () => {
    const { log, deadlines } = alive()
    deadlines.arm(10, () => undefined)
    expect(log).toEqual(['unref'])
    deadlines.hold()
    expect(log).toEqual(['unref', 'ref'])
    deadlines.hold()
    deadlines.release()
    expect(log).toEqual(['unref', 'ref'])
    deadlines.release()
    expect(log).toEqual(['unref', 'ref', 'unref'])
  })

  test('one that is set while somebody waits does', () => {
    const { log, deadlines } = alive()
    deadlines.hold()
    deadlines.arm(10, () => undefined)
    deadlines.arm(5, () => undefined)
    expect(log).toEqual(['ref', 'clear', 'ref'])
  })

  test('handles without that are let be, and so is no timer at all', () => {
    const deadlines = new Deadlines(new Time({ now: () => 0, setTimeout: () => 7, clearTimeout: () => undefined }))
    const wait = () => {
      deadlines.hold()
      deadlines.release()
    }
    expect(wait).not.toThrow()
    deadlines.arm(10, () => undefined)
    expect(wait).not.toThrow()
  })
})

describe('on the clock of the machine', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test.each([10, 1_000, 60_000])(
    'a deadline of %i ms counts from an exact reading, or from the one it is given',
    (delayMs) => {
      const time = new Time(systemClock)
      vi.spyOn(time, 'now').mockReturnValue(5)
      vi.spyOn(time, 'coarse').mockReturnValue(3)
      const deadlines = new Deadlines(time)
      expect(deadlines.arm(delayMs, () => undefined).dueAt - delayMs).toBe(5)
      expect(deadlines.arm(delayMs, () => undefined, 7).dueAt - delayMs).toBe(7)
      deadlines.stop()
    },
  )
})
