/** How operations end: what their errors say, what has become of the effect, and what is told of it. */
import { HookchartError } from 'hookchart/hooks'
import type { RunResult } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, deferred, hangs, hook, TOOL } from '../support/kernel.ts'

const fails = () => {
  throw new Error('boom')
}

describe('an operation that was aborted', () => {
  const reason = new Error('user left')

  test.each([
    ['an error', [reason], reason, 'work was aborted: user left.'],
    ['a text', ['because'], 'because', 'work was aborted.'],
    ['nothing', [], expect.objectContaining({ name: 'AbortError' }) as unknown, 'work was aborted.'],
  ])('with %s: says so, and has it as its cause', async (_, given, cause, message) => {
    const { hooks } = bench()
    const controller = new AbortController()
    const running = hooks.wrap({ name: 'work' }, hangs)(undefined, { signal: controller.signal })
    controller.abort(...given)
    const { error } = await running
    expect(error).toMatchObject({ code: 'RUN_ABORTED', message, details: { component: 'work' } })
    expect(error?.cause).toEqual(cause)
  })
})

describe('another attempt after the last one', () => {
  test('at the before gate: says which hook asked, and after how many', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.retry({ delayMs: 0, maxAttempts: 2 }), { name: 'again' })
    const { error } = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(error?.message).toBe('work: hook "again" at BeforeToolExecution asked for another attempt after 2 of 2')
    expect(error).not.toHaveProperty('cause')
  })

  test('behind a failure: says that one too', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.error, () => hook.retry({ delayMs: 0, maxAttempts: 2 }), { name: 'again' })
    const { error } = await hooks.wrap({ name: 'work', ...TOOL }, fails)(undefined)
    expect(error?.message).toBe(
      'work: hook "again" at ToolError asked for another attempt after 2 of 2; the last one failed: boom',
    )
    expect(error?.details).toEqual({ hook: 'again', point: 'ToolError', component: 'work', attempts: 2, limit: 2 })
    expect(error?.cause).toMatchObject({ message: 'boom' })
  })
})

describe('errors', () => {
  const original = new HookchartError('E_QUOTA', 'used up', {
    name: 'QuotaError',
    retryable: true,
    details: { user: 7 },
  })
  const throws = () => {
    throw original
  }

  test('a refusal before the effect has no cause, and nothing to say of the effect', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.cancel('no'))
    const { error } = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(error).not.toHaveProperty('cause')
    expect(error?.details).not.toHaveProperty('effect')
  })

  test('one that a hook changed keeps what it did not change, and has the original as its cause', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.error, (ctx) => hook.modified({ error: { ...ctx.data.error, message: 'masked' } }))
    const { error } = await hooks.wrap({ name: 'work', ...TOOL }, throws)(undefined)
    expect(error).toMatchObject({
      code: 'E_QUOTA',
      name: 'QuotaError',
      message: 'masked',
      retryable: true,
      details: { user: 7 },
    })
    expect(error?.cause).toBe(original)
  })

  test('one that no hook changed is the very same', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.error, () => undefined, { kind: 'guard' })
    expect((await hooks.wrap({ name: 'work', ...TOOL }, throws)(undefined)).error).toBe(original)
  })
})

describe('a refusal behind the gate before says what has become of the effect', () => {
  const refuse = (result: RunResult | Promise<RunResult>, effect: 'not_run' | 'completed' | 'failed'): Promise<void> =>
    Promise.resolve(result).then(({ status, error }) => {
      expect([status, error?.code, error?.details['effect']]).toEqual(['failed', 'HOOK_CANCELLED', effect])
    })

  test('not run: its result was replaced', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.replace('instead'))
    hooks.register(TOOL.after, () => hook.cancel('no'))
    await refuse(hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined), 'not_run')
  })

  test('not run: another operation made the result', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.cache({ key: 'k' }))
    hooks.register(TOOL.after, (ctx) => (ctx.operation.id === 'id-2' ? hook.cancel('no') : undefined))
    const gate = deferred<number>()
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => gate.promise)
    const [leads, follows] = [work(undefined), work(undefined)]
    gate.resolve(1)
    expect(await leads).toMatchObject({ status: 'completed', output: 1 })
    await refuse(follows, 'not_run')
  })

  test('failed: an error hook recovered it', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.error, () => hook.replace('rescued'))
    hooks.register(TOOL.after, () => hook.cancel('no'))
    await refuse(hooks.wrap({ name: 'work', ...TOOL }, fails)(undefined), 'failed')
  })

  test('failed: an error hook refused', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.error, () => hook.cancel('no'))
    await refuse(hooks.wrap({ name: 'work', ...TOOL }, fails)(undefined), 'failed')
  })
})

describe('results', () => {
  test('have only what there is to say', async () => {
    const { hooks } = bench()
    const keys = (result: RunResult) => Object.keys(result).sort()
    const always = ['attempts', 'correlationId', 'durationMs', 'id', 'metadata', 'status', 'trace']
    expect(keys(await hooks.wrap({ name: 'work' }, () => 1)(undefined))).toEqual([...always, 'output'].sort())
    expect(keys(await hooks.wrap({ name: 'work' }, fails)(undefined))).toEqual([...always, 'error'].sort())
    hooks.register(TOOL.before, () => hook.continue({ state: { step: 1 } }))
    const withState = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(keys(withState)).toEqual([...always, 'output', 'state'].sort())
  })

  test('another trace can be put in, again and again, and taken out', async () => {
    const { hooks } = bench()
    const result = (await hooks.wrap({ name: 'work' }, () => 1)(undefined)) as { trace?: unknown }
    result.trace = 'cut'
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({ status: 'completed', trace: 'cut' })
    result.trace = 'cut again'
    expect({ ...result }).toMatchObject({ trace: 'cut again' })
    delete result.trace
    expect(result).not.toHaveProperty('trace')
  })
})

test('OperationSettled tells the input as hooks left it, the output, the attempts and how long it took', async () => {
  const { hooks, seen, clock } = bench()
  hooks.register(TOOL.before, () => hook.modified({ input: { n: 2 } }))
  hooks.register('OperationSettled', seen.handler('settled'))
  const work = hooks.wrap({ name: 'work', ...TOOL }, ({ n }: { n: number }) => {
    void clock.advance(5)
    return { double: 2 * n }
  })
  await work({ n: 1 })
  expect(seen.calls.map(({ data }) => data)).toEqual([
    { status: 'completed', input: { n: 2 }, output: { double: 4 }, attempts: 1, durationMs: 5 },
  ])
})
