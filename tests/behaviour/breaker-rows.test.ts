/** Rows 10 and 16 of the list of what breakers elsewhere get wrong. */
import { createBreaker } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

function bench(options: object = {}) {
  const clock = createTestClock()
  const breaker = createBreaker({ failureThreshold: 3, successThreshold: 1, openMs: '1s', clock, ...options })
  const fail = () => {
    if (breaker.tryAcquire()) breaker.failure(0, breaker.permit())
  }
  return { clock, breaker, fail }
}

describe('row 10', () => {
  test('a breaker recovers by the clock, even when nothing but its state is asked', () => {
    const { clock, breaker } = bench()
    breaker.trip()
    void clock.advance(999)
    expect(breaker.state).toBe('open')
    void clock.advance(1)
    expect(breaker.state).toBe('halfOpen')
    expect(breaker.run(() => 'back')).toBe('back')
    expect(breaker.state).toBe('closed')
  })

  test('what is refused before the call, such as an illegal step, does not count, however often', () => {
    const { breaker } = bench({ failureThreshold: 1 })
    const step = (legal: boolean) => {
      if (!breaker.tryAcquire()) throw new Error('refused by the breaker')
      if (legal) breaker.success(0, breaker.permit())
      else breaker.release(breaker.permit())
    }
    for (let i = 0; i < 10; i++) step(false)
    step(true)
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', failures: [] })
  })

  test('a refusal by the open breaker does not count either, and holds it open no longer', () => {
    const { clock, breaker } = bench()
    breaker.trip()
    const { openUntil } = breaker.snapshot()
    for (let i = 0; i < 10; i++) expect(errorOf(() => breaker.run(() => 1)).code).toBe('BREAKER_OPEN')
    expect(breaker.snapshot().openUntil).toBe(openUntil)
    void clock.advance(1_000)
    expect(breaker.run(() => 1)).toBe(1)
  })
})

describe('row 16', () => {
  test('custom settings open', () => {
    const { breaker, fail } = bench({ failureThreshold: 2 })
    fail()
    fail()
    expect(breaker.state).toBe('open')
  })

  test('failures do not count for ever: three in as many windows do not open', () => {
    const { clock, breaker, fail } = bench({ windowMs: '10s' })
    for (let i = 0; i < 100; i++) {
      fail()
      void clock.advance(5_001)
    }
    expect(breaker.state).toBe('closed')
  })

  test('it backs off, twice as long each time, up to the cap, and begins anew when it has closed', () => {
    const { clock, breaker, fail } = bench({ failureThreshold: 1, maxOpenMs: '5s' })
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      fail()
      times.push(breaker.snapshot().openUntil - clock.now())
      void clock.advance(times.at(-1)!)
    }
    expect(times).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
    breaker.run(() => 1)
    fail()
    expect(breaker.snapshot().openUntil - clock.now()).toBe(1_000)
  })
})
