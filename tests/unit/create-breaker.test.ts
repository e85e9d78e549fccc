/** The options of `createBreaker`, each with two values that come to two outcomes, and what it gives. */
import { systemClock } from 'hookchart/hooks'
import { breakerPresets, createBreaker } from 'hookchart/machines'
import type { CircuitBreaker, CreateBreakerOptions } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { errorOf } from '../support/refusal.ts'

const OPTIONS = {
  failureThreshold: 3,
  successThreshold: 1,
  windowMs: 1_000,
  openMs: 100,
  openMultiplier: 2,
  maxOpenMs: 300,
  slowCallThreshold: 2,
  slowCallMs: 50,
}

function bench(changes: CreateBreakerOptions = {}) {
  const clock = createTestClock()
  return { clock, breaker: createBreaker({ ...OPTIONS, clock, ...changes }) }
}

const fail = (breaker: CircuitBreaker, times: number) => {
  for (let i = 0; i < times; i++) breaker.failure(0)
}

/** Opens it so many times without a closing in between; gives how long it stayed open at last. */
function openings(breaker: CircuitBreaker, clock: TestClock, times: number): number {
  for (let i = 0; i < times; i++) {
    void clock.advance(Math.max(0, breaker.snapshot().openUntil - clock.now()))
    if (i > 0) breaker.tryAcquire()
    if (i === 0) breaker.trip()
    else breaker.failure(0)
  }
  return breaker.snapshot().openUntil - clock.now()
}

/** What happens by each option; the outcomes of two values. */
const outcomes: {
  readonly [Name in keyof typeof OPTIONS]: readonly [
    values: readonly [number, number],
    expected: readonly [unknown, unknown],
    (breaker: CircuitBreaker, clock: TestClock) => unknown,
  ]
} = {
  failureThreshold: [
    [3, 4],
    ['open', 'closed'],
    (breaker) => {
      fail(breaker, 3)
      return breaker.state
    },
  ],
  successThreshold: [
    [1, 2],
    ['closed', 'halfOpen'],
    (breaker, clock) => {
      breaker.trip()
      void clock.advance(100)
      breaker.tryAcquire()
      breaker.success(0)
      return breaker.state
    },
  ],
  windowMs: [
    [500, 499],
    ['open', 'closed'],
    (breaker, clock) => {
      fail(breaker, 1)
      void clock.advance(500)
      fail(breaker, 2)
      return breaker.state
    },
  ],
  openMs: [
    [100, 101],
    [true, false],
    (breaker, clock) => {
      breaker.trip()
      void clock.advance(100)
      return breaker.tryAcquire()
    },
  ],
  openMultiplier: [[2, 1], [200, 100], (breaker, clock) => openings(breaker, clock, 2)],
  maxOpenMs: [[300, 350], [300, 350], (breaker, clock) => openings(breaker, clock, 3)],
  slowCallThreshold: [
    [2, 3],
    ['open', 'closed'],
    (breaker) => {
      breaker.success(50)
      breaker.success(50)
      return breaker.state
    },
  ],
  slowCallMs: [
    [50, 51],
    ['open', 'closed'],
    (breaker) => {
      breaker.success(50)
      breaker.success(50)
      return breaker.state
    },
  ],
}

describe.each(Object.entries(outcomes))('%s', (name, [values, expected, outcome]) => {
  test.each([0, 1] as const)('value %i', (i) => {
    const { breaker, clock } = bench({ [name]: values[i] })
    expect(outcome(breaker, clock)).toEqual(expected[i])
  })
})

test('a preset by name has its settings', () => {
  for (const name of ['default', 'production', 'conservative'] as const) {
    const breaker = createBreaker(name)
    expect(breaker.slowCallMs).toBe(breakerPresets[name].slowCallMs)
    fail(breaker, breakerPresets[name].failureThreshold - 1)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
  }
})

test('without options it is the default preset', () => {
  expect(createBreaker().actor.getSnapshot().context.settings).toEqual(breakerPresets.default)
})

