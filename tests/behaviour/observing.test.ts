/** What can be seen: observers, traces, blame, the journal, figures, the overhead budget. And how it all stops. */
import {
  blame,
  createHooks,
  createMemoryJournal,
  definePoint,
  hook,
  isHookchartError,
  redoChanges,
  undoChanges,
  unwrap,
} from 'hookchart/hooks'
import type { Journal, JournalEntry, RunJournal } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bench, deferred, hangs, TOOL } from '../support/kernel.ts'

describe('observers', () => {
  test('no run waits for one; idle() does', async () => {
    const { hooks } = bench()
    const gate = deferred()
    let done = false
    hooks.register(
      'AfterToolExecution',
      async () => {
        await gate.promise
        done = true
      },
      { name: 'slow', kind: 'observe' },
    )
    const result = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(result).toMatchObject({ status: 'completed' })
    expect(hooks.stats().observing).toBe(1)
    let idle = false
    const waiting = hooks.idle().then(() => (idle = true))
    await null
    expect(idle).toBe(false)
    gate.resolve()
    await waiting
    expect(done).toBe(true)
    expect(hooks.stats().observing).toBe(0)
  })

  test('one that rejects or hangs is recorded, never unhandled', async () => {
    const { hooks, clock } = bench()
    hooks.register(
      'AfterToolExecution',
      async () => {
        throw new Error('x')
      },
      { name: 'rejects', kind: 'observe' },
    )
    hooks.register('AfterToolExecution', hangs, { name: 'hangs', kind: 'observe' })
    void hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    await clock.advanceSteps(5_000)
    await hooks.idle()
    expect(hooks.stats().perHook.map(({ hook: name, errors, timeouts }) => [name, errors, timeouts])).toEqual([
      ['rejects', 1, 0],
      ['hangs', 0, 1],
    ])
  })

  test('OperationSettled fires last, once, on every ending, and cannot change it', async () => {
    const { hooks, seen } = bench()
    hooks.register('OperationSettled', seen.handler('settled', hook.cancel('no')))
    const ok = hooks.wrap({ name: 'ok' }, () => new Date(0))
    const bad = hooks.wrap({ name: 'bad' }, () => {
      throw new Error('boom')
    })
    expect(await ok(undefined)).toMatchObject({ status: 'completed', output: new Date(0) })
    await bad(undefined)
    expect(seen.calls.map(({ data }) => data)).toEqual([
      { status: 'completed', attempts: 1, durationMs: 0 },
      {
        status: 'failed',
        attempts: 1,
        durationMs: 0,
        error: { code: 'EFFECT_FAILED', name: 'Error', message: 'boom', retryable: false },
      },
    ])
  })
})

