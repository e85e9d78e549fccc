/** The commands of agents beside one another: turns, aborts, timeouts, recoveries, pauses and what an execution leaves. */
import { createSystem, defineAgent, defineTool, hook } from 'hookchart'
import type { AgentCall } from 'hookchart'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { agentBench, agentIn, loadingBench, quietly } from '../support/agents.ts'
import { deferred } from '../support/kernel.ts'
import { rejectionOf } from '../support/refusal.ts'

describe('row 20: commands beside one another are taken one after another', () => {
  test('executions queue behind one another, in order', async () => {
    const gates = [deferred(), deferred()]
    let i = 0
    const { agent, begun, clock } = agentBench({}, {}, { a: () => gates[i++]?.promise })
    const all = ['a', 'a', 'b'].map((input) => agent.execute(input))
    await clock.settle()
    expect(begun).toEqual(['a'])
    gates[0]?.resolve()
    await clock.settle()
    expect(begun).toEqual(['a', 'a'])
    gates[1]?.resolve()
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(['completed', 'completed', 'completed'])
    expect(begun).toEqual(['a', 'a', 'b'])
  })

  test('a command waits for the one that is under way', async () => {
    const { agent, preparing, clock } = loadingBench()
    const ready = deferred()
    preparing.wait = ready.promise
    const order: string[] = []
    void agent.initialize().then((state) => order.push(state))
    void agent.pause().then((state) => order.push(state))
    await clock.settle()
    expect(order).toEqual([])
    ready.resolve()
    await clock.settle()
    expect(order).toEqual(['ready', 'paused'])
  })

  test('two that initialise: the second is refused', async () => {
    const { agent } = agentBench()
    const [first, second] = [agent.initialize(), quietly(agent.initialize())]
    expect(await first).toBe('ready')
    expect((await rejectionOf(second)).code).toBe('ILLEGAL_COMMAND')
  })

  test('an execution that calls its own agent is refused instead of waiting for itself', async () => {
    const system = createSystem({ clock: createTestClock() })
    const self = defineAgent({
      name: 'self',
      execute: async ({ agents }) => (await agents.execute('self', 1)).error?.code,
    })
    system.agents.register(self)
    expect((await system.agents.execute('self', 1)).output).toBe('AGENT_BUSY')
  })
})

describe('the queue', () => {
  test.each([
    [{ maxQueue: 1 }, {}, 1],
    [{ maxQueue: 2 }, {}, 2],
    [{}, { maxQueue: 1 }, 1],
    [{ maxQueue: 3 }, { maxQueue: 1 }, 3],
  ])('holds as many as %j, with a system of %j', async (options, systemOptions, waiting) => {
    const { agent, clock } = agentBench(options, systemOptions)
    const results = Array.from({ length: waiting + 3 }, () => agent.execute('long'))
    await clock.settle()
    const last = await Promise.all(results.slice(waiting + 1))
    expect(last.map(({ error }) => error?.code)).toEqual(['AGENT_BUSY', 'AGENT_BUSY'])
    expect(last[0]?.error?.retryable).toBe(true)
  })

  test('an abort takes a waiting execution or command out of it', async () => {
    const { agent, begun, clock } = agentBench({ maxQueue: 1 })
    void agent.execute('long')
    const controller = new AbortController()
    const waiting = agent.execute('x', { signal: controller.signal })
    await clock.settle()
    controller.abort(new Error('never mind'))
    expect(await waiting).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    void agent.execute('y')
    await clock.settle()
    await agent.stop()
    await clock.settle()
    expect(begun).toEqual(['long', 'y'])
  })

  test('a command that waits can be aborted, or has had enough of it', async () => {
    const { agent, clock } = await agentIn('initializing')
    const controller = new AbortController()
    const aborted = quietly(agent.pause({ signal: controller.signal }))
    const late = quietly(agent.pause({ timeoutMs: '2s' }))
    controller.abort(new Error('never mind'))
    expect((await rejectionOf(aborted)).message).toContain('never mind')
    await clock.advance(1_999)
    const told: string[] = []
    void late.catch((error: unknown) => told.push((error as { code: string }).code))
    await clock.settle()
    expect(told).toEqual([])
    await clock.advance(1)
    expect(told).toEqual(['OPERATION_TIMED_OUT'])
  })

  test('those that wait when the agent ends are told', async () => {
    const { agent, clock } = await agentIn('running')
    const waiting = agent.execute('x')
    await clock.settle()
    await agent.terminate()
    expect(await waiting).toMatchObject({ status: 'failed', error: { code: 'ILLEGAL_COMMAND' } })
  })
})

