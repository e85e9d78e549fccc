/** Waiting for another pass or attempt: it ends with the operation, and keeps the process alive no longer than it lasts. */
import { createHooks } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { bench, deferred, hook, TOOL } from '../support/kernel.ts'

const fails = () => {
  throw new Error('boom')
}

/** A clock that knows which of its timers keep the process alive. */
function aliveClock() {
  const clock = createTestClock()
  const alive = new Set<unknown>()
  const setTimeout = (callback: () => void, delayMs: number) => {
    const timer = clock.setTimeout(() => {
      alive.delete(handle)
      callback()
    }, delayMs)
    const handle = { timer, ref: () => alive.add(handle), unref: () => alive.delete(handle) }
    alive.add(handle)
    return handle
  }
  const clearTimeout = (handle: unknown) => {
    alive.delete(handle)
    clock.clearTimeout((handle as ReturnType<typeof setTimeout>).timer)
  }
  return { clock, alive, hooks: createHooks({ clock: { now: () => clock.now(), setTimeout, clearTimeout } }) }
}

describe('an abort', () => {
  test('while it waits for another pass: the gate is not passed again', async () => {
    const { hooks, clock } = bench()
    const controller = new AbortController()
    hooks.register(TOOL.before, () => hook.retry({ delayMs: 100 }))
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { signal: controller.signal })
    await clock.advance(50)
    controller.abort()
    const { status, trace } = await running
    expect(status).toBe('cancelled')
    expect(trace.map(({ kind }) => kind)).toEqual(['operation', 'gate', 'transform'])
    expect(clock.timers).toBe(0)
  })

  test.each([0, 100])('by an observer of the gate, before a wait of %i ms begins', async (delayMs) => {
    const { hooks, clock } = bench()
    const controller = new AbortController()
    hooks.register(TOOL.before, () => hook.retry({ delayMs }))
    hooks.register(TOOL.before, () => void controller.abort(), { kind: 'observe' })
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { signal: controller.signal })
    expect(result).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    expect(result.trace.filter(({ kind }) => kind === 'gate')).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })

  test('while the input is parsed: the effect is not started', async () => {
    const { hooks } = bench()
    const controller = new AbortController()
    const parsed = deferred<{ value: unknown }>()
    const input = { '~standard': { version: 1, vendor: 'test', validate: () => parsed.promise } } as const
    const running = hooks.wrap({ name: 'work', input }, () => 1)(undefined, { signal: controller.signal })
    controller.abort()
    parsed.resolve({ value: 1 })
    const result = await running
    expect(result).toMatchObject({ status: 'cancelled', attempts: 0 })
    expect(result.trace.map(({ kind }) => kind)).toEqual(['operation'])
  })
})

describe('the deadline of the operation', () => {
  test('while it waits for another attempt: the effect is not started again', async () => {
    const { hooks, clock } = bench()
    hooks.register(TOOL.error, () => hook.retry({ delayMs: 300 }))
    const running = hooks.wrap({ name: 'work', ...TOOL }, fails)(undefined, { timeoutMs: 100 })
    await clock.advanceSteps(1_000)
    expect(await running).toMatchObject({
      status: 'timed_out',
      attempts: 1,
      durationMs: 100,
      error: { message: 'work did not end within 100 ms.', details: { component: 'work', timeoutMs: 100 } },
    })
  })

  test('while it waits for another pass: the gate is not passed again', async () => {
    const { hooks, clock, seen } = bench()
    hooks.register(TOOL.before, seen.handler('again', hook.retry({ delayMs: 300 })))
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { timeoutMs: 100 })
    await clock.advanceSteps(1_000)
    expect(await running).toMatchObject({ status: 'timed_out', attempts: 0, durationMs: 100 })
    expect(seen.order).toEqual(['again'])
  })
})

describe('the process is kept alive by a deadline', () => {
  test('while the effect of its operation runs, and no longer', async () => {
    const { hooks, alive } = aliveClock()
    const run = async (options?: { timeoutMs: number }) => {
      const gate = deferred()
      const running = hooks.wrap({ name: 'work' }, () => gate.promise)(undefined, options)
      const timers = alive.size
      gate.resolve()
      await running
      return [timers, alive.size]
    }
    // One without a deadline has no part in it.
    expect(await run()).toEqual([0, 0])
    expect(await run({ timeoutMs: 100 })).toEqual([1, 0])
    expect(await run()).toEqual([0, 0])
    expect(await run({ timeoutMs: 100 })).toEqual([1, 0])
  })

  test('while its operation waits for another attempt, and no longer', async () => {
    const { hooks, alive, clock } = aliveClock()
    hooks.register(TOOL.error, () => hook.retry({ delayMs: 10, maxAttempts: 2 }))
    const work = hooks.wrap({ name: 'work', ...TOOL }, fails)
    const run = async (options?: { timeoutMs: number }) => {
      const running = work(undefined, options)
      await clock.settle()
      const timers = alive.size
      await clock.advanceSteps(10)
      await running
      return [timers, alive.size]
    }
    // The wait itself has a timer too.
    expect(await run()).toEqual([1, 0])
    expect(await run({ timeoutMs: 100 })).toEqual([2, 0])
    expect(await run()).toEqual([1, 0])
    expect(await run({ timeoutMs: 100 })).toEqual([2, 0])
  })
})