describe('traces', () => {
  test('say what each operation, gate, hook and effect did, as one tree', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.modified({ input: 2 }), { name: 'change' })
    hooks.register('BeforeToolExecution', () => undefined, { name: 'guard', kind: 'guard' })
    const { trace } = await hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n)(1)
    expect(trace).toEqual([
      {
        seq: 0,
        at: 0,
        point: null,
        component: 'work',
        hook: null,
        kind: 'operation',
        type: 'completed',
        durationMs: 0,
        outcome: 'ok',
        parent: null,
      },
      {
        seq: 1,
        at: 0,
        point: 'BeforeToolExecution',
        component: 'work',
        hook: null,
        kind: 'gate',
        type: 'modified',
        durationMs: 0,
        outcome: 'ok',
        parent: 0,
      },
      {
        seq: 2,
        at: 0,
        point: 'BeforeToolExecution',
        component: 'work',
        hook: 'change',
        kind: 'transform',
        type: 'modified',
        durationMs: 0,
        outcome: 'ok',
        parent: 1,
        patches: [{ op: 'replace', path: ['input'], value: 2 }],
        inversePatches: [{ op: 'replace', path: ['input'], value: 1 }],
      },
      {
        seq: 3,
        at: 0,
        point: 'BeforeToolExecution',
        component: 'work',
        hook: 'guard',
        kind: 'guard',
        type: 'continue',
        durationMs: 0,
        outcome: 'ok',
        parent: 1,
      },
      {
        seq: 4,
        at: 0,
        point: null,
        component: 'work',
        hook: null,
        kind: 'effect',
        type: 'completed',
        durationMs: 0,
        outcome: 'ok',
        attempt: 1,
        parent: 0,
      },
    ])
  })

  test('a result survives JSON, and looks the same before and after', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.modified({ input: { a: 1 } }))
    const result = await hooks.wrap({ name: 'work', ...TOOL }, (given: unknown) => given)(
      {},
      { metadata: { userId: 'u' } },
    )
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    expect(structuredClone(result)).toEqual(result)
    const failed = await hooks.wrap({ name: 'fails' }, () => {
      throw Object.assign(new Error('x'), { code: 'E1' })
    })(undefined)
    const copy = JSON.parse(JSON.stringify(failed)) as typeof failed
    expect(copy.error).toEqual({
      code: 'E1',
      name: 'Error',
      message: 'x',
      retryable: false,
      cause: { code: 'E1', name: 'Error', message: 'x', retryable: false },
    })
    expect(() => unwrap(copy)).toThrow('x')
  })

  test('off: none; decisions: only what decided, changed or failed', async () => {
    const traceWith = async (trace: 'full' | 'decisions' | 'off') => {
      const { hooks } = bench({ trace })
      hooks.register('BeforeToolExecution', () => undefined, { name: 'quiet' })
      hooks.register('BeforeToolExecution', () => hook.modified({ input: 1 }), { name: 'change' })
      hooks.register(
        'AfterToolExecution',
        () => {
          throw new Error()
        },
        { name: 'broken' },
      )
      const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
      return result.trace.map(({ hook: name, kind }) => name ?? kind)
    }
    expect(await traceWith('full')).toEqual(['operation', 'gate', 'quiet', 'change', 'effect', 'gate', 'broken'])
    expect(await traceWith('decisions')).toEqual(['operation', 'gate', 'change', 'effect', 'gate', 'broken'])
    expect(await traceWith('off')).toEqual([])
  })

  test('are bounded; what is cut is counted', async () => {
    const { hooks } = bench({ maxTraceEntries: 5 })
    for (let i = 0; i < 10; i++) hooks.register('BeforeToolExecution', () => undefined)
    const { trace } = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(trace).toHaveLength(6)
    expect(trace.at(-1)).toMatchObject({ kind: 'cut', message: '8 more entries', seq: 5, parent: 0 })
  })

  test('a nested operation has its own part of the trace', async () => {
    const { hooks } = bench()
    const child = hooks.wrap({ name: 'child' }, () => 1)
    let inner: readonly { readonly kind: string; readonly parent: number | null }[] = []
    const work = hooks.wrap(
      { name: 'work' },
      async (_: undefined, call) => void (inner = (await child(undefined, { parent: call })).trace),
    )
    await work(undefined)
    expect(inner.map(({ kind, parent }) => [kind, parent])).toEqual([
      ['operation', null],
      ['effect', 0],
    ])
  })
})

describe('blame and undo', () => {
  async function changed() {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.modified({ input: { url: 'a', n: 1 } }), { name: 'first' })
    hooks.register('BeforeToolExecution', (ctx) => hook.modified({ input: { ...(ctx.data.input as object), n: 2 } }), {
      name: 'second',
    })
    hooks.register(
      'BeforeToolExecution',
      () =>
        hook.modified((draft: { input: { list?: number[] } }) => {
          draft.input.list = [1]
          draft.input.list.push(2)
        }),
      { name: 'third' },
    )
    return hooks.wrap({ name: 'work', ...TOOL }, (given: unknown) => given)({ url: 'x' })
  }

  test('blame tells which hook made a field what it is', async () => {
    const { trace } = await changed()
    expect(
      ['input.url', 'input.n', 'input.list', ['input', 'list', 1], 'input', 'output', 'input.nope'].map(
        (path) => blame(trace, path)?.hook,
      ),
    ).toEqual(['first', 'second', 'third', 'third', 'third', undefined, undefined])
  })

  test('changes can be made again and taken back', async () => {
    const { trace, output } = await changed()
    const before = { input: { url: 'x' }, tool: {} }
    const after = redoChanges(before, trace, 'BeforeToolExecution')
    expect(after.input).toEqual(output)
    expect(undoChanges(after, trace, 'BeforeToolExecution')).toEqual(before)
    expect(before).toEqual({ input: { url: 'x' }, tool: {} })
  })
})

