/** Operations that hooks, effects and decisions start: they share deadline, abort and depth with what started them. */
import { createHooks } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import type { EffectCall } from 'hookchart/hooks'
import { bench, hangs, hook, TOOL } from '../support/kernel.ts'

describe('the deadline of an operation holds for whatever it starts', () => {
  test.each(['redirect', 'fork', 'ctx.run', 'parent: ctx', 'parent: call'] as const)('by %s', async (how) => {
    const { hooks, clock } = bench()
    let childStatus: string | undefined
    const slow = hooks.wrap({ name: 'slow' }, hangs)
    const watch = async (result: unknown) => {
      childStatus = ((await result) as { status: string }).status
    }
    hooks.register(
      'BeforeToolExecution',
      async (ctx) => {
        if (how === 'redirect') return hook.redirect('slow')
        if (how === 'fork') return hook.fork([{ id: 'a', type: 'tool', target: 'slow', input: null }])
        if (how === 'ctx.run') void watch(ctx.run.tool('slow'))
        if (how === 'parent: ctx') void watch(slow(undefined, { parent: ctx }))
        return undefined
      },
      { when: ({ component }) => component.name === 'work' },
    )
    const effect = async (_: undefined, call: EffectCall) => {
      if (how === 'parent: call') await watch(slow(undefined, { parent: call }))
      return how === 'ctx.run' || how === 'parent: ctx' ? hangs() : 'done'
    }
    const work = hooks.wrap({ name: 'work', ...TOOL, targets: { slow } }, effect)
    const running = work(undefined, { timeoutMs: 100 })
    await clock.advanceSteps(300)
    const { status } = await running
    // A fork's operation has ended in time, so the operation goes on with what came of it.
    expect(status).toBe(how === 'fork' ? 'completed' : 'timed_out')
    if (how === 'ctx.run' || how.startsWith('parent')) expect(childStatus).toMatch(/timed_out|cancelled/)
    expect(clock.now()).toBe(300)
  })

  test('what deals with its timeout has time of its own', async () => {
    const { hooks, clock } = bench()
    const fallback = hooks.wrap(
      { name: 'fallback' },
      () => new Promise((resolve) => clock.setTimeout(() => resolve('late'), 500)),
    )
    hooks.register('ToolError', () => hook.redirect('fallback'))
    const running = hooks.wrap({ name: 'work', ...TOOL, targets: { fallback } }, hangs)(undefined, { timeoutMs: 100 })
    await clock.advanceSteps(1_000)
    expect(await running).toMatchObject({ status: 'completed', output: 'late' })
  })
})

test('a hook has at most what is left of the operation, and is told why', async () => {
  const { hooks, clock } = bench()
  hooks.register('BeforeToolExecution', hangs, { name: 'slow' })
  const running = hooks.wrap({ name: 'work', ...TOOL }, () => 'ran')(undefined, { timeoutMs: 100 })
  await clock.advance(100)
  const { status, trace } = await running
  expect(status).toBe('completed')
  const entry = trace.find((each) => each.hook === 'slow')
  expect(entry).toMatchObject({ outcome: 'timed_out', durationMs: 100 })
  expect(entry?.message).toContain('within 100 ms')
  expect(entry?.message).toContain('gateTimeoutMs')
})

test('what a hook started as its child is aborted when the hook is abandoned', async () => {
  const { hooks, clock } = bench()
  let childStatus: string | undefined
  const slow = hooks.wrap({ name: 'slow' }, hangs)
  hooks.register(
    'BeforeToolExecution',
    async (ctx) => {
      childStatus = (await slow(undefined, { parent: ctx })).status
    },
    { timeoutMs: 50, when: ({ component }) => component.name === 'work' },
  )
  const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
  await clock.advance(50)
  expect((await running).status).toBe('completed')
  await clock.settle()
  expect(childStatus).toBe('cancelled')
})

test('what is started with the ctx of a hook obeys the maxDepth of its point', async () => {
  const { hooks } = bench({ executor: { points: { BeforeToolExecution: { maxDepth: 2 } } } })
  let runs = 0
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => ++runs)
  hooks.register('BeforeToolExecution', async (ctx) => void (await work(undefined, { parent: ctx })))
  await work(undefined)
  expect(runs).toBe(3)
})

test('what an observer starts after its run has ended is a run of its own, with the same correlation id', async () => {
  const { hooks, clock } = bench()
  const audit = hooks.wrap({ name: 'audit' }, () => 'written')
  let child: { correlationId: string; trace: readonly unknown[] } | undefined
  hooks.register(
    'AfterToolExecution',
    async (ctx) => {
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 10))
      child = await audit(undefined, { parent: ctx })
    },
    { kind: 'observe' },
  )
  const { correlationId } = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
  await clock.advance(10)
  await hooks.idle()
  expect(child?.correlationId).toBe(correlationId)
  expect(child?.trace).not.toHaveLength(0)
})

