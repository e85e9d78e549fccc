/**
 * Rows of the list of defects in the system that this one is measured by. Each test is named after its row and shows
 * through the public API that the defect is not here. Rows of parts that do not stand yet have their tests there.
 */
import {
  blame,
  compose,
  createDistributedContext,
  createEnvelopes,
  createHooks,
  createMemoryJournal,
  defineHook,
  hook,
  parseDistributedContext,
  recordHook,
  replayExecution,
} from 'hookchart/hooks'
import type {
  Composite,
  HookContext,
  HookResult,
  RunResult,
  SerializedHookExecution,
  TraceEntry,
} from 'hookchart/hooks'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { bench, hangs, TOOL } from '../support/kernel.ts'

/** What a trace says of hooks: name, outcome and type of result. */
const said = (trace: readonly TraceEntry[]) =>
  trace.filter((entry) => entry.hook !== null).map((entry) => `${entry.hook} ${entry.outcome} ${entry.type}`)

describe('row 4: every result has an effect that can be seen, at wrap', () => {
  /** How a tool ends with one result at one of its points. Its input is 1, its output 10; it fails when asked to. */
  async function endWith(point: keyof typeof TOOL, result: HookResult, fails = false) {
    const { hooks, clock, seen } = bench()
    hooks.register(TOOL[point], seen.handler('x', result), { name: 'x' })
    let calls = 0
    const tool = hooks.wrap(
      { name: 'tool', ...TOOL, targets: { other: (input: number) => `other ${input}`, aside: () => 'aside' } },
      (input: number) => {
        calls++
        if (fails) throw new Error('broken')
        return input * 10
      },
    )
    const running = tool(1)
    if (result.type === 'suspend') await hooks.approvals.resume(hooks.approvals.pending()[0]!.id, hook.replace('asked'))
    await clock.advanceSteps(10_000)
    const { status, output, error, attempts } = await running
    return {
      status,
      calls,
      attempts,
      ...(output !== undefined && { output }),
      ...(error && { code: error.code }),
      seen,
    }
  }

  const fork = hook.fork([{ id: 'a', type: 'tool', target: 'aside' }])

  test.each<[keyof typeof TOOL, HookResult, boolean, object]>([
    ['before', hook.continue(), false, { status: 'completed', output: 10, calls: 1 }],
    ['before', hook.skipped(), false, { status: 'completed', output: 10, calls: 1 }],
    ['before', hook.modified({ input: 2 }), false, { status: 'completed', output: 20, calls: 1 }],
    ['before', hook.cancel('no'), false, { status: 'cancelled', code: 'HOOK_CANCELLED', calls: 0 }],
    ['before', hook.replace('r'), false, { status: 'completed', output: 'r', calls: 0 }],
    ['before', hook.redirect('other'), false, { status: 'completed', output: 'other 1', calls: 0 }],
    ['before', hook.retry({ maxAttempts: 2 }), false, { status: 'failed', code: 'ATTEMPTS_EXHAUSTED', calls: 0 }],
    ['before', fork, false, { status: 'completed', output: 10, calls: 1 }],
    ['before', hook.suspend({ question: 'go?' }), false, { status: 'completed', output: 'asked', calls: 0 }],
    ['after', hook.continue(), false, { status: 'completed', output: 10, calls: 1 }],
    ['after', hook.modified({ output: 2 }), false, { status: 'completed', output: 2, calls: 1 }],
    ['after', hook.cancel('no'), false, { status: 'failed', code: 'HOOK_CANCELLED', calls: 1 }],
    ['after', hook.replace('r'), false, { status: 'completed', output: 'r', calls: 1 }],
    ['after', hook.redirect('other'), false, { status: 'completed', output: 'other 10', calls: 1 }],
    ['after', hook.retry({ maxAttempts: 2 }), false, { status: 'failed', code: 'ATTEMPTS_EXHAUSTED', calls: 2 }],
    ['after', fork, false, { status: 'completed', output: 10, calls: 1 }],
    ['after', hook.suspend({ question: 'go?' }), false, { status: 'completed', output: 'asked', calls: 1 }],
    ['error', hook.continue(), true, { status: 'failed', code: 'EFFECT_FAILED', calls: 1 }],
    [
      'error',
      hook.modified({ error: { code: 'MINE', name: 'E', message: 'm', retryable: false } }),
      true,
      { status: 'failed', code: 'MINE', calls: 1 },
    ],
    ['error', hook.cancel('no'), true, { status: 'failed', code: 'HOOK_CANCELLED', calls: 1 }],
    ['error', hook.replace('r'), true, { status: 'completed', output: 'r', calls: 1 }],
    ['error', hook.redirect('other'), true, { status: 'completed', output: 'other 1', calls: 1 }],
    ['error', hook.retry({ maxAttempts: 2 }), true, { status: 'failed', code: 'ATTEMPTS_EXHAUSTED', calls: 2 }],
  ])('row 4 %s: %o', async (point, result, fails, expected) => {
    expect(await endWith(point, result, fails)).toMatchObject(expected)
  })

  test('row 4 the results of a fork are in the data of the hooks behind it', async () => {
    const { hooks, seen } = bench()
    hooks.register(TOOL.before, () => fork as never)
    hooks.register(TOOL.before, seen.handler('behind'))
    await hooks.wrap({ name: 'tool', ...TOOL, targets: { aside: () => 'aside' } }, () => 1)(undefined)
    expect(seen.calls[0]?.data).toMatchObject({ forks: { a: { status: 'completed', output: 'aside' } } })
  })

  test('row 4 a cached result is served without running the effect', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.cache({ key: 'k' }))
    let calls = 0
    const tool = hooks.wrap({ name: 'tool', ...TOOL }, () => ++calls)
    expect([(await tool(1)).output, (await tool(1)).output, (await tool(2)).output]).toEqual([1, 1, 2])
  })
})

