/** How a system is under pressure, runs machines of users, and stops. */
import { createSystem, defineAgent, definePoint, defineTool, hook, hooked, sequential, step } from 'hookchart'
import type { Observation } from 'hookchart'
import type { Clock } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import * as z from 'zod'
import { deferred } from '../support/kernel.ts'

const tool = (execute: () => unknown) => defineTool({ name: 't', description: 't', input: z.unknown(), execute })
const never = () => new Promise<never>(() => undefined)

describe('stop', () => {
  const setUp = () => {
    const clock = createTestClock()
    const system = createSystem({ clock })
    const fired: string[] = []
    system.hooks.register('SystemShutdown', ({ data }) => void fired.push(data.system))
    return { clock, system, fired }
  }

  test('waits for what runs, and what that starts, and takes nothing new', async () => {
    const { system, fired } = setUp()
    const work = deferred()
    const waits = defineAgent({
      name: 'a',
      execute: async ({ tools }) => {
        await work.promise
        return tools.call(
          tool(() => 'child'),
          1,
        )
      },
    })
    const running = system.agents.execute(waits, 1)
    const stopping = system.stop()
    await expect(
      system.tools.execute(
        tool(() => 1),
        1,
      ),
    ).rejects.toMatchObject({ code: 'HOOKS_STOPPED' })
    expect(fired).toEqual([])
    work.resolve()
    expect(await running).toMatchObject({ status: 'completed', output: 'child' })
    await stopping
    expect(fired).toEqual(['hookchart'])
  })

  test('aborts what runs longer than it may, behind SystemShutdown', async () => {
    const { clock, system, fired } = setUp()
    const forever = defineTool({
      name: 't',
      description: 't',
      input: z.unknown(),
      execute: ({ signal }) => {
        signal.addEventListener('abort', () => fired.push('aborted'))
        return never()
      },
    })
    const running = system.tools.execute(forever, 1)
    const stopping = system.stop({ timeoutMs: '2s' })
    await clock.advanceSteps(1_999)
    expect(fired).toEqual([])
    await clock.advanceSteps(1)
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    await stopping
    expect([fired, clock.timers]).toEqual([['hookchart', 'aborted'], 0])
  })

  test('hastens when it is asked again', async () => {
    const { system } = setUp()
    const running = system.tools.execute(tool(never), 1)
    const first = system.stop()
    await system.stop({ timeoutMs: 0 })
    await first
    expect((await running).status).toBe('cancelled')
  })
})

describe('machines of users', () => {
  const beforeOpen = definePoint('before_open', { phase: 'before', decisions: ['cancel'] })
  const door = hooked(
    createMachine({ id: 'door', initial: 'shut', states: { shut: { on: { OPEN: 'open' } }, open: {} } }),
    { on: { OPEN: { before: beforeOpen } } },
  )

  test('run with the hooks of the system, and stop with it', async () => {
    const system = createSystem({ points: [beforeOpen] })
    const seen: Partial<Observation>[] = []
    system.inspect(({ at: _, ...each }) => void seen.push(each))
    const guard = system.hooks.register(beforeOpen, () => hook.cancel('locked'))
    const actor = system.start(door)
    actor.send({ type: 'OPEN' })
    expect(actor.getSnapshot().value).toBe('shut')
    guard.unregister()
    actor.send({ type: 'OPEN' })
    expect(actor.getSnapshot().value).toBe('open')
    await system.stop()
    expect(actor.getSnapshot().status).toBe('stopped')
    const of = { path: 'hookchart/custom:door', component: { type: 'custom', name: 'door', id: 'door' } }
    expect(seen.filter(({ type }) => type?.startsWith('machine'))).toEqual([
      { type: 'machine_changed', ...of, value: 'shut' },
      { type: 'machine_changed', ...of, value: 'open' },
      { type: 'machine_ended', ...of, status: 'stopped' },
    ])
    expect(seen.flatMap((each) => ('gate' in each ? [[each.gate, each.decision]] : []))).toEqual([
      ['hookchart/custom:door#custom:before_open', 'cancel'],
    ])
    expect(() => system.start(door)).toThrow(expect.objectContaining({ code: 'HOOKS_STOPPED' }) as Error)
  })

  test('that fail are told to who inspects', () => {
    const system = createSystem()
    const seen: string[] = []
    system.inspect((each) => void seen.push(`${each.type} ${each.path}`))
    const context = () => {
      throw new Error('no context')
    }
    system.start(createMachine({ id: 'broken', context }))
    expect(seen).toEqual(['machine_failed hookchart/custom:broken'])
  })
})

