import { adaptHook, catalogue, createHooks, hook, seedTableAdapter } from 'hookchart/hooks'
import type { HookAdapter, HookContext, HookKind, SeedTableResult, TraceEntry } from 'hookchart/hooks'
import { describe, expect, test, vi } from 'vitest'

/** A foreign system: takes a text, answers with a verdict. */
interface Verdict {
  readonly say: string
  readonly fault?: string
}

const verdicts: HookAdapter<string, Verdict> = {
  adaptContext: (ctx) => `${ctx.point} ${JSON.stringify(ctx.data)}`,
  adaptResult: ({ say }) => {
    if (say === 'go') return undefined
    return say === 'stop' ? hook.cancel('they said so') : ({ type: say } as never)
  },
  extractError: ({ fault }) => fault,
}

/** Runs a handler in front of a tool and gives how that ended and the trace line of the hook. */
async function ran(handler: Parameters<typeof register>[0], kind: HookKind = 'transform') {
  const result = await register(handler, kind)('in')
  return { ...result, line: result.trace.find(({ hook: name }) => name === 'foreign') as TraceEntry }
}

function register(handler: ReturnType<typeof adaptHook>, kind: HookKind = 'transform') {
  const hooks = createHooks()
  hooks.register('BeforeToolExecution', handler, { name: 'foreign', kind })
  return hooks.wrap(
    { name: 'tool', before: 'BeforeToolExecution', targets: { other: () => 'other' } },
    (text: string) => text.toUpperCase(),
  )
}

describe('adaptHook', () => {
  test('the foreign handler gets the adapted context and its result is adapted', async () => {
    const foreign = vi.fn(() => ({ say: 'stop' }))
    const { status, error } = await ran(adaptHook(verdicts, foreign))
    expect(foreign).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^BeforeToolExecution .*"input":"in"/))
    expect(status).toBe('cancelled')
    expect(error?.details['reason']).toBe('they said so')
  })

  test('undefined from adaptResult means continue', async () => {
    expect(await ran(adaptHook(verdicts, () => ({ say: 'go' })))).toMatchObject({
      output: 'IN',
      line: { type: 'continue', outcome: 'ok' },
    })
  })

  test('a synchronous handler stays synchronous', () => {
    expect(register(adaptHook(verdicts, () => ({ say: 'go' })))('in')).toMatchObject({ output: 'IN' })
  })

  test('a promise is awaited', async () => {
    const running = register(adaptHook(verdicts, async () => ({ say: 'stop' })))('in')
    expect(running).toBeInstanceOf(Promise)
    expect((await running).status).toBe('cancelled')
  })

  test('any thenable is awaited, once', async () => {
    const then = vi.fn((resolve: (verdict: Verdict) => void) => {
      resolve({ say: 'stop' })
    })
    const handler = adaptHook(verdicts, () => ({ then }) as unknown as PromiseLike<Verdict>)
    expect((await ran(handler)).status).toBe('cancelled')
    expect(then).toHaveBeenCalledTimes(1)
  })

  test('one adapted handler serves points with different data and decisions', async () => {
    const hooks = createHooks()
    const handler = adaptHook(verdicts, () => ({ say: 'go' }))
    hooks.register('ToolSecurityCheck', handler, { kind: 'guard' })
    hooks.register(['AfterToolExecution', 'LoopTermination'], handler)
    expect(hooks.list()).toHaveLength(2)
  })

  describe('a foreign error fails the hook by its kind', () => {
    const failing = {
      'found in the result': () => ({ say: 'stop', fault: 'out of ink' }),
      'found in a later result': async () => ({ say: 'stop', fault: 'out of ink' }),
      thrown: () => {
        throw new Error('out of ink')
      },
      'thrown as a text': () => {
        throw 'out of ink'
      },
      rejected: async () => {
        throw new Error('out of ink')
      },
      'rejected as a text': () => Promise.reject<Verdict>('out of ink'),
    }

    test.each(Object.entries(failing))('%s', async (_, foreign) => {
      const open = await ran(adaptHook(verdicts, foreign))
      expect(open).toMatchObject({ output: 'IN', line: { outcome: 'failed', code: 'HOOK_FAILED' } })
      expect(open.line.message).toContain('out of ink')
      const closed = await ran(adaptHook(verdicts, foreign), 'guard')
      expect(closed).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_FAILED' } })
    })

    test('its cause is the error itself, or an error made of what was thrown', async () => {
      const own = new RangeError('too far')
      const throwing = (thrown: unknown) =>
        adaptHook(verdicts, () => {
          throw thrown
        })
      expect(() => throwing(own)({ point: 'x', data: {} } as HookContext)).toThrow(own)
      expect(() => throwing('too far')({ point: 'x', data: {} } as HookContext)).toThrow(
        expect.objectContaining({ code: 'HOOK_FAILED', message: 'too far' }),
      )
    })

    test('an adapter that throws fails the hook too', async () => {
      const broken = { ...verdicts, adaptContext: () => JSON.parse('{') as string }
      expect(await ran(adaptHook(broken, () => ({ say: 'go' })))).toMatchObject({
        output: 'IN',
        line: { code: 'HOOK_FAILED' },
      })
      const unsure = {
        ...verdicts,
        adaptResult: () => {
          throw new TypeError('what?')
        },
      }
      expect(await ran(adaptHook(unsure, () => ({ say: 'go' })))).toMatchObject({ line: { code: 'HOOK_FAILED' } })
    })
  })

  test.each([
    ['an unknown type', { type: 'halt' }],
    ['null', null],
    ['a number', 3],
    ['an unknown key', { type: 'cancel', why: 'no' }],
  ])('%s as a result is HOOK_INVALID_RESULT', async (_, result) => {
    const handler = adaptHook({ ...verdicts, adaptResult: () => result as never }, () => ({ say: '' }))
    expect((await ran(handler)).line).toMatchObject({ outcome: 'failed', code: 'HOOK_INVALID_RESULT' })
    expect(await ran(handler, 'guard')).toMatchObject({ status: 'cancelled' })
  })

  test('a decision that the point does not allow is refused when it runs', async () => {
    const handler = adaptHook({ ...verdicts, adaptResult: () => hook.redirect('other') }, () => ({ say: '' }))
    expect((await ran(handler, 'guard')).line).toMatchObject({ code: 'HOOK_DECISION_NOT_ALLOWED' })
    expect((await ran(handler)).output).toBe('other')
  })

  test('what is no adapter or no handler is refused at once', () => {
    const invalid = expect.objectContaining({ code: 'INVALID_HANDLER' })
    expect(() => adaptHook(verdicts, 'script.lua' as never)).toThrow(invalid)
    expect(() => adaptHook(undefined as never, () => 1)).toThrow(invalid)
    expect(() => adaptHook({ ...verdicts, adaptResult: undefined } as never, () => 1)).toThrow(invalid)
    expect(() => adaptHook({ ...verdicts, adaptContext: 1 } as never, () => 1)).toThrow(invalid)
  })
})