describe('row 6: composites', () => {
  async function run(composite: Composite, input: unknown = { n: 0 }) {
    const { hooks } = bench()
    hooks.register(TOOL.before, composite, { name: 'all' })
    return hooks.wrap({ name: 'tool', ...TOOL }, (given: unknown) => given)(input)
  }
  const add = (ctx: HookContext) =>
    hook.modified({ input: { ...(ctx.data.input as object), n: (ctx.data.input as { n: number }).n + 1 } })
  const set = (name: string) => () =>
    hook.modified((draft: { input: Record<string, number> }) => {
      draft.input[name] = 1
    })
  const yes = () => hook.continue()
  const no = () => hook.cancel('no')

  test('row 6 sequential folds changes and ends with the first decision, not with the first change', async () => {
    expect((await run(compose.sequential(add, () => hook.skipped(), add))).output).toEqual({ n: 2 })
    const ended = await run(compose.sequential(add, no, add))
    expect(said(ended.trace)).toEqual([
      'all ok cancel',
      'all/add ok modified',
      'all/no ok cancel',
      'all/add not_run not_run',
    ])
  })

  test('row 6 parallel merges in declaration order; a change of one path by two is an error, not a loss', async () => {
    expect((await run(compose.parallel(set('b'), set('a')))).output).toEqual({
      n: 0,
      a: 1,
      b: 1,
    })
    const { trace } = await run(compose.parallel(add, add))
    expect(trace.find((entry) => entry.hook === 'all')).toMatchObject({ outcome: 'failed', code: 'HOOK_CONFLICT' })
  })

  test('row 6 first match is the first child whose condition holds and that has something to say', async () => {
    const never = defineHook({ name: 'never', handler: no, when: () => false })
    const { output } = await run(compose.firstMatch(never, yes, () => hook.skipped(), add, no))
    expect(output).toEqual({ n: 1 })
  })

  test.each([
    [0.5, 2, 4, 'completed'],
    [0.5, 3, 4, 'cancelled'],
    [0.6, 3, 5, 'cancelled'],
    [0.61, 3, 5, 'completed'],
    [1, 4, 5, 'completed'],
    [1, 5, 5, 'cancelled'],
  ])('row 6 voting at threshold %d with %i of %i against: %s', async (threshold, against, of, status) => {
    const children = Array.from({ length: of }, (_, i) => (i < against ? no : yes))
    expect((await run(compose.voting({ threshold }, children))).status).toBe(status)
  })

  test('row 6 votes count by the type of the result, whatever is in them', async () => {
    const { status, output } = await run(compose.voting([() => hook.replace('a'), () => hook.replace('b'), yes]))
    expect([status, output]).toEqual(['completed', 'a'])
  })

  test('row 6 they nest', async () => {
    const { output } = await run(compose.sequential(add, compose.firstMatch(yes, compose.parallel(set('x'), set('y')))))
    expect(output).toEqual({ n: 1, x: 1, y: 1 })
  })
})