describe('the journal', () => {
  test('has every run: operations, gates with their hooks and decisions, effects, endings; in order, without gaps', async () => {
    const journal = createMemoryJournal()
    const { hooks } = bench({ journal })
    hooks.register('BeforeToolExecution', () => hook.modified({ input: 2 }), { name: 'change' })
    await hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n)(1, { correlationId: 'c', idempotencyKey: 'k' })
    const records = journal.read('id-1')
    expect(records.map(({ index, type }) => `${index} ${type}`)).toEqual([
      '0 operation',
      '1 gate',
      '2 effect',
      '3 effect_settled',
      '4 settled',
    ])
    expect(records).toMatchObject([
      { version: 1, run: 'id-1', operation: 'id-1', component: { name: 'work' } },
      {
        point: 'BeforeToolExecution',
        decision: 'modified',
        gatePass: 1,
        hooks: [{ hook: 'change', type: 'modified', patches: [{ value: 2 }] }],
      },
      { attempt: 1, idempotencyKey: 'k' },
      { attempt: 1, status: 'completed' },
      { status: 'completed' },
    ])
    expect(JSON.parse(JSON.stringify(records))).toEqual(records)
    expect(journal.runs()).toEqual([{ run: 'id-1', correlationId: 'c', finished: true, records: 5 }])
  })

  test('a firing outside an operation is a run of one record', async () => {
    const journal = createMemoryJournal()
    const { hooks } = bench({ journal })
    hooks.register('BeforeToolExecution', () => hook.cancel('no'), { name: 'x' })
    await hooks.run('BeforeToolExecution', { input: 1 } as never)
    expect(journal.read('id-1')).toMatchObject([{ type: 'gate', decision: 'cancel', hook: 'x' }])
  })

  test('keeps unfinished runs and the last finished ones', async () => {
    const journal = createMemoryJournal({ maxFinishedRuns: 2 })
    const { hooks } = bench({ journal })
    const gate = deferred()
    const work = hooks.wrap({ name: 'work' }, (wait: boolean) => (wait ? gate.promise : undefined))
    const waiting = work(true)
    for (let i = 0; i < 3; i++) await work(false)
    expect(journal.runs().map(({ run, finished }) => [run, finished])).toEqual([
      ['id-3', true],
      ['id-4', true],
      ['id-1', false],
    ])
    expect(journal.read('id-2')).toEqual([])
    gate.resolve()
    await waiting
    expect(journal.runs().map(({ run }) => run)).toEqual(['id-4', 'id-1'])
    expect(() => createMemoryJournal({ maxFinishedRuns: 0 })).toThrow('maxFinishedRuns')
  })

  test('an effect starts only after what led to it is durable', async () => {
    const order: string[] = []
    const commits = [deferred(), deferred()]
    const run: RunJournal = {
      append: (entry: JournalEntry) => void order.push(entry.toRecord().type),
      commit: () => {
        order.push('commit')
        return commits.shift()?.promise
      },
      close: () => void order.push('close'),
    }
    const journal: Journal = { open: () => run, append: () => undefined, read: () => [], runs: () => [] }
    const { hooks, clock } = bench({ journal })
    const [before, after] = commits
    const running = hooks.wrap({ name: 'work' }, () => void order.push('runs'))(undefined)
    await clock.settle()
    expect(order).toEqual(['operation', 'effect', 'commit'])
    before!.resolve()
    await clock.settle()
    expect(order.slice(3)).toEqual(['runs', 'effect_settled', 'settled', 'commit'])
    after!.resolve()
    await running
    expect(order.at(-1)).toBe('close')
  })
})

describe('figures', () => {
  test('per hook and point: calls, failures, skips, durations over a window, share of the operations’ time', async () => {
    const { hooks, clock } = bench({ executor: { breaker: false } })
    const takes = [1, 2, 3, 4, 90]
    let call = 0
    hooks.register(
      'BeforeToolExecution',
      () => {
        void clock.advance(takes[call++]!)
        if (call === 5) throw new Error()
      },
      { name: 'x', when: (ctx) => ctx.data.input !== 'skip' },
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => void clock.advance(100))
    for (let i = 0; i < 5; i++) await work(undefined)
    await work('skip')
    expect(hooks.stats().perHook).toEqual([
      {
        hook: 'x',
        point: 'BeforeToolExecution',
        count: 5,
        errors: 1,
        timeouts: 0,
        skipped: 1,
        samples: 5,
        minMs: 1,
        maxMs: 90,
        meanMs: 20,
        p50Ms: 3,
        p95Ms: 90,
        p99Ms: 90,
        shareRatio: 100 / 600,
      },
    ])
    await clock.advance(3_600_001)
    expect(hooks.stats().perHook).toMatchObject([{ count: 5, samples: 0, meanMs: 0 }])
  })

  test('counts hooks by point and language', () => {
    const { hooks } = bench()
    hooks.register(['ToolError', 'AgentError'], () => undefined, { language: 'lua' })
    hooks.register('ToolError', () => undefined)
    expect(hooks.stats()).toMatchObject({
      hooks: 2,
      byPoint: { ToolError: 2, AgentError: 1 },
      byLanguage: { lua: 1, native: 1 },
      pending: 0,
    })
  })
})

