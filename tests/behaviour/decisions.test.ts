/** What each result of a hook does to a wrapped function: the table of decisions, before, after and at errors. */
import { describe, expect, test } from 'vitest'
import { bench, hook, TOOL } from '../support/kernel.ts'

describe('before the effect', () => {
  test('continue, undefined and skipped let the effect run on the input as given', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', seen.handler('nothing'))
    hooks.register('BeforeToolExecution', seen.handler('continue', hook.continue()))
    hooks.register('BeforeToolExecution', seen.handler('skipped', hook.skipped('not mine')))
    const add = hooks.wrap({ name: 'add', ...TOOL }, ({ a, b }: { a: number; b: number }) => a + b)
    const result = await add({ a: 1, b: 2 })
    expect(result).toMatchObject({ status: 'completed', output: 3, attempts: 1 })
    expect(seen.order).toEqual(['nothing', 'continue', 'skipped'])
  })

  test('modified: each hook sees what those before it changed, and the effect gets the fold', async () => {
    const { hooks } = bench()
    const inputs: unknown[] = []
    hooks.register('BeforeToolExecution', (ctx) => {
      inputs.push(ctx.data.input)
      return hook.modified({ input: { n: 2 } })
    })
    hooks.register('BeforeToolExecution', (ctx) => {
      inputs.push(ctx.data.input)
      return hook.modified((draft: { input: { n: number } }) => {
        draft.input.n *= 10
      })
    })
    const echo = hooks.wrap({ name: 'echo', ...TOOL }, (input: { n: number }) => input.n)
    const mine = { n: 1 }
    expect(await echo(mine)).toMatchObject({ output: 20 })
    expect(inputs).toEqual([{ n: 1 }, { n: 2 }])
    expect(mine).toEqual({ n: 1 })
    expect(Object.isFrozen(mine)).toBe(false)
  })

  test('replace: the effect does not run, and the value goes on to after', async () => {
    const { hooks, seen } = bench()
    let ran = 0
    hooks.register('BeforeToolExecution', () => hook.replace('cached'), { name: 'short' })
    hooks.register('AfterToolExecution', seen.handler('after'))
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => ++ran)(undefined)
    expect(result).toMatchObject({ status: 'completed', output: 'cached', attempts: 0 })
    expect(ran).toBe(0)
    expect(seen.calls).toMatchObject([{ hook: 'after', data: { output: 'cached' } }])
  })

  test('cancel: the effect does not run; cancelled, with code, reason, hook and point', async () => {
    const { hooks, seen } = bench()
    let ran = 0
    hooks.register('BeforeToolExecution', () => hook.cancel('not today'), { name: 'calendar' })
    hooks.register('AfterToolExecution', seen.handler('after'))
    hooks.register('ToolError', seen.handler('error'))
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => ++ran)(undefined)
    expect(result.status).toBe('cancelled')
    expect(result.error).toMatchObject({
      code: 'HOOK_CANCELLED',
      details: { hook: 'calendar', point: 'BeforeToolExecution', reason: 'not today' },
    })
    expect(result).not.toHaveProperty('output')
    expect(ran).toBe(0)
    expect(seen.order).toEqual([])
  })

  test('redirect: another function runs instead, through its own gates, as a child; the result has the first id', async () => {
    const { hooks, seen } = bench()
    hooks.register(
      'BeforeToolExecution',
      seen.handler('gate', (ctx) => (ctx.component.name === 'slow' ? hook.redirect('fast') : undefined)),
    )
    hooks.register('OperationSettled', seen.handler('settled'))
    const fast = hooks.wrap({ name: 'fast', ...TOOL }, (n: number) => n * 2)
    const slow = hooks.wrap({ name: 'slow', ...TOOL, targets: { fast } }, () => 'never')
    const result = await slow(21)
    expect(result).toMatchObject({ status: 'completed', output: 42, id: 'id-1', correlationId: 'id-1' })
    expect(seen.calls.map(({ hook: name, component }) => `${name} ${component}`)).toEqual([
      'gate slow',
      'settled slow',
      'gate fast',
      'settled fast',
    ])
    const settled = seen.calls
      .filter(({ hook: name }) => name === 'settled')
      .map(({ data }) => (data as { status: string }).status)
    expect(settled).toEqual(['redirected', 'completed'])
  })

  test('redirect to something that does not exist fails the run and says what exists', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.redirect('nowhere'), { name: 'lost' })
    const result = await hooks.wrap({ name: 'work', ...TOOL, targets: { somewhere: () => 1 } }, () => 2)(undefined)
    expect(result.status).toBe('failed')
    expect(result.error).toMatchObject({
      code: 'UNKNOWN_TARGET',
      details: { hook: 'lost', target: 'nowhere', known: ['somewhere'] },
    })
  })

  test('redirects are bounded: maxRedirects, 8 by default', async () => {
    const rounds = async (executor?: { maxRedirects: number }) => {
      const { hooks, seen } = bench(executor && { executor })
      hooks.register('BeforeToolExecution', seen.handler('again', hook.redirect('self')), { name: 'again' })
      const targets: Record<string, (input: never) => unknown> = {}
      const self = hooks.wrap({ name: 'self', ...TOOL, targets }, () => 1)
      targets['self'] = self
      const result = await self(undefined)
      return { passes: seen.calls.length, result }
    }
    const { passes, result } = await rounds()
    expect(passes).toBe(9)
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'REDIRECT_LIMIT', details: { hook: 'again', limit: 8 } },
    })
    expect((await rounds({ maxRedirects: 2 })).passes).toBe(3)
  })

  test('retry: the gate is passed again after the delay, up to maxAttempts passes in all', async () => {
    const { hooks, clock } = bench()
    const passes: number[] = []
    hooks.register('BeforeToolExecution', (ctx) => {
      passes.push(ctx.operation.gatePass)
      return ctx.operation.gatePass < 3 ? hook.retry({ delayMs: 100, maxAttempts: 3 }) : undefined
    })
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 'done')(undefined)
    await clock.advance(100)
    expect(passes).toEqual([1, 2])
    await clock.advance(100)
    expect(await running).toMatchObject({ status: 'completed', output: 'done', attempts: 1 })
    expect(passes).toEqual([1, 2, 3])
  })

  test('retry after the last pass ends in a named error', async () => {
    const { hooks, clock } = bench()
    let passes = 0
    hooks.register(
      'BeforeToolExecution',
      () => {
        passes++
        return hook.retry({ delayMs: 10, maxAttempts: 4 })
      },
      { name: 'stubborn' },
    )
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 'done')(undefined)
    await clock.advanceSteps(1_000)
    const result = await running
    expect(result).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: { code: 'ATTEMPTS_EXHAUSTED', details: { hook: 'stubborn', limit: 4 } },
    })
    expect(passes).toBe(4)
  })

  test('fork: the operations run first, and their results are in the data of the hooks behind it', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', () =>
      hook.fork([
        { id: 'a', type: 'tool', target: 'double', input: 1 },
        { id: 'b', type: 'tool', target: 'fails', input: 2 },
      ]),
    )
    hooks.register('BeforeToolExecution', seen.handler('later'))
    hooks.register('BeforeToolExecution', seen.handler('guard'), { kind: 'guard' })
    const targets = {
      double: (n: number) => n * 2,
      fails: () => {
        throw new Error('boom')
      },
    }
    const result = await hooks.wrap({ name: 'work', ...TOOL, targets }, () => 'done')(undefined)
    expect(result).toMatchObject({ status: 'completed', output: 'done' })
    for (const call of seen.calls) {
      expect(call.data).toMatchObject({
        forks: { a: { status: 'completed', output: 2 }, b: { status: 'failed', error: { message: 'boom' } } },
      })
    }
    expect(seen.order).toEqual(['later', 'guard'])
  })

  test('fork to something that does not exist fails the run', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.fork([{ id: 'a', type: 'tool', target: 'nope' }]))
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'UNKNOWN_TARGET' } })
  })

  test('state and message: a patch of workflow state is applied before the decision acts', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', () => hook.continue({ state: { step: 1 }, message: 'noted' }), {
      name: 'one',
    })
    hooks.register('BeforeToolExecution', (ctx) => {
      expect(ctx.state).toEqual({ step: 1 })
      return hook.cancel('stop', { state: { stopped: true } })
    })
    hooks.register(
      'OperationSettled',
      seen.handler('settled', (ctx) => expect(ctx.state).toEqual({ step: 1, stopped: true })),
    )
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(result).toMatchObject({ status: 'cancelled', state: { step: 1, stopped: true } })
    expect(result.trace.find((entry) => entry.hook === 'one')?.message).toBe('noted')
    expect(seen.order).toEqual(['settled'])
  })
})