test('row 9 what is recorded is persisted by the executor’s hooks, comes back from JSON, and replays identically', async () => {
  const clock = createTestClock()
  const hooks = createHooks({ clock, ids: createTestIds() })
  const store: string[] = []
  const handler = (ctx: HookContext<'BeforeToolExecution'>) => {
    const input = Number(ctx.data.input)
    if (input < 0) return hook.cancel('negative')
    return input > 9 ? hook.replace('many') : hook.modified({ input: input + 1 })
  }
  const definition = { name: 'limit', points: TOOL.before, handler } as const
  hooks.use(recordHook(definition, { onExecution: (execution) => store.push(JSON.stringify(execution)), clock }))
  const tool = hooks.wrap({ name: 'tool', ...TOOL }, (n: number) => n)
  const outcomes: unknown[] = []
  for (const n of [-1, 1, 10]) outcomes.push((await tool(n)).output)
  expect(outcomes).toEqual([undefined, 2, 'many'])
  expect(store).toHaveLength(3)
  for (const text of store) {
    const report = await replayExecution(JSON.parse(text) as SerializedHookExecution, definition)
    expect(report).toMatchObject({ identical: true, differences: [], similarityRatio: 1 })
  }
  const changed = { ...definition, handler: () => hook.cancel('all') }
  const { identical } = await replayExecution(JSON.parse(store[1]!) as SerializedHookExecution, changed)
  expect(identical).toBe(false)
})

test('row 15 a hung hook is aborted at its limit and counted, and the chain goes on', async () => {
  const { hooks, clock, seen } = bench()
  const signals: AbortSignal[] = []
  hooks.register(
    TOOL.before,
    (ctx) => {
      signals.push(ctx.signal)
      return hangs()
    },
    { name: 'hung', timeoutMs: 100 },
  )
  hooks.register(TOOL.before, seen.handler('next'), { name: 'next' })
  const running = hooks.wrap({ name: 'tool', ...TOOL }, () => 'done')(undefined)
  await clock.advance(99)
  expect([signals[0]?.aborted, seen.order]).toEqual([false, []])
  await clock.advance(1)
  const { status, output, trace } = await running
  expect([status, output, signals[0]?.aborted]).toEqual(['completed', 'done', true])
  expect(said(trace)).toEqual(['hung timed_out failed', 'next ok continue'])
  expect(hooks.stats().perHook).toMatchObject([
    { hook: 'hung', count: 1, timeouts: 1 },
    { hook: 'next', count: 1, timeouts: 0 },
  ])
})

