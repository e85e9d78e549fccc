import type { BreakerSettings } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { CounterBreaker } from '../../src/hooks/breaker.ts'

const SETTINGS: BreakerSettings = {
  failureThreshold: 3,
  successThreshold: 2,
  windowMs: 100,
  openMs: 1_000,
  openMultiplier: 2,
  maxOpenMs: 5_000,
  slowCallThreshold: 2,
  slowCallMs: 50,
}

function breakerWith(changes: Partial<BreakerSettings> = {}) {
  const clock = createTestClock()
  const breaker = new CounterBreaker({ ...SETTINGS, ...changes }, clock)
  return {
    breaker,
    pass: (ms: number) => void clock.advance(ms),
    fail: (times = 1) => {
      for (let i = 0; i < times; i++) breaker.failure(0)
    },
    slow: (times = 1) => {
      for (let i = 0; i < times; i++) breaker.success(50)
    },
  }
}

/** A breaker that has just become halfOpen. */
function halfOpen(changes: Partial<BreakerSettings> = {}) {
  const all = breakerWith(changes)
  all.breaker.trip()
  all.pass(all.breaker.snapshot().openUntil)
  expect(all.breaker.state).toBe('halfOpen')
  return all
}

test('a new one is closed and has counted nothing', () => {
  const { breaker } = breakerWith()
  expect(breaker.state).toBe('closed')
  expect(breaker.slowCallMs).toBe(50)
  expect(breaker.snapshot()).toEqual({
    state: 'closed',
    generation: 0,
    failures: [],
    slowCalls: [],
    successes: 0,
    probes: [],
    lostProbes: 0,
    opens: 0,
    openUntil: 0,
  })
})

describe('closed', () => {
  test('lets every call pass', () => {
    const { breaker } = breakerWith()
    for (let i = 0; i < 10; i++) expect(breaker.tryAcquire()).toBe(true)
    expect(breaker.snapshot().probes).toEqual([])
  })

  test('the failure at the threshold opens it, the one before does not', () => {
    const { breaker, fail } = breakerWith()
    fail(2)
    expect(breaker.state).toBe('closed')
    fail()
    expect(breaker.state).toBe('open')
  })

  test('a success takes no failure back', () => {
    const { breaker, fail } = breakerWith()
    fail(2)
    breaker.success(0)
    fail()
    expect(breaker.state).toBe('open')
  })

  test.each([
    ['as old as the window counts', 100, 'open'],
    ['older does not', 101, 'closed'],
  ])('a failure %s', (_, age, state) => {
    const { breaker, fail, pass } = breakerWith()
    fail()
    pass(age)
    fail(2)
    expect(breaker.state).toBe(state)
  })

  test('the window slides: what has left it does not come back', () => {
    const { breaker, fail, pass } = breakerWith()
    for (let i = 0; i < 10; i++) {
      fail()
      pass(60)
    }
    expect(breaker.state).toBe('closed')
    expect(breaker.snapshot().failures).toEqual([480, 540])
  })

  test('a call that takes the slow time is slow, a shorter one is not', () => {
    const { breaker } = breakerWith()
    breaker.success(49.999)
    breaker.success(49.999)
    expect(breaker.snapshot().slowCalls).toEqual([])
    breaker.success(50)
    expect(breaker.state).toBe('closed')
    expect(breaker.snapshot().slowCalls).toEqual([0])
    breaker.success(51)
    expect(breaker.state).toBe('open')
  })

  test('slow calls have a window of their own', () => {
    const { breaker, slow, fail, pass } = breakerWith()
    slow()
    fail(2)
    expect(breaker.state).toBe('closed')
    pass(101)
    slow()
    expect(breaker.state).toBe('closed')
    pass(100)
    slow()
    expect(breaker.state).toBe('open')
  })

  test('a failure is no slow call, however long it took', () => {
    const { breaker } = breakerWith()
    breaker.failure(1_000)
    breaker.failure(1_000)
    expect(breaker.state).toBe('closed')
  })

  test('what is neither success nor failure, an aborted call, counts as nothing', () => {
    const { breaker } = breakerWith({ failureThreshold: 1, slowCallThreshold: 1 })
    for (let i = 0; i < 5; i++) breaker.release()
    expect(breaker.state).toBe('closed')
    expect(breaker.snapshot()).toMatchObject({ failures: [], slowCalls: [] })
  })
})

