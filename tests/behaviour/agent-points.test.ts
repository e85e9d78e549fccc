/** The points that an agent fires, in order, and what the decisions at them do. */
import { createSystem, defineAgent, defineTool, hook, unwrap } from 'hookchart'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { agentBench, agentIn, loadingBench } from '../support/agents.ts'
import { deferred } from '../support/kernel.ts'
import { rejectionOf } from '../support/refusal.ts'

const watched = (options: object = {}, own = {}) => {
  const bench = agentBench(options, {}, own)
  bench.system.hooks.register('*', bench.seen.handler('x'), { kind: 'observe' })
  return bench
}

test('row 5: an agent fires its points by default, each once, in order', async () => {
  const { agent, seen } = watched()
  await agent.execute('hello')
  await agent.execute('again')
  expect(seen.points).toEqual([
    ...['BeforeAgentInit', 'AfterAgentInit'],
    ...['BeforeAgentExecution', 'AfterAgentExecution', 'OperationSettled'],
    ...['BeforeAgentExecution', 'AfterAgentExecution', 'OperationSettled'],
  ])
})

test('SystemStartup fires once a system, at its first agent', () => {
  const { seen } = agentBench()
  const system = createSystem({ id: 'one', clock: createTestClock() })
  system.hooks.register('SystemStartup', seen.handler('x'))
  const agent = defineAgent({ name: 'a', execute: () => 1 })
  system.agents.create(agent)
  system.agents.create(agent)
  expect(seen.calls).toMatchObject([{ point: 'SystemStartup', data: { system: 'one' } }])
})

test.each<[string, string, (bench: ReturnType<typeof watched>) => Promise<unknown>, readonly string[]]>([
  [
    'pausing and resuming',
    '',
    async ({ agent }) => {
      await agent.initialize()
      await agent.pause()
      await agent.resume()
    },
    ['BeforeAgentInit', 'AfterAgentInit', 'AgentPaused', 'AgentResumed'],
  ],
  [
    'terminating',
    '',
    async ({ agent }) => {
      await agent.initialize()
      await agent.terminate()
    },
    ['BeforeAgentInit', 'AfterAgentInit', 'BeforeAgentTerminate', 'BeforeAgentShutdown', 'AfterAgentShutdown'],
  ],
  [
    'terminating by force',
    '',
    async ({ agent }) => {
      await agent.initialize()
      await agent.terminate({ force: true })
    },
    ['BeforeAgentInit', 'AfterAgentInit', 'AfterAgentShutdown'],
  ],
  [
    'failing and recovering',
    '',
    async ({ agent }) => {
      await agent.execute('boom')
      await agent.recover()
    },
    ['BeforeAgentInit', 'AfterAgentInit', 'BeforeAgentExecution', 'AgentError', 'OperationSettled', 'AgentRecovering'],
  ],
  [
    'stopping',
    '',
    async ({ agent, clock }) => {
      const running = agent.execute('long')
      await clock.settle()
      await agent.stop()
      await running
    },
    ['BeforeAgentInit', 'AfterAgentInit', 'BeforeAgentExecution', 'OperationSettled'],
  ],
  [
    'failing from outside',
    '',
    async ({ agent, clock }) => {
      const running = agent.execute('long')
      await clock.settle()
      await agent.fail(new Error('no'))
      await running
    },
    ['BeforeAgentInit', 'AfterAgentInit', 'BeforeAgentExecution', 'AgentError', 'OperationSettled'],
  ],
])('%s%s', async (_, __, act, points) => {
  const bench = watched()
  await act(bench)
  expect(bench.seen.points).toEqual(points)
})

test('what hooks are told of a command', async () => {
  const { agent, system, seen } = agentBench()
  system.hooks.register(['*Agent*'], seen.handler('x'), { kind: 'observe' })
  await agent.initialize()
  await agent.pause()
  await agent.terminate()
  expect(seen.calls.map(({ point, data }) => [point, data])).toEqual([
    ['BeforeAgentInit', { input: undefined, command: 'initialize', state: 'uninitialized' }],
    ['AfterAgentInit', { input: undefined, output: { tools: [] }, command: 'initialize', state: 'initializing' }],
    ['AgentPaused', { input: undefined, command: 'pause', state: 'paused' }],
    ['BeforeAgentTerminate', { input: undefined, command: 'terminate', state: 'paused' }],
    ['BeforeAgentShutdown', { input: undefined, command: 'terminate', state: 'paused' }],
    ['AfterAgentShutdown', { input: undefined, output: null, command: 'terminate', state: 'terminating' }],
  ])
})

