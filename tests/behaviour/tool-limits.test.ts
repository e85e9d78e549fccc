/** What tools may use: each limit, what holds it, what hooks may make of it; levels; and where they are found. */
import { createSystem } from 'hookchart'
import type { CreateSystemOptions, HookContext } from 'hookchart'
import { hook } from 'hookchart/hooks'
import { defineTool } from 'hookchart/machines'
import type { ToolLimitOptions } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { deferred } from '../support/kernel.ts'
import { rejectionOf } from '../support/refusal.ts'

function lab(options: CreateSystemOptions = {}) {
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), ...options })
  const told: [string, unknown][] = []
  system.hooks.register(
    ['ResourceLimitExceeded', 'SecurityViolation'],
    (ctx: HookContext) => void told.push([ctx.point, ctx.data]),
    { name: 'told', kind: 'observe' },
  )
  return { clock, system, told }
}

const toolOf = (limits: ToolLimitOptions, execute: () => unknown = () => 1) =>
  defineTool({
    name: 'load',
    description: 'loads',
    input: z.unknown(),
    limits: { preset: 'unlimited', ...limits },
    execute,
  })

describe('timeoutMs', () => {
  test.each([[100], [200]])('%d ms is how long it may take, and its signal says so', async (timeoutMs) => {
    const { clock, system } = lab()
    let signal: AbortSignal | undefined
    const tool = defineTool({
      ...{ name: 'load', description: 'loads', input: z.unknown(), limits: { timeoutMs } },
      execute: (call) => {
        signal = call.signal
        return new Promise(() => {})
      },
    })
    const running = system.tools.execute(tool, 1)
    await clock.advanceSteps(timeoutMs - 1)
    expect(signal?.aborted).toBe(false)
    await clock.advanceSteps(1)
    expect(signal?.aborted).toBe(true)
    expect(await running).toMatchObject({ status: 'timed_out', error: { details: { timeoutMs } } })
  })

  test('the shorter of the two deadlines holds', async () => {
    const { clock, system } = lab()
    const running = system.tools.execute(
      toolOf({ timeoutMs: 500 }, () => new Promise(() => {})),
      1,
      { timeoutMs: 50 },
    )
    await clock.advanceSteps(50)
    expect(await running).toMatchObject({ status: 'timed_out', error: { details: { timeoutMs: 50 } } })
  })

  test('it stands still while a gate decides', async () => {
    const { clock, system } = lab()
    system.hooks.register('BeforeToolExecution', () => hook.suspend({ question: '?' }), { name: 'ask' })
    const running = system.tools.execute(toolOf({ timeoutMs: 10 }), 1)
    await clock.advanceSteps(5_000)
    await system.approvals.resume(system.approvals.pending()[0]!.id)
    expect(await running).toMatchObject({ status: 'completed' })
  })
})

describe('maxConcurrent', () => {
  test.each([[1], [2]])('%d run at once, the others wait their turn in order', async (maxConcurrent) => {
    const { clock, system } = lab()
    const ends: (() => void)[] = []
    const tool = toolOf({ maxConcurrent }, () => {
      const { promise, resolve } = deferred()
      ends.push(resolve)
      return promise
    })
    const running = [0, 1, 2].map((i) => system.tools.execute(tool, i))
    await clock.settle()
    expect(ends).toHaveLength(maxConcurrent)
    ends[0]!()
    await running[0]
    await clock.settle()
    expect(ends).toHaveLength(maxConcurrent + 1)
    for (let i = 1; i < 3; i++) {
      ends[i]!()
      await running[i]
      await clock.settle()
    }
    expect(ends).toHaveLength(3)
  })

  test('what ignores its deadline has its slot until it really ends', async () => {
    const { clock, system } = lab()
    const { promise, resolve } = deferred()
    let starts = 0
    const tool = toolOf({ maxConcurrent: 1, timeoutMs: 10 }, () => (++starts === 1 ? promise : 2))
    const first = system.tools.execute(tool, 1)
    await clock.advanceSteps(10)
    expect(await first).toMatchObject({ status: 'timed_out' })
    const second = system.tools.execute(tool, 2)
    await clock.settle()
    expect(starts).toBe(1)
    resolve()
    expect(await second).toMatchObject({ status: 'completed', output: 2 })
  })

  test('a hook that waits for an approval keeps no slot', async () => {
    const { clock, system } = lab()
    system.hooks.register(
      'BeforeToolExecution',
      (ctx) => (ctx.data.input === 'ask' ? hook.suspend({ question: '?' }) : undefined),
      { name: 'ask' },
    )
    const tool = toolOf({ maxConcurrent: 1 })
    const waiting = system.tools.execute(tool, 'ask')
    await clock.settle()
    expect(await system.tools.execute(tool, 'go')).toMatchObject({ status: 'completed' })
    await system.approvals.resume(system.approvals.pending()[0]!.id)
    expect(await waiting).toMatchObject({ status: 'completed' })
  })

  test('who is aborted in the line leaves it', async () => {
    const { clock, system } = lab()
    const { promise, resolve } = deferred()
    const started: unknown[] = []
    const tool = defineTool({
      ...{ name: 'load', description: 'loads', input: z.number(), limits: { maxConcurrent: 1 } },
      execute: ({ input }) => {
        started.push(input)
        return input === 1 ? promise.then(() => input) : input
      },
    })
    const controller = new AbortController()
    const first = system.tools.execute(tool, 1)
    await clock.settle()
    const second = system.tools.execute(tool, 2, { signal: controller.signal })
    const third = system.tools.execute(tool, 3)
    await clock.settle()
    controller.abort('enough')
    expect(await second).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' }, attempts: 0 })
    resolve()
    await first
    expect(await third).toMatchObject({ status: 'completed', output: 3 })
    expect(started).toEqual([1, 3])
  })
})

