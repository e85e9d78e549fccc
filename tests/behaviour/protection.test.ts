/** Deadlines, aborts, breakers, and the time of the gate. */
import { hook } from 'hookchart/hooks'
import type { HookHandler } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, deferred, hangs, TOOL } from '../support/kernel.ts'

describe('deadlines', () => {
  test('a hung hook is abandoned at its deadline, its signal aborted, the chain goes on', async () => {
    const { hooks, clock, seen } = bench()
    let signal: AbortSignal | undefined
    hooks.register(
      'BeforeToolExecution',
      (ctx) => {
        signal = ctx.signal
        return hangs()
      },
      { name: 'hung', timeoutMs: 100 },
    )
    hooks.register('BeforeToolExecution', seen.handler('next'))
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 'done')(undefined)
    await clock.advance(99)
    expect(seen.order).toEqual([])
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    const result = await running
    expect(result).toMatchObject({ status: 'completed', output: 'done' })
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ code: 'HOOK_TIMED_OUT', details: { hook: 'hung', timeoutMs: 100 } })
    expect(seen.order).toEqual(['next'])
    expect(result.trace.find((entry) => entry.hook === 'hung')).toMatchObject({ outcome: 'timed_out', durationMs: 100 })
    expect(hooks.stats().perHook.find((entry) => entry.hook === 'hung')).toMatchObject({
      count: 1,
      timeouts: 1,
      errors: 0,
    })
  })

  test('the late result of an abandoned hook changes nothing and is recorded', async () => {
    const { hooks, clock } = bench()
    const late = deferred<unknown>()
    const effect = deferred<string>()
    hooks.register('BeforeToolExecution', () => late.promise as never, { name: 'late', timeoutMs: 10 })
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => effect.promise)(undefined)
    await clock.advance(10)
    late.resolve(hook.cancel('too late'))
    await clock.settle()
    effect.resolve('done')
    const result = await running
    expect(result).toMatchObject({ status: 'completed', output: 'done' })
    expect(result.trace.filter((entry) => entry.hook === 'late').map(({ outcome, type }) => [outcome, type])).toEqual([
      ['timed_out', 'failed'],
      ['late', 'cancel'],
    ])
  })

  test('the time of the gate is for all its hooks: guards not reached refuse', async () => {
    const { hooks, clock, seen } = bench({ executor: { gateTimeoutMs: 250 } })
    for (const name of ['a', 'b', 'c', 'd']) hooks.register('BeforeToolExecution', hangs, { name, timeoutMs: 100 })
    hooks.register('BeforeToolExecution', seen.handler('guard'), { name: 'guard', kind: 'guard' })
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    await clock.advanceSteps(250)
    const result = await running
    expect(result).toMatchObject({
      status: 'cancelled',
      error: { code: 'GUARD_TIMED_OUT', details: { hook: 'guard' } },
    })
    expect(seen.order).toEqual([])
    expect(
      result.trace
        .filter((entry) => entry.kind === 'transform')
        .map(({ outcome, durationMs }) => [outcome, durationMs]),
    ).toEqual([
      ['timed_out', 100],
      ['timed_out', 100],
      ['timed_out', 50],
      ['not_run', 0],
    ])
  })

  test('points can have deadlines of their own; a hook’s own wins', async () => {
    const { hooks, clock } = bench({
      executor: { timeoutMs: 500, points: { 'Before*': { timeoutMs: 50 }, tool_error: { timeoutMs: '1s' } } },
    })
    hooks.register('BeforeToolExecution', hangs, { name: 'a' })
    hooks.register('AfterToolExecution', hangs, { name: 'b' })
    hooks.register('ToolError', hangs, { name: 'c' })
    hooks.register('BeforeToolExecution', hangs, { name: 'd', timeoutMs: 5 })
    const timeouts = ['BeforeToolExecution', 'AfterToolExecution', 'ToolError'].flatMap((point) =>
      hooks.explain(point).hooks.map(({ timeoutMs }) => timeoutMs),
    )
    expect(timeouts).toEqual([50, 5, 500, 1_000])
    const running = hooks.wrap({ name: 'work', before: 'BeforeToolExecution' }, () => 1)(undefined)
    await clock.advanceSteps(55)
    expect(await running).toMatchObject({ status: 'completed' })
  })

  test('many deadlines: each at its own time, in order', async () => {
    const { hooks, clock } = bench()
    const ended: number[] = []
    const delays = [30, 10, 20, 10, 700, 5_000]
    for (const [i, timeoutMs] of delays.entries()) {
      hooks.register('BeforeToolExecution', hangs, { timeoutMs, match: { component: `w${i}` } })
      void Promise.resolve(hooks.wrap({ name: `w${i}`, ...TOOL }, () => 1)(undefined)).then(() => ended.push(timeoutMs))
    }
    await clock.advanceSteps(6_000)
    expect(ended).toEqual([10, 10, 20, 30, 700, 5_000])
    expect(clock.timers).toBe(0)
  })
})