test('hooks are told of pressure once each time it rises, while something runs', async () => {
  const clock = createTestClock()
  const loads = [0.95, 0.95, 0.85, 0.95, 0.5, 0.95]
  const sampler = { sample: () => ({ memoryRatio: loads.shift() ?? 0, cpuRatio: 0 }) }
  const system = createSystem({ clock, performance: { everyMs: '1s', sampler } })
  const seen: unknown[] = []
  system.hooks.register('MemoryUsageHigh', ({ data }) => void seen.push([clock.now(), data.value, data.threshold]))
  const running = system.tools.execute(tool(never), 1, { timeoutMs: '6s' })
  await clock.advanceSteps(10_000)
  await running
  expect(seen).toEqual([
    [1_000, 0.95, 0.9],
    [6_000, 0.95, 0.9],
  ])
  expect(clock.timers).toBe(0)
})

test('without a sampler it is the process that is measured; nobody is kept alive by that', async () => {
  const clock = createTestClock()
  let kept = 0
  const setTimeout: Clock['setTimeout'] = (run, ms) => {
    const timer = clock.setTimeout(run, ms)
    if (ms !== 77) return timer
    kept++
    return Object.assign(timer as object, { unref: () => void kept-- })
  }
  const performance = { everyMs: 77, memory: { high: 0 }, cpu: { high: 0 } }
  const system = createSystem({ clock: { ...clock, now: () => clock.now(), setTimeout }, performance })
  const seen: [string, number][] = []
  system.hooks.register(['MemoryUsageHigh', 'CpuUsageHigh'], ({ point, data }) => void seen.push([point, data.value]))
  const running = system.tools.execute(tool(never), 1, { timeoutMs: 100 })
  await clock.advanceSteps(100)
  await running
  expect(seen.map(([point]) => point)).toEqual(['MemoryUsageHigh', 'CpuUsageHigh'])
  for (const [, value] of seen) expect(value).toSatisfy((ratio: number) => ratio >= 0 && ratio <= 1)
  expect(seen[0]![1]).toBeGreaterThan(0)
  expect(kept).toBe(0)
})

test('limits of the system that are hit are told once a run', async () => {
  const system = createSystem()
  const seen: unknown[] = []
  system.hooks.register('ResourceLimitExceeded', ({ data }) => void seen.push(data.resource))
  system.hooks.register('WorkflowStepError', () => hook.retry({ delayMs: 0, maxAttempts: 2 }))
  const fails = () => {
    throw new Error('no')
  }
  await system.workflows.execute(sequential({ name: 'w', steps: [step.run('s', fails)] }), 1)
  expect(seen).toEqual(['attempts'])
})

test('an agent that would wait for itself has hit no limit', async () => {
  const system = createSystem()
  const seen: unknown[] = []
  system.hooks.register('ResourceLimitExceeded', ({ data }) => void seen.push(data))
  const self = defineAgent({ name: 'self', execute: ({ agents }) => agents.call('self', 1) })
  system.agents.register(self)
  expect((await system.agents.execute(self, 1)).error?.code).toBe('AGENT_BUSY')
  expect(seen).toEqual([])
})

test('an execution that does not say what it does when it is suspended does what its system says', async () => {
  const system = createSystem({ onSuspend: 'return' })
  system.hooks.register('BeforeToolExecution', () => hook.suspend({ question: 'may it?' }))
  expect(
    (
      await system.tools.execute(
        tool(() => 1),
        1,
      )
    ).status,
  ).toBe('suspended')
  const waiting = createSystem()
  waiting.hooks.register('BeforeToolExecution', () => hook.suspend({ question: 'may it?' }))
  const run = waiting.tools.execute(
    tool(() => 1),
    1,
  )
  await expect.poll(() => waiting.approvals.pending().length).toBe(1)
  void waiting.approvals.resume(waiting.approvals.pending()[0]?.id ?? '')
  expect((await run).status).toBe('completed')
  await system.stop({ timeoutMs: 0 })
})
