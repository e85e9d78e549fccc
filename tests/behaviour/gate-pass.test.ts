/** One pass of a gate: transforms propose, guards dispose, observers watch. */
import { compose, hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, deferred, hangs, TOOL } from '../support/kernel.ts'

describe('stages', () => {
  test('transforms, then guards, then observers, whatever their priorities', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', seen.handler('watch'), { kind: 'observe', priority: 'highest' })
    hooks.register('BeforeToolExecution', seen.handler('guard'), { kind: 'guard', priority: 'high' })
    hooks.register('BeforeToolExecution', seen.handler('change', hook.modified({ input: 2 })), { priority: 'lowest' })
    await hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n)(1)
    expect(seen.calls.map(({ hook: name, data }) => [name, (data as { input: number }).input])).toEqual([
      ['change', 1],
      ['guard', 2],
      ['watch', 2],
    ])
  })

  test.each([
    ['replace', hook.replace('r'), 'replace'],
    ['redirect', hook.redirect('other'), 'redirect'],
    ['nothing', undefined, 'run'],
  ])(
    'a transform’s %s ends the stage, and every guard is told what is about to happen',
    async (_, result, proposal) => {
      const { hooks, seen } = bench()
      hooks.register('BeforeToolExecution', seen.handler('decides', result), { priority: 'high' })
      hooks.register('BeforeToolExecution', seen.handler('behind'))
      hooks.register('BeforeToolExecution', seen.handler('guard 1'), { kind: 'guard' })
      hooks.register('BeforeToolExecution', seen.handler('guard 2'), { kind: 'guard' })
      const { trace } = await hooks.wrap({ name: 'work', ...TOOL, targets: { other: () => 1 } }, () => 1)(undefined)
      expect(seen.order).toEqual(['decides', ...(result === undefined ? ['behind'] : []), 'guard 1', 'guard 2'])
      expect(seen.calls.filter(({ hook: name }) => name.startsWith('guard')).map((call) => call.proposal)).toEqual([
        proposal,
        proposal,
      ])
      if (result !== undefined) expect(trace.find((entry) => entry.outcome === 'not_run')).toBeDefined()
    },
  )

  test.each([
    ['cancel', hook.cancel('no')],
    ['retry', hook.retry({ maxAttempts: 1 })],
  ])('after a transform’s %s there is nothing to guard', async (_, result) => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', seen.handler('decides', result))
    hooks.register('BeforeToolExecution', seen.handler('guard'), { kind: 'guard' })
    hooks.register('BeforeToolExecution', seen.handler('watch'), { kind: 'observe' })
    await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(seen.order).toEqual(['decides', 'watch'])
  })

  test('a guard’s cancel wins over what the transforms want; the other guards run all the same', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', () => hook.replace('cheap'))
    hooks.register('BeforeToolExecution', seen.handler('no', hook.cancel('denied')), { name: 'no', kind: 'guard' })
    hooks.register('BeforeToolExecution', seen.handler('also no', hook.cancel('me too')), { kind: 'guard' })
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(result).toMatchObject({
      status: 'cancelled',
      error: { code: 'HOOK_CANCELLED', details: { hook: 'no', reason: 'denied' } },
    })
    expect(seen.order).toEqual(['no', 'also no'])
  })

  test('where a redirect leads nowhere there is nothing to guard, and the gate says so', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', () => hook.redirect('nowhere'), { name: 'lost' })
    hooks.register('BeforeToolExecution', seen.handler('guard'), { kind: 'guard' })
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'UNKNOWN_TARGET' } })
    expect(seen.order).toEqual([])
    expect(result.trace.find(({ kind }) => kind === 'gate')).toMatchObject({ type: 'fail', code: 'UNKNOWN_TARGET' })
  })

  test('a guard’s retry passes the gate again, unless another guard refuses', async () => {
    const { hooks, seen, clock } = bench()
    hooks.register(
      'BeforeToolExecution',
      seen.handler('busy', (ctx) => (ctx.operation.gatePass < 2 ? hook.retry({ delayMs: 10 }) : undefined)),
      { kind: 'guard' },
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    const running = work(undefined)
    await clock.advance(10)
    expect(await running).toMatchObject({ status: 'completed' })
    expect(seen.order).toEqual(['busy', 'busy'])
    hooks.register('BeforeToolExecution', () => hook.cancel('closed'), { kind: 'guard' })
    expect(await work(undefined)).toMatchObject({ status: 'cancelled' })
  })

  test('observers see the final outcome, and what they return means nothing', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', () => hook.cancel('no'), { name: 'boss', kind: 'guard' })
    hooks.register(
      'BeforeToolExecution',
      (ctx) => {
        seen.handler('watch')(ctx)
        expect(ctx.proposal).toEqual({ type: 'cancel', code: 'HOOK_CANCELLED', reason: 'no', hook: 'boss' })
        return hook.replace('ignored')
      },
      { kind: 'observe' },
    )
    expect(await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)).toMatchObject({ status: 'cancelled' })
    expect(seen.order).toEqual(['watch'])
  })
})