describe('the operation’s own deadline', () => {
  test('timed_out is only its own deadline; the effect sees its abort', async () => {
    const { hooks, clock, seen } = bench()
    hooks.register('ToolError', seen.handler('error'))
    let aborted: unknown
    const running = hooks.wrap({ name: 'work', ...TOOL }, (_: undefined, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = signal.reason
      })
      return hangs()
    })(undefined, { timeoutMs: '2s' })
    await clock.advance(2_000)
    const result = await running
    expect(result).toMatchObject({ status: 'timed_out', error: { code: 'OPERATION_TIMED_OUT' }, durationMs: 2_000 })
    expect(aborted).toMatchObject({ code: 'OPERATION_TIMED_OUT' })
    expect(seen.calls[0]?.data).toMatchObject({ error: { code: 'OPERATION_TIMED_OUT', retryable: true } })
  })

  test('it stands still while gates decide, and runs on over the attempts', async () => {
    const { hooks, clock } = bench()
    hooks.register('BeforeToolExecution', () => new Promise<void>((resolve) => void clock.setTimeout(resolve, 900)))
    hooks.register('ToolError', () => hook.retry({ delayMs: 300, maxAttempts: 9 }))
    let runs = 0
    const running = hooks.wrap({ name: 'work', ...TOOL }, async () => {
      runs++
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 400))
      throw new Error('again')
    })(undefined, { timeoutMs: 1_000 })
    await clock.advanceSteps(10_000)
    expect(await running).toMatchObject({ status: 'timed_out', attempts: 2, durationMs: 1_900 })
    expect(runs).toBe(2)
  })

  test('a hook can recover from it by replace, not by another attempt', async () => {
    const { hooks, clock } = bench()
    const handle = hooks.register('ToolError', () => hook.replace('cached'))
    const work = hooks.wrap({ name: 'work', ...TOOL }, hangs)
    const first = work(undefined, { timeoutMs: 10 })
    await clock.advance(10)
    expect(await first).toMatchObject({ status: 'completed', output: 'cached' })
    handle.unregister()
    hooks.register('ToolError', () => hook.retry({ delayMs: 0 }))
    const second = work(undefined, { timeoutMs: 10 })
    await clock.advanceSteps(100)
    expect(await second).toMatchObject({ status: 'timed_out', attempts: 1 })
  })
})

