/** What happens at the edges of operations and firings: rare, and yet as promised. */
import { compose, createHooks, createMemoryJournal, defineHook, definePoint, hook } from 'hookchart/hooks'
import type { CreateHooksOptions, EffectCall, HookHandle, Journal, RunResult } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { deferred, hangs, TOOL } from '../support/kernel.ts'
import { errorOf, rejectionOf } from '../support/refusal.ts'
import { nothing } from './kernel-samples.ts'

function bench(options: CreateHooksOptions = {}) {
  const clock = createTestClock()
  return { clock, hooks: createHooks({ clock, ids: createTestIds(), ...options }) }
}

/** A journal that is durable when it is told so. */
function slowJournal() {
  const written = deferred()
  const types: string[] = []
  const journal: Journal = {
    open: () => ({
      append: (entry) => void types.push(entry.toRecord().type),
      commit: () => written.promise,
      close: () => void types.push('close'),
    }),
    append: nothing,
    read: () => [],
    runs: () => [],
  }
  return { journal, written, types }
}

describe('firing a point', () => {
  const point = definePoint('p', { phase: 'before' })

  test('a signal that is aborted later has nothing to abort any more', () => {
    const { hooks } = bench()
    hooks.register(point, () => hook.replace(1), { name: 'x' })
    const controller = new AbortController()
    expect(hooks.run(point, {}, { signal: controller.signal })).toMatchObject({ type: 'replace', value: 1 })
    controller.abort()
    expect(hooks.run(point, {}, { signal: AbortSignal.abort() })).toMatchObject({ type: 'cancel', code: 'RUN_ABORTED' })
  })

  test('what a decision cannot be is thrown, with a signal too', () => {
    const { hooks } = bench()
    hooks.register(point, () => hook.fork([{ id: 'a', type: 'tool', target: 't' }]), { name: 'x' })
    const fire = () => hooks.run(point, {}, { signal: new AbortController().signal })
    expect(errorOf(fire).code).toBe('UNKNOWN_TARGET')
  })

  test('its decision comes when the journal has written it', async () => {
    const { journal, written, types } = slowJournal()
    const { hooks, clock } = bench({ journal })
    hooks.register(point, () => hook.replace(1), { name: 'x' })
    let decided = false
    const running = Promise.resolve(hooks.run(point, {})).then((decision) => {
      decided = true
      return decision
    })
    await clock.settle()
    expect([decided, types]).toEqual([false, ['gate']])
    written.resolve()
    expect(await running).toMatchObject({ type: 'replace' })
    expect(types).toEqual(['gate', 'close'])
  })

  test('an operation that a hook starts from there is a child of it', async () => {
    const { hooks } = bench()
    const tool = hooks.wrap({ name: 'tool' }, () => 1)
    let child: RunResult | undefined
    hooks.register(point, async (ctx) => void (child = await tool(undefined, { parent: ctx })), { name: 'x' })
    await hooks.run(point, {}, { correlationId: 'c' })
    expect(child).toMatchObject({ status: 'completed', correlationId: 'c' })
  })
})

describe('answers that keep changing what guards decide on', () => {
  test('end in a named error', async () => {
    const { hooks, clock } = bench()
    for (const name of ['a', 'b'])
      hooks.register(TOOL.before, () => hook.suspend({ question: name }), { name, kind: 'guard', breaker: false })
    const running = hooks.wrap({ name: 'tool', ...TOOL }, () => 1)(0)
    let answers = 0
    for (let [pending] = hooks.approvals.pending(); pending !== undefined; [pending] = hooks.approvals.pending()) {
      void hooks.approvals.resume(pending.id, hook.modified({ input: ++answers }))
      await clock.settle()
    }
    const { status, error } = await running
    expect([status, error?.code]).toEqual(['failed', 'ATTEMPTS_EXHAUSTED'])
    expect(error?.message).toContain('were asked 100 times because answers kept changing what they decide on')
    expect(error?.details).toMatchObject({ point: 'BeforeToolExecution', limit: 100 })
    expect(answers).toBeLessThanOrEqual(100)
  })
})

