import { createHooks, definePoint, hook, HookchartError, recordHook, replayExecution } from 'hookchart/hooks'
import type { HookContext, RecordHookOptions, ReplayableHook, SerializedHookExecution } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { hangs } from '../support/kernel.ts'

const POINT = 'BeforeToolExecution'
type Hook = ReplayableHook<'BeforeToolExecution'>

/** Registers a recorded hook in front of a tool. */
function recording(definition: Hook, options: Partial<RecordHookOptions> = {}) {
  const clock = createTestClock(1_000)
  const hooks = createHooks({ clock, ids: createTestIds() })
  const executions: SerializedHookExecution[] = []
  const recorded = recordHook(definition, {
    onExecution: (execution) => executions.push(execution),
    clock,
    ids: createTestIds('execution'),
    ...options,
  })
  hooks.use({ points: POINT, ...recorded })
  const tool = hooks.wrap(
    { name: 'tool', before: POINT, targets: { other: () => 'other' } },
    (input: unknown) => input ?? null,
  )
  return { clock, hooks, executions, recorded, tool }
}

/** Records one call of a hook and gives the record as it comes back from a store. */
async function recordOf(definition: Hook, input: unknown = 1): Promise<SerializedHookExecution> {
  const { tool, executions } = recording(definition)
  await tool(input)
  return JSON.parse(JSON.stringify(executions[0])) as SerializedHookExecution
}

const named = (handler: Hook['handler'], more: Partial<Hook> = {}): Hook => ({ name: 'h', handler, ...more })
const throwing = (error: unknown) => () => {
  throw error
}