describe('abort', () => {
  test.each(['a hook', 'the effect', 'the wait for another attempt'])(
    'while %s runs: cancelled with RUN_ABORTED, at once',
    async (where) => {
      const { hooks, clock, seen } = bench()
      const controller = new AbortController()
      const signals: AbortSignal[] = []
      hooks.register('BeforeToolExecution', (ctx) => {
        signals.push(ctx.signal)
        return where === 'a hook' ? hangs() : undefined
      })
      hooks.register('ToolError', () => hook.retry({ delayMs: 1_000 }))
      hooks.register('OperationSettled', seen.handler('settled'))
      const running = hooks.wrap({ name: 'work', ...TOOL }, (_: undefined, call) => {
        signals.push(call.signal)
        if (where === 'the wait for another attempt') throw new Error('again')
        return hangs()
      })(undefined, { signal: controller.signal })
      await clock.settle()
      controller.abort(new Error('user left'))
      const result = await running
      expect(result).toMatchObject({
        status: 'cancelled',
        error: { code: 'RUN_ABORTED', message: expect.stringContaining('user left') as string },
      })
      expect(seen.calls).toMatchObject([{ data: { status: 'cancelled' } }])
      if (where !== 'the wait for another attempt') expect(signals.at(-1)?.aborted).toBe(true)
      expect(clock.timers).toBeLessThanOrEqual(1)
    },
  )

  test('before it began: no hook and no effect runs, but it settles', async () => {
    const { hooks, seen } = bench()
    hooks.register('*', seen.handler('any'), { kind: 'observe' })
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ status: 'cancelled', attempts: 0, error: { code: 'RUN_ABORTED' } })
    expect(seen.points).toEqual(['OperationSettled'])
  })

  test('by the hook that runs', async () => {
    const { hooks, seen } = bench()
    const controller = new AbortController()
    hooks.register('BeforeToolExecution', async () => {
      controller.abort()
    })
    hooks.register('BeforeToolExecution', seen.handler('next'))
    expect(
      await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { signal: controller.signal }),
    ).toMatchObject({ error: { code: 'RUN_ABORTED' } })
    expect(seen.order).toEqual([])
  })

  test('of a firing outside an operation is its decision', async () => {
    const { hooks } = bench()
    const controller = new AbortController()
    hooks.register('BeforeToolExecution', hangs)
    const decision = hooks.run('BeforeToolExecution', { input: 1 } as never, { signal: controller.signal })
    controller.abort()
    expect(await decision).toMatchObject({ type: 'cancel', code: 'RUN_ABORTED' })
    expect(hooks.run('BeforeToolExecution', { input: 1 } as never, { signal: controller.signal })).toMatchObject({
      code: 'RUN_ABORTED',
    })
  })
})