describe('composites', () => {
  const set = (input: unknown, message?: string) => () =>
    hook.modified({ input }, message === undefined ? {} : { message })

  async function run(composite: ReturnType<typeof compose.parallel>) {
    const { hooks } = bench()
    hooks.register(TOOL.before, composite, { name: 'all' })
    const result = await hooks.wrap({ name: 'tool', ...TOOL }, (input: unknown) => input)(0)
    const messages = result.trace.filter((entry) => entry.hook?.startsWith('all/')).map(({ message }) => message)
    return { ...result, messages }
  }

  test('changes that were merged say so, beside what the hook had to say', async () => {
    const merge = (base: object) => ({ ...base, input: 'merged' })
    const { output, messages } = await run(compose.parallel({ merge }, [set(1, 'mine'), set(2)]))
    expect(output).toBe('merged')
    expect(messages).toEqual(['mine (merged into all)', 'merged into all'])
  })

  test('a refusal counts more than a conflict of changes that nobody needs any more', async () => {
    const { status, error, messages } = await run(compose.parallel([set(1), set(2), () => hook.cancel('no')]))
    expect([status, error?.code]).toEqual(['cancelled', 'HOOK_CANCELLED'])
    expect(messages[0]).toContain('discarded: the composite was cancelled')
  })

  test('a child is called for the components that it is for', async () => {
    const child = (component: string, input: string) =>
      defineHook({ name: component, match: { component }, handler: set(input) })
    const { output, trace } = await run(compose.sequential(child('other', 'wrong'), child('to*', 'right')))
    expect(output).toBe('right')
    expect(trace.find((entry) => entry.hook === 'all/other')).toMatchObject({
      outcome: 'skipped',
      message: 'is not for this component',
    })
  })
})

describe('forks', () => {
  test('an output that is no JSON fails the operation', async () => {
    const { hooks } = bench()
    hooks.register(TOOL.before, () => hook.fork([{ id: 'a', type: 'tool', target: 'date' }]), { name: 'x' })
    const { status, error } = await hooks.wrap(
      { name: 'tool', ...TOOL, targets: { date: () => new Date(0) } },
      () => 1,
    )(0)
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code: 'DATA_NOT_JSON', details: { what: 'The output of a fork', path: 'a.output' } })
  })
})

describe('a hook that runs once', () => {
  test('is not called when its own condition has taken it away', async () => {
    const { hooks } = bench()
    let calls = 0
    const when = (): boolean => handle.unregister()
    const handle: HookHandle = hooks.register(TOOL.before, () => void calls++, { name: 'x', once: true, when })
    const { trace } = await hooks.wrap({ name: 'tool', ...TOOL }, () => 1)(0)
    expect(calls).toBe(0)
    expect(trace.find((entry) => entry.hook === 'x')).toMatchObject({
      outcome: 'skipped',
      message: 'was called once already',
    })
  })
})

describe('observers', () => {
  test('one that fails when the run has ended is in the journal', async () => {
    const journal = createMemoryJournal()
    const { hooks } = bench({ journal })
    const gate = deferred()
    hooks.register(TOOL.before, () => gate.promise, { name: 'x', kind: 'observe' })
    const { id, trace } = await hooks.wrap({ name: 'tool', ...TOOL }, () => 1)(0)
    gate.reject(new Error('late'))
    await hooks.idle()
    expect(journal.read(id).at(-1)).toMatchObject({ type: 'late', hook: 'x', result: 'HOOK_FAILED' })
    expect(trace.find((entry) => entry.hook === 'x')).toMatchObject({ outcome: 'pending' })
  })
})