describe('recordHook', () => {
  test('each call is a record of JSON', async () => {
    const { tool, executions, clock } = recording(
      named(
        async (ctx) => {
          await new Promise<void>((resolve) => clock.setTimeout(resolve, 250))
          return hook.modified({ input: Number(ctx.data.input) + 1 }, { message: 'one more' })
        },
        { version: '2.1.0' },
      ),
    )
    const running = tool(41, { correlationId: 'run-7', metadata: { userId: 'ann' } })
    await clock.advance(250)
    expect((await running).output).toBe(42)
    expect(executions).toEqual([
      {
        version: 1,
        replayId: 'h:2.1.0',
        executionId: 'execution-1',
        correlationId: 'run-7',
        point: POINT,
        context: expect.any(String),
        result: { type: 'modified', patch: { input: 42 }, message: 'one more' },
        durationMs: 250,
        at: 1_000,
      },
    ])
    expect(JSON.parse(JSON.stringify(executions))).toEqual(executions)
    expect(JSON.parse(executions[0]!.context)).toMatchObject({
      point: POINT,
      component: { type: 'tool', name: 'tool' },
      data: { input: 41, tool: { name: 'tool' } },
      metadata: { userId: 'ann' },
      correlationId: 'run-7',
      operation: { attempt: 1, gatePass: 1 },
      timestamp: 1_000,
    })
    expect(JSON.parse(executions[0]!.context)).not.toHaveProperty('locals')
  })

  test('a hook without a name is called as its function is', () => {
    const handler = function audit() {
      return undefined
    }
    const recorded = recordHook({ handler, replayId: 'audit' }, { onExecution: vi.fn() })
    expect(createHooks().register(POINT, recorded.handler).name).toMatch(/^audit#/)
  })

  test('a sync hook stays sync, and nobody waits for onExecution', () => {
    const { tool, executions } = recording(
      named(() => undefined),
      { onExecution: hangs },
    )
    expect(tool(1)).toMatchObject({ output: 1 })
    expect(executions).toEqual([])
  })

  test('the hook keeps its points and options', () => {
    const definition = named(() => undefined, { kind: 'guard', points: POINT, priority: 'high', tags: ['x'] })
    const recorded = recordHook({ ...definition, replayId: 'mine', isReplayable: () => true }, { onExecution: vi.fn() })
    const { handler: _, ...options } = definition
    const { handler: __, ...kept } = recorded
    expect(kept).toEqual(options)
    expect(createHooks().use(recorded)).toHaveLength(1)
  })

  test('the record is frozen', async () => {
    const { tool, executions } = recording(named(() => hook.replace({ a: [1] })))
    await tool(1)
    expect(Object.isFrozen((executions[0]!.result!['value'] as { a: number[] }).a)).toBe(true)
  })

  describe('what a result is recorded as', () => {
    test.each([
      ['nothing', undefined, { type: 'continue' }],
      ['skipped', hook.skipped('why'), { type: 'skipped', reason: 'why' }],
      ['cancel', hook.cancel(), { type: 'cancel', reason: 'no reason given' }],
      ['replace', hook.replace({ a: 1 }), { type: 'replace', value: { a: 1 } }],
      ['replace by nothing', hook.replace(), { type: 'replace' }],
      ['redirect', hook.redirect('other'), { type: 'redirect', target: 'other' }],
      ['retry', hook.retry({ delayMs: '2s', maxAttempts: 1 }), { type: 'retry', delayMs: 2_000, maxAttempts: 1 }],
      ['cache', hook.cache({ key: 'k', ttlMs: '1m' }), { type: 'cache', key: 'k', ttlMs: 60_000 }],
      [
        'fork',
        hook.fork([{ id: 'f', type: 'tool', target: 'other', input: 2 }]),
        { type: 'fork', operations: [{ id: 'f', type: 'tool', target: 'other', input: 2 }] },
      ],
      ['a patch', hook.modified({ input: [1] }), { type: 'modified', patch: { input: [1] } }],
      ['a patch that changes nothing', hook.modified({ input: 1 }), { type: 'modified', patch: { input: 1 } }],
      [
        'a patch of undefined',
        hook.modified({ input: undefined }),
        { type: 'modified', patch: {}, removed: ['input'] },
      ],
      ['state', hook.continue({ state: { a: 1 } }), { type: 'continue', state: { a: 1 } }],
    ])('%s', async (_, result, expected) => {
      expect((await recordOf(named(() => result as undefined))).result).toEqual(expected)
    })

    test('a recipe: the patch that it comes to', async () => {
      const recipe = named(() =>
        hook.modified((draft: { input: { list: number[]; gone?: number } }) => {
          draft.input.list.push(3)
          delete draft.input.gone
        }),
      )
      expect(await recordOf(recipe, { list: [1], gone: 2, kept: 1 })).toMatchObject({
        result: { type: 'modified', patch: { input: { list: [1, 3], kept: 1 } } },
      })
      const removing = named(() =>
        hook.modified((draft: { input?: unknown; tool: unknown }) => {
          delete draft.input
        }),
      )
      expect((await recordOf(removing)).result).toEqual({ type: 'modified', patch: {}, removed: ['input'] })
    })

    test('a suspend, without its schema', async () => {
      const suspend = hook.suspend({ question: 'ok?', data: { a: 1 }, expiresInMs: '1h' })
      const { tool, executions } = recording(named(() => suspend))
      void tool(1)
      expect(executions[0]?.result).toEqual({
        type: 'suspend',
        question: 'ok?',
        data: { a: 1 },
        expiresInMs: 3_600_000,
      })
    })

    test('what a guard or a transform decides counts', async () => {
      for (const kind of ['guard', 'transform'] as const) {
        const { result } = await recordOf(named(() => hook.cancel('no'), { kind }))
        expect(result).toEqual({ type: 'cancel', reason: 'no' })
      }
    })

    test('what an observer returns is ignored', async () => {
      expect((await recordOf(named((() => 7) as never, { kind: 'observe' }))).result).toEqual({ type: 'continue' })
      const hooks = createHooks()
      const onExecution = vi.fn()
      hooks.use(recordHook({ name: 'h', points: 'LoopTermination', handler: (() => 7) as never }, { onExecution }))
      await hooks.run('LoopTermination', { reason: 'done', iterations: 1 })
      expect(onExecution.mock.calls[0]?.[0]).toMatchObject({ result: { type: 'continue' } })
    })
  })

  describe('what a failure is recorded as', () => {
    test.each([
      ['an error', throwing(new TypeError('bad')), { code: 'HOOK_FAILED', name: 'TypeError', message: 'bad' }],
      ['an error with a code', throwing(Object.assign(new Error('gone'), { code: 'ENOENT' })), { code: 'ENOENT' }],
      ['a text', throwing('bad'), { code: 'HOOK_FAILED', message: 'bad' }],
      ['a rejection', () => Promise.reject(new Error('later')), { code: 'HOOK_FAILED', message: 'later' }],
      [
        'no hook result',
        () => 7 as never,
        { code: 'HOOK_INVALID_RESULT', message: 'The hook returned 7 instead of a hook result.' },
      ],
      [
        'a change that is no JSON',
        () => hook.modified({ input: new Date(0) }),
        {
          code: 'HOOK_INVALID_CHANGE',
          message: 'The hook returned modified that is not JSON: "input" is an instance of Date.',
        },
      ],
      ['a recipe that throws', () => hook.modified(throwing(new Error('x'))), { code: 'HOOK_INVALID_CHANGE' }],
    ])('%s', async (_, handler, error) => {
      const record = await recordOf(named(handler))
      expect(record.error).toMatchObject(error)
      expect(record).not.toHaveProperty('result')
    })

    test('a call given up at its deadline, once, whatever it comes to later', async () => {
      let finish = () => {}
      const late = named(() => new Promise<void>((resolve) => (finish = resolve)), { timeoutMs: 50 })
      const { tool, executions, clock } = recording(late)
      const running = tool(1)
      await clock.advance(50)
      await running
      finish()
      await clock.settle()
      expect(executions).toMatchObject([
        {
          error: { code: 'HOOK_TIMED_OUT', message: 'The hook did not settle before its deadline.' },
          durationMs: 50,
        },
      ])
    })

    test('an abort behind a call that has settled changes nothing', async () => {
      const controller = new AbortController()
      const executions: SerializedHookExecution[] = []
      const { handler } = recordHook(
        named(async () => hook.replace(1), { serializeContext: () => 'text' }),
        { onExecution: (execution) => executions.push(execution) },
      )
      const ctx = { point: POINT, correlationId: 'c', data: {}, signal: controller.signal }
      await (handler as (given: unknown) => unknown)(ctx)
      controller.abort()
      expect(executions).toMatchObject([{ result: { type: 'replace', value: 1 } }])
    })

    test('a call whose operation is aborted', async () => {
      const { tool, executions } = recording(named(hangs))
      const controller = new AbortController()
      const running = tool(1, { signal: controller.signal })
      controller.abort()
      await running
      expect(executions).toMatchObject([{ error: { code: 'RUN_ABORTED' } }])
    })

    test('a call that aborts its own operation before it gives its promise', async () => {
      const controller = new AbortController()
      const { tool, executions } = recording(
        named(() => {
          controller.abort()
          return hangs()
        }),
      )
      await tool(1, { signal: controller.signal })
      expect(executions).toMatchObject([{ error: { code: 'RUN_ABORTED' } }])
    })
  })

  describe('recording never changes what a hook does', () => {
    const change = named(() => hook.modified({ input: 'changed' }))

    test.each([
      ['onExecution throws', { onExecution: throwing(new Error('disk full')) }],
      ['onExecution rejects', { onExecution: () => Promise.reject(new Error('disk full')) }],
      ['onError throws', { onExecution: throwing(new Error('a')), onError: throwing(new Error('b')) }],
    ])('%s', async (_, options) => {
      expect(await recording(change, options).tool(1)).toMatchObject({ status: 'completed', output: 'changed' })
    })

    test('what went wrong is told to onError', async () => {
      const onError = vi.fn()
      const error = new Error('disk full')
      await recording(change, { onExecution: throwing(error), onError }).tool(1)
      const { tool, clock } = recording(change, { onExecution: () => Promise.reject(error), onError })
      await tool(1)
      await clock.settle()
      expect(onError.mock.calls).toEqual([[error], [error]])
    })

    test('a context that is not JSON is not recorded, and that is told', async () => {
      const onError = vi.fn()
      const noting = named((ctx) => {
        ctx.locals['at'] = new Date(0)
        return hook.modified({ input: Number(ctx.data.input) + 1 })
      })
      const { hooks, executions, tool } = recording(noting, { onError })
      hooks.register('BeforeToolExecution', () => hook.retry({ delayMs: 0, maxAttempts: 2 }), {
        once: true,
        kind: 'guard',
      })
      const running = tool(1)
      expect(await running).toMatchObject({ status: 'completed' })
      expect(executions).toHaveLength(1)
      expect(onError.mock.calls[0]?.[0]).toMatchObject({
        code: 'DATA_NOT_JSON',
        message: expect.stringContaining('The context of a recorded hook at "locals.at" is an instance of Date.'),
      })
    })

    test('a thenable is waited for once', async () => {
      const then = vi.fn((resolve: (value: undefined) => void) => {
        resolve(undefined)
      })
      await recordOf(named(() => ({ then }) as unknown as Promise<undefined>))
      expect(then).toHaveBeenCalledTimes(1)
    })
  })

  test('a hook that says it is not replayable is called and not recorded', async () => {
    let replayable = false
    const { tool, executions } = recording(named(() => hook.replace(2), { isReplayable: () => replayable }))
    expect(await tool(1)).toMatchObject({ output: 2 })
    expect(executions).toHaveLength(0)
    replayable = true
    await tool(1)
    expect(executions).toHaveLength(1)
  })

  test('a hook that says it is not replayable fails as it would without being recorded', async () => {
    const isReplayable = () => false
    const failing = recording(named(throwing(new Error('mine')), { kind: 'guard', isReplayable }))
    expect((await failing.tool(1)).error?.cause).toMatchObject({ cause: { message: 'mine' } })
    const { handler } = recordHook(
      named(async () => hook.replace(1), { isReplayable }),
      { onExecution: vi.fn() },
    )
    const ctx = { signal: AbortSignal.abort() }
    expect(await (handler as (given: unknown) => unknown)(ctx)).toMatchObject({ type: 'replace', value: 1 })
  })

  test('a hook without a name is told what it needs, and by whom', () => {
    const act = () => recordHook({ handler: () => undefined }, { onExecution: vi.fn() })
    expect(act).toThrow('recordHook: the hook needs a name or a replayId, to be found again.')
    expect(act).toThrow(
      expect.objectContaining({
        details: { where: 'recordHook', flaws: [{ path: 'replayId', problem: 'missing, and so is name' }] },
      }),
    )
  })

  test.each([
    ['onExecution', 'all', 'expected a function'],
    ['onError', 'log', 'expected a function'],
    ['clock', null, 'expected a clock'],
    ['ids', null, 'expected an object with next'],
  ])('%s of %j is refused', (option, value, problem) => {
    const options = { onExecution: vi.fn(), [option]: value }
    expect(() =>
      recordHook(
        named(() => undefined),
        options,
      ),
    ).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: `recordHook: "${option}": ${problem}.` }))
  })

  test.each([
    [
      'a hook without a name',
      () => recordHook({ handler: () => undefined }, { onExecution: vi.fn() }),
      'INVALID_OPTIONS',
    ],
    [
      'an empty replayId',
      () =>
        recordHook(
          named(() => undefined, { replayId: '' }),
          { onExecution: vi.fn() },
        ),
      'INVALID_OPTIONS',
    ],
    [
      'an unknown option of the hook',
      () => recordHook({ ...named(() => undefined), prio: 1 } as never, { onExecution: vi.fn() }),
      'INVALID_OPTIONS',
    ],
    [
      'no onExecution',
      () =>
        recordHook(
          named(() => undefined),
          {} as never,
        ),
      'INVALID_OPTIONS',
    ],
    [
      'an unknown option',
      () =>
        recordHook(
          named(() => undefined),
          { onExecution: vi.fn(), all: true } as never,
        ),
      'INVALID_OPTIONS',
    ],
    [
      'no clock',
      () =>
        recordHook(
          named(() => undefined),
          { onExecution: vi.fn(), clock: {} as never },
        ),
      'INVALID_OPTIONS',
    ],
    [
      'no ids',
      () =>
        recordHook(
          named(() => undefined),
          { onExecution: vi.fn(), ids: 1 as never },
        ),
      'INVALID_OPTIONS',
    ],
    ['no handler', () => recordHook({ name: 'h' } as never, { onExecution: vi.fn() }), 'INVALID_HANDLER'],
  ])('%s is refused', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ code }))
  })
})