describe('row 10: terminating is always possible, and a refused command counts for nothing', () => {
  test('however many illegal commands there were', async () => {
    const { agent, system } = await agentIn('ready')
    for (let i = 0; i < 20; i++) await rejectionOf(agent.resume())
    expect(system.hooks.stats().breakers).toEqual([])
    expect((await agent.execute('x')).output).toBe('x')
    expect(await agent.terminate()).toBe('terminated')
  })

  test('with hooks whose breakers are open, by force', async () => {
    const { agent, system } = await agentIn('ready')
    const broken = () => {
      throw new Error('down')
    }
    system.hooks.register('BeforeAgentTerminate', broken, { kind: 'guard', breaker: { failureThreshold: 1 } })
    expect((await rejectionOf(agent.terminate())).code).toBe('GUARD_FAILED')
    expect((await rejectionOf(agent.terminate())).code).toBe('GUARD_UNAVAILABLE')
    expect(await agent.terminate({ force: true })).toBe('terminated')
  })

  test('while another termination waits for an answer', async () => {
    const { agent, system, clock } = await agentIn('ready')
    system.hooks.register('BeforeAgentTerminate', () => hook.suspend({ question: '?' }))
    const asking = agent.terminate()
    await clock.settle()
    expect(await agent.terminate({ force: true })).toBe('terminated')
    expect(await asking).toBe('terminated')
    await clock.settle()
    expect(system.approvals.pending()).toEqual([])
  })
})

