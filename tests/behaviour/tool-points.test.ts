/** Row 1: the eight points of a tool, in order, for each way in which an execution can end; and what is decided there. */
import { createSystem } from 'hookchart'
import type { HookContext, System } from 'hookchart'
import { hook } from 'hookchart/hooks'
import { defineTool } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

const POINTS = [
  'ToolValidation',
  'ToolSecurityCheck',
  'ToolResourceAllocated',
  'BeforeToolExecution',
  'AfterToolExecution',
  'ToolError',
  'ToolTimeout',
  'ToolResourceReleased',
  'OperationSettled',
] as const

const BEFORE = ['ToolValidation', 'ToolSecurityCheck', 'ToolResourceAllocated', 'BeforeToolExecution']
const END = ['ToolResourceReleased', 'OperationSettled']

const sizes = z.object({ width: z.number() })

function lab(execute: (call: { input: { width: number }; signal: AbortSignal }) => unknown, options = {}) {
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), ...options })
  const tool = defineTool({
    name: 'resize',
    description: 'makes it smaller',
    input: sizes,
    level: 'restricted',
    execute,
  })
  const fired: string[] = []
  const data = new Map<string, unknown>()
  const watch = (ctx: HookContext) => {
    fired.push(ctx.point)
    data.set(ctx.point, ctx.data)
  }
  system.hooks.register([...POINTS], watch, { name: 'watch', kind: 'observe' })
  return { clock, system, tool, fired, data }
}

const run = (
  { system, tool }: { system: System; tool: ReturnType<typeof lab>['tool'] },
  input: unknown = { width: 4 },
) => system.tools.execute(tool, input as { width: number })