describe('replayExecution', () => {
  const double = named((ctx) => hook.modified({ input: Number(ctx.data.input) * 2 }))

  test('the same hook gives the same', async () => {
    expect(await replayExecution(await recordOf(double, 21), double)).toEqual({
      identical: true,
      differences: [],
      similarityRatio: 1,
      result: { type: 'modified', patch: { input: 42 } },
    })
  })

  test('the hook sees the recorded context, all of it', async () => {
    const seen: HookContext[] = []
    const watching = named((ctx) => void seen.push(structuredClone({ ...ctx })))
    const { tool, executions } = recording(watching)
    await tool({ deep: [1, { a: null }] }, { correlationId: 'c', metadata: { userId: 'ann' } })
    await replayExecution(executions[0]!, watching)
    expect(seen).toHaveLength(2)
    expect(JSON.parse(JSON.stringify(seen[1]))).toEqual(JSON.parse(JSON.stringify(seen[0])))
  })

  test('what a hook had noted before is there, and its own to change', async () => {
    const counting = named((ctx) => {
      const seen = Number(ctx.locals['seen'] ?? 0)
      ctx.locals['seen'] = seen + 1
      return seen < 2 ? hook.retry({ delayMs: 0, maxAttempts: 3 }) : hook.replace(seen)
    })
    const { tool, executions, clock } = recording(counting)
    const running = tool(1)
    await clock.advanceSteps(10)
    expect((await running).output).toBe(2)
    expect(executions.map(({ result }) => result?.type)).toEqual(['retry', 'retry', 'replace'])
    for (const execution of executions) expect((await replayExecution(execution, counting)).identical).toBe(true)
    expect(JSON.parse(executions[2]!.context)).toMatchObject({ locals: { seen: 2 } })
  })

  test('the context is read-only and lives apart from the record', async () => {
    const record = await recordOf(double)
    const writing = named((ctx) => {
      ;(ctx.data as { input: unknown }).input = 9
    })
    expect(await replayExecution(record, writing)).toMatchObject({ identical: false, error: { name: 'TypeError' } })
  })

  test('no registry, no condition, no effect, no other record', async () => {
    const onExecution = vi.fn()
    const handler = vi.fn(() => hook.redirect('other'))
    const { tool, executions, recorded } = recording(named(handler))
    expect((await tool(1)).output).toBe('other')
    const again = recordHook(named(handler, { when: throwing(new Error('condition')) }), { onExecution })
    expect(await replayExecution(executions[0]!, again)).toMatchObject({ identical: true })
    expect(await replayExecution(executions[0]!, recorded)).toMatchObject({ identical: true })
    expect(handler).toHaveBeenCalledTimes(3)
    expect(executions).toHaveLength(1)
    expect(onExecution).not.toHaveBeenCalled()
  })

  test('a hook that starts operations cannot be replayed, and starts none', async () => {
    const started = vi.fn()
    const calling = named(async (ctx) => {
      const { output } = await ctx.run.tool('other', 1)
      return hook.replace(output)
    })
    const hooks = createHooks()
    const executions: SerializedHookExecution[] = []
    hooks.use(recordHook({ ...calling, points: POINT }, { onExecution: (execution) => executions.push(execution) }))
    const tool = hooks.wrap({ name: 't', before: POINT, targets: { other: started.mockReturnValue(5) } }, () => 1)
    expect((await tool(undefined)).output).toBe(5)
    const invalid = { code: 'REPLAY_INVALID', message: expect.stringContaining('tool "other"') }
    await expect(replayExecution(executions[0]!, calling)).rejects.toMatchObject(invalid)
    const careless = named((ctx) => {
      void ctx.run.tool('other')
      void ctx.run.agent('a')
      void ctx.run.workflow('w')
    })
    await expect(replayExecution(executions[0]!, careless)).rejects.toMatchObject(invalid)
    expect(started).toHaveBeenCalledTimes(1)
  })

  test.each(['tool', 'agent', 'workflow'] as const)('a replay refuses to start a %s, and says so', async (type) => {
    let refusal: unknown
    const starting = named(async (ctx) => {
      await ctx.run[type]('other').catch((error: unknown) => {
        refusal = error
      })
      return undefined
    })
    await expect(replayExecution(await recordOf(double), starting)).rejects.toMatchObject({
      code: 'REPLAY_INVALID',
      message: `The hook starts ${type} "other" at ${POINT}. Its result hangs on an effect, and a replay runs none.`,
      details: { point: POINT, operation: `${type} "other"` },
    })
    expect(refusal).toMatchObject({ code: 'REPLAY_INVALID', message: 'A replay starts no operations.' })
  })

  describe('failures', () => {
    const failing = (message: string) => named(throwing(new RangeError(message)))

    test('a failed replay is a failure, never a continue', async () => {
      const quiet = await recordOf(named(() => undefined))
      expect(await replayExecution(quiet, failing('x'))).toEqual({
        identical: false,
        similarityRatio: 0.9,
        error: { code: 'HOOK_FAILED', name: 'RangeError', message: 'x', retryable: false },
        differences: [
          {
            path: 'error',
            replayed: { code: 'HOOK_FAILED', name: 'RangeError', message: 'x', retryable: false },
            severity: 'critical',
          },
        ],
      })
    })

    test('a recorded failure that does not come again is a difference', async () => {
      const report = await replayExecution(
        await recordOf(failing('x')),
        named(() => undefined),
      )
      expect(report).toMatchObject({ identical: false, result: { type: 'continue' } })
      expect(report.differences).toMatchObject([{ path: 'error', recorded: { message: 'x' }, severity: 'critical' }])
      expect(report.differences[0]).not.toHaveProperty('replayed')
    })

    test('the same failure is identical, another one is not', async () => {
      const record = await recordOf(failing('x'))
      expect(await replayExecution(record, failing('x'))).toMatchObject({ identical: true })
      expect((await replayExecution(record, failing('y'))).differences).toEqual([
        { path: 'error.message', recorded: 'x', replayed: 'y', severity: 'minor' },
      ])
      const coded = named(throwing(new HookchartError('INVALID_INPUT', 'x', { name: 'RangeError' })))
      expect((await replayExecution(record, coded)).differences).toEqual([
        { path: 'error.code', recorded: 'HOOK_FAILED', replayed: 'INVALID_INPUT', severity: 'major' },
      ])
    })

    test('a rejection and an invalid result are failures too', async () => {
      const record = await recordOf(named(() => undefined))
      expect(
        await replayExecution(
          record,
          named(() => Promise.reject(new Error('x'))),
        ),
      ).toMatchObject({
        error: { message: 'x' },
      })
      expect(
        await replayExecution(
          record,
          named(() => 3 as never),
        ),
      ).toMatchObject({
        error: { code: 'HOOK_INVALID_RESULT' },
      })
    })

    test('a hook that does not settle is given up and told so', async () => {
      const clock = createTestClock()
      const record = await recordOf(double)
      let reason: unknown
      const hanging = named((ctx) => {
        ctx.signal.addEventListener('abort', () => {
          reason = ctx.signal.reason
        })
        return hangs()
      })
      const replaying = replayExecution(record, hanging, { timeoutMs: '2s', clock })
      await clock.advance(2_000)
      expect(await replaying).toMatchObject({ identical: false, error: { code: 'HOOK_TIMED_OUT' } })
      expect(reason).toMatchObject({
        code: 'HOOK_TIMED_OUT',
        message: 'The replay did not settle within 2000 ms.',
      })
      const byDefault = replayExecution(record, hanging, { clock })
      await clock.advance(29_999)
      expect(clock.timers).toBe(1)
      await clock.advance(1)
      expect(await byDefault).toMatchObject({ error: { code: 'HOOK_TIMED_OUT' } })
      expect(clock.timers).toBe(0)
    })

    test('a timeout that was recorded and comes again is identical', async () => {
      const hanging = named(hangs, { timeoutMs: 5 })
      const { tool, executions, clock } = recording(hanging)
      const running = tool(1)
      await clock.advance(5)
      await running
      const replaying = replayExecution(executions[0]!, hanging, { timeoutMs: 77, clock })
      await clock.advance(77)
      expect(await replaying).toMatchObject({ identical: true, similarityRatio: 1 })
    })

    test('no timer is left behind', async () => {
      const clock = createTestClock()
      await replayExecution(await recordOf(double), double, { clock })
      expect(clock.timers).toBe(0)
    })
  })

  describe('differences', () => {
    const giving = (value: unknown) => named(() => hook.replace(value))
    const compared = async (recorded: unknown, replayed: unknown, options = {}) =>
      (await replayExecution(await recordOf(giving(recorded)), giving(replayed), options)).differences

    test('another type of result is the only difference then', async () => {
      const report = await replayExecution(
        await recordOf(giving(1)),
        named(() => hook.cancel('no')),
      )
      expect(report).toEqual({
        identical: false,
        similarityRatio: 0.9,
        result: { type: 'cancel', reason: 'no' },
        differences: [{ path: 'result.type', recorded: 'replace', replayed: 'cancel', severity: 'critical' }],
      })
    })

    test('each place is named, with both sides', async () => {
      expect(await compared({ a: 1, b: [1, { c: 2 }], e: 1 }, { a: 1, b: [1, { c: 3 }, 4], f: null })).toEqual([
        { path: 'result.value.b.1.c', recorded: 2, replayed: 3, severity: 'major' },
        { path: 'result.value.b.2', replayed: 4, severity: 'major' },
        { path: 'result.value.e', recorded: 1, severity: 'major' },
        { path: 'result.value.f', replayed: null, severity: 'major' },
      ])
    })

    test('a side that had nothing is not there', async () => {
      const [gone, added] = [await compared({ a: 1 }, {}), await compared({}, { a: 1 })]
      expect(gone[0]).not.toHaveProperty('replayed')
      expect(added[0]).not.toHaveProperty('recorded')
    })

    test('without their order arrays are compared from their smallest member on', async () => {
      expect(await compared([1, 2, 3], [9, 3, 2], { ignoreArrayOrder: true })).toEqual([
        { path: 'result.value.0', recorded: 1, replayed: 2, severity: 'major' },
        { path: 'result.value.1', recorded: 2, replayed: 3, severity: 'major' },
        { path: 'result.value.2', recorded: 3, replayed: 9, severity: 'major' },
      ])
    })

    test.each([
      ['a number and its text', 1, '1'],
      ['null and nothing', null, undefined],
      ['a list and a table', [], {}],
      ['a list and null', [1], null],
      ['a table and a text', {}, 'x'],
    ])('%s differ', async (_, left, right) => {
      expect(await compared(left, right)).toMatchObject([{ path: 'result.value', severity: 'major' }])
    })

    test('the order of keys does not matter, that of arrays does unless it is ignored', async () => {
      expect(await compared({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([])
      expect(await compared([1, { a: 1 }, 'x'], ['x', 1, { a: 1 }])).toHaveLength(3)
      expect(await compared([1, { a: 1 }, 'x'], ['x', 1, { a: 1 }], { ignoreArrayOrder: true })).toEqual([])
      expect(await compared([1, 1, 2], [1, 2, 2], { ignoreArrayOrder: true })).toHaveLength(1)
      expect(
        await compared(
          [
            { timestamp: 2, a: 1 },
            { timestamp: 1, a: 2 },
          ],
          [{ timestamp: 3, a: 2 }, { a: 1 }],
          {
            ignoreArrayOrder: true,
          },
        ),
      ).toEqual([])
    })

    test('times that vary are ignored at any depth', async () => {
      const volatile = (n: number) => ({
        timestamp: n,
        deep: [{ duration: n, durationMs: n, duration_ms: n, kept: 1 }],
      })
      expect(await compared(volatile(1), volatile(2))).toEqual([])
      expect(await compared({ timestamp: 1 }, {})).toEqual([])
    })

    test('ignoreFields takes the place of that: names of keys, or whole paths', async () => {
      expect(await compared({ timestamp: 1, at: 1 }, { timestamp: 2, at: 2 }, { ignoreFields: ['at'] })).toMatchObject([
        { path: 'result.value.timestamp' },
      ])
      const [left, right] = [
        { a: { id: 1 }, b: { id: 1 } },
        { a: { id: 2 }, b: { id: 2 } },
      ]
      expect(await compared(left, right, { ignoreFields: ['result.value.a.id'] })).toMatchObject([
        { path: 'result.value.b.id' },
      ])
      expect(await compared(left, right, { ignoreFields: [] })).toHaveLength(2)
    })

    test('words weigh less than data, and ten critical differences are no similarity at all', async () => {
      const reason = await replayExecution(
        await recordOf(named(() => hook.cancel('a'))),
        named(() => hook.cancel('b')),
      )
      expect(reason).toMatchObject({
        similarityRatio: 0.975,
        differences: [{ path: 'result.reason', severity: 'minor' }],
      })
      const message = (text: string) => named(() => hook.continue({ message: text }))
      expect(await replayExecution(await recordOf(message('a')), message('b'))).toMatchObject({
        differences: [{ path: 'result.message', severity: 'minor' }],
      })
      const list = (n: number, length: number) => giving(Array.from({ length }, () => n))
      expect(await replayExecution(await recordOf(list(1, 4)), list(2, 4))).toMatchObject({ similarityRatio: 0.8 })
      expect(await replayExecution(await recordOf(list(1, 40)), list(2, 40))).toMatchObject({ similarityRatio: 0 })
    })

    test('keys like those of every object are keys', async () => {
      expect(await compared({ constructor: 1 }, {})).toEqual([
        { path: 'result.value.constructor', recorded: 1, severity: 'major' },
      ])
    })

    test('the report is JSON', async () => {
      const report = await replayExecution(await recordOf(giving({ a: 1 })), giving({}))
      expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    })
  })

  describe('a context of the hook’s own making', () => {
    const own = (): Hook => ({
      name: 'own',
      handler: (ctx) => hook.replace(String(ctx.data.input)),
      serializeContext: (ctx) => String(ctx.data.input),
      deserializeContext: (text) => ({ point: POINT, data: { input: BigInt(text) } }) as never,
    })

    test('is recorded and read by it', async () => {
      const { tool, executions } = recording(own())
      await tool(12)
      expect(executions[0]?.context).toBe('12')
      expect(await replayExecution(executions[0]!, own())).toMatchObject({ identical: true, result: { value: '12' } })
    })

    test('what cannot be read is REPLAY_INVALID', async () => {
      const record = await recordOf(own(), 12)
      const unreadable = { code: 'REPLAY_INVALID', cause: expect.any(SyntaxError) }
      await expect(replayExecution({ ...record, context: 'x' }, own())).rejects.toMatchObject(unreadable)
      for (const nothing of [undefined, null, 'text']) {
        const reading = { ...own(), deserializeContext: () => nothing as never }
        await expect(replayExecution(record, reading)).rejects.toMatchObject({
          code: 'REPLAY_INVALID',
          message: `The recorded context of a call at ${POINT} cannot be read: deserializeContext gave no object.`,
          details: { point: POINT },
        })
      }
    })

    test('a serializeContext that throws loses the record, not the call', async () => {
      const onError = vi.fn()
      const { tool, executions } = recording({ ...own(), serializeContext: throwing(new Error('no')) }, { onError })
      expect(await tool(12)).toMatchObject({ output: '12' })
      expect(executions).toEqual([])
      expect(onError).toHaveBeenCalledTimes(1)
    })
  })

  describe('what cannot be replayed is REPLAY_INVALID', () => {
    const rejects = async (record: unknown, definition: Hook = double, details: object = {}) => {
      await expect(replayExecution(record as SerializedHookExecution, definition)).rejects.toMatchObject({
        code: 'REPLAY_INVALID',
        ...details,
      })
    }

    test('the record of another hook or version', async () => {
      const record = await recordOf(double)
      await rejects(record, { ...double, name: 'triple' }, { details: { recorded: 'h:1.0.0', hook: 'triple:1.0.0' } })
      await rejects(record, { ...double, version: '1.0.1' })
      await rejects(record, { ...double, replayId: 'h' })
      await rejects(record, { handler: double.handler })
      const nameless = replayExecution(record, { handler: double.handler })
      await expect(nameless.catch((error: unknown) => (error as HookchartError).details)).resolves.toStrictEqual({
        executionId: 'execution-1',
        recorded: 'h:1.0.0',
      })
      expect(await replayExecution(record, { ...double, version: '9', replayId: 'h:1.0.0' })).toMatchObject({
        identical: true,
      })
    })

    test('a hook that says it is not replayable', async () => {
      await rejects(
        await recordOf(double),
        { ...double, isReplayable: () => false },
        {
          message: 'Hook "h:1.0.0" says that it cannot be replayed.',
          details: { executionId: 'execution-1', hook: 'h:1.0.0' },
        },
      )
    })

    test('a malformed record', async () => {
      const record = await recordOf(double)
      const { result, ...without } = record
      await rejects(undefined)
      await rejects(JSON.stringify(record))
      await rejects({ ...record, version: 2 }, double, {
        details: { flaws: [{ path: 'version', problem: expect.any(String) }] },
      })
      await rejects(without, double, {
        message: 'The recorded execution is malformed: needs a result or an error.',
        details: { flaws: [{ path: '', problem: 'needs a result or an error' }] },
      })
      await rejects(
        { ...without, at: 'now', error: { code: 1, name: 'Error', message: '', retryable: false } },
        double,
        {
          message:
            'The recorded execution is malformed: "at": Invalid input: expected number, received string; ' +
            '"error.code": Invalid input: expected string, received number.',
        },
      )
      await rejects({ ...record, error: { code: 'X', name: 'Error', message: '', retryable: false } })
      await rejects({ ...without, error: 'x' })
      await rejects({ ...record, result: null })
      await rejects({ ...record, result: { ...result, type: 3 } })
      await rejects({ ...record, result: { ...result, at: new Date(0) } })
      for (const key of ['replayId', 'executionId', 'correlationId', 'point', 'context', 'durationMs', 'at']) {
        await rejects({ ...record, [key]: undefined })
      }
    })

    test('a context that is none, or of another point', async () => {
      const record = await recordOf(double)
      const context = JSON.parse(record.context) as object
      for (const broken of [
        { ...context, point: 'AfterToolExecution' },
        { ...context, data: 1 },
        { ...context, timestamp: 'now' },
        {},
        [],
        null,
        1,
      ]) {
        await rejects({ ...record, context: JSON.stringify(broken) })
      }
      await rejects({ ...record, context: '{' }, double, { cause: expect.any(SyntaxError) })
    })

    test('and what is wrong with it is said', async () => {
      const record = await recordOf(double)
      const context = JSON.parse(record.context) as { component: object }
      const problem = async (broken: object, text: string) => {
        await rejects({ ...record, context: JSON.stringify({ ...context, ...broken }) }, double, {
          message: `The recorded context of a call at ${POINT} cannot be read: ${text}.`,
          details: { point: POINT },
        })
      }
      await problem({ point: 'AfterToolExecution' }, 'it is one of AfterToolExecution')
      await problem(
        { component: { ...context.component, name: 1 } },
        '"component.name" Invalid input: expected string, received number',
      )
    })
  })

  test.each([
    [{ timeoutMs: 0 }, 'INVALID_OPTIONS'],
    [{ timeoutMs: 'soon' }, 'INVALID_OPTIONS'],
    [{ ignoreFields: 'at' }, 'INVALID_OPTIONS'],
    [{ ignoreArrayOrder: 1 }, 'INVALID_OPTIONS'],
    [{ clock: {} }, 'INVALID_OPTIONS'],
    [{ clock: null }, 'INVALID_OPTIONS'],
    [{ mode: 'exact' }, 'INVALID_OPTIONS'],
  ])('options %j are refused', async (options, code) => {
    await expect(replayExecution(await recordOf(double), double, options as never)).rejects.toMatchObject({
      code,
      details: { where: 'replayExecution' },
    })
  })

  test('a composite is no hook to replay', async () => {
    const composite = { name: 'h', handler: { pattern: { type: 'sequential' }, children: [] } }
    await expect(replayExecution(await recordOf(double), composite as never)).rejects.toMatchObject({
      code: 'INVALID_HANDLER',
      details: { where: 'replayExecution' },
    })
  })

  test('a hook at a point of one’s own', async () => {
    const point = definePoint('mine', { phase: 'before' })
    const mine: ReplayableHook<typeof point> = {
      name: 'mine',
      points: point,
      handler: (ctx) => hook.replace(ctx.data['a']),
    }
    const executions: SerializedHookExecution[] = []
    const hooks = createHooks({ points: [point] })
    hooks.use(recordHook(mine, { onExecution: (execution) => executions.push(execution) }))
    await hooks.run(point, { a: 4 })
    expect(await replayExecution(executions[0]!, mine)).toMatchObject({ identical: true, result: { value: 4 } })
  })
})