test.each<[string, unknown, string]>([
  ['an unknown option', { failureTreshold: 1 }, 'unknown option "failureTreshold"'],
  ['a count of none', { failureThreshold: 0 }, '"failureThreshold"'],
  ['a clock that is none', { clock: 1 }, '"clock": expected a clock with now'],
  ['a preset that is none', 'fast', "presets 'default', 'production' and 'conservative'"],
  ['a time before now', { openMs: -1 }, '"openMs": expected milliseconds'],
  ['a time that is none', { windowMs: 'zz' }, '"windowMs": expected milliseconds'],
  ['a time without an end', { openMs: Infinity }, '"openMs": expected milliseconds'],
  ['a cap below what it caps', { openMs: '2s', maxOpenMs: '1s' }, '"maxOpenMs": expected no less than "openMs"'],
  ['false', false, 'createBreaker'],
  ['null', null, 'createBreaker'],
])('%s is refused', (_, options, message) => {
  const error = errorOf(() => createBreaker(options as never))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toContain(message)
})

test('a cap alone may be under the default that it caps', () => {
  const clock = createTestClock()
  const breaker = createBreaker({ maxOpenMs: 10, clock })
  expect(openings(breaker, clock, 1)).toBe(10)
})

test('run of what is no function is refused, and counts as no call', () => {
  const { breaker } = bench({ failureThreshold: 1 })
  expect(errorOf(() => breaker.run(undefined as never))).toMatchObject({
    code: 'INVALID_OPTIONS',
    message: 'breaker.run: expected a function.',
  })
  expect(breaker.state).toBe('closed')
})

test('time is the clock that was given, and no timer is set', () => {
  const { breaker, clock } = bench()
  expect(openings(breaker, clock, 2)).toBe(200)
  void clock.advance(199)
  expect(breaker.state).toBe('open')
  void clock.advance(1)
  expect(breaker.state).toBe('halfOpen')
  expect(clock.timers).toBe(0)
})

describe('run', () => {
  test('gives what the function gives, at once or later', async () => {
    const { breaker } = bench()
    expect(breaker.run(() => 7)).toBe(7)
    const later = breaker.run(() => Promise.resolve(8))
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toBe(8)
  })

  test('a function that throws or rejects counts as failed, and its own error comes out', async () => {
    const { breaker } = bench({ failureThreshold: 2 })
    const boom = new Error('boom')
    expect(() =>
      breaker.run(() => {
        throw boom
      }),
    ).toThrow(boom)
    expect(breaker.snapshot().failures).toHaveLength(1)
    await expect(breaker.run(() => Promise.reject(boom))).rejects.toBe(boom)
    expect(breaker.state).toBe('open')
  })

  test.each([
    [49, 0],
    [50, 1],
  ])('a call that takes %i ms is counted slow %i times', async (ms, slow) => {
    const { breaker, clock } = bench()
    const running = breaker.run(() => new Promise<void>((resolve) => clock.setTimeout(resolve, ms)))
    await clock.advance(ms)
    await running
    breaker.run(() => void clock.advance(ms))
    expect(breaker.snapshot().opens === 1 ? 1 : breaker.snapshot().slowCalls.length).toBe(slow)
  })

  test('open, the function is not called, and the error says until when', () => {
    const { breaker } = bench()
    breaker.trip()
    const fn = vi.fn()
    const error = errorOf(() => breaker.run(fn))
    expect(error).toMatchObject({ code: 'BREAKER_OPEN', retryable: true, details: { state: 'open', openUntil: 100 } })
    expect(fn).not.toHaveBeenCalled()
  })

  test('half-open, no more run at once than may try', async () => {
    const { breaker, clock } = bench({ successThreshold: 1 })
    breaker.trip()
    await clock.advance(100)
    const probe = breaker.run(() => new Promise<void>((resolve) => clock.setTimeout(resolve, 10)))
    expect(errorOf(() => breaker.run(() => 1)).message).toContain('as many calls as may be are trying')
    await clock.advance(10)
    await probe
    expect(breaker.state).toBe('closed')
  })

  test('the end of a call from before it opened changes nothing', async () => {
    const { breaker, clock } = bench({ failureThreshold: 1 })
    const old = breaker.run(() => new Promise((_, reject) => clock.setTimeout(() => reject(new Error('late')), 200)))
    breaker.trip()
    void clock.advance(100)
    expect(breaker.state).toBe('halfOpen')
    void clock.advance(100)
    await expect(old).rejects.toThrow('late')
    expect(breaker.state).toBe('halfOpen')
  })

  test('on the clock of the machine a call is slow by exact times only, and after a doubt the next ones are exact', () => {
    vi.useFakeTimers()
    let now = 0
    const clock = vi.spyOn(systemClock, 'now').mockImplementation(() => now)
    const breaker = createBreaker({ slowCallThreshold: 1, slowCallMs: 50 })
    for (let i = 0; i < 150; i++) breaker.run(() => i)
    // A failure reads the time once only, so that the next exact reading is that of an end.
    expect(() => breaker.run(() => JSON.parse('{') as unknown)).toThrow(SyntaxError)
    // Between two calls, while readings are shared: whichever call sees it first took nothing of it.
    now = 100
    for (let i = 0; i < 64; i++) breaker.run(() => i)
    expect(breaker.state).toBe('closed')
    breaker.run(() => (now += 50))
    expect(breaker.state).toBe('open')
    clock.mockRestore()
    vi.useRealTimers()
  })
})