describe('the overhead budget', () => {
  function costly(executor?: object) {
    const all = bench({ executor: { breaker: false, ...executor } })
    const { hooks, clock, seen } = all
    const costs = (name: string, ms: number) => seen.handler(name, () => void clock.advance(ms))
    hooks.register('BeforeToolExecution', costs('guard', 3), { name: 'guard', kind: 'guard' })
    hooks.register('BeforeToolExecution', costs('closed', 3), { name: 'closed', onFailure: 'closed' })
    hooks.register('BeforeToolExecution', costs('vital', 1), { name: 'vital', criticality: 10 })
    hooks.register('BeforeToolExecution', costs('trifle', 20), { name: 'trifle', criticality: -1 })
    hooks.register('BeforeToolExecution', costs('watch', 5), { name: 'watch', kind: 'observe' })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => void clock.advance(100))
    return { ...all, work, shed: () => hooks.stats().overhead.flatMap(({ shed }) => shed.map((each) => each.hook)) }
  }

  test('sheds the least critical first until hooks are back under it; guards and closed transforms never', async () => {
    const { work, seen, shed, hooks } = costly({ overheadBudget: 0.1 })
    const exceeded: unknown[] = []
    hooks.register('PerformanceThresholdExceeded', (ctx) => void exceeded.push(ctx.data))
    for (let i = 0; i < 100; i++) await work(undefined)
    expect(shed()).toEqual(['trifle', 'watch'])
    expect(exceeded).toEqual([{ metric: 'hook_overhead', value: 0.32, threshold: 0.1, hooks: ['trifle', 'watch'] }])
    seen.clear()
    const result = await work(undefined)
    expect(seen.order).toEqual(['closed', 'vital', 'guard'])
    expect(
      result.trace.filter(({ outcome }) => outcome === 'skipped').map(({ hook: name, message }) => [name, message]),
    ).toEqual([
      ['trifle', 'shed: hooks cost more than their budget'],
      ['watch', 'shed: hooks cost more than their budget'],
    ])
    expect(
      hooks
        .explain('BeforeToolExecution')
        .hooks.filter((each) => each.shed)
        .map(({ name }) => name),
    ).toEqual(['trifle', 'watch'])
  })

  test('it is judged over at least 100 operations of 1 ms or more', async () => {
    const { work, shed } = costly()
    for (let i = 0; i < 99; i++) await work(undefined)
    expect(shed()).toEqual([])
    const { hooks, clock } = bench({ executor: { breaker: false } })
    hooks.register('BeforeToolExecution', () => void clock.advance(50), { name: 'x' })
    const quick = hooks.wrap({ name: 'quick', ...TOOL }, () => void clock.advance(0.9))
    for (let i = 0; i < 200; i++) await quick(undefined)
    expect(hooks.stats().overhead).toEqual([])
  })

  test('hooks come back when they fit, or to be tried again', async () => {
    const { hooks, clock, seen } = bench({ executor: { breaker: false, overheadBudget: 0.1 } })
    let ms = 20
    hooks.register(
      'BeforeToolExecution',
      seen.handler('x', () => void clock.advance(ms)),
      { name: 'x' },
    )
    hooks.register('BeforeToolExecution', seen.handler('y'), { name: 'y', criticality: 1 })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => void clock.advance(100))
    const window = async () => {
      for (let i = 0; i < 100; i++) await work(undefined)
      return hooks.stats().overhead[0]!.shed.length
    }
    expect(await window()).toBe(1)
    ms = 1
    for (let i = 0; i < 9; i++) expect(await window()).toBe(1)
    expect(await window()).toBe(0)
    expect(await window()).toBe(0)
  })

  test('false turns it off; points can have their own', async () => {
    const off = costly({ overheadBudget: false })
    for (let i = 0; i < 100; i++) await off.work(undefined)
    expect(off.shed()).toEqual([])
    const own = costly({ overheadBudget: false, points: { BeforeToolExecution: { overheadBudget: 0.1 } } })
    for (let i = 0; i < 100; i++) await own.work(undefined)
    expect(own.shed()).toEqual(['trifle', 'watch'])
  })
})