describe('a cancel refuses a command: the agent is in the state that it was in', () => {
  test('initialize', async () => {
    const { agent, system } = agentBench()
    system.hooks.register('BeforeAgentInit', () => hook.cancel('not yet'), { name: 'no' })
    const error = await rejectionOf(agent.initialize())
    expect(error).toMatchObject({ code: 'HOOK_CANCELLED', details: { hook: 'no', reason: 'not yet' } })
    expect([agent.state, agent.history]).toEqual(['uninitialized', []])
    expect(await agent.execute('x')).toMatchObject({ status: 'cancelled', error: { code: 'HOOK_CANCELLED' } })
  })

  test.each(['BeforeAgentTerminate', 'BeforeAgentShutdown'] as const)('terminate, at %s', async (point) => {
    const { agent, system, clock } = await agentIn('running')
    system.hooks.register(point, () => hook.cancel('busy'))
    const { history } = agent
    expect((await rejectionOf(agent.terminate())).code).toBe('HOOK_CANCELLED')
    await clock.settle()
    expect([agent.state, agent.history]).toEqual(['running', history])
    expect(await agent.terminate({ force: true })).toBe('terminated')
  })

  test('a guard that fails refuses too', async () => {
    const { agent, system } = await agentIn('ready')
    const broken = () => {
      throw new Error('down')
    }
    system.hooks.register('BeforeAgentTerminate', broken, { kind: 'guard' })
    expect((await rejectionOf(agent.terminate())).code).toBe('GUARD_FAILED')
    expect(agent.state).toBe('ready')
  })
})

describe('other decisions at commands', () => {
  test('a refusal behind the initialisation fails it', async () => {
    const { agent, system } = agentBench()
    system.hooks.register('AfterAgentInit', () => hook.cancel('not fit'))
    expect(await agent.execute('x')).toMatchObject({ status: 'failed', error: { code: 'HOOK_CANCELLED' } })
    expect(agent.state).toBe('error')
    expect(agent.metrics.lastError).toMatchObject({ code: 'HOOK_CANCELLED' })
  })

  test('a refusal behind the shutdown fails it; forced, it is not asked', async () => {
    const { agent, system } = await agentIn('ready')
    system.hooks.register('AfterAgentShutdown', () => hook.cancel('not done'))
    expect((await rejectionOf(agent.terminate())).code).toBe('HOOK_CANCELLED')
    expect(agent.state).toBe('error')
    expect(await agent.terminate({ force: true })).toBe('terminated')
  })

  test('a retry passes the gate again, or prepares again, as often as it may', async () => {
    const { agent, system, seen } = agentBench()
    const again = () => hook.retry({ maxAttempts: 3, delayMs: 0 })
    let left = 1
    system.hooks.register('BeforeAgentInit', () => (left-- > 0 ? again() : undefined))
    system.hooks.register('AfterAgentInit', seen.handler('after', again))
    expect((await rejectionOf(agent.initialize())).code).toBe('ATTEMPTS_EXHAUSTED')
    expect(seen.calls).toHaveLength(3)
  })

  test('a value takes the place of what was to be done', async () => {
    const { agent, system, seen, preparing } = loadingBench()
    preparing.wait = deferred().promise
    system.hooks.register('BeforeAgentInit', () => hook.replace({ from: 'a hook' }))
    system.hooks.register('AfterAgentInit', seen.handler('after'))
    expect(await agent.initialize()).toBe('ready')
    expect(seen.calls).toMatchObject([{ data: { output: { from: 'a hook' } } }])
  })

  test('a redirect lets something else run in its place', async () => {
    const { agent, system, seen } = agentBench()
    const warm = defineTool({ name: 'warm', description: 'w', input: z.unknown(), execute: () => 'warm' })
    system.tools.register(warm)
    system.hooks.register('BeforeAgentInit', () => hook.redirect('warm'))
    system.hooks.register('AfterAgentInit', seen.handler('after'))
    await agent.initialize()
    expect(seen.calls).toMatchObject([{ data: { output: 'warm' } }])
  })

  test('changes are what the hooks behind it see', async () => {
    const { agent, system, seen } = agentBench()
    system.hooks.register('BeforeAgentInit', () => hook.modified({ input: { by: 'ann' } }))
    system.hooks.register('AfterAgentInit', seen.handler('after'))
    await agent.initialize()
    expect(seen.calls).toMatchObject([{ data: { input: { by: 'ann' } } }])
  })

  test('a suspended command waits for its answer; another command ends it', async () => {
    const asked = async () => {
      const bench = agentBench()
      bench.system.hooks.register('BeforeAgentInit', () => hook.suspend({ question: 'may it?' }))
      const initializing = bench.agent.initialize()
      initializing.catch(() => undefined)
      await bench.clock.settle()
      return { ...bench, initializing, id: bench.system.approvals.pending()[0]?.id ?? '' }
    }
    const first = await asked()
    void first.system.approvals.resume(first.id)
    expect(await first.initializing).toBe('ready')
    const second = await asked()
    expect(await second.agent.fail(new Error('no'))).toBe('error')
    await second.clock.settle()
    expect(second.system.approvals.pending()).toEqual([])
    expect((await rejectionOf(second.initializing)).message).toContain('no')
  })
})