describe('breakers', () => {
  const failing = () => {
    throw new Error('broken')
  }

  test('open after the threshold: transforms are skipped, not called; it probes again by the clock', async () => {
    const { hooks, clock, seen } = bench()
    let broken = true
    hooks.register(
      'BeforeToolExecution',
      seen.handler('flaky', () => {
        if (broken) throw new Error('broken')
      }),
      { name: 'flaky', breaker: { failureThreshold: 2, successThreshold: 1, openMs: 1_000 } },
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    await work(undefined)
    await work(undefined)
    const skipped = await work(undefined)
    expect(seen.calls).toHaveLength(2)
    expect(skipped).toMatchObject({ status: 'completed' })
    expect(skipped.trace.find((entry) => entry.hook === 'flaky')).toMatchObject({
      outcome: 'unavailable',
      code: 'HOOK_UNAVAILABLE',
    })
    expect(hooks.stats().breakers).toMatchObject([{ hook: 'flaky', state: 'open' }])
    await clock.advance(999)
    await work(undefined)
    expect(seen.calls).toHaveLength(2)
    await clock.advance(1)
    broken = false
    await work(undefined)
    await work(undefined)
    expect(seen.calls).toHaveLength(4)
    expect(hooks.stats().breakers).toMatchObject([{ state: 'closed' }])
  })

  test('an open guard denies with a code of its own', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', failing, { name: 'g', kind: 'guard', breaker: { failureThreshold: 1 } })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    expect(await work(undefined)).toMatchObject({ error: { code: 'GUARD_FAILED' } })
    expect(await work(undefined)).toMatchObject({ error: { code: 'GUARD_UNAVAILABLE', details: { hook: 'g' } } })
  })

  test('backoff grows with each opening and is capped; a success closes and forgets', async () => {
    const { hooks, clock, seen } = bench()
    let broken = true
    hooks.register(
      'BeforeToolExecution',
      seen.handler('x', () => {
        if (broken) throw new Error()
      }),
      { breaker: { failureThreshold: 1, successThreshold: 1, openMs: 100, openMultiplier: 3, maxOpenMs: 500 } },
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    const openFor = async () => {
      seen.clear()
      let waited = 0
      while (seen.calls.length === 0) {
        await clock.advance(50)
        waited += 50
        await work(undefined)
      }
      return waited
    }
    await work(undefined)
    expect([await openFor(), await openFor(), await openFor(), await openFor()]).toEqual([100, 300, 500, 500])
    broken = false
    expect(await openFor()).toBe(500)
    broken = true
    await work(undefined)
    expect(await openFor()).toBe(100)
  })

  test('slow calls open it, exactly: a call of the limit or more is slow', async () => {
    const { hooks, clock, seen } = bench()
    let takesMs = 49
    hooks.register(
      'BeforeToolExecution',
      seen.handler('slow', () => {
        void clock.advance(takesMs)
      }),
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    for (let i = 0; i < 5; i++) await work(undefined)
    expect(seen.calls).toHaveLength(5)
    takesMs = 50
    for (let i = 0; i < 5; i++) await work(undefined)
    expect(seen.calls).toHaveLength(7)
  })

  test('failures outside the window do not count', async () => {
    const { hooks, clock, seen } = bench()
    hooks.register('BeforeToolExecution', seen.handler('x', failing), {
      breaker: { failureThreshold: 2, windowMs: 1_000 },
    })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    for (let i = 0; i < 5; i++) {
      await work(undefined)
      await clock.advance(1_001)
    }
    expect(seen.calls).toHaveLength(5)
  })

  test('a cancel and an aborted operation are no failures; a hang is', async () => {
    const { hooks, clock } = bench()
    hooks.register('BeforeToolExecution', (ctx) => (ctx.data.input === 'cancel' ? hook.cancel('no') : hangs()), {
      breaker: { failureThreshold: 1 },
      timeoutMs: 10,
    })
    const work = hooks.wrap({ name: 'work', ...TOOL }, (input: string) => input)
    await work('cancel')
    const controller = new AbortController()
    const running = work('hang', { signal: controller.signal })
    controller.abort()
    await running
    expect(hooks.stats().breakers).toMatchObject([{ state: 'closed', failures: [] }])
    const hung = work('hang')
    await clock.advance(10)
    await hung
    expect(hooks.stats().breakers).toMatchObject([{ state: 'open' }])
  })

  test('a result counts only in the generation that admitted its call', async () => {
    const { hooks, clock } = bench()
    const calls = [deferred(), deferred(), deferred()]
    let next = 0
    hooks.register('BeforeToolExecution', () => calls[next++]!.promise, {
      breaker: { failureThreshold: 1, successThreshold: 1, openMs: 100 },
    })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    const old = work(undefined)
    const failed = work(undefined)
    calls[1]!.reject(new Error())
    await failed
    await clock.advance(100)
    const probe = work(undefined)
    // The old call was admitted while the breaker was closed: its success must not close it now.
    calls[0]!.resolve()
    await old
    expect(hooks.stats().breakers).toMatchObject([{ state: 'halfOpen' }])
    calls[2]!.resolve()
    await probe
    expect(hooks.stats().breakers).toMatchObject([{ state: 'closed' }])
  })

  test('halfOpen lets as many probes through as must succeed, and a probe that never reports frees its place', async () => {
    const { hooks, clock, seen } = bench()
    let mode: 'fail' | 'hang' = 'fail'
    hooks.register(
      'BeforeToolExecution',
      seen.handler('x', () => {
        if (mode === 'fail') throw new Error()
        return hangs()
      }),
      { timeoutMs: 100_000, breaker: { failureThreshold: 1, successThreshold: 2, openMs: 100 } },
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    await work(undefined)
    mode = 'hang'
    seen.clear()
    await clock.advance(100)
    for (let i = 0; i < 4; i++) void work(undefined)
    expect(seen.calls).toHaveLength(2)
    await clock.advance(100)
    void work(undefined)
    expect(seen.calls).toHaveLength(3)
  })

  test('one for all points of a hook, also where their deadlines differ', () => {
    const { hooks } = bench({ executor: { points: { BeforeChain: { timeoutMs: 7 } } } })
    const points = ['BeforeToolExecution', 'BeforeChain']
    const calls: string[] = []
    const down: HookHandler = ({ point }) => {
      calls.push(point)
      throw new Error('down')
    }
    hooks.register(points, down, { breaker: { failureThreshold: 1 } })
    for (const point of [...points, ...points]) void hooks.run(point, { input: 1 })
    expect(calls).toEqual(['BeforeToolExecution'])
  })

  test('false: none; presets by name', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', seen.handler('none', failing), { breaker: false })
    hooks.register('BeforeToolExecution', seen.handler('production', failing), { breaker: 'production' })
    hooks.register('BeforeToolExecution', seen.handler('default', failing))
    hooks.register('BeforeToolExecution', seen.handler('conservative', failing), { breaker: 'conservative' })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    for (let i = 0; i < 10; i++) await work(undefined)
    const count = (name: string) => seen.order.filter((each) => each === name).length
    expect(['none', 'production', 'default', 'conservative'].map(count)).toEqual([10, 2, 3, 5])
  })
})