describe('a pause', () => {
  const tool = defineTool({
    name: 'look',
    description: 'looks',
    input: z.unknown(),
    level: 'safe',
    execute: () => 'seen',
  })
  const other = defineAgent({ name: 'other', execute: () => 'done' })

  test.each<[string, (call: never) => Promise<unknown>]>([
    ['checkpoint()', ({ checkpoint }: { checkpoint: () => Promise<void> }) => checkpoint()],
    [
      'a tool',
      ({ tools }: { tools: { call(tool: unknown, input: unknown): Promise<unknown> } }) => tools.call(tool, 1),
    ],
    [
      'an agent',
      ({ agents }: { agents: { execute(a: unknown, input: unknown): Promise<unknown> } }) => agents.execute(other, 1),
    ],
  ])('takes hold at %s, and not before', async (_, next) => {
    const go = deferred()
    let after = false
    const steps = async (call: never) => {
      await go.promise
      await next(call)
      after = true
      return 'done'
    }
    const { agent, clock } = agentBench({}, {}, { steps: steps as never })
    const running = agent.execute('steps')
    await clock.settle()
    const pausing = agent.pause()
    await clock.settle()
    expect(agent.state).toBe('running')
    go.resolve()
    expect(await pausing).toBe('paused')
    await clock.settle()
    expect([agent.state, after]).toEqual(['paused', false])
    expect(await agent.resume()).toBe('running')
    expect((await running).output).toBe('done')
    expect(agent.history.map(({ to }) => to)).toEqual([
      'initializing',
      'ready',
      'running',
      'paused',
      'running',
      'ready',
    ])
  })

  test.each([
    [39, 'completed'],
    [40, 'timed_out'],
  ])('lets deadlines stand still, its own and those above it: %i ms later it is %s', async (laterMs, status) => {
    const half = deferred()
    const last = deferred()
    const slow = async ({ checkpoint }: AgentCall<string>) => {
      await half.promise
      await checkpoint()
      await last.promise
      return 'done'
    }
    const { agent, system, clock } = agentBench({ timeoutMs: 100 }, {}, { slow })
    const asked = defineTool({
      name: 'ask',
      description: 'asks the agent',
      input: z.string(),
      level: 'safe',
      limits: { timeoutMs: 100 },
      execute: (call) => agent.execute(call.input, { parent: call }).then(({ status: told }) => told),
    })
    const running = system.tools.execute(asked, 'slow')
    await clock.advanceSteps(60)
    const pausing = agent.pause()
    half.resolve()
    await pausing
    await clock.advanceSteps(1_000)
    await agent.resume()
    await clock.advanceSteps(laterMs)
    last.resolve()
    const result = await running
    expect(result.output ?? result.status).toBe(status)
  })

  test('tells observers the name of the checkpoint at which it takes hold', async () => {
    const told: unknown[] = []
    const go = deferred()
    const { agent, system, clock } = agentBench(
      {},
      {},
      { a: ({ checkpoint }) => go.promise.then(() => checkpoint('half')) },
    )
    system.hooks.register('AgentPaused', ({ data }) => void told.push(data.input))
    void agent.execute('a')
    await clock.settle()
    const pausing = agent.pause()
    go.resolve()
    await pausing
    await agent.stop()
    await agent.pause()
    expect(told).toEqual([{ checkpoint: 'half' }, undefined])
  })

  test('takes hold at the end of the execution when nothing comes before', async () => {
    const go = deferred()
    const { agent, clock } = agentBench({}, {}, { a: () => go.promise })
    const running = agent.execute('a')
    await clock.settle()
    const pausing = agent.pause()
    go.resolve()
    expect(await pausing).toBe('paused')
    expect((await running).status).toBe('completed')
    const later = agent.execute('x')
    await clock.settle()
    expect(agent.state).toBe('paused')
    expect(await agent.resume()).toBe('ready')
    expect((await later).output).toBe('x')
  })

  test.each([
    [{}, {}, 5_000],
    [{ transitionTimeoutMs: '1s' }, {}, 1_000],
    [{}, { timeoutMs: '9s' }, 9_000],
  ])('is given up when no such place is reached in time: %j %j', async (options, given, limitMs) => {
    const { agent, clock } = await agentIn('running', options)
    const told: string[] = []
    agent.pause(given as never).catch((error: unknown) => told.push((error as { code: string }).code))
    await clock.advance(limitMs - 1)
    expect(told).toEqual([])
    await clock.advance(1)
    expect([told, agent.state]).toEqual([['OPERATION_TIMED_OUT'], 'running'])
  })

  test('is withdrawn by resume, stop and abort', async () => {
    const { agent, clock } = await agentIn('running')
    const first = quietly(agent.pause())
    expect(await agent.resume()).toBe('running')
    expect((await rejectionOf(first)).code).toBe('RUN_ABORTED')
    const controller = new AbortController()
    const second = quietly(agent.pause({ signal: controller.signal }))
    controller.abort()
    expect((await rejectionOf(second)).code).toBe('RUN_ABORTED')
    const third = quietly(agent.pause())
    expect(await agent.stop()).toBe('ready')
    expect((await rejectionOf(third)).code).toBe('RUN_ABORTED')
    await clock.settle()
    expect(agent.state).toBe('ready')
  })
})