describe('after a success', () => {
  test('modified changes the result, replace is the result', async () => {
    const { hooks } = bench()
    hooks.register('AfterToolExecution', () => hook.modified({ output: 'changed' }))
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 'done')
    expect(await work(undefined)).toMatchObject({ output: 'changed' })
    hooks.register('AfterToolExecution', (ctx) => hook.replace({ was: ctx.data.output }))
    expect(await work(undefined)).toMatchObject({ status: 'completed', output: { was: 'changed' } })
  })

  test('cancel withholds the output and says that the effect has run', async () => {
    const { hooks } = bench()
    hooks.register('AfterToolExecution', () => hook.cancel('secret'), { name: 'censor' })
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 'done')(undefined)
    expect(result.status).toBe('failed')
    expect(result).not.toHaveProperty('output')
    expect(result.error).toMatchObject({
      code: 'HOOK_CANCELLED',
      details: { hook: 'censor', effect: 'completed', reason: 'secret' },
    })
  })

  test('retry runs the effect again without passing the before gate again', async () => {
    const { hooks, seen, clock } = bench()
    hooks.register('BeforeToolExecution', seen.handler('before'))
    hooks.register(
      'AfterToolExecution',
      seen.handler('after', (ctx) => (ctx.data.output === 'bad' ? hook.retry({ delayMs: 5 }) : undefined)),
    )
    let runs = 0
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => (++runs < 3 ? 'bad' : 'good'))(undefined)
    await clock.advanceSteps(100)
    expect(await running).toMatchObject({ output: 'good', attempts: 3 })
    expect(seen.calls.map(({ hook: name, attempt }) => `${name} ${attempt}`)).toEqual([
      'before 1',
      'after 1',
      'after 2',
      'after 3',
    ])
  })

  test('redirect goes on at the target with the result as its input', async () => {
    const { hooks } = bench()
    hooks.register('AfterToolExecution', () => hook.redirect('format'))
    const work = hooks.wrap(
      { name: 'work', ...TOOL, targets: { format: (n: number) => `= ${n}` } },
      (n: number) => n * 2,
    )
    expect(await work(4)).toMatchObject({ status: 'completed', output: '= 8' })
  })
})