describe('seedTableAdapter: the context', () => {
  const base = {
    point: 'AfterWorkflowStage',
    component: { type: 'workflow', name: 'resize', id: 'c-1' },
    data: { input: { width: 1 }, output: { width: 2 } },
    state: { seen: 3 },
    metadata: { userId: 'ann' },
    timestamp: Date.UTC(2025, 6, 20, 10),
    workflow: { id: 'w-1', name: 'images', pattern: 'loop', metadata: {} },
    step: {
      name: 'resize',
      index: 2,
      type: 'tool',
      action: 'run',
      input: { width: 0 },
      output: { width: 0 },
      durationMs: 150,
      metadata: { monitor: true },
      nextStep: 'store',
    },
  } as unknown as HookContext
  const table = (changes: object = {}) => seedTableAdapter.adaptContext({ ...base, ...changes })

  test('after a step', () => {
    expect(table()).toEqual({
      workflow_id: 'w-1',
      workflow_name: 'images',
      workflow_type: 'loop',
      hook_point: 'after_step',
      timestamp: '2025-07-20T10:00:00.000Z',
      state: { seen: 3 },
      step: {
        name: 'resize',
        index: 2,
        type: 'tool',
        action: 'run',
        input: { width: 1 },
        output: { width: 2 },
        duration_ms: 150,
        metadata: { monitor: true },
        next_step: 'store',
      },
      metadata: { userId: 'ann' },
    })
  })

  test('before a step there is no output, no duration and no error; behind the last no next step', () => {
    const step = { name: 'resize', index: 2, type: 'tool', action: 'run', input: {}, metadata: {} }
    expect(table({ point: 'BeforeWorkflowStage', data: { input: 7 }, step }).step).toStrictEqual({ ...step, input: 7 })
  })

  test('the error of a step is its text', () => {
    const error = { code: 'NET', name: 'NetworkError', message: 'NetworkError: no route', retryable: true }
    expect(table({ point: 'WorkflowStepError', data: { input: 1, error } }).step?.error).toBe('NetworkError: no route')
    expect(table({ point: 'WorkflowError', step: { ...base.step, error } }).step?.error).toBe('NetworkError: no route')
  })

  test('at points that are not the step’s own its data is not the step’s', () => {
    expect(table({ point: 'BeforeToolExecution', data: { input: 'of the tool' } }).step?.input).toEqual({ width: 0 })
  })

  test('outside workflows there is none', () => {
    const outside = table({
      point: 'BeforeToolExecution',
      component: { type: 'tool', name: 't', id: 't-1' },
      workflow: undefined,
      step: undefined,
    })
    expect(Object.keys(outside).sort()).toEqual(['hook_point', 'metadata', 'state', 'timestamp'])
    expect(outside.hook_point).toBe('BeforeToolExecution')
  })

  test('at the points of a workflow as a whole it is the component', () => {
    const whole = { point: 'BeforeWorkflowStart', workflow: undefined, step: undefined }
    expect(table(whole)).toMatchObject({ workflow_id: 'c-1', workflow_name: 'resize' })
    expect(table({ ...whole, point: 'BeforeWorkflowStage' })).not.toHaveProperty('workflow_id')
  })

  test.each([
    ['BeforeWorkflowStart', 'before_start'],
    ['BeforeWorkflowStage', 'before_step'],
    ['AfterWorkflowStage', 'after_step'],
    ['WorkflowStepError', 'on_step_error'],
    ['AfterWorkflowComplete', 'after_complete'],
    ['WorkflowError', 'on_error'],
  ] as const)('%s is %s, as in the catalogue', (point, name) => {
    expect(table({ point }).hook_point).toBe(name)
    expect(catalogue[point].aliases).toContain(`workflow:${name}`)
  })
})