describe('stopping and failing', () => {
  test('a stop ends the execution, also in front of its gate and while it is paused', async () => {
    const { agent, system, clock } = await agentIn('running')
    expect(await agent.stop()).toBe('ready')
    system.hooks.register('BeforeAgentExecution', () => hook.suspend({ question: '?' }))
    const asked = agent.execute('x')
    await clock.settle()
    expect(await agent.stop()).toBe('ready')
    expect(await asked).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    expect((await asked).error?.message).toContain('the agent was stopped')
  })

  test('a failure from outside is the failure of the execution', async () => {
    const { agent, clock } = agentBench()
    const running = agent.execute('deaf')
    await clock.settle()
    expect(await agent.fail(new Error('stuck'))).toBe('error')
    expect(await running).toMatchObject({ status: 'failed', error: { message: 'stuck' } })
    expect(agent.metrics).toMatchObject({ isHealthy: false, lastError: { message: 'stuck' } })
  })
})

describe('recovering', () => {
  test.each([
    [{}, 3],
    [{ maxRecoveryAttempts: 1 }, 1],
    [{ maxRecoveryAttempts: 0 }, 0],
  ])('%j: as often as it may, without a healthy execution in between', async (options, most) => {
    const { agent } = agentBench(options)
    for (let i = 0; i <= most; i++) expect((await agent.execute('boom')).error?.message).toBe('boom')
    expect(agent.metrics.recoveryAttempts).toBe(most)
    const error = await rejectionOf(agent.execute('x'))
    expect(error).toMatchObject({ code: 'ILLEGAL_COMMAND', details: { legal: ['terminate'] } })
    expect(error.message).toContain(`${String(most)} of ${String(most)} recoveries`)
    expect((await rejectionOf(agent.recover())).code).toBe('ILLEGAL_COMMAND')
    expect(await agent.terminate()).toBe('terminated')
  })

  test('a healthy execution begins anew; recovering clears the error', async () => {
    const { agent } = agentBench({ maxRecoveryAttempts: 1 })
    for (let i = 0; i < 3; i++) {
      await agent.execute('boom')
      expect((await agent.execute('x')).output).toBe('x')
    }
    expect(agent.metrics).toMatchObject({ recoveryAttempts: 0, lastError: null, isHealthy: true, state: 'ready' })
  })
})

describe('timeouts', () => {
  test.each([
    [{}, {}, 30_000],
    [{ initializeTimeoutMs: '1s' }, {}, 1_000],
    [{}, { timeoutMs: 700 }, 700],
  ])('an initialisation: %j %j', async (options, given, limitMs) => {
    const { agent, preparing, clock } = loadingBench(options)
    preparing.wait = deferred().promise
    const initializing = quietly(agent.initialize(given))
    await clock.advance(limitMs - 1)
    expect(agent.state).toBe('initializing')
    await clock.advance(1)
    expect(agent.state).toBe('error')
    expect(await rejectionOf(initializing)).toMatchObject({
      code: 'OPERATION_TIMED_OUT',
      details: { timeoutMs: limitMs },
    })
  })

  test.each([
    [{}, {}, 5_000],
    [{ transitionTimeoutMs: '1s' }, {}, 1_000],
  ])('a recovery: %j', async (options, given, limitMs) => {
    const { agent, preparing, clock } = loadingBench(options)
    await agent.fail(new Error('broken'))
    preparing.wait = deferred().promise
    const recovering = quietly(agent.recover(given))
    await clock.advance(limitMs - 1)
    expect(agent.state).toBe('recovering')
    await clock.advance(1)
    expect((await rejectionOf(recovering)).code).toBe('OPERATION_TIMED_OUT')
    expect(agent.metrics).toMatchObject({ state: 'error', recoveryAttempts: 1 })
  })

  test.each([
    [{}, {}, 10_000],
    [{ terminateTimeoutMs: '1s' }, {}, 1_000],
    [{}, { timeoutMs: 700 }, 700],
  ])('a termination waits for code that ignores its end: %j %j', async (options, given, limitMs) => {
    const { agent, clock } = agentBench(options)
    const running = agent.execute('deaf')
    await clock.settle()
    const terminating = quietly(agent.terminate(given))
    expect((await running).status).toBe('cancelled')
    await clock.advance(limitMs - 1)
    expect(agent.state).toBe('terminating')
    await clock.advance(1)
    expect((await rejectionOf(terminating)).code).toBe('OPERATION_TIMED_OUT')
    expect(agent.state).toBe('error')
    expect(await agent.terminate({ force: true })).toBe('terminated')
  })

  test.each([
    [{ timeoutMs: '1s' }, {}, 1_000],
    [{}, { timeoutMs: 300 }, 300],
    [{ timeoutMs: '1s' }, { timeoutMs: 300 }, 300],
  ])('an execution: %j %j', async (options, given, limitMs) => {
    const { agent, clock } = agentBench(options)
    const running = agent.execute('long', given)
    await clock.settle()
    await clock.advance(limitMs - 1)
    expect(agent.state).toBe('running')
    await clock.advance(1)
    expect((await running).status).toBe('timed_out')
    expect(agent.state).toBe('error')
  })

  test('an abort of what is under way leaves the agent in error', async () => {
    const { agent, preparing, clock } = loadingBench()
    preparing.wait = deferred().promise
    const controller = new AbortController()
    const initializing = quietly(agent.initialize({ signal: controller.signal }))
    await clock.settle()
    controller.abort(new Error('never mind'))
    expect((await rejectionOf(initializing)).code).toBe('RUN_ABORTED')
    await clock.settle()
    expect(agent.state).toBe('error')
  })
})