describe('failures by kind', () => {
  const failures = [
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      'HOOK_FAILED',
      'GUARD_FAILED',
    ],
    ['rejects', () => Promise.reject(new Error('broken')), 'HOOK_FAILED', 'GUARD_FAILED'],
    ['returns no result', () => 42, 'HOOK_INVALID_RESULT', 'GUARD_FAILED'],
    ['decides what is not allowed', () => hook.modified({ input: 1 }), 'HOOK_DECISION_NOT_ALLOWED', 'GUARD_FAILED'],
    ['hangs', hangs, 'HOOK_TIMED_OUT', 'GUARD_TIMED_OUT'],
  ] as const

  test.each(failures)('a transform that %s is recorded and skipped', async (name, handler, code) => {
    const { hooks, clock } = bench()
    const point = name === 'decides what is not allowed' ? 'ToolSecurityCheck' : 'BeforeToolExecution'
    hooks.register(point, handler as never, { name: 'bad' })
    const running = hooks.wrap({ name: 'work', before: point }, (n: number) => n)(7)
    await clock.advanceSteps(5_000)
    const result = await running
    expect(result).toMatchObject({ status: 'completed', output: 7 })
    expect(result.trace.find((entry) => entry.hook === 'bad')).toMatchObject({
      code,
      outcome: code === 'HOOK_TIMED_OUT' ? 'timed_out' : 'failed',
    })
  })

  test.each(failures)(
    'a guard that %s refuses, and that is no refusal of its own',
    async (_, handler, hookCode, code) => {
      const { hooks, clock } = bench()
      let ran = false
      hooks.register('BeforeToolExecution', handler as never, { name: 'bad', kind: 'guard' })
      const running = hooks.wrap({ name: 'work', ...TOOL }, () => (ran = true))(undefined)
      await clock.advanceSteps(5_000)
      const result = await running
      expect(result).toMatchObject({ status: 'cancelled', error: { code, details: { hook: 'bad' } } })
      expect(result.error?.cause).toMatchObject({ code: hookCode })
      expect(ran).toBe(false)
    },
  )

  test.each(failures)('a transform that fails closed and %s refuses like a guard', async (_, handler, __, code) => {
    const { hooks, clock } = bench()
    const point = handler.toString().includes('modified') ? 'ToolSecurityCheck' : 'BeforeToolExecution'
    hooks.register(point, handler as never, { name: 'bad', onFailure: 'closed' })
    const running = hooks.wrap({ name: 'work', before: point }, () => 1)(undefined)
    await clock.advanceSteps(5_000)
    expect(await running).toMatchObject({ status: 'cancelled', error: { code } })
  })

  test('an observer that fails changes nothing and is counted', async () => {
    const { hooks } = bench()
    hooks.register(
      'BeforeToolExecution',
      () => {
        throw new Error('broken')
      },
      { name: 'watch', kind: 'observe' },
    )
    expect(await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)).toMatchObject({
      status: 'completed',
      output: 1,
    })
    expect(hooks.stats().perHook).toMatchObject([{ hook: 'watch', errors: 1, count: 1 }])
  })

  test('results so far are not lost when a later hook fails', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.modified({ input: 5 }), { name: 'good' })
    hooks.register(
      'BeforeToolExecution',
      () => {
        throw new Error('broken')
      },
      { name: 'bad' },
    )
    const result = await hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n)(1)
    expect(result.output).toBe(5)
    expect(result.trace.filter(({ kind }) => kind === 'transform')).toMatchObject([
      { hook: 'good', outcome: 'ok', type: 'modified' },
      { hook: 'bad', outcome: 'failed', code: 'HOOK_FAILED' },
    ])
  })

  test('at after and error points a guard that fails fails the operation', async () => {
    const { hooks } = bench()
    const guard = hooks.register(
      'AfterToolExecution',
      () => {
        throw new Error('broken')
      },
      { name: 'g', kind: 'guard' },
    )
    const after = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(after).toMatchObject({ status: 'failed', error: { code: 'GUARD_FAILED', details: { effect: 'completed' } } })
    expect(after).not.toHaveProperty('output')
    guard.unregister()
    hooks.register('ToolError', () => hook.replace('rescued'))
    hooks.register(
      'ToolError',
      () => {
        throw new Error('broken')
      },
      { kind: 'guard' },
    )
    const error = await hooks.wrap({ name: 'work', ...TOOL }, () => {
      throw new Error('boom')
    })(undefined)
    expect(error).toMatchObject({ status: 'failed', error: { code: 'GUARD_FAILED' } })
  })
})