describe('open', () => {
  test('lets no call pass until its time is over, and then is halfOpen', () => {
    const { breaker, fail, pass } = breakerWith()
    fail(3)
    expect(breaker.snapshot()).toMatchObject({ state: 'open', openUntil: 1_000, opens: 1, failures: [] })
    pass(999)
    expect(breaker.tryAcquire()).toBe(false)
    pass(1)
    expect(breaker.state).toBe('halfOpen')
    expect(breaker.tryAcquire()).toBe(true)
  })

  test('results of calls admitted before are of another generation, and change nothing', () => {
    const { breaker, fail } = breakerWith()
    const permit = breaker.permit()
    fail(3)
    const before = breaker.snapshot()
    breaker.success(1_000, permit)
    breaker.failure(0, permit)
    breaker.release(permit)
    expect(breaker.snapshot()).toEqual(before)
  })

  test('results of this generation change nothing either', () => {
    const { breaker, fail } = breakerWith()
    fail(3)
    const before = breaker.snapshot()
    breaker.success(1_000)
    breaker.failure(0)
    breaker.success(0)
    expect(breaker.snapshot()).toEqual(before)
  })

  test('each opening without a closing in between is longer, up to the cap', () => {
    const { breaker, pass } = breakerWith()
    const times: number[] = []
    let now = 0
    breaker.trip()
    for (let i = 0; i < 5; i++) {
      const openMs = breaker.snapshot().openUntil - now
      times.push(openMs)
      pass(openMs)
      now += openMs
      expect(breaker.state).toBe('halfOpen')
      breaker.failure(0)
    }
    expect(times).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
  })

  test('closing forgets how often it was opened', () => {
    const { breaker } = halfOpen({ successThreshold: 1 })
    breaker.failure(0)
    expect(breaker.snapshot()).toMatchObject({ opens: 2, openUntil: 3_000 })
    breaker.reset()
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', opens: 0 })
    breaker.trip()
    expect(breaker.snapshot()).toMatchObject({ opens: 1, openUntil: 2_000 })
  })

  test('a multiplier of 1 keeps the time the same', () => {
    const { breaker } = halfOpen({ openMultiplier: 1 })
    breaker.failure(0)
    expect(breaker.snapshot().openUntil).toBe(2_000)
  })

  test('a cap under the first time is the time', () => {
    const { breaker } = breakerWith({ maxOpenMs: 10 })
    breaker.trip()
    expect(breaker.snapshot().openUntil).toBe(10)
  })
})

