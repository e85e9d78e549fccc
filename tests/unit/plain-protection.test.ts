/** The fast paths protect like the slow one: deadlines, aborts, the caller's data, breakers. And what they count. */
import { createMemoryJournal, hook } from 'hookchart/hooks'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hangs } from '../support/kernel.ts'
import { rejectionOf } from '../support/refusal.ts'
import { nothing } from './kernel-samples.ts'
import { bench, guard, inProduction, later, lines, sleeps, takes } from './plain-samples.ts'

inProduction()

describe('deadlines', () => {
  test('one that hangs is given up at its deadline, and the rest goes on', async () => {
    const { tool, order, counts } = bench({ a: [hangs, { timeoutMs: 100 }], b: later })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(99)
    expect(order).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(1)
    const result = await running
    expect(result).toMatchObject({ status: 'completed' })
    expect(lines(result.trace)).toEqual(['a timed_out failed', 'b ok continue'])
    expect(counts()).toEqual({ a: 1, b: 1 })
  })

  test('its signal is aborted then', async () => {
    let signal: AbortSignal | undefined
    const { tool } = bench({
      a: [
        (ctx) => {
          signal = ctx.signal
          return hangs()
        },
        { timeoutMs: 100 },
      ],
    })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(100)
    await running
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ code: 'HOOK_TIMED_OUT' })
  })

  test('each of several has its own, counted from its call', async () => {
    const { tool } = bench({
      a: [sleeps(80), { timeoutMs: 100 }],
      b: [sleeps(80), { timeoutMs: 100 }],
      c: [hangs, { timeoutMs: 30 }],
    })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(190)
    const result = await running
    expect(lines(result.trace)).toEqual(['a ok continue', 'b ok continue', 'c timed_out failed'])
    expect(result.durationMs).toBe(190)
  })

  test('a late result is dropped and recorded', async () => {
    const journal = createMemoryJournal()
    const late = () => new Promise((resolve) => setTimeout(() => resolve(hook.cancel('late')), 200))
    const { tool } = bench({ a: [late, { timeoutMs: 100 }] }, { journal })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(await running).toMatchObject({ status: 'completed' })
    await vi.advanceTimersByTimeAsync(100)
    expect(journal.read('id-1').at(-1)).toMatchObject({ type: 'late', hook: 'a', result: 'cancel' })
  })

  test('one that rejects after its deadline changes nothing', async () => {
    const { tool, counts } = bench({
      a: [() => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 200)), { timeoutMs: 100 }],
      b: later,
    })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(300)
    expect(lines((await running).trace)).toEqual(['a timed_out failed', 'b ok continue'])
    expect(counts()).toEqual({ a: 1, b: 1 })
  })

  test('the time of the gate is for all of them: guards not reached refuse', async () => {
    const { tool, order } = bench(
      { a: sleeps(60), b: sleeps(60), g: [nothing, guard] },
      { executor: { gateTimeoutMs: 100 } },
    )
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_TIMED_OUT' } })
    expect(order).toEqual(['a', 'b'])
  })

  test('also when the time is over just as a hook settles', async () => {
    const { tool, order } = bench({ a: sleeps(100), g: [nothing, guard] }, { executor: { gateTimeoutMs: 100 } })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_TIMED_OUT' } })
    expect(order).toEqual(['a'])
  })
})

describe('abort', () => {
  test('by the signal of the call ends the wait', async () => {
    const controller = new AbortController()
    const { tool, order } = bench({ a: hangs, b: nothing })
    const running = tool(1, { signal: controller.signal })
    controller.abort(new Error('enough'))
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    expect(order).toEqual(['a'])
  })

  test('by the hook that then waits', async () => {
    const controller = new AbortController()
    const { tool, order } = bench({
      a: () => {
        controller.abort()
        return hangs()
      },
      b: nothing,
    })
    expect(await tool(1, { signal: controller.signal })).toMatchObject({ error: { code: 'RUN_ABORTED' } })
    expect(order).toEqual(['a'])
  })
})