describe('row 22: retries', () => {
  const failing = (maxAttempts: number) => {
    const { hooks, clock } = bench()
    hooks.register(TOOL.error, () => hook.retry({ delayMs: 10, maxAttempts }))
    const starts: string[] = []
    const tool = hooks.wrap({ name: 'tool', ...TOOL }, (name: string, { attempt }) => {
      starts.push(`${name}${attempt}`)
      throw new Error('broken')
    })
    return { clock, starts, tool }
  }

  test.each([1, 2, 3, 5])('row 22 %i attempts means as many starts of the effect', async (maxAttempts) => {
    const { clock, starts, tool } = failing(maxAttempts)
    const running = tool('a')
    await clock.advanceSteps(1_000)
    expect(await running).toMatchObject({ status: 'failed', attempts: maxAttempts })
    expect(starts).toEqual(Array.from({ length: maxAttempts }, (_, i) => `a${i + 1}`))
  })

  test('row 22 each operation counts for itself: at the same time, and one after another', async () => {
    const { clock, starts, tool } = failing(2)
    const running = [tool('a', { correlationId: 'A' }), tool('b', { correlationId: 'B' })]
    await clock.advanceSteps(1_000)
    const again = tool('a', { correlationId: 'A' })
    await clock.advanceSteps(1_000)
    for (const each of [...running, again]) expect(await each).toMatchObject({ attempts: 2 })
    expect(starts.toSorted()).toEqual(['a1', 'a1', 'a2', 'a2', 'b1', 'b2'])
  })
})

describe('row 23: distributed contexts', () => {
  const planner = { nodeId: 'berlin-1', agentId: 'planner' }

  /** A context made by a hook that runs. */
  async function made(data: object = { n: 1, deep: [{ a: null }], text: 'ä "quoted" \u2028' }) {
    const { hooks } = bench()
    let context: ReturnType<typeof createDistributedContext> | undefined
    hooks.register(TOOL.before, (ctx) => {
      context = createDistributedContext({
        source: planner,
        targets: [{ nodeId: 'oslo-2', agentId: 'auditor' }],
        hook: ctx,
        metadata: { why: 'test' },
      })
    })
    await hooks.wrap({ name: 'tool', ...TOOL }, () => 1)(data)
    return context!
  }

  test('row 23 a context is the same after JSON', async () => {
    const context = await made()
    expect(parseDistributedContext(JSON.stringify(context))).toEqual(context)
    expect(parseDistributedContext(JSON.parse(JSON.stringify(context)))).toEqual(context)
    expect(JSON.stringify(parseDistributedContext(JSON.stringify(context)))).toBe(JSON.stringify(context))
  })

  test('row 23 so is a sealed envelope, and everything else that goes to a store', async () => {
    const key = 'a key that both nodes know'
    const clock = createTestClock(1_000)
    const context = await made()
    const sealed = JSON.stringify(createEnvelopes({ key, clock }).seal(context))
    expect(createEnvelopes({ key, clock }).open(sealed)).toEqual(context)
    const journal = createMemoryJournal()
    const { hooks } = bench({ journal })
    hooks.register(TOOL.before, () => hook.modified({ input: { n: 2 } }), { name: 'x' })
    const result = await hooks.wrap({ name: 'tool', ...TOOL }, (input: unknown) => input)({ n: 1 })
    for (const value of [result, journal.read(result.id), journal.runs(), hooks.stats(), hooks.list()]) {
      expect(JSON.parse(JSON.stringify(value))).toEqual(value)
    }
  })

  test.each([
    ['at the skew that is allowed', 30_000, undefined],
    ['further ahead', 30_001, 'CONTEXT_EXPIRED'],
    ['far ahead', 10_000_000, 'CONTEXT_EXPIRED'],
  ])('row 23 an envelope from the future, %s', async (_, aheadMs, code) => {
    const key = 'a key that both nodes know'
    const sealed = createEnvelopes({ key, clock: createTestClock(1_000 + aheadMs) }).seal(await made())
    const open = () => createEnvelopes({ key, clock: createTestClock(1_000) }).open(sealed)
    if (code === undefined) expect(open()).toBeDefined()
    else expect(open).toThrow(expect.objectContaining({ code }))
  })
})