describe('row 1: the points of a tool fire in order', () => {
  test('row 1: when it completes', async () => {
    const bench = lab(({ input }) => input.width / 2)
    expect(await run(bench)).toMatchObject({ status: 'completed', output: 2, attempts: 1 })
    expect(bench.fired).toEqual([...BEFORE, 'AfterToolExecution', ...END])
  })

  test('row 1: when it fails', async () => {
    const bench = lab(() => {
      throw new Error('too big')
    })
    expect(await run(bench)).toMatchObject({ status: 'failed', error: { code: 'EFFECT_FAILED', message: 'too big' } })
    expect(bench.fired).toEqual([...BEFORE, 'ToolError', ...END])
  })

  test('row 1: when it reaches its deadline', async () => {
    const bench = lab(() => new Promise(() => {}))
    const running = run(bench)
    await bench.clock.advanceSteps(60_000)
    expect(await running).toMatchObject({ status: 'timed_out', error: { code: 'OPERATION_TIMED_OUT' } })
    expect(bench.fired).toEqual([...BEFORE, 'ToolTimeout', ...END])
  })

  test('when it is aborted', async () => {
    const controller = new AbortController()
    const bench = lab(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    const running = bench.system.tools.execute(bench.tool, { width: 4 }, { signal: controller.signal })
    await bench.clock.settle()
    controller.abort('enough')
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    expect(bench.fired).toEqual([...BEFORE, ...END])
  })

  test('when its input does not fit: no earlier point', async () => {
    const bench = lab(({ input }) => input)
    expect(await run(bench, { width: 'wide' })).toMatchObject({
      status: 'failed',
      error: { code: 'INVALID_INPUT' },
      attempts: 0,
    })
    expect(bench.fired).toEqual(['ToolError', ...END])
  })

  test.each([
    ['ToolValidation', 1],
    ['ToolSecurityCheck', 2],
    ['ToolResourceAllocated', 3],
    ['BeforeToolExecution', 4],
  ] as const)('when it is cancelled at %s', async (point, passed) => {
    const bench = lab(({ input }) => input)
    bench.system.hooks.register(point, () => hook.cancel('no'), { name: 'no' })
    expect(await run(bench)).toMatchObject({ status: 'cancelled', error: { code: 'HOOK_CANCELLED' }, attempts: 0 })
    expect(bench.fired).toEqual([...BEFORE.slice(0, passed), ...END])
  })

  test('when it is cancelled afterwards', async () => {
    const bench = lab(() => 1)
    bench.system.hooks.register('AfterToolExecution', () => hook.cancel('secret'), { name: 'no' })
    expect(await run(bench)).toMatchObject({ status: 'failed', error: { details: { effect: 'completed' } } })
    expect(bench.fired).toEqual([...BEFORE, 'AfterToolExecution', ...END])
  })

  test('when it is redirected: the other tool passes all its own', async () => {
    const bench = lab(() => 1)
    const other = defineTool({ name: 'crop', description: 'cuts', input: sizes, execute: () => 'cropped' })
    bench.system.tools.register(other)
    const redirect = (ctx: HookContext) => (ctx.component.name === 'resize' ? hook.redirect('crop') : undefined)
    bench.system.hooks.register('BeforeToolExecution', redirect, { name: 'elsewhere' })
    expect(await run(bench)).toMatchObject({ status: 'completed', output: 'cropped' })
    expect(bench.fired).toEqual([...BEFORE, ...END, ...BEFORE, 'AfterToolExecution', ...END])
  })

  test('when a failure is recovered: the result passes the after point once', async () => {
    const bench = lab(() => {
      throw new Error('too big')
    })
    bench.system.hooks.register('ToolError', () => hook.replace('small'), { name: 'save' })
    expect(await run(bench)).toMatchObject({ status: 'completed', output: 'small' })
    expect(bench.fired).toEqual([...BEFORE, 'ToolError', 'AfterToolExecution', ...END])
  })

  test('when it is tried again: only the effect and what comes behind it', async () => {
    let starts = 0
    const bench = lab(() => {
      if (++starts < 3) throw new Error('busy')
      return starts
    })
    bench.system.hooks.register('ToolError', () => hook.retry({ delayMs: 100, maxAttempts: 3 }), { name: 'again' })
    const running = run(bench)
    await bench.clock.advanceSteps(1_000)
    expect(await running).toMatchObject({ status: 'completed', output: 3, attempts: 3 })
    expect(bench.fired).toEqual([...BEFORE, 'ToolError', 'ToolError', 'AfterToolExecution', ...END])
  })
})

test('hooks at each point see the tool, and what the point is about', async () => {
  const bench = lab(({ input }) => input.width)
  await run(bench)
  const tool = { name: 'resize', description: 'makes it smaller', category: 'custom', level: 'restricted', tags: [] }
  expect(bench.data.get('ToolValidation')).toEqual({ input: { width: 4 }, tool })
  expect(bench.data.get('ToolSecurityCheck')).toEqual({ input: { width: 4 }, tool })
  expect(bench.data.get('ToolResourceAllocated')).toEqual({ limits: bench.tool.limits, tool })
  expect(bench.data.get('AfterToolExecution')).toEqual({ input: { width: 4 }, output: 4, tool })
  expect(bench.data.get('ToolResourceReleased')).toEqual({ tool })
})

test('a change at ToolValidation is parsed again, and the tool gets what the schema makes of it', async () => {
  const got: unknown[] = []
  const tool = defineTool({
    ...{ name: 'count', description: 'counts', input: z.object({ n: z.coerce.number().default(7) }) },
    execute: ({ input }) => got.push(input),
  })
  const system = createSystem()
  system.hooks.register('ToolValidation', () => hook.modified({ input: { n: '12' } }), { name: 'text' })
  await system.tools.execute(tool, {})
  expect(got).toEqual([{ n: 12 }])
})

test('a change at ToolValidation that does not fit fails the tool and names the hook', async () => {
  const bench = lab(() => 1)
  bench.system.hooks.register('ToolValidation', () => hook.modified({ input: { width: 'wide' } }), { name: 'widen' })
  const result = await run(bench)
  expect(result).toMatchObject({ status: 'failed', error: { code: 'HOOK_INVALID_CHANGE' }, attempts: 0 })
  expect(result.error?.message).toContain('widen')
})

test('a replacement at ToolValidation takes the place of the tool', async () => {
  const bench = lab(() => {
    throw new Error('not to be run')
  })
  bench.system.hooks.register('ToolValidation', () => hook.replace('known'), { name: 'know' })
  expect(await run(bench)).toMatchObject({ status: 'completed', output: 'known', attempts: 0 })
  expect(bench.fired).toEqual(['ToolValidation', 'AfterToolExecution', ...END])
})

test('an approval at ToolSecurityCheck holds the tool back until it is given', async () => {
  const bench = lab(({ input }) => input.width)
  bench.system.hooks.register('ToolSecurityCheck', () => hook.suspend({ question: 'may it?' }), {
    name: 'ask',
    kind: 'guard',
  })
  const running = run(bench)
  await bench.clock.settle()
  expect(bench.fired).toEqual(['ToolValidation'])
  const [pending] = bench.system.approvals.pending()
  expect(pending).toMatchObject({ point: 'ToolSecurityCheck', request: { question: 'may it?' } })
  await bench.system.approvals.resume(pending!.id)
  expect(await running).toMatchObject({ status: 'completed', output: 4 })
})

test('a tool that was replaced at its validation and is wanted after all passes the gates that it has not passed', async () => {
  const bench = lab(({ input }) => input.width)
  bench.system.hooks.register('ToolValidation', () => hook.replace('known'), { name: 'know' })
  bench.system.hooks.register(
    'AfterToolExecution',
    ({ data }) => (data.output === 'known' ? hook.retry({ maxAttempts: 3 }) : undefined),
    { name: 'doubt' },
  )
  bench.system.hooks.register('ToolSecurityCheck', () => hook.cancel('never'), { name: 'refuse', kind: 'guard' })
  const running = run(bench)
  await bench.clock.advanceSteps(10_000)
  expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'HOOK_CANCELLED' }, attempts: 0 })
})