describe('an execution', () => {
  test('refused in front of it leaves the agent ready and takes no edge', async () => {
    const { agent, system } = await agentIn('ready')
    system.hooks.register('BeforeAgentExecution', () => hook.cancel('no'))
    const { history } = agent
    expect((await agent.execute('x')).status).toBe('cancelled')
    expect([agent.state, agent.history]).toEqual(['ready', history])
  })

  test('replaced in front of it completes without being begun', async () => {
    const { agent, system, begun } = await agentIn('ready')
    system.hooks.register('BeforeAgentExecution', () => hook.replace('instead'))
    expect((await agent.execute('x')).output).toBe('instead')
    expect(begun).toEqual([])
  })

  test.each([
    ['a retry', () => hook.retry({ maxAttempts: 2, delayMs: 0 }), ['boom', 'boom'], 'error'],
    ['a value', () => hook.replace('fine'), ['boom'], 'ready'],
    ['a redirect', () => hook.redirect('other'), ['boom'], 'ready'],
    ['nothing', () => undefined, ['boom'], 'error'],
  ])('that fails, with %s at AgentError', async (_, decide, times, state) => {
    const { agent, system, begun } = agentBench()
    system.agents.register(defineAgent({ name: 'other', execute: () => 'by another' }))
    system.hooks.register('AgentError', decide)
    await agent.execute('boom')
    expect([begun, agent.state]).toEqual([times, state])
  })

  test('with input that does not fit leaves the agent ready: it has not failed', async () => {
    const { agent } = agentBench({ input: z.string().max(3) })
    expect((await agent.execute('long')).error?.code).toBe('INVALID_INPUT')
    expect(agent.state).toBe('ready')
  })

  test('failed from outside can be put right by hooks', async () => {
    const { agent, system, clock } = agentBench()
    system.hooks.register('AgentError', () => hook.replace('saved'))
    const running = agent.execute('long')
    await clock.settle()
    expect(await agent.fail(new Error('stuck'))).toBe('ready')
    expect(unwrap(await running)).toBe('saved')
  })

  test('is run for redirects, hooks and other agents on the shared agent', async () => {
    const { system, agent } = agentBench()
    const double = defineAgent({ name: 'double', execute: ({ input }) => (input as number) * 2 })
    system.agents.register(double)
    system.hooks
      .for({ type: 'agent', name: 'worker' } as never)
      .register('BeforeAgentExecution', () => hook.redirect('double'))
    expect((await agent.execute(4 as never)).output).toBe(8)
    expect((await system.agents.execute('double', 3)).output).toBe(6)
    expect(system.agents.shared(double).history).toHaveLength(6)
  })
})