describe('at an error', () => {
  const failing = () => {
    throw Object.assign(new Error('too many requests'), { code: '429', retryable: true })
  }

  test('continue fails with the original error: code, name, message, retryable', async () => {
    const { hooks, seen } = bench()
    hooks.register('ToolError', seen.handler('error'))
    const result = await hooks.wrap({ name: 'call', ...TOOL }, failing)(undefined)
    expect(result.status).toBe('failed')
    expect(result.error).toMatchObject({ code: '429', name: 'Error', message: 'too many requests', retryable: true })
    expect(seen.calls[0]?.data).toMatchObject({
      error: { code: '429', name: 'Error', message: 'too many requests', retryable: true },
    })
  })

  test('replace recovers, and after fires once for the operation', async () => {
    const { hooks, seen } = bench()
    hooks.register('ToolError', () => hook.replace('fallback'))
    hooks.register('AfterToolExecution', seen.handler('after'))
    const result = await hooks.wrap({ name: 'call', ...TOOL }, failing)(undefined)
    expect(result).toMatchObject({ status: 'completed', output: 'fallback', attempts: 1 })
    expect(seen.calls).toMatchObject([{ hook: 'after', data: { output: 'fallback' } }])
  })

  test('retry: N means N attempts in all, and each operation counts for itself', async () => {
    const { hooks, clock } = bench()
    hooks.register('ToolError', () => hook.retry({ delayMs: 10, maxAttempts: 3 }), { name: 'again' })
    let runs = 0
    const call = hooks.wrap({ name: 'call', ...TOOL }, () => {
      runs++
      return failing()
    })
    const both = [call(undefined), call(undefined)]
    await clock.advanceSteps(1_000)
    for (const result of await Promise.all(both)) {
      expect(result).toMatchObject({ status: 'failed', attempts: 3, error: { code: 'ATTEMPTS_EXHAUSTED' } })
      expect(result.error?.cause).toMatchObject({ code: '429' })
    }
    expect(runs).toBe(6)
    // A later one starts at 1 again.
    const third = call(undefined)
    await clock.advanceSteps(1_000)
    expect(await third).toMatchObject({ attempts: 3 })
  })

  test('of several limits the smallest holds', async () => {
    const { hooks, clock } = bench()
    hooks.register('ToolError', (ctx) => hook.retry({ delayMs: 1, maxAttempts: ctx.operation.attempt === 1 ? 2 : 9 }))
    const running = hooks.wrap({ name: 'call', ...TOOL }, failing)(undefined)
    await clock.advanceSteps(100)
    expect(await running).toMatchObject({ attempts: 2 })
  })

  test('redirect is a fallback with the input', async () => {
    const { hooks } = bench()
    hooks.register('ToolError', () => hook.redirect('backup'))
    const call = hooks.wrap({ name: 'call', ...TOOL, targets: { backup: (n: number) => n + 1 } }, failing)
    expect(await call(1)).toMatchObject({ status: 'completed', output: 2 })
  })

  test('modified changes the error, cancel fails with its own', async () => {
    const { hooks } = bench()
    const call = hooks.wrap({ name: 'call', ...TOOL }, failing)
    const handle = hooks.register('ToolError', (ctx) =>
      hook.modified({ error: { ...ctx.data.error, message: 'masked' } }),
    )
    const masked = await call(undefined)
    expect(masked.error).toMatchObject({ code: '429', message: 'masked' })
    handle.unregister()
    hooks.register('ToolError', () => hook.cancel('give up'))
    const refused = await call(undefined)
    expect(refused.status).toBe('failed')
    expect(refused.error).toMatchObject({ code: 'HOOK_CANCELLED', details: { reason: 'give up' } })
    expect(refused.error?.cause).toMatchObject({ code: '429' })
  })
})

test('a sync chain stays synchronous, hooks and effect', () => {
  const { hooks } = bench()
  hooks.register('BeforeToolExecution', () => hook.modified({ input: 5 }))
  hooks.register('BeforeToolExecution', () => undefined, { kind: 'guard' })
  const result = hooks.wrap({ name: 'sync', ...TOOL }, (n: number) => n)(1)
  expect(result).not.toBeInstanceOf(Promise)
  expect(result).toMatchObject({ output: 5 })
})
