/** Hooks that ask somebody, and what the answer does. */
import { hook } from 'hookchart/hooks'
import type { RunResult } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bench, TOOL } from '../support/kernel.ts'
import { rejectionOf } from '../support/refusal.ts'

const ask = hook.suspend({ question: 'May it?', data: { cost: 3 } })

function asking(options: Parameters<typeof bench>[0] = {}) {
  const all = bench(options)
  const { hooks, seen } = all
  hooks.register('BeforeToolExecution', seen.handler('asks', ask), { name: 'asks', kind: 'guard' })
  const work = hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n * 2)
  return { ...all, work }
}

describe('answers', () => {
  test('the run waits, shows what it asks, and goes on with true', async () => {
    const { hooks, work, clock } = asking()
    await clock.advance(1_000)
    const running = work(4)
    expect(hooks.approvals.pending()).toEqual([
      {
        id: 'id-1/BeforeToolExecution/1',
        request: { question: 'May it?', data: { cost: 3 } },
        point: 'BeforeToolExecution',
        component: { type: 'tool', name: 'work', id: 'work' },
        correlationId: 'id-1',
        operationId: 'id-1',
        hook: 'asks',
        since: 1_000,
        expiresAt: 1_000 + 24 * 3_600_000,
      },
    ])
    const resumed = hooks.approvals.resume('id-1/BeforeToolExecution/1', true)
    const result = await running
    expect(result).toMatchObject({ status: 'completed', output: 8 })
    expect(await resumed).toBe(result)
    expect(hooks.approvals.pending()).toEqual([])
  })

  test.each([
    ['nothing', undefined, { status: 'completed', output: 8 }],
    ['an edit', hook.modified({ input: 5 }), { status: 'completed', output: 10 }],
    ['a replacement', hook.replace('instead'), { status: 'completed', output: 'instead' }],
    [
      'a cancel',
      hook.cancel('too dear'),
      { status: 'cancelled', error: { code: 'HOOK_CANCELLED', details: { reason: 'too dear', hook: 'asks' } } },
    ],
  ])('%s', async (_, answer, expected) => {
    const { hooks, work } = asking()
    const running = work(4)
    await hooks.approvals.resume('id-1', answer)
    expect(await running).toMatchObject(expected)
  })

  test('reject cancels with APPROVAL_REJECTED', async () => {
    const { hooks, work } = asking()
    const running = work(4)
    await hooks.approvals.reject('id-1', 'no budget')
    expect(await running).toMatchObject({
      status: 'cancelled',
      error: { code: 'APPROVAL_REJECTED', details: { reason: 'no budget' } },
    })
  })

  test('an answer that cannot be taken is refused, and the wait stays', async () => {
    const { hooks, work } = asking()
    const running = work(4)
    for (const bad of [
      hook.retry(),
      hook.redirect('x'),
      42,
      { type: 'modified' },
      hook.modified({ tool: {} }),
      hook.modified({ input: () => 1 }),
    ]) {
      expect((await rejectionOf(hooks.approvals.resume('id-1', bad as never))).code).toBe('INVALID_RESUME')
    }
    expect(hooks.approvals.pending()).toHaveLength(1)
    await hooks.approvals.resume('id-1')
    expect(await running).toMatchObject({ output: 8 })
  })

  test('each is answered once', async () => {
    const { hooks, work } = asking()
    void work(4)
    await hooks.approvals.resume('id-1')
    expect((await rejectionOf(hooks.approvals.resume('id-1'))).code).toBe('UNKNOWN_APPROVAL')
    expect((await rejectionOf(hooks.approvals.reject('id-1'))).code).toBe('UNKNOWN_APPROVAL')
    expect((await rejectionOf(hooks.approvals.resume('never was'))).code).toBe('UNKNOWN_APPROVAL')
  })

  test('a schema says what an answer may give', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () =>
      hook.suspend({ question: 'How many?', schema: z.object({ input: z.number().max(10) }) }),
    )
    const running = hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n)(1)
    expect((await rejectionOf(hooks.approvals.resume('id-1', hook.modified({ input: 11 })))).message).toContain(
      '"input"',
    )
    expect(
      (
        await rejectionOf(
          hooks.approvals.resume(
            'id-1',
            hook.modified((draft: { input: number }) => {
              draft.input = 3
            }),
          ),
        )
      ).code,
    ).toBe('INVALID_RESUME')
    await hooks.approvals.resume('id-1', hook.modified({ input: 9 }))
    expect(await running).toMatchObject({ output: 9 })
  })

  test('the point decides what an answer may be', async () => {
    const { hooks } = bench()
    hooks.register('ToolSecurityCheck', () => ask)
    const running = hooks.wrap({ name: 'work', before: 'ToolSecurityCheck' }, () => 1)(undefined)
    expect((await rejectionOf(hooks.approvals.resume('id-1', hook.replace(2)))).message).toContain(
      'ToolSecurityCheck does not allow',
    )
    await hooks.approvals.resume('id-1')
    expect(await running).toMatchObject({ output: 1 })
  })
})