describe('effects', () => {
  test('one that asks for its signal when it was aborted finds it aborted', async () => {
    const { hooks, clock } = bench()
    let call: EffectCall | undefined
    const tool = hooks.wrap({ name: 'tool', ...TOOL }, (_: number, given) => {
      call = given
      return hangs()
    })
    const running = tool(0, { timeoutMs: 10 })
    await clock.advance(10)
    expect(await running).toMatchObject({ status: 'timed_out' })
    expect(call?.signal.aborted).toBe(true)
    expect(call?.signal.reason).toMatchObject({ code: 'OPERATION_TIMED_OUT' })
    expect(call?.signal).toBe(call?.signal)
  })

  test('one does not start when its operation was aborted while the journal wrote', async () => {
    const { journal, written } = slowJournal()
    const { hooks, clock } = bench({ journal })
    const controller = new AbortController()
    let starts = 0
    const running = hooks.wrap({ name: 'tool', ...TOOL }, () => void starts++)(0, { signal: controller.signal })
    await clock.settle()
    controller.abort(new Error('enough'))
    written.resolve()
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    expect(starts).toBe(0)
  })

  test('another attempt does not start when the hook that asks for it has aborted the operation', async () => {
    const { hooks } = bench()
    const controller = new AbortController()
    hooks.register(
      TOOL.error,
      () => {
        controller.abort()
        return hook.retry({ delayMs: 0 })
      },
      { name: 'x' },
    )
    let starts = 0
    const tool = hooks.wrap({ name: 'tool', ...TOOL }, () => {
      starts++
      throw new Error('broken')
    })
    expect(await tool(0, { signal: controller.signal })).toMatchObject({ error: { code: 'RUN_ABORTED' } })
    expect(starts).toBe(1)
  })
})

describe('a value in the place of the effect that was not good enough', () => {
  function replaced(guard: (asked: number) => unknown) {
    const { hooks, clock } = bench()
    hooks.register(TOOL.before, () => hook.replace('quick'), { name: 'quick' })
    let asked = 0
    hooks.register(TOOL.before, () => guard(++asked) as undefined, { name: 'guard', kind: 'guard' })
    hooks.register(TOOL.after, (ctx) => (ctx.data.output === 'quick' ? hook.retry({ delayMs: 0 }) : undefined))
    const tool = hooks.wrap({ name: 'tool', ...TOOL }, () => 'thorough')
    return { tool, clock, asked: () => asked }
  }

  test('the effect runs instead, when the guards allow it', async () => {
    const { tool, asked } = replaced(nothing)
    expect(await tool(0)).toMatchObject({ status: 'completed', output: 'thorough', attempts: 1 })
    expect(asked()).toBe(2)
  })

  test('a guard that allowed the value may refuse the effect', async () => {
    const { tool } = replaced((asked) => (asked === 2 ? hook.cancel('not this') : undefined))
    expect(await tool(0)).toMatchObject({ status: 'cancelled', attempts: 0, error: { code: 'HOOK_CANCELLED' } })
  })
})

describe('schemas of points', () => {
  const before = definePoint('before', { phase: 'before', schema: z.looseObject({ input: z.number() }) })
  const after = definePoint('after', { phase: 'after', schema: z.looseObject({ output: z.number() }) })

  test('data that does not fit before the effect fails the operation, and it does not run', async () => {
    const { hooks } = bench()
    hooks.register(before, nothing)
    let starts = 0
    const { status, error } = await hooks.wrap({ name: 'tool', before }, () => void starts++)('x')
    expect([status, starts]).toEqual(['failed', 0])
    expect(error).toMatchObject({
      code: 'POINT_DATA_INVALID',
      message: expect.stringContaining('The data of tool does not fit the schema of custom:before: "input"'),
      details: { point: 'custom:before', component: 'tool' },
    })
  })

  test('behind it the error says that the effect has run', async () => {
    const { hooks } = bench()
    hooks.register(after, nothing)
    const { error } = await hooks.wrap({ name: 'tool', after }, () => 'x')(0)
    expect(error).toMatchObject({ code: 'POINT_DATA_INVALID', details: { effect: 'completed' } })
  })
})

test('what gate data holds besides must be JSON', () => {
  const error = errorOf(() => bench().hooks.wrap({ name: 'tool', data: { at: new Date(0) } }, nothing))
  expect(error.message).toBe('wrap("tool"): "data": expected JSON.')
})

test('asking for an answer of an operation that has none pending is refused', async () => {
  const { hooks } = bench()
  const { id } = await hooks.wrap({ name: 'tool' }, () => 1)(0)
  expect((await rejectionOf(hooks.approvals.resume(id))).code).toBe('UNKNOWN_APPROVAL')
})