describe('halfOpen', () => {
  test('lets as many probes pass as must succeed, and no more', () => {
    const { breaker } = halfOpen()
    expect([1, 2, 3].map(() => breaker.tryAcquire())).toEqual([true, true, false])
    expect(breaker.snapshot().probes).toEqual([1_000, 1_000])
  })

  test('the success at the threshold closes it, the one before does not', () => {
    const { breaker } = halfOpen()
    breaker.tryAcquire()
    breaker.success(0)
    expect(breaker.snapshot()).toMatchObject({ state: 'halfOpen', successes: 1, probes: [] })
    breaker.tryAcquire()
    breaker.success(0)
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', successes: 0, opens: 0 })
  })

  test('one failure opens it', () => {
    const { breaker } = halfOpen()
    breaker.success(0)
    breaker.failure(0)
    expect(breaker.snapshot()).toMatchObject({ state: 'open', successes: 0, probes: [], opens: 2 })
  })

  test('one slow success opens it', () => {
    const { breaker } = halfOpen()
    breaker.success(50)
    expect(breaker.state).toBe('open')
  })

  test('a probe that was aborted gives its place back and counts as nothing', () => {
    const { breaker } = halfOpen({ successThreshold: 1 })
    expect(breaker.tryAcquire()).toBe(true)
    expect(breaker.tryAcquire()).toBe(false)
    breaker.release(breaker.permit())
    expect(breaker.tryAcquire()).toBe(true)
    expect(breaker.snapshot()).toMatchObject({ state: 'halfOpen', successes: 0 })
  })

  test('a release of another generation gives no place back', () => {
    const { breaker } = halfOpen({ successThreshold: 1 })
    breaker.tryAcquire()
    breaker.release(breaker.permit() - 1)
    expect(breaker.tryAcquire()).toBe(false)
  })

  test('a probe that never reports holds its place for as long as the first opening', () => {
    const { breaker, pass } = halfOpen({ successThreshold: 1 })
    breaker.tryAcquire()
    pass(999)
    expect(breaker.tryAcquire()).toBe(false)
    pass(1)
    expect(breaker.tryAcquire()).toBe(true)
    expect(breaker.snapshot().probes).toEqual([2_000])
  })

  test('a lost probe that reports after all frees no place of another', () => {
    const { breaker, pass } = halfOpen({ successThreshold: 2 })
    breaker.tryAcquire()
    breaker.tryAcquire()
    pass(1_000)
    expect([breaker.tryAcquire(), breaker.tryAcquire(), breaker.tryAcquire()]).toEqual([true, true, false])
    expect(breaker.snapshot()).toMatchObject({ probes: [2_000, 2_000], lostProbes: 2 })
    breaker.success(1)
    expect(breaker.snapshot()).toMatchObject({ successes: 1, probes: [2_000, 2_000], lostProbes: 1 })
    expect(breaker.tryAcquire()).toBe(false)
    breaker.release()
    breaker.release()
    expect(breaker.snapshot()).toMatchObject({ probes: [2_000], lostProbes: 0 })
    expect(breaker.tryAcquire()).toBe(true)
  })

  test('what was lost in one half-open time is forgotten with it', () => {
    const { breaker, pass } = halfOpen({ successThreshold: 1 })
    breaker.tryAcquire()
    pass(1_000)
    breaker.tryAcquire()
    expect(breaker.snapshot().lostProbes).toBe(1)
    breaker.trip()
    expect(breaker.snapshot().lostProbes).toBe(0)
  })

  test('a result from when it was closed neither closes nor opens it', () => {
    const { breaker, pass } = breakerWith({ successThreshold: 1 })
    const permit = breaker.permit()
    breaker.trip()
    pass(1_000)
    expect(breaker.state).toBe('halfOpen')
    breaker.success(0, permit)
    breaker.failure(0, permit)
    expect(breaker.snapshot()).toMatchObject({ state: 'halfOpen', successes: 0 })
  })
})

test('every change of state begins a generation', () => {
  const { breaker, fail, pass } = breakerWith({ successThreshold: 1 })
  const generations = [breaker.permit()]
  fail(3)
  generations.push(breaker.permit())
  pass(1_000)
  expect(breaker.state).toBe('halfOpen')
  generations.push(breaker.permit())
  breaker.success(0)
  generations.push(breaker.permit())
  expect(generations).toEqual([0, 1, 2, 3])
})

test('a failure of a generation that was closed twice ago does not count in this one', () => {
  const { breaker, fail } = breakerWith({ failureThreshold: 1 })
  const permit = breaker.permit()
  fail()
  breaker.reset()
  breaker.failure(0, permit)
  expect(breaker.state).toBe('closed')
  breaker.failure(0, breaker.permit())
  expect(breaker.state).toBe('open')
})

test('trip opens it whatever it counted, reset closes it and forgets', () => {
  const { breaker, fail, slow } = breakerWith()
  fail(2)
  slow()
  breaker.trip()
  expect(breaker.tryAcquire()).toBe(false)
  breaker.reset()
  expect(breaker.snapshot()).toMatchObject({ state: 'closed', failures: [], slowCalls: [], opens: 0 })
  fail(2)
  expect(breaker.state).toBe('closed')
})

test('a snapshot is a copy', () => {
  const { breaker, fail } = breakerWith()
  fail()
  const before = breaker.snapshot()
  fail()
  expect(before.failures).toEqual([0])
  expect(JSON.parse(JSON.stringify(before))).toEqual(before)
})