describe('guards and answers', () => {
  test('a change that comes in while a guard waits asks the other guards again, and not the one that waited', async () => {
    const { hooks, seen, work } = asking()
    hooks.register('BeforeToolExecution', seen.handler('early'), { kind: 'guard', priority: 'high' })
    hooks.register(
      'BeforeToolExecution',
      seen.handler('late', (ctx) => ((ctx.data.input as number) > 6 ? hook.cancel('too many') : undefined)),
      { kind: 'guard', name: 'late' },
    )
    const running = work(4)
    await hooks.approvals.resume('id-1', hook.modified({ input: 7 }))
    expect(await running).toMatchObject({
      status: 'cancelled',
      error: { details: { hook: 'late', reason: 'too many' } },
    })
    expect(seen.calls.map(({ hook: name, data }) => [name, (data as { input: number }).input])).toEqual([
      ['early', 4],
      ['asks', 4],
      ['early', 7],
      ['late', 7],
    ])
  })

  test('a replacement asks them again too, and tells them', async () => {
    const { hooks, seen, work } = asking()
    hooks.register('BeforeToolExecution', seen.handler('late'), { kind: 'guard' })
    const running = work(4)
    await hooks.approvals.resume('id-1', hook.replace(0))
    expect(await running).toMatchObject({ output: 0 })
    expect(seen.calls.map(({ hook: name, proposal }) => [name, proposal])).toEqual([
      ['asks', 'run'],
      ['late', 'replace'],
    ])
  })

  test('nobody is asked about an operation that is refused already', async () => {
    const { hooks, work } = asking()
    hooks.register('BeforeToolExecution', () => hook.cancel('closed'), { kind: 'guard', priority: 'high' })
    expect(await work(1)).toMatchObject({ status: 'cancelled', error: { details: { reason: 'closed' } } })
    expect(hooks.approvals.pending()).toEqual([])
  })

  test('a transform that asks goes on with the next transform', async () => {
    const { hooks, seen } = bench()
    hooks.register('BeforeToolExecution', () => ask)
    hooks.register('BeforeToolExecution', seen.handler('next'))
    const running = hooks.wrap({ name: 'work', ...TOOL }, (n: number) => n)(1)
    await hooks.approvals.resume('id-1', hook.modified({ input: 2 }))
    expect(await running).toMatchObject({ output: 2 })
    expect(seen.calls).toMatchObject([{ data: { input: 2 } }])
  })
})

