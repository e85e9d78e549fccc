/**
 * The fast paths, which only run on the clock of the machine and where data is not checked: hooks that have nothing to
 * say in a bare loop, and what happens as soon as one says something. Time is faked.
 */
import { createHooks, createMemoryJournal, hook } from 'hookchart/hooks'
import type { CreateHooksOptions, HookContext, TraceEntry } from 'hookchart/hooks'
import { createTestIds } from 'hookchart/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hangs } from '../support/kernel.ts'
import { nothing, rejectionOf } from './kernel-samples.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubEnv('NODE_ENV', 'production')
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const POINT = 'BeforeToolExecution'
const TOOL = { before: POINT, after: 'AfterToolExecution', error: 'ToolError' } as const

type Handler = (ctx: HookContext<string, { input?: unknown }>) => unknown
type Entry = Handler | readonly [Handler, object]

/** Hooks in front of a tool that gives its input back. */
function bench(handlers: Record<string, Entry>, options: CreateHooksOptions = {}) {
  const hooks = createHooks({ ids: createTestIds(), ...options })
  const order: string[] = []
  for (const [name, entry] of Object.entries(handlers)) {
    const [handler, more] = typeof entry === 'function' ? [entry, {}] : entry
    const logged = (ctx: HookContext) => {
      order.push(name)
      return handler(ctx) as undefined
    }
    hooks.register(POINT, logged, { name, ...more })
  }
  const tool = hooks.wrap({ name: 'tool', ...TOOL, targets: { other: () => 'other' } }, (input: unknown) => input)
  const fire = (data: { readonly input: unknown } = { input: 1 }) => hooks.run<string>(POINT, data)
  const counts = () => Object.fromEntries(hooks.stats().perHook.map(({ hook: name, count }) => [name, count]))
  return { hooks, order, tool, fire, counts }
}

/** A hook that takes so long before it returns. */
const takes = (ms: number) => () => void vi.advanceTimersByTime(ms)
const later = async () => undefined
const sleeps = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms))
const guard = { kind: 'guard' } as const
const observer = { kind: 'observe' } as const
const lines = (trace: readonly TraceEntry[]) =>
  trace.filter((entry) => entry.hook !== null).map((entry) => `${entry.hook} ${entry.outcome} ${entry.type}`)

describe('hooks that have nothing to say', () => {
  test('are called in order, at once', () => {
    const { order, tool, counts } = bench({ o: [nothing, observer], g: [nothing, guard], t: nothing })
    expect(tool(1)).toMatchObject({ status: 'completed', output: 1, attempts: 1 })
    expect(order).toEqual(['t', 'g', 'o'])
    expect(counts()).toEqual({ t: 1, g: 1, o: 1 })
  })

  test('see the caller’s own data, where no guard vouches for it', () => {
    const seen: unknown[] = []
    const { tool } = bench({ t: (ctx) => void seen.push(ctx.data.input), o: [nothing, observer] })
    const input = { deep: [1] }
    expect((tool(input) as { output: unknown }).output).toBe(input)
    expect(seen[0]).toBe(input)
  })

  test('have their lines in the trace all the same', async () => {
    const { tool } = bench({ t: nothing, g: [nothing, guard], o: [nothing, observer] })
    const { trace } = await tool(1)
    expect(lines(trace)).toEqual(['t ok continue', 'g ok continue', 'o ok observe'])
  })

  test('what an observer returns means nothing', async () => {
    const { tool, order } = bench({ o: [() => hook.cancel('no'), observer], p: [nothing, observer] })
    expect(await tool(1)).toMatchObject({ status: 'completed' })
    expect(order).toEqual(['o', 'p'])
  })

  test('an async observer is not waited for', async () => {
    const { tool, hooks, order } = bench({ o: [sleeps(50), observer], p: [nothing, observer] })
    expect(tool(1)).toMatchObject({ status: 'completed' })
    expect([order, hooks.stats().observing]).toEqual([['o', 'p'], 1])
    await vi.advanceTimersByTimeAsync(50)
    expect(hooks.stats().observing).toBe(0)
  })

  test('that are asynchronous are waited for, one after another', async () => {
    const { tool, order } = bench({ a: sleeps(10), b: later, c: nothing, d: [sleeps(10), guard] })
    const running = tool(1)
    expect(running).toBeInstanceOf(Promise)
    expect(order).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(10)
    expect(order).toEqual(['a', 'b', 'c', 'd'])
    await vi.advanceTimersByTimeAsync(10)
    expect(await running).toMatchObject({ status: 'completed', output: 1 })
  })

  test('a thenable is waited for too', async () => {
    const { tool } = bench({ a: () => ({ then: (resolve: () => void) => void setTimeout(resolve, 5) }) })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(5)
    expect(await running).toMatchObject({ status: 'completed' })
  })
})