test('attempts of an operation are a hundred at most, whatever hooks ask for', async () => {
  const { hooks } = bench()
  let starts = 0
  hooks.register('ToolError', () => hook.retry({ delayMs: 0, maxAttempts: 1_000 }))
  const result = await hooks.wrap({ name: 'work', ...TOOL }, () => {
    starts++
    throw new Error('no')
  })(undefined)
  expect(result).toMatchObject({ status: 'failed', attempts: 100, error: { code: 'ATTEMPTS_EXHAUSTED' } })
  expect(starts).toBe(100)
})

describe('another attempt for a value in the place of the effect', () => {
  test.each(['replace', 'cache'] as const)('asks the guards about the effect first: %s', async (how) => {
    const { hooks } = bench()
    let ran = 0
    let again = false
    hooks.register('BeforeToolExecution', () =>
      how === 'replace' && again ? hook.replace('instead') : hook.cache({ key: 'k' }),
    )
    hooks.register(
      'BeforeToolExecution',
      ({ proposal }) => (again && proposal?.type === 'run' ? hook.cancel('not for real') : undefined),
      { kind: 'guard', name: 'strict' },
    )
    let asked = false
    hooks.register('AfterToolExecution', () => {
      if (!again || asked) return undefined
      asked = true
      return hook.retry({ delayMs: 0 })
    })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => ++ran)
    await work(undefined)
    again = true
    expect(await work(undefined)).toMatchObject({ status: 'cancelled', error: { details: { hook: 'strict' } } })
    expect(ran).toBe(1)
  })
})

test('a fork takes the time of its gate: what is not done then is cut off, and guards behind it refuse', async () => {
  const { hooks, clock } = bench({ executor: { gateTimeoutMs: 100 } })
  await clock.advance(1_000)
  const slow = hooks.wrap({ name: 'slow' }, hangs)
  let forks: unknown
  hooks.register('BeforeToolExecution', () => hook.fork([{ id: 'a', type: 'tool', target: 'slow', input: 1 }]))
  hooks.register('BeforeToolExecution', () => undefined, { kind: 'guard', name: 'strict' })
  hooks.register('BeforeToolExecution', (ctx) => void (forks = ctx.data.forks), { kind: 'observe' })
  const running = hooks.wrap({ name: 'work', ...TOOL, targets: { slow } }, () => 1)(undefined)
  await clock.advanceSteps(200)
  expect(await running).toMatchObject({ status: 'cancelled', durationMs: 100, error: { code: 'GUARD_TIMED_OUT' } })
  expect(forks).toMatchObject({ a: { status: 'timed_out' } })
})

test('two forks at one gate keep the results of both', async () => {
  const { hooks } = bench()
  const fork = (id: string) => () => hook.fork([{ id, type: 'tool', target: 'other', input: id }])
  hooks.register('BeforeToolExecution', fork('a'))
  hooks.register('BeforeToolExecution', fork('b'))
  let forks: unknown
  hooks.register('BeforeToolExecution', (ctx) => void (forks = ctx.data.forks), { kind: 'observe' })
  await hooks.wrap({ name: 'work', ...TOOL, targets: { other: (id: unknown) => id } }, () => 1)(undefined)
  expect(forks).toEqual({ a: { status: 'completed', output: 'a' }, b: { status: 'completed', output: 'b' } })
})

test('with nothing traced and no journal a gate does the same', async () => {
  const hooks = createHooks({ trace: 'off' })
  hooks.register('BeforeToolExecution', () => hook.modified({ input: 2 }), { when: () => true })
  hooks.register('BeforeToolExecution', () => hook.fork([{ id: 'a', type: 'tool', target: 'other', input: 1 }]))
  hooks.register('BeforeToolExecution', async () => undefined, { kind: 'guard' })
  const work = hooks.wrap({ name: 'work', ...TOOL, targets: { other: () => 1 } }, (n: number) => n * 10)
  expect(await work(1)).toMatchObject({ status: 'completed', output: 20, trace: [] })
  hooks.register('BeforeToolExecution', () => hook.cancel('no'), { name: 'never', kind: 'guard' })
  expect(await work(1)).toMatchObject({ status: 'cancelled', error: { code: 'HOOK_CANCELLED' } })
})

test('a hook has one signal, aborted at its deadline whichever time it was read', async () => {
  const { hooks, clock } = bench()
  const signals: AbortSignal[] = []
  hooks.register(
    'BeforeToolExecution',
    (ctx) => {
      signals.push(ctx.signal, ctx.signal)
      return new Promise<undefined>(() => undefined)
    },
    { timeoutMs: 10 },
  )
  const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
  await clock.advance(10)
  await running
  expect(signals[0]).toBe(signals[1])
  expect(signals[0]?.aborted).toBe(true)
})