describe('row 25: a hook that fails', () => {
  const throws = () => {
    throw new Error('broken')
  }

  async function run(options: object) {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.modified({ input: 'first' }, { state: { first: true } }), { name: 'first' })
    hooks.register(TOOL.before, throws, { name: 'fails', ...options })
    hooks.register(TOOL.before, () => undefined, { name: 'last' })
    return hooks.wrap({ name: 'tool', ...TOOL }, (input: unknown) => input)('given')
  }

  test('row 25 takes no earlier result with it; its error is an entry of the trace', async () => {
    const { output, state, trace } = await run({})
    expect([output, state]).toEqual(['first', { first: true }])
    expect(said(trace)).toEqual(['first ok modified', 'fails failed failed', 'last ok continue'])
    expect(trace.find((entry) => entry.hook === 'fails')).toMatchObject({ code: 'HOOK_FAILED' })
    expect(blame(trace, 'input')?.hook).toBe('first')
  })

  test.each([
    [{}, 'completed'],
    [{ onFailure: 'open' }, 'completed'],
    [{ onFailure: 'closed' }, 'cancelled'],
    [{ kind: 'guard' }, 'cancelled'],
    [{ kind: 'observe' }, 'completed'],
  ])('row 25 what that means is up to its options: %j is %s', async (options, status) => {
    const result = await run(options)
    expect(result.status).toBe(status)
    expect(said(result.trace)).toContain('first ok modified')
  })
})

describe('row 27: options', () => {
  const nothing = () => undefined
  const { hooks } = bench()
  const wrapped = hooks.wrap({ name: 'tool', ...TOOL }, nothing)

  test.each<[string, () => unknown]>([
    ['createHooks', () => createHooks({ max_concurrency: 1 } as never)],
    ['executor', () => createHooks({ executor: { max_execution_time: 1 } as never })],
    ['executor.points', () => createHooks({ executor: { points: { ToolError: { timeout_ms: 1 } as never } } })],
    ['register', () => hooks.register('ToolError', nothing, { timeout_ms: 1 } as never)],
    ['match', () => hooks.register('ToolError', nothing, { match: { tool: 'x' } as never })],
    ['breaker', () => hooks.register('ToolError', nothing, { breaker: { failure_window: 1 } as never })],
    ['defineHook', () => defineHook({ handler: nothing, stop_on_error: true } as never)],
    ['compose.parallel', () => compose.parallel({ continue_on_error: true } as never, nothing)],
    ['compose.voting', () => compose.voting({ require_all_votes: true } as never, nothing)],
    ['compose.sequential', () => compose.sequential({ stop_on_modified: true }, nothing)],
    ['wrap', () => hooks.wrap({ name: 'x', error_strategy: 'retry' } as never, nothing)],
    ['execute', () => wrapped(undefined, { timeout_ms: 1 } as never)],
    ['list', () => hooks.list({ enabled: true } as never)],
    ['createMemoryJournal', () => createMemoryJournal({ max: 1 } as never)],
    ['createEnvelopes', () => createEnvelopes({ key: 'x'.repeat(16), max_age: 1 } as never)],
    ['recordHook', () => recordHook({ name: 'x', handler: nothing }, { onExecution: nothing, persist: true } as never)],
  ])('row 27 an unknown one of %s is refused, never accepted and ignored', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  })

  test('row 27 an unknown one of run is refused', () => {
    hooks.register('AgentError', nothing, { name: 'here' })
    expect(() => hooks.run('AgentError', {} as never, { corelationId: 'x' } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    )
  })

  test('row 27 timeouts are obeyed here: of all points, and of some', async () => {
    const { hooks: own, clock } = bench({ executor: { timeoutMs: 50, points: { ToolError: { timeoutMs: 20 } } } })
    own.register([TOOL.before, TOOL.error], hangs, { name: 'hung' })
    const running = own.wrap({ name: 'tool', ...TOOL }, () => Promise.reject(new Error('broken')))(undefined, {
      timeoutMs: 500,
    })
    await clock.advance(50)
    await clock.advance(20)
    const { trace, durationMs } = (await running) as RunResult
    expect(durationMs).toBe(70)
    expect(trace.filter((entry) => entry.hook === 'hung').map((entry) => entry.durationMs)).toEqual([50, 20])
  })
})