describe('conditions', () => {
  test('when, match and once decide whether a hook is called', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', seen.handler('when'), { when: (ctx) => ctx.data.input === 1 })
    hooks.register('BeforeToolExecution', seen.handler('match'), { match: { component: 'http_*' } })
    hooks.register('BeforeToolExecution', seen.handler('type'), { match: { type: 'agent' } })
    hooks.register('BeforeToolExecution', seen.handler('once'), { once: true })
    const get = hooks.wrap({ name: 'http_get', ...TOOL }, (n: number) => n)
    const other = hooks.wrap({ name: 'sum', ...TOOL }, (n: number) => n)
    await get(1)
    await other(2)
    expect(seen.calls.map(({ hook: name, component }) => `${name} ${component}`)).toEqual([
      'when http_get',
      'match http_get',
      'once http_get',
    ])
    expect(hooks.list().map(({ name }) => name)).not.toContain('once')
  })

  test('once is claimed when called: of two passes at once one gets it, and one whose condition fails does not use it up', async () => {
    const { hooks, seen } = bench()
    const gate = deferred()
    hooks.register(
      'BeforeToolExecution',
      seen.handler('first', () => gate.promise),
      { priority: 'high' },
    )
    hooks.register('BeforeToolExecution', seen.handler('once'), { once: true, when: (ctx) => ctx.data.input !== 0 })
    const work = hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n)
    const running = [work(0), work(1), work(2)]
    gate.resolve()
    await Promise.all(running)
    expect(seen.order.filter((name) => name === 'once')).toHaveLength(1)
    expect(seen.calls.find(({ hook: name }) => name === 'once')?.data).toMatchObject({ input: 1 })
  })

  test('a condition that throws, or gives a promise, is a failure of the hook', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.cancel('never'), {
      name: 'open',
      when: () => {
        throw new Error('oops')
      },
    })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    expect(await work(undefined)).toMatchObject({ status: 'completed' })
    hooks.register('BeforeToolExecution', () => undefined, {
      name: 'closed',
      kind: 'guard',
      when: (() => Promise.resolve(false)) as never,
    })
    expect(await work(undefined)).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_FAILED' } })
  })
})