describe('run', () => {
  test('without a hook nothing happens, and the decision is the same every time', () => {
    const { hooks } = bench()
    const first = hooks.run('BeforeToolExecution', { input: 1 } as never)
    expect(first).toEqual({ type: 'continue' })
    expect(hooks.run('ToolError', {} as never)).toBe(first)
    expect(Object.isFrozen(first)).toBe(true)
  })

  test('gives each decision, at once when all hooks are synchronous', async () => {
    const point = definePoint('p', { phase: 'before' })
    const decide = (result: unknown) => {
      const { hooks } = bench()
      hooks.register(point, () => result as never, { name: 'h' })
      return hooks.run(point, { n: 1 })
    }
    expect(decide(undefined)).toEqual({ type: 'continue' })
    expect(decide(hook.modified({ n: 2 }))).toEqual({ type: 'modified', data: { n: 2 } })
    expect(decide(hook.replace(3, { message: 'm' }))).toEqual({
      type: 'replace',
      value: 3,
      hook: 'h',
      data: { n: 1 },
      message: 'm',
    })
    expect(decide(hook.redirect('t'))).toEqual({ type: 'redirect', target: 't', hook: 'h', data: { n: 1 } })
    expect(decide(hook.retry({ delayMs: '2s' }))).toEqual({
      type: 'retry',
      delayMs: 2_000,
      maxAttempts: 3,
      hook: 'h',
      data: { n: 1 },
    })
    expect(decide(hook.cancel('c'))).toEqual({
      type: 'cancel',
      code: 'HOOK_CANCELLED',
      reason: 'c',
      hook: 'h',
      data: { n: 1 },
    })
    expect(await decide(Promise.resolve(hook.cancel()))).toMatchObject({ type: 'cancel', reason: 'no reason given' })
    expect(() => decide(hook.fork([{ id: 'a', type: 'tool', target: 't' }]))).toThrow('"t"')
  })

  test('data that does not fit the schema of the point', async () => {
    const point = definePoint('p', { phase: 'before', schema: z.object({ n: z.number() }) })
    const later = definePoint('q', {
      phase: 'before',
      schema: z.object({ n: z.number() }).refine(async ({ n }) => n > 0),
    })
    const { hooks } = bench()
    hooks.register([point, later], () => undefined)
    expect(() => hooks.run(point, { n: 'x' } as never)).toThrow('does not fit its schema')
    await expect(hooks.run(later, { n: 0 })).rejects.toMatchObject({ code: 'POINT_DATA_INVALID' })
    expect(await hooks.run(later, { n: 1 })).toEqual({ type: 'continue' })
  })

  test('component, correlation id and metadata reach the hooks', async () => {
    const { hooks, seen } = bench()
    hooks.register(
      'BeforeToolExecution',
      seen.handler('x', (ctx) => expect(ctx.metadata).toEqual({ u: 1 })),
      { match: { component: 'fetch' } },
    )
    await hooks.run('BeforeToolExecution', { input: 1 } as never, {
      component: { type: 'tool', name: 'fetch' },
      correlationId: 'c',
      metadata: { u: 1 },
    })
    await hooks.run('BeforeToolExecution', { input: 1 } as never)
    expect(seen.calls).toMatchObject([{ component: 'fetch', correlationId: 'c' }])
  })
})

describe('stop', () => {
  test('takes no new work, aborts what runs, and leaves no timer', async () => {
    const { hooks, clock } = bench()
    hooks.register('BeforeToolExecution', hangs, { name: 'a' })
    hooks.register('AfterAgentExecution', hangs, { name: 'b', kind: 'observe' })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    const running = work(undefined)
    const firing = hooks.run('BeforeToolExecution', { input: 1 } as never)
    await hooks.wrap({ name: 'agent', after: 'AfterAgentExecution' }, () => 1)(undefined)
    await hooks.stop()
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    expect(await firing).toMatchObject({ type: 'cancel', code: 'RUN_ABORTED' })
    expect(hooks.stats().observing).toBe(0)
    expect(clock.timers).toBe(0)
    expect(() => work(undefined)).toThrow('stopped')
    expect(() => hooks.run('BeforeToolExecution', { input: 1 } as never)).toThrow(
      expect.objectContaining({ code: 'HOOKS_STOPPED' }) as Error,
    )
  })

  test('by await using', async () => {
    let kept
    {
      await using hooks = createHooks()
      kept = hooks
    }
    try {
      await kept.wrap({ name: 'x' }, () => 1)(undefined)
      expect.unreachable()
    } catch (error) {
      expect(isHookchartError(error, 'HOOKS_STOPPED')).toBe(true)
    }
  })
})