describe('row 30: overhead', () => {
  function measured(budget: number | false, hookMs: number, effectMs: number) {
    const { hooks, clock } = bench({ executor: { breaker: false, overheadBudget: budget } })
    hooks.register(TOOL.before, () => void clock.advance(hookMs), { name: 'costs' })
    const tool = hooks.wrap({ name: 'tool', ...TOOL }, () => void clock.advance(effectMs))
    return { hooks, tool }
  }

  test('row 30 is a share of the time that the same operations take themselves', async () => {
    const { hooks, tool } = measured(0.5, 20, 100)
    for (let i = 0; i < 100; i++) await tool(undefined)
    expect(hooks.stats().overhead).toEqual([{ budget: 0.5, share: 0.2, operations: 0, shed: [] }])
    expect(hooks.stats().perHook[0]?.shareRatio).toBeCloseTo(0.2)
  })

  test('row 30 over the budget something happens', async () => {
    const { hooks, tool } = measured(0.1, 20, 100)
    for (let i = 0; i < 100; i++) await tool(undefined)
    expect(hooks.stats().overhead[0]?.shed).toEqual([{ hook: 'costs', point: 'BeforeToolExecution' }])
  })

  test('row 30 a hook that is turned off costs nothing: nothing of it runs, and no timer is set', async () => {
    const { hooks, clock, seen } = bench()
    const handle = hooks.register(TOOL.before, seen.handler('x'), { name: 'x', when: seen.handler('when') as never })
    handle.disable()
    const tool = hooks.wrap({ name: 'tool', ...TOOL }, () => 1)
    const result = tool(undefined)
    expect(result).not.toBeInstanceOf(Promise)
    expect((result as RunResult).trace.map(({ kind }) => kind)).toEqual(['operation', 'effect'])
    expect([seen.order, clock.timers]).toEqual([[], 0])
    hooks.setEnabled(false)
    handle.enable()
    await tool(undefined)
    expect(seen.order).toEqual([])
  })
})

describe('row 31: hooks that run', () => {
  test('row 31 the trace says which ran, in which order, and what each did', async () => {
    const { hooks } = bench()
    const seen = recorder()
    hooks.register(TOOL.after, seen.handler('after', hook.modified({ output: 'changed' })), { name: 'after' })
    hooks.register(TOOL.before, seen.handler('guard'), { name: 'guard', kind: 'guard' })
    hooks.register(TOOL.before, seen.handler('change', hook.modified({ input: 2 })), { name: 'change' })
    hooks.register('OperationSettled', seen.handler('settled'), { name: 'settled' })
    const { output, trace } = await hooks.wrap({ name: 'tool', ...TOOL }, (n: number) => n)(1)
    expect(output).toBe('changed')
    expect(seen.order).toEqual(['change', 'guard', 'after', 'settled'])
    expect(said(trace)).toEqual(['change ok modified', 'guard ok continue', 'after ok modified', 'settled ok observe'])
  })

  test('row 31 a hook that did not run cannot look as if it had', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => undefined, { name: 'when', when: () => false })
    hooks.register(TOOL.before, () => hook.replace(1), { name: 'replace' })
    hooks.register(TOOL.before, () => undefined, { name: 'behind' })
    const { trace } = await hooks.wrap({ name: 'tool', ...TOOL }, () => 1)(undefined)
    expect(said(trace)).toEqual(['when skipped skipped', 'replace ok replace', 'behind not_run not_run'])
    expect(hooks.stats().perHook.map(({ hook: name, count, skipped }) => [name, count, skipped])).toEqual([
      ['when', 0, 1],
      ['replace', 1, 0],
      ['behind', 0, 0],
    ])
  })
})