test.each([[100], [300]])('queueTimeoutMs: %d ms is how long it waits for a slot', async (queueTimeoutMs) => {
  const { clock, system, told } = lab()
  const tool = toolOf({ maxConcurrent: 1, queueTimeoutMs }, () => new Promise(() => {}))
  void system.tools.execute(tool, 1)
  await clock.settle()
  const second = system.tools.execute(tool, 2)
  const ended: unknown[] = []
  void second.then(() => ended.push('second'))
  await clock.advanceSteps(queueTimeoutMs - 1)
  expect(ended).toEqual([])
  await clock.advanceSteps(1)
  expect(await second).toMatchObject({
    status: 'failed',
    attempts: 0,
    error: { code: 'RESOURCE_LIMIT_EXCEEDED', retryable: true, details: { resource: 'slots', limit: 1 } },
  })
  expect(told).toEqual([['ResourceLimitExceeded', { resource: 'slots', limit: 1, used: 1 }]])
})

test('waiting in vain counts as a try: maxAttempts 3 means three waits', async () => {
  const { clock, system, told } = lab()
  system.hooks.register('ToolError', () => hook.retry({ delayMs: 10, maxAttempts: 3 }), { name: 'again' })
  const tool = toolOf({ maxConcurrent: 1, queueTimeoutMs: 100 }, () => new Promise(() => {}))
  void system.tools.execute(tool, 1)
  await clock.settle()
  const second = system.tools.execute(tool, 2)
  await clock.advanceSteps(10_000)
  expect(await second).toMatchObject({ status: 'failed', attempts: 0, error: { code: 'ATTEMPTS_EXHAUSTED' } })
  const resources = told.map(([, data]) => (data as { resource: string }).resource)
  expect(resources).toEqual(['slots', 'slots', 'slots', 'attempts'])
})

test.each([
  [10, 'failed'],
  [12, 'completed'],
])('maxOutputBytes: 12 bytes of output under a limit of %d end as %s', async (maxOutputBytes, status) => {
  const { system, told } = lab()
  // Ten bytes in UTF-8 and two quotes.
  const result = await system.tools.execute(
    toolOf({ maxOutputBytes }, () => 'ééééé'),
    1,
  )
  expect(result.status).toBe(status)
  if (status === 'completed') return
  expect(result.error).toMatchObject({ code: 'RESOURCE_LIMIT_EXCEEDED', details: { limit: 10, used: 12 } })
  expect(told).toEqual([['ResourceLimitExceeded', { resource: 'output', limit: 10, used: 12 }]])
})