describe('the state of an agent', () => {
  const counting = {
    count: ({ state }: { state: Record<string, unknown> }) =>
      (state['n'] = ((state['n'] as number | undefined) ?? 0) + 1),
    lose: ({ state }: { state: Record<string, unknown> }) => {
      state['n'] = 99
      throw new Error('lost')
    },
    odd: ({ state }: { state: Record<string, unknown> }) => {
      state['f'] = () => 1
    },
  }

  test('is kept when an execution completes, and only then', async () => {
    const { agent } = agentBench({}, {}, counting)
    expect(await agent.execute('count')).toMatchObject({ output: 1, state: { n: 1 } })
    expect((await agent.execute('lose')).status).toBe('failed')
    expect(await agent.execute('count')).toMatchObject({ output: 2, state: { n: 2 } })
    expect((await agent.execute('odd')).error?.code).toBe('DATA_NOT_JSON')
  })

  test('is what hooks see and change', async () => {
    const { agent, system } = agentBench({}, {}, counting)
    const seen: unknown[] = []
    system.hooks.register('BeforeAgentExecution', (ctx) => {
      seen.push(ctx.state)
      return hook.modified({}, { state: { n: 10 } })
    })
    expect((await agent.execute('count')).output).toBe(11)
    await agent.execute('count')
    expect(seen).toEqual([{}, { n: 11 }])
  })

  test('belongs to one instance', async () => {
    const { agent, system } = agentBench({}, {}, counting)
    await agent.execute('count')
    const definition = defineAgent({ name: 'counter', execute: counting.count })
    const [one, two] = [system.agents.create(definition), system.agents.create(definition)]
    await one.execute(0)
    expect((await two.execute(0)).output).toBe(1)
  })
})