describe('data', () => {
  test('behind a guard that waits, the caller cannot change it any more', async () => {
    const { tool } = bench({ g: [sleeps(10), guard] })
    const input = { n: 1 }
    const running = tool(input)
    input.n = 2
    await vi.advanceTimersByTimeAsync(10)
    expect((await running).output).toEqual({ n: 1 })
  })

  test('without a guard it stays the caller’s own object', async () => {
    const { tool } = bench({ a: sleeps(10) })
    const input = { n: 1 }
    const running = tool(input)
    await vi.advanceTimersByTimeAsync(10)
    expect((await running).output).toBe(input)
  })

  test('what cannot be copied fails before a guard decides on it', async () => {
    const { tool, fire } = bench({ g: [later, guard] })
    expect(await tool(() => 1)).toMatchObject({ status: 'failed', error: { code: 'DATA_NOT_JSON' } })
    expect((await rejectionOf((async () => fire({ input: () => 1 }))())).code).toBe('DATA_NOT_JSON')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('breakers', () => {
  const breaker = { failureThreshold: 2, openMs: 1_000, slowCallThreshold: 2, slowCallMs: 20 }
  const state = ({ hooks }: ReturnType<typeof bench>, name: string) =>
    hooks.stats().breakers.find((each) => each.hook === name)?.state

  test('an open one keeps its hook from being called; it is probed again', async () => {
    let broken = true
    const made = bench({
      a: nothing,
      b: [
        () => {
          if (broken) throw new Error('x')
        },
        { breaker: { ...breaker, successThreshold: 1 } },
      ],
      c: nothing,
    })
    const { tool, order } = made
    await tool(1)
    await tool(1)
    expect(state(made, 'b')).toBe('open')
    order.length = 0
    expect(lines((await tool(1)).trace)).toEqual(['a ok continue', 'b unavailable failed', 'c ok continue'])
    expect(order).toEqual(['a', 'c'])
    broken = false
    vi.advanceTimersByTime(1_000)
    await tool(1)
    expect(state(made, 'b')).toBe('closed')
  })

  test('a lone hook that is slow is found once it is timed, from the second pass on', async () => {
    const made = bench({ a: [takes(20), { breaker }] })
    for (let i = 0; i < 2; i++) await made.tool(1)
    expect(state(made, 'a')).toBe('closed')
    await made.tool(1)
    expect(state(made, 'a')).toBe('open')
    const quick = bench({ a: [takes(19), { breaker }] })
    for (let i = 0; i < 5; i++) await quick.tool(1)
    expect(state(quick, 'a')).toBe('closed')
  })

  test('among several the slow one is found, and the others are not blamed', async () => {
    const made = bench({ a: [nothing, { breaker }], b: [takes(20), { breaker }], c: [nothing, { breaker }] })
    for (let i = 0; i < 3; i++) await made.tool(1)
    expect(['a', 'b', 'c'].map((name) => state(made, name))).toEqual(['closed', 'open', 'closed'])
  })

  test('an async hook that is slow is found', async () => {
    const made = bench({ a: [sleeps(20), { breaker }], b: [later, { breaker }] })
    for (let i = 0; i < 3; i++) {
      const running = made.tool(1)
      await vi.advanceTimersByTimeAsync(20)
      await running
    }
    expect(['a', 'b'].map((name) => state(made, name))).toEqual(['open', 'closed'])
  })

  const slow = [takes(20), { breaker }] as const
  const quick = [later, { breaker }] as const
  const blocksFirst = [
    () => {
      vi.advanceTimersByTime(20)
      return Promise.resolve()
    },
    { breaker },
  ] as const
  test.each<[string, Parameters<typeof bench>[0], object]>([
    ['behind an async one', { a: quick, b: slow }, { a: 'closed', b: 'open' }],
    ['in front of an async one', { a: slow, b: quick }, { a: 'open', b: 'closed' }],
    ['between async ones', { a: quick, b: slow, c: quick }, { a: 'closed', b: 'open', c: 'closed' }],
    ['before it gives its promise', { a: blocksFirst }, { a: 'open' }],
    ['before it gives its promise, behind an async one', { a: quick, b: blocksFirst }, { a: 'closed', b: 'open' }],
    [
      'and has something to say',
      { a: [() => (vi.advanceTimersByTime(20), hook.modified({ input: 2 })), { breaker }], b: quick },
      { a: 'open', b: 'closed' },
    ],
  ])('a sync hook that is slow is found: %s', async (_, hooks, expected) => {
    const made = bench(hooks)
    for (let i = 0; i < 4; i++) await made.tool(1)
    expect(Object.fromEntries(Object.keys(hooks).map((name) => [name, state(made, name)]))).toEqual(expected)
  })

  test('the clock being read seldom in a busy turn blames nobody', async () => {
    const made = bench({ a: [later, { breaker }] })
    for (let round = 0; round < 6; round++) {
      // So many firings in one turn share readings of the clock; then the turn takes long.
      const all = Array.from({ length: 300 }, () => made.tool(1))
      vi.advanceTimersByTime(0)
      vi.setSystemTime(Date.now() + 60)
      await made.tool(1)
      await Promise.all(all)
    }
    expect(state(made, 'a')).toBe('closed')
  })

  test('hooks that hang count as failures', async () => {
    const made = bench({ a: [hangs, { breaker, timeoutMs: 10 }] })
    for (let i = 0; i < 2; i++) {
      const running = made.tool(1)
      await vi.advanceTimersByTimeAsync(10)
      await running
    }
    expect(state(made, 'a')).toBe('open')
  })
})

describe('figures', () => {
  test('one pass in 64 is timed hook by hook, all are counted', async () => {
    const { tool, hooks } = bench({ a: [takes(2), { breaker: false }], b: [takes(3), { breaker: false }] })
    for (let i = 0; i < 63; i++) await tool(1)
    expect(hooks.stats().perHook).toMatchObject([
      { count: 63, samples: 0 },
      { count: 63, samples: 0 },
    ])
    await tool(1)
    expect(hooks.stats().perHook).toMatchObject([
      { count: 64, samples: 1, meanMs: 2 },
      { count: 64, samples: 1, meanMs: 3 },
    ])
  })

  test.each([1, 64, 128])('pass %i may say something at once, timed or not', async (nth) => {
    let n = 0
    const { tool, counts } = bench({
      a: nothing,
      b: () => (++n === nth ? hook.replace('said') : undefined),
      c: nothing,
    })
    const outputs: unknown[] = []
    for (let i = 0; i < nth; i++) outputs.push((await tool(1)).output)
    expect(outputs.at(-1)).toBe('said')
    expect(outputs.slice(0, -1).every((output) => output === 1)).toBe(true)
    expect(counts()).toEqual({ a: nth, b: nth, c: nth - 1 })
  })

  test('a timed pass may wait, and say something, like any other', async () => {
    let n = 0
    const { tool, hooks, order } = bench({
      a: [takes(1), { breaker: false }],
      b: [
        async () => {
          vi.advanceTimersByTime(4)
          return ++n === 128 ? hook.modified({ input: 'changed' }) : undefined
        },
        { breaker: false },
      ],
    })
    const outputs: unknown[] = []
    for (let i = 0; i < 128; i++) outputs.push((await tool(1)).output)
    expect(outputs.at(-1)).toBe('changed')
    expect(outputs.slice(0, 127).every((output) => output === 1)).toBe(true)
    expect(order).toHaveLength(256)
    expect(hooks.stats().perHook).toMatchObject([{ count: 128 }, { count: 128 }])
    expect(hooks.stats().perHook[0]!.samples).toBeGreaterThan(0)
  })
})

describe('the time of one hook is not taken from another', () => {
  /** Lets time pass in which nothing gets a turn, as sync work does: timers that come due fire behind it. */
  let pass: (ms: number) => void
  beforeEach(() => {
    const turn = performance.now.bind(performance)
    const setTimer = setTimeout
    let worked = 0
    const now = () => Math.max(turn(), worked)
    vi.spyOn(performance, 'now').mockImplementation(now)
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms: number) =>
      setTimer(callback, now() + ms - turn())) as typeof setTimeout)
    pass = (ms) => {
      worked = now() + ms
    }
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const within = { timeoutMs: 50 }
  const guarded = { ...within, ...guard }
  /** Works, and then waits. */
  const works = (ms: number, waitMs: number) => () => {
    pass(ms)
    return sleeps(waitMs)()
  }
  test.each<[string, () => Parameters<typeof bench>[0]]>([
    ['a sync hook between', () => ({ a: [later, within], b: () => pass(60), c: [sleeps(10), guarded] })],
    ['its own work before it gives its promise', () => ({ a: [later, within], b: [works(80, 10), guarded] })],
    ['the work of the first before it gives its promise', () => ({ a: [works(80, 10), guarded] })],
    ['another that blocks', () => ({ a: [async () => pass(60), { timeoutMs: 1_000 }], b: [sleeps(10), guarded] })],
  ])('%s', async (_, hooks) => {
    const { tool } = bench(hooks())
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(await running).toMatchObject({ status: 'completed' })
  })

  test('an old reading of the clock shortens no deadline', async () => {
    const { tool } = bench({ a: [sleeps(10), { timeoutMs: 1_000, ...guard }] })
    const many = Array.from({ length: 300 }, () => tool(1))
    await vi.advanceTimersByTimeAsync(10)
    await Promise.all(many)
    const more = Array.from({ length: 300 }, () => tool(1))
    pass(1_100)
    const last = tool(1)
    await vi.advanceTimersByTimeAsync(1_200)
    await Promise.all(more)
    expect(await last).toMatchObject({ status: 'completed' })
  })
})