describe('seedTableAdapter: the result', () => {
  const meaning = (table: unknown) => seedTableAdapter.adaptResult(table as SeedTableResult)

  test.each([
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['an empty table', {}, { type: 'continue' }],
    ['go on', { continue_execution: true }, { type: 'continue' }],
    ['stop', { continue_execution: false }, { type: 'cancel' }],
    [
      'stop, and why',
      { continue_execution: false, message: 'closed' },
      { type: 'cancel', reason: 'closed', message: 'closed' },
    ],
    ['skip', { skip_to_step: 'store' }, { type: 'redirect', target: 'store' }],
    ['retry', { retry_step: true }, { type: 'retry' }],
    ['no retry', { retry_step: false }, { type: 'continue' }],
    ['state', { state_updates: { a: 1 } }, { type: 'continue', state: { a: 1 } }],
    ['a message', { message: 'done' }, { type: 'continue', message: 'done' }],
    [
      'stop before skip before retry',
      { continue_execution: false, skip_to_step: 'x', retry_step: true },
      { type: 'cancel' },
    ],
    [
      'skip before retry',
      { continue_execution: true, skip_to_step: 'x', retry_step: true },
      { type: 'redirect', target: 'x' },
    ],
    [
      'state and a message with a control',
      { retry_step: true, state_updates: { n: 2 }, message: 'again' },
      { type: 'retry', state: { n: 2 }, message: 'again' },
    ],
    [
      'null for every key',
      { continue_execution: null, state_updates: null, retry_step: null, skip_to_step: null, message: null },
      { type: 'continue' },
    ],
  ])('%s', (_, table, expected) => {
    expect(meaning(table)).toEqual(expected)
  })

  test.each([
    ['an unknown key', { skip_to_stepp: 'x' }, 'unknown key "skip_to_stepp"'],
    ['a hook result', { type: 'cancel' }, 'unknown key "type"'],
    ['a text for a flag', { continue_execution: 'false' }, 'continue_execution is neither true nor false'],
    ['a number for a flag', { retry_step: 1 }, 'retry_step is neither true nor false'],
    ['a list for a table', { state_updates: [1] }, 'state_updates is not a table'],
    ['a number for a step', { skip_to_step: 3 }, 'skip_to_step is not a text'],
    ['no name for a step', { skip_to_step: '' }, 'skip_to_step is empty'],
    ['a table for a text', { message: {} }, 'message is not a text'],
    ['a text', 'stop', '"stop" is no table'],
    ['a boolean', false, 'false is no table'],
    ['a list', [], 'an array is no table'],
  ])('%s is HOOK_INVALID_RESULT', async (_, table, problem) => {
    expect(() => meaning(table)).toThrow(expect.objectContaining({ code: 'HOOK_INVALID_RESULT', message: problem }))
    const { line } = await ran(adaptHook(seedTableAdapter, () => table as never))
    expect(line).toMatchObject({ outcome: 'failed', code: 'HOOK_INVALID_RESULT' })
    expect(line.message).toContain(problem)
  })

  test('state that is not JSON is HOOK_INVALID_RESULT', async () => {
    const { line } = await ran(adaptHook(seedTableAdapter, () => ({ state_updates: { at: new Date(0) } })))
    expect(line.code).toBe('HOOK_INVALID_RESULT')
  })

  test('the table decides what happens, and its message and state are seen', async () => {
    const script = adaptHook(seedTableAdapter, () => ({
      skip_to_step: 'other',
      state_updates: { skipped: true },
      message: 'skipping',
    }))
    expect(await ran(script)).toMatchObject({
      output: 'other',
      state: { skipped: true },
      line: { type: 'redirect', message: 'skipping' },
    })
  })
})