describe('time', () => {
  test('without an answer in time it is cancelled with APPROVAL_EXPIRED', async () => {
    const { work, clock } = asking()
    const running = work(4)
    await clock.advance(24 * 3_600_000)
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'APPROVAL_EXPIRED' } })
  })

  test('it is put once more, to somebody else and with a fresh deadline', async () => {
    const { hooks, clock } = bench()
    hooks.register('BeforeToolExecution', () =>
      hook.suspend({ question: 'May it?', expiresInMs: '1m', escalateTo: 'boss' }),
    )
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    await clock.advance(60_000)
    expect(hooks.approvals.pending()).toMatchObject([
      { id: 'id-1/BeforeToolExecution/1', request: { escalatedTo: 'boss' }, expiresAt: 120_000 },
    ])
    await clock.advance(60_000)
    expect(await running).toMatchObject({ error: { code: 'APPROVAL_EXPIRED' } })
  })

  test('while it waits, the deadlines of the operation, the gate and the hook stand still', async () => {
    const { hooks, clock, work } = asking({ executor: { timeoutMs: 50, gateTimeoutMs: 100 } })
    hooks.register('BeforeToolExecution', () => undefined, { kind: 'guard', priority: 'low' })
    const running = work(4, { timeoutMs: 200 })
    await clock.advance(10_000)
    await hooks.approvals.resume('id-1')
    expect(await running).toMatchObject({ status: 'completed', output: 8 })
  })

  test('waits longer than a timer can be set for', async () => {
    const { hooks, clock } = bench()
    const month = 30 * 24 * 3_600_000
    hooks.register('BeforeToolExecution', () => hook.suspend({ question: 'May it?', expiresInMs: month }))
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    await clock.advance(month - 1)
    expect(hooks.approvals.pending()).toHaveLength(1)
    await clock.advance(1)
    expect(await running).toMatchObject({ error: { code: 'APPROVAL_EXPIRED' } })
  })

  test('abort ends the wait', async () => {
    const { hooks, work } = asking()
    const controller = new AbortController()
    const running = work(4, { signal: controller.signal })
    controller.abort()
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    expect(hooks.approvals.pending()).toEqual([])
  })
})

test('onSuspend: return gives the id at once; resume gives the promise of the result', async () => {
  const { hooks, work } = asking()
  const suspended = await work(4, { onSuspend: 'return' })
  expect(suspended).toMatchObject({ status: 'suspended', id: 'id-1', approvalId: 'id-1/BeforeToolExecution/1' })
  expect(suspended.trace.map(({ kind }) => kind)).toEqual(['operation', 'gate', 'guard'])
  expect(await hooks.approvals.resume(suspended.approvalId!, true)).toMatchObject({ status: 'completed', output: 8 })
})

test('onSuspend: return, when a target of a redirect asks', async () => {
  const { hooks } = bench()
  hooks.register('BeforeToolExecution', (ctx) => (ctx.component.name === 'a' ? hook.redirect('b') : ask))
  const b = hooks.wrap({ name: 'b', ...TOOL }, (n: number) => n)
  const a = hooks.wrap({ name: 'a', ...TOOL, targets: { b } }, (n: number) => n)
  const suspended = await a(3, { onSuspend: 'return' })
  expect(suspended).toMatchObject({ status: 'suspended', id: 'id-1' })
  expect(await hooks.approvals.resume('id-1')).toMatchObject({
    status: 'completed',
    output: 3,
    id: 'id-1',
  } satisfies Partial<RunResult>)
})

test('a firing outside an operation waits too, and resume gives its decision', async () => {
  const { hooks } = bench()
  hooks.register('BeforeToolExecution', () => ask)
  const running = hooks.run('BeforeToolExecution', { input: 1 } as never)
  const [pending] = hooks.approvals.pending()
  expect(await hooks.approvals.resume(pending!.id, hook.modified({ input: 2 }))).toEqual({
    type: 'modified',
    data: { input: 2 },
  })
  expect(await running).toEqual({ type: 'modified', data: { input: 2 } })
})

test('two questions at once have ids of their own', async () => {
  const { hooks, work } = asking()
  const running = [work(1), work(2)]
  const ids = hooks.approvals.pending().map(({ id }) => id)
  expect(new Set(ids).size).toBe(2)
  await hooks.approvals.resume(ids[1]!, hook.replace('second'))
  await hooks.approvals.resume(ids[0]!, hook.replace('first'))
  expect((await Promise.all(running)).map(({ output }) => output)).toEqual(['first', 'second'])
})