describe('firing a point outside any operation', () => {
  test('is a record of its own in the journal', async () => {
    const journal = createMemoryJournal()
    const { fire, order } = bench({ a: nothing, b: later }, { journal })
    expect(await fire()).toEqual({ type: 'continue' })
    expect(order).toEqual(['a', 'b'])
    expect(journal.runs()).toMatchObject([{ run: 'id-1', finished: true, records: 1 }])
    expect(journal.read('id-1')).toMatchObject([
      { type: 'gate', decision: 'continue', hooks: [{ hook: 'a' }, { hook: 'b' }] },
    ])
  })

  test('a hook that asked for its operation does not make a second record', () => {
    const journal = createMemoryJournal()
    const { fire } = bench({ a: (ctx) => void (ctx.locals['x'] = 1) }, { journal })
    void fire()
    expect(journal.runs()).toMatchObject([{ finished: true, records: 1 }])
  })

  test.each(['decisions', 'off'] as const)('with trace %s quiet firings are not kept', (trace) => {
    const journal = createMemoryJournal()
    void bench({ a: nothing }, { journal, trace }).fire()
    expect(journal.runs()).toEqual([])
  })

  test('gives the decision of the hook that has something to say', async () => {
    expect(bench({ a: nothing, b: () => hook.cancel('no') }).fire()).toMatchObject({ type: 'cancel', hook: 'b' })
    expect(await bench({ a: later, b: () => hook.replace(7) }).fire()).toMatchObject({ type: 'replace', value: 7 })
  })

  test('stop() ends one that waits', async () => {
    const { fire, hooks } = bench({ a: hangs })
    const running = fire()
    await hooks.stop()
    expect(await running).toMatchObject({ type: 'cancel', code: 'RUN_ABORTED' })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('as soon as one has something to say', () => {
  test.each<[string, Handler, object]>([
    ['a change', () => hook.modified({ input: 2 }), { status: 'completed', output: 2 }],
    ['a later change', async () => hook.modified({ input: 2 }), { status: 'completed', output: 2 }],
    ['a replacement', () => hook.replace('r'), { status: 'completed', output: 'r', attempts: 0 }],
    ['a redirect', () => hook.redirect('other'), { status: 'completed', output: 'other' }],
    ['a refusal', () => hook.cancel('no'), { status: 'cancelled', error: { code: 'HOOK_CANCELLED' } }],
    ['a later refusal', async () => hook.cancel('no'), { status: 'cancelled', error: { code: 'HOOK_CANCELLED' } }],
  ])('%s counts, and the hooks behind it are told', async (_, handler, expected) => {
    const proposals: unknown[] = []
    const { tool, order } = bench({
      before: nothing,
      says: handler,
      watch: [(ctx) => void proposals.push(ctx.proposal?.type), observer],
    })
    expect(await tool(1)).toMatchObject(expected)
    expect(order).toEqual(['before', 'says', 'watch'])
    expect(proposals).toHaveLength(1)
  })

  test('each hook is called once, and counted once', async () => {
    const { tool, counts } = bench({ a: nothing, b: later, c: () => hook.modified({ input: 2 }), d: [nothing, guard] })
    await tool(1)
    await tool(1)
    expect(counts()).toEqual({ a: 2, b: 2, c: 2, d: 2 })
  })

  test('guards see the change', async () => {
    const seen: unknown[] = []
    const { tool } = bench({
      a: () => hook.modified({ input: 2 }),
      g: [(ctx) => void seen.push(ctx.data.input), guard],
    })
    await tool(1)
    expect(seen).toEqual([2])
  })

  test.each<[string, Handler, string]>([
    [
      'throws',
      () => {
        throw new Error('x')
      },
      'HOOK_FAILED',
    ],
    ['rejects', () => Promise.reject(new Error('x')), 'HOOK_FAILED'],
    ['returns what is no result', () => 7, 'HOOK_INVALID_RESULT'],
    ['gives later what is no result', async () => 7, 'HOOK_INVALID_RESULT'],
  ])('one that %s is recorded and skipped; a guard refuses', async (_, handler, code) => {
    const open = await bench({ a: handler, b: nothing }).tool(1)
    expect(open).toMatchObject({ status: 'completed', output: 1 })
    expect(open.trace.find((entry) => entry.hook === 'a')).toMatchObject({ outcome: 'failed', code })
    expect(await bench({ a: [handler, guard] }).tool(1)).toMatchObject({
      status: 'cancelled',
      error: { code: 'GUARD_FAILED' },
    })
  })

  test('an observer that throws changes nothing', async () => {
    const throws = () => {
      throw new Error('x')
    }
    const { tool, order } = bench({ o: [throws, observer], p: [nothing, observer] })
    expect(await tool(1)).toMatchObject({ status: 'completed' })
    expect(order).toEqual(['o', 'p'])
  })
})

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

  test('a lone hook that is slow is found at once', async () => {
    const made = bench({ a: [takes(20), { breaker }] })
    await made.tool(1)
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
    for (let i = 0; i < 2; i++) {
      const running = made.tool(1)
      await vi.advanceTimersByTimeAsync(20)
      await running
    }
    expect(['a', 'b'].map((name) => state(made, name))).toEqual(['open', 'closed'])
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