describe('hydrate', () => {
  test('goes on where another has been', () => {
    const one = bench()
    openings(one.breaker, one.clock, 2)
    const two = bench()
    two.breaker.hydrate(JSON.parse(JSON.stringify(one.breaker.snapshot())) as never)
    expect(two.breaker.snapshot()).toEqual(one.breaker.snapshot())
    expect(two.breaker.tryAcquire()).toBe(false)
  })

  test('its snapshot is another object, later changes stay there', () => {
    const { breaker } = bench()
    const snapshot = { ...breaker.snapshot(), failures: [0] }
    breaker.hydrate(snapshot)
    fail(breaker, 1)
    expect(snapshot.failures).toEqual([0])
    expect(breaker.snapshot().failures).toEqual([0, 0])
  })

  test('what is no snapshot is refused, and nothing has changed', () => {
    const { breaker } = bench()
    const before = breaker.snapshot()
    for (const bad of [{}, null, { ...before, state: 'ajar' }, { ...before, opens: -1 }, { ...before, more: 1 }])
      expect(errorOf(() => breaker.hydrate(bad as never)).code).toBe('INVALID_OPTIONS')
    expect(breaker.snapshot()).toEqual(before)
  })
})

describe('actor', () => {
  test('is one, and shows every change of state', () => {
    const { breaker, clock } = bench({ failureThreshold: 1 })
    const { actor } = breaker
    expect(breaker.actor).toBe(actor)
    const values: unknown[] = []
    actor.subscribe(({ value }) => values.push(value))
    breaker.failure(0)
    void clock.advance(100)
    breaker.tryAcquire()
    breaker.success(0)
    breaker.trip()
    breaker.reset()
    expect([...new Set(values)]).toEqual(['open', 'halfOpen', 'closed'])
    expect(actor.getSnapshot().value).toBe('closed')
  })

  test('asked for late it stands where the breaker stands', () => {
    const { breaker } = bench()
    fail(breaker, 2)
    expect(breaker.actor.getSnapshot()).toMatchObject({ value: 'closed', context: { failures: [0, 0] } })
    breaker.trip()
    expect(bench().breaker.actor.getSnapshot().value).toBe('closed')
    expect(breaker.actor.getSnapshot().value).toBe('open')
  })

  test('ends with the breaker, which goes on counting and tells nobody', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { breaker } = bench({ failureThreshold: 1 })
    const { actor } = breaker
    breaker[Symbol.dispose]()
    expect(actor.getSnapshot().status).toBe('stopped')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
    expect(actor.getSnapshot().value).toBe('closed')
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
    expect(breaker.actor.getSnapshot()).toMatchObject({ status: 'active', value: 'open' })
  })

  test('is disposed of with `using`', () => {
    let actor: CircuitBreaker['actor']
    {
      using breaker = bench().breaker
      actor = breaker.actor
    }
    expect(actor.getSnapshot().status).toBe('stopped')
  })
})
