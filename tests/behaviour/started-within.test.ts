/** Operations started from within others: what they take over, where they are in traces, and what ends them. */
import { createHooks, createMemoryJournal } from 'hookchart/hooks'
import type { EffectCall, RunResult } from 'hookchart/hooks'
import { createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { bench, deferred, hangs, hook, TOOL } from '../support/kernel.ts'

/** Options that make an operation a child of an effect. */
const under = (call: EffectCall) => ({ parent: call })

describe('the target of a redirect', () => {
  test('is in the trace under the operation that it takes the place of', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.redirect('fast'), { when: ({ component }) => component.name === 'slow' })
    const fast = hooks.wrap({ name: 'fast', ...TOOL }, () => 1)
    const { trace } = await hooks.wrap({ name: 'slow', ...TOOL, targets: { fast } }, () => 2)(undefined)
    expect(trace.map(({ component, kind, type, parent }) => [component, kind, type, parent])).toEqual([
      ['slow', 'operation', 'redirected', null],
      ['slow', 'gate', 'redirect', 0],
      ['slow', 'transform', 'redirect', 1],
      ['fast', 'operation', 'completed', 0],
      ['fast', 'gate', 'continue', 3],
      ['fast', 'transform', 'skipped', 4],
      ['fast', 'effect', 'completed', 3],
    ])
  })

  test('goes on with the state that led to it', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.redirect('next', { state: { step: 1 } }))
    const states: unknown[] = []
    hooks.register('AfterChain', ({ state }) => void states.push(state))
    const next = hooks.wrap({ name: 'next', after: 'AfterChain' }, () => 1)
    const result = await hooks.wrap({ name: 'work', ...TOOL, targets: { next } }, () => 2)(undefined)
    expect(result).toMatchObject({ output: 1, state: { step: 1 } })
    expect(states).toEqual([{ step: 1 }])
  })

  test('adds its attempts to those before it', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.error, (ctx) =>
      ctx.operation.attempt < 2 ? hook.retry({ delayMs: 0 }) : hook.redirect('backup'),
    )
    const work = hooks.wrap({ name: 'work', ...TOOL, targets: { backup: () => 1 } }, () => {
      throw new Error('boom')
    })
    expect(await work(undefined)).toMatchObject({ status: 'completed', attempts: 3 })
  })

  test('that cannot be started fails the operation', async () => {
    const ids = createTestIds()
    let left = 1
    const next = () => {
      if (left-- === 0) throw new Error('no id is left')
      return ids.next()
    }
    const hooks = createHooks({ ids: { next } })
    hooks.register(TOOL.before, () => hook.redirect('other'))
    const result = await hooks.wrap({ name: 'work', ...TOOL, targets: { other: () => 1 } }, () => 2)(undefined)
    expect(result).toMatchObject({ status: 'failed', id: 'id-1', error: { message: 'no id is left' } })
  })

  test('that is a function has a component of its own, for whoever watches', async () => {
    const { hooks } = bench()
    const settled: unknown[] = []
    hooks.register('OperationSettled', ({ component }) => void settled.push(component))
    hooks.register(TOOL.before, () => hook.redirect('other'))
    await hooks.wrap({ name: 'work', ...TOOL, targets: { other: () => 1 } }, () => 2)(undefined)
    expect(settled).toEqual([
      { type: 'tool', name: 'work', id: 'work' },
      { type: 'custom', name: 'other', id: 'other' },
    ])
  })
})

describe('what an effect starts', () => {
  test('begins without state', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.continue({ state: { step: 1 } }))
    const child = hooks.wrap({ name: 'child' }, () => 1)
    let inner: RunResult | undefined
    const work = hooks.wrap({ name: 'work', ...TOOL }, async (_: undefined, call) => {
      inner = await child(undefined, under(call))
    })
    expect(await work(undefined)).toMatchObject({ state: { step: 1 } })
    expect(inner).not.toHaveProperty('state')
  })

  test('is aborted with it', async () => {
    const { hooks } = bench()
    const controller = new AbortController()
    const child = hooks.wrap({ name: 'child' }, hangs)
    const inner = deferred<RunResult>()
    const work = hooks.wrap({ name: 'work' }, async (_: undefined, call) =>
      inner.resolve(await child(undefined, under(call))),
    )
    const running = work(undefined, { signal: controller.signal })
    controller.abort(new Error('enough'))
    expect(await running).toMatchObject({ status: 'cancelled', error: { message: 'work was aborted: enough.' } })
    expect(await inner.promise).toMatchObject({ status: 'cancelled', error: { message: 'child was aborted: enough.' } })
  })

  test('after the hooks were stopped is cancelled like itself, for it is no new work', async () => {
    const { hooks } = bench()
    const gate = deferred()
    const inner = deferred<RunResult>()
    const child = hooks.wrap({ name: 'child' }, () => 1)
    const work = hooks.wrap({ name: 'work' }, async (_: undefined, call) => {
      await gate.promise
      inner.resolve(await child(undefined, under(call)))
    })
    const running = work(undefined)
    await hooks.stop()
    expect(await running).toMatchObject({ status: 'cancelled' })
    gate.resolve()
    expect(await inner.promise).toMatchObject({ status: 'cancelled', attempts: 0, error: { code: 'RUN_ABORTED' } })
  })

  test('may ask somebody: whoever answers gets what the whole run comes to', async () => {
    const { hooks, clock } = bench()
    hooks.register(TOOL.before, () => hook.suspend({ question: 'May it?' }), { kind: 'guard' })
    const child = hooks.wrap({ name: 'child', ...TOOL }, () => 'inner')
    const running = hooks.wrap({ name: 'work' }, async (_: undefined, call) => {
      await null
      await child(undefined, under(call))
      return 'outer'
    })(undefined)
    await clock.settle()
    const [pending] = hooks.approvals.pending()
    expect(await hooks.approvals.resume(pending!.id)).toMatchObject({ id: 'id-1', output: 'outer' })
    expect(await running).toMatchObject({ output: 'outer' })
  })

  test('has a trace of what had happened when it ended, whenever that is read', async () => {
    const journal = createMemoryJournal()
    const { hooks, clock } = bench({ journal })
    const [late, goOn] = [deferred(), deferred()]
    const child = hooks.wrap({ name: 'child' }, () => late.promise)
    let inner: RunResult | undefined
    const running = hooks.wrap({ name: 'work' }, async (_: undefined, call) => {
      inner = await child(undefined, { parent: call, timeoutMs: 10 })
      await goOn.promise
    })(undefined)
    await clock.advance(10)
    late.resolve()
    await clock.settle()
    goOn.resolve()
    const { id, trace } = await running
    expect(journal.read(id).map(({ type }) => type)).toContain('late')
    expect(trace.map(({ outcome }) => outcome)).toContain('late')
    expect(inner?.trace.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['operation', 'timed_out'],
      ['effect', 'timed_out'],
    ])
  })
})