describe('hooks at ToolResourceAllocated', () => {
  const lower = (limits: object) => (ctx: HookContext) =>
    hook.modified({ limits: { ...(ctx.data as { limits: object }).limits, ...limits } })

  test('may lower limits', async () => {
    const { clock, system } = lab()
    system.hooks.register('ToolResourceAllocated', lower({ timeoutMs: 20 }), { name: 'hurry' })
    const running = system.tools.execute(
      toolOf({ timeoutMs: 500 }, () => new Promise(() => {})),
      1,
    )
    await clock.advanceSteps(20)
    expect(await running).toMatchObject({ status: 'timed_out', error: { details: { timeoutMs: 20 } } })
  })

  test.each([
    ['raise one', { timeoutMs: 501 }, 'may only get smaller'],
    ['take one away', { timeoutMs: null }, 'must stay a number'],
    ['add one', { maxMemoryBytes: 5 }, 'is no limit of this tool'],
  ])('may not %s', async (_, change, problem) => {
    const { system } = lab()
    system.hooks.register('ToolResourceAllocated', lower(change), { name: 'more' })
    const result = await system.tools.execute(toolOf({ timeoutMs: 500 }), 1)
    expect(result.status).toBe('completed')
    const [failed] = result.trace.filter(({ hook: name }) => name === 'more')
    expect(failed).toMatchObject({ code: 'HOOK_INVALID_CHANGE', message: expect.stringContaining(problem) })
  })
})

describe('maxSecurityLevel', () => {
  test.each([
    ['safe', 'safe', 'completed'],
    ['safe', 'restricted', 'failed'],
    ['restricted', 'restricted', 'completed'],
    ['restricted', 'privileged', 'failed'],
    ['privileged', 'privileged', 'completed'],
  ] as const)('%s and a tool that is %s: %s', async (maxSecurityLevel, level, status) => {
    const { system, told } = lab({ maxSecurityLevel })
    const tool = defineTool({ name: 'load', description: 'loads', input: z.unknown(), level, execute: () => 1 })
    const result = await system.tools.execute(tool, 1)
    expect(result.status).toBe(status)
    if (status === 'completed') return
    expect(result).toMatchObject({
      attempts: 0,
      error: { code: 'SECURITY_LEVEL_EXCEEDED', details: { required: level, allowed: maxSecurityLevel } },
    })
    expect(told).toEqual([
      ['SecurityViolation', { violation: 'security_level_exceeded', required: level, allowed: maxSecurityLevel }],
    ])
  })

  test('hooks cannot widen it; a refused tool does not run, whatever they say', async () => {
    const { system } = lab({ maxSecurityLevel: 'safe' })
    system.hooks.register('ToolError', () => hook.retry({ maxAttempts: 3 }), { name: 'again' })
    let starts = 0
    const tool = defineTool({ name: 'load', description: 'loads', input: z.unknown(), execute: () => ++starts })
    expect(await system.tools.execute(tool, 1)).toMatchObject({ status: 'failed' })
    expect(starts).toBe(0)
  })
})

describe('tools of a system', () => {
  const tool = toolOf({})

  test('are executed by name or by themselves', async () => {
    const { system } = lab({ tools: [tool] })
    expect(await system.tools.execute('load', 1)).toMatchObject({ output: 1 })
    expect(await system.tools.execute(tool, 1)).toMatchObject({ output: 1 })
    expect(system.tools.get('load')).toBe(tool)
    expect(system.tools.list()).toEqual([tool])
  })

  test('an unknown name is refused before anything fires', async () => {
    const { system } = lab({ tools: [tool] })
    const fired: string[] = []
    system.hooks.register('*', (ctx) => void fired.push(ctx.point), { name: 'watch', kind: 'observe' })
    const error = await rejectionOf(system.tools.execute('laod', 1))
    expect(error).toMatchObject({ code: 'UNKNOWN_COMPONENT', details: { known: ['load'] } })
    expect(fired).toEqual([])
  })

  test('nothing new runs once it has stopped', async () => {
    const { system } = lab({ tools: [tool] })
    await system.stop()
    expect(await rejectionOf(system.tools.execute(tool, 1))).toMatchObject({ code: 'HOOKS_STOPPED' })
  })
})

test('a value that hooks give for a refused tool is no leave to run it', async () => {
  const { system } = lab({ maxSecurityLevel: 'safe' })
  system.hooks.register('ToolError', () => hook.replace('instead'), { name: 'save' })
  system.hooks.register('AfterToolExecution', () => hook.retry({ maxAttempts: 3 }), { name: 'again' })
  let starts = 0
  const tool = defineTool({ name: 'load', description: 'loads', input: z.unknown(), execute: () => ++starts })
  const result = await system.tools.execute(tool, 1)
  expect(result).toMatchObject({ status: 'failed', error: { code: 'SECURITY_LEVEL_EXCEEDED' } })
  expect(starts).toBe(0)
})