describe('registration from inside a running hook', () => {
  test('takes effect at the next gate; so does unregistration', async () => {
    const { hooks, seen } = bench()
    const doomed = hooks.register('BeforeToolExecution', seen.handler('doomed'), { priority: 'low' })
    hooks.register(
      'BeforeToolExecution',
      seen.handler('registers', () => {
        doomed.unregister()
        hooks.register('BeforeToolExecution', seen.handler('new'))
      }),
      { once: true },
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    await work(undefined)
    expect(seen.order).toEqual(['registers', 'doomed'])
    seen.clear()
    await work(undefined)
    expect(seen.order).toEqual(['new'])
  })
})

test('a composite of guards is a guard', async () => {
  const { hooks, seen } = bench()
  hooks.register('BeforeToolExecution', () => hook.modified({ input: 2 }), { priority: 'lowest' })
  hooks.register('BeforeToolExecution', compose.sequential(seen.handler('a'), seen.handler('b', hook.cancel('no'))), {
    kind: 'guard',
    priority: 'highest',
  })
  expect(await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(1)).toMatchObject({ status: 'cancelled' })
  expect(seen.calls.map(({ data }) => (data as { input: number }).input)).toEqual([2, 2])
})

describe('a value in the place of the effect that was not good enough', () => {
  test('a guard that has the gate passed again has the transforms asked again, and their value goes on', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', seen.handler('quick', hook.replace('quick')))
    hooks.register(
      'BeforeToolExecution',
      seen.handler('guard', (ctx) => (ctx.proposal?.type === 'run' ? hook.retry({ delayMs: 0 }) : undefined)),
      { kind: 'guard' },
    )
    let asked = 0
    hooks.register('AfterToolExecution', () => (++asked === 1 ? hook.retry({ delayMs: 0 }) : undefined))
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 'thorough')(undefined)
    expect(result).toMatchObject({ status: 'completed', output: 'quick', attempts: 0 })
    expect(seen.calls.map(({ hook: name, proposal }) => `${name} ${String(proposal)}`)).toEqual([
      'quick run',
      'guard replace',
      'guard run',
      'quick run',
      'guard replace',
    ])
  })
})

test('in development what hooks have seen is what the effect gets, whatever the caller does meanwhile', async () => {
  const { hooks } = bench()
  const gate = deferred()
  hooks.register('BeforeToolExecution', () => gate.promise)
  const mine = { n: 1 }
  const running = hooks.wrap({ name: 'work', ...TOOL }, ({ n }: { n: number }) => n)(mine)
  mine.n = 2
  gate.resolve()
  expect(await running).toMatchObject({ output: 1 })
})

test('a gate takes as long as it waits for an answer, in the trace', async () => {
  const { hooks, clock } = bench()
  hooks.register('BeforeToolExecution', () => hook.suspend({ question: 'May it?' }))
  const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
  await clock.advance(700)
  const [pending] = hooks.approvals.pending()
  await hooks.approvals.resume(pending!.id)
  const { trace } = await running
  expect(trace.find(({ kind }) => kind === 'gate')).toMatchObject({ durationMs: 700 })
})

test('observers and guards are told what is about to happen, or why nothing will', async () => {
  const seen: unknown[] = []
  const { hooks } = bench()
  const results = [hook.cancel('no'), hook.retry({ delayMs: 0, maxAttempts: 2 }), hook.replace(7), undefined]
  hooks.register('BeforeToolExecution', () => results[seen.length], { name: 'decides' })
  hooks.register('BeforeToolExecution', ({ proposal }) => void seen.push(proposal), { kind: 'observe' })
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
  for (let i = 0; i < 3; i++) await work(undefined)
  expect(seen).toEqual([
    { type: 'cancel', code: 'HOOK_CANCELLED', reason: 'no', hook: 'decides' },
    { type: 'retry', delayMs: 0, maxAttempts: 2 },
    { type: 'replace', value: 7 },
    { type: 'run' },
  ])
})