describe('system.agents', () => {
  test('knows agents by name, finds them, and takes an id once', async () => {
    const a = defineAgent({ name: 'a', capabilities: ['write'], category: 'text', tags: ['x'], execute: () => 'A' })
    const b = defineAgent({ name: 'b', execute: () => 'B' })
    const system = createSystem({ agents: [a], clock: createTestClock() })
    system.agents.register(b)
    expect([system.agents.get('a'), system.agents.get('c')]).toEqual([a, undefined])
    expect(system.agents.list()).toEqual([a, b])
    for (const query of [{ capability: 'write' }, { category: 'text' }, { tag: 'x' }])
      expect(system.agents.discover(query)).toEqual([a])
    expect(system.agents.discover()).toEqual([a, b])
    expect((await system.agents.execute('b')).output).toBe('B')
    const made = system.agents.create('a', { id: 'one' })
    expect(() => system.agents.create(b, { id: 'one' })).toThrow(/another agent has the id "one"/)
    await made.initialize()
    await made.terminate()
    expect(system.agents.create(b, { id: 'one' }).id).toBe('one')
    expect(system.agents.create(b).id).not.toBe(system.agents.create(b).id)
  })

  test('another shared agent takes the place of one that was terminated', async () => {
    const a = defineAgent({ name: 'a', execute: () => 'A' })
    const system = createSystem({ agents: [a], clock: createTestClock() })
    await system.agents.execute(a, 1)
    const shared = system.agents.shared(a)
    await shared.terminate()
    expect(shared.state).toBe('terminated')
    expect((await system.agents.execute(a, 1)).output).toBe('A')
    expect(system.agents.shared('a').state).toBe('ready')
  })

  test('a stopped system ends its agents', async () => {
    const { agent, system, clock } = agentBench()
    const running = agent.execute('long')
    await clock.settle()
    const stopping = system.stop({ timeoutMs: 0 })
    expect((await running).status).toBe('cancelled')
    await stopping
    expect((await rejectionOf(agent.execute('x'))).code).toBe('HOOKS_STOPPED')
    expect((await rejectionOf(agent.pause())).code).toBe('HOOKS_STOPPED')
    expect(() => system.agents.create(defineAgent({ name: 'z', execute: () => 1 }))).toThrow(/stopped/)
    expect(clock.timers).toBe(0)
  })

  test('options are strict', async () => {
    const { agent, system } = agentBench()
    for (const call of [
      () => agent.pause({ soon: true } as never),
      () => agent.terminate({ force: 1 } as never),
      () => agent.execute('x', { soon: true } as never),
    ])
      expect((await rejectionOf(call())).code).toBe('INVALID_OPTIONS')
    expect(() => system.agents.discover({ name: 'a' } as never)).toThrow(/unknown option/)
    expect(() => system.agents.create('worker', { name: 'a' } as never)).toThrow(/unknown option/)
  })
})

test('the actor is the machine; metrics tell how it has fared', async () => {
  const { agent, clock } = agentBench()
  const lives: unknown[] = []
  agent.actor.subscribe(({ context }) => lives.push(context.state))
  expect(agent.metrics).toMatchObject({ transitions: 0, uptimeMs: 0 })
  await agent.execute('x')
  await clock.advance(250)
  expect(new Set(lives)).toEqual(new Set(['initializing', 'ready', 'running']))
  expect(agent.metrics).toMatchObject({ transitions: 4, uptimeMs: 250, isHealthy: true })
  expect(JSON.parse(JSON.stringify(agent.actor.getPersistedSnapshot()))).toMatchObject({
    value: { life: 'ready', work: 'idle', command: 'idle' },
  })
})

test('the tools of an agent are known to it by their names', async () => {
  const own = defineTool({ name: 'own', description: 'o', input: z.unknown(), level: 'safe', execute: () => 'mine' })
  const system = createSystem({ clock: createTestClock() })
  const agent = (tools: readonly (typeof own | string)[]) =>
    defineAgent({ name: 'a', tools, execute: ({ tools: caller }) => caller.call('own') })
  expect((await system.agents.execute(agent([own]), 1)).output).toBe('mine')
  expect(() => system.agents.create(agent(['own']))).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_COMPONENT' }) as Error,
  )
  system.tools.register(own)
  expect((await system.agents.create(agent(['own'])).execute(1)).output).toBe('mine')
})

test('the history keeps the last 1,000 edges; the metrics count all', async () => {
  const { agent } = await agentIn('ready')
  for (let i = 0; i < 502; i++) {
    await agent.pause()
    await agent.resume()
  }
  expect(agent.metrics.transitions).toBe(1_006)
  expect(agent.history).toHaveLength(1_000)
  expect(agent.history.at(-1)).toMatchObject({ from: 'paused', to: 'ready' })
})
