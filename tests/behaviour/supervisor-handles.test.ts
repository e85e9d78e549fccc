/** Agents below a supervisor, as those have them who use them: handles outlive restarts, and no run is lost without a word. */
import { createSystem } from 'hookchart'
import { createSupervisor } from 'hookchart/actors'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { rejectionOf } from '../support/refusal.ts'
import { AT_ONCE, supervised, taken, watchedSystem, worker, workers } from '../support/supervisors.ts'

const codeOf = (error: unknown) => (error as { readonly code: string }).code

const LATER = { delayMs: 1_000, multiplier: 1, jitter: 0 }

describe('a handle goes on working after a restart', () => {
  test('the same handle, another instance', async () => {
    const { supervisor, crash } = await supervised()
    const agent = supervisor.agent('a')
    const first = agent.actor
    expect([agent.id, agent.state, (await agent.execute('one')).output]).toEqual(['root/a', 'ready', 'a did one'])
    expect(agent.history.map(({ to }) => to)).toEqual(['initializing', 'ready', 'running', 'ready'])
    await crash('a')
    expect(supervisor.agent('a')).toBe(agent)
    expect(agent.actor).not.toBe(first)
    expect([agent.state, agent.history.length, agent.metrics.transitions]).toEqual(['ready', 2, 2])
    expect((await agent.execute('two')).output).toBe('a did two')
  })

  test('every command reaches the present instance', async () => {
    const { supervisor, crash } = await supervised()
    const agent = supervisor.agent('a')
    await crash('a')
    expect(await agent.pause()).toBe('paused')
    expect(await agent.resume()).toBe('ready')
    expect(await agent.stop()).toBe('ready')
    expect((await rejectionOf(agent.initialize())).code).toBe('ILLEGAL_COMMAND')
    expect((await rejectionOf(agent.recover())).code).toBe('ILLEGAL_COMMAND')
    expect(await agent.fail(new Error('told'))).toBe('error')
    expect(await agent.pause()).toBe('paused')
    expect(await agent.terminate()).toBe('terminated')
  })

  test('with a fresh state', async () => {
    const counting = worker('n', {
      execute: ({ input, state }: { input: unknown; state: Record<string, unknown> }) => {
        if (input === 'boom') throw new Error('boom')
        return (state['n'] = Number(state['n'] ?? 0) + 1)
      },
    })
    const { supervisor, clock } = await supervised({ children: [{ agent: counting }] })
    const agent = supervisor.agent('n')
    await agent.execute('x')
    expect((await agent.execute('x')).output).toBe(2)
    await agent.execute('boom')
    await clock.settle()
    expect((await agent.execute('x')).output).toBe(1)
  })

  test('also below a supervisor that was started again', async () => {
    const { supervisor, crash } = await supervised({
      children: [{ id: 'pool', supervisor: { maxRestarts: 0, backoff: AT_ONCE, children: workers('x', 'y') } }],
    })
    const agent = supervisor.agent('pool/y')
    await crash('pool/x')
    expect(supervisor.tree().restarts).toBe(1)
    expect((await agent.execute('it')).output).toBe('y did it')
  })
})

describe('runs in flight at a restart are failed, with SUPERVISOR_RESTART', () => {
  const failed = (child: string) => ({
    status: 'failed',
    error: { code: 'SUPERVISOR_RESTART', retryable: true, details: { child } },
  })

  test('what runs in one that is started again with another', async () => {
    const { supervisor, crash, clock, system } = await supervised({ strategy: 'one_for_all' })
    const settled: unknown[] = []
    system.hooks.register('OperationSettled', ({ data }) => {
      settled.push([(data as { status: string }).status, (data as { error?: { code: string } }).error?.code])
    })
    const runs = ['a', 'c'].map((id) => supervisor.agent(id).execute('long'))
    await clock.settle()
    await crash('b')
    expect(await Promise.all(runs)).toMatchObject([failed('root/a'), failed('root/c')])
    expect(settled).toEqual([
      ['failed', 'SUPERVISOR_RESTART'],
      ['failed', 'SUPERVISOR_RESTART'],
    ])
  })

  test('what waits for its turn, and the one that failed keeps its own error', async () => {
    const { supervisor, clock } = await supervised({ children: workers('a') })
    const agent = supervisor.agent('a')
    const runs = ['boom', 'one', 'two'].map((input) => agent.execute(input))
    await clock.settle()
    expect(await Promise.all(runs)).toMatchObject([
      { status: 'failed', error: { code: 'EFFECT_FAILED', message: 'a is broken' } },
      failed('root/a'),
      failed('root/a'),
    ])
  })

  test('what runs an agent that is told to fail fails of that', async () => {
    const { supervisor, clock } = await supervised({ children: workers('a') })
    const run = supervisor.agent('a').execute('long')
    await clock.settle()
    await supervisor.agent('a').fail(new Error('told'))
    expect((await run).error?.message).toBe('told')
  })

  test('what waits when the agent was terminated, and is started again', async () => {
    const { supervisor, clock } = await supervised({ children: workers('a') })
    const agent = supervisor.agent('a')
    const [first, second] = [agent.execute('long'), agent.execute('x')]
    await clock.settle()
    await agent.terminate()
    expect([(await first).status, await second]).toMatchObject(['cancelled', failed('root/a')])
    expect((await agent.execute('x')).status).toBe('completed')
  })

  test('what runs below a supervisor that gives up, and below one that is stopped with its group', async () => {
    const { supervisor, crash, clock } = await supervised({
      strategy: 'one_for_all',
      children: [
        ...workers('a'),
        { id: 'p', supervisor: { maxRestarts: 0, children: workers('x', 'y') } },
        { id: 'q', supervisor: { children: workers('z') } },
      ],
    })
    const runs = ['a', 'p/y', 'q/z'].map((id) => supervisor.agent(id).execute('long'))
    await clock.settle()
    await crash('p/x')
    await clock.advance(1)
    expect(await Promise.all(runs)).toMatchObject([failed('root/a'), failed('root/p/y'), failed('root/q/z')])
    expect(supervisor.state).toBe('watching')
  })

  test('tools that they call end with them', async () => {
    const { supervisor, crash, clock } = await supervised({ strategy: 'one_for_all' })
    const controller = new AbortController()
    const run = supervisor.agent('a').execute('long', { signal: controller.signal })
    await clock.settle()
    await crash('b')
    // What comes later changes nothing.
    controller.abort(new Error('never mind'))
    expect(await run).toMatchObject(failed('root/a'))
  })

  test('stopped by hand or with the system they are cancelled', async () => {
    for (const stop of ['supervisor', 'system'] as const) {
      const bench = await supervised()
      const run = bench.supervisor.agent('b').execute('long')
      await bench.clock.settle()
      await (stop === 'system' ? bench.system.stop({ timeoutMs: 0 }) : bench.supervisor.stop())
      expect(await run).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    }
  })
})

describe('between two instances', () => {
  async function between(options: object = {}) {
    const bench = await supervised({ backoff: LATER, children: workers('a'), ...options })
    await bench.crash('a')
    return { ...bench, agent: bench.supervisor.agent('a') }
  }

  test('executions wait for the next one', async () => {
    const { agent, clock, log } = await between()
    taken(log)
    const run = agent.execute('it', { metadata: { user: 'ann' } })
    await clock.advanceSteps(999)
    expect(taken(log)).toBe('')
    await clock.advanceSteps(1)
    expect(await run).toMatchObject({ status: 'completed', output: 'a did it', metadata: { user: 'ann' } })
  })

  test('an execution whose caller has lost patience is cancelled at once', async () => {
    const { agent, clock } = await between()
    const controller = new AbortController()
    const run = agent.execute('it', { signal: controller.signal })
    await clock.settle()
    controller.abort()
    expect((await run).status).toBe('cancelled')
    expect((await agent.execute('it', { signal: controller.signal })).status).toBe('cancelled')
    await clock.advanceSteps(1_000)
  })

  test('no more wait than may', async () => {
    const { agent, clock } = await between({ children: [{ agent: worker('a', { maxQueue: 1 }) }] })
    const runs = ['one', 'two'].map((input) => agent.execute(input))
    await clock.advanceSteps(1_000)
    expect((await Promise.all(runs)).map(({ status, error }) => error?.code ?? status)).toEqual([
      'completed',
      'AGENT_BUSY',
    ])
  })

  test('commands wait too, as long as their options say', async () => {
    const { agent, clock } = await between()
    const controller = new AbortController()
    const told = [
      agent.pause(),
      agent.pause({ timeoutMs: 500 }).catch(codeOf),
      agent.pause({ signal: controller.signal }).catch(codeOf),
      agent.pause({ signal: AbortSignal.abort() }).catch(codeOf),
    ]
    await clock.advanceSteps(500)
    controller.abort()
    await clock.advanceSteps(500)
    expect(await Promise.all(told)).toEqual(['paused', 'OPERATION_TIMED_OUT', 'RUN_ABORTED', 'RUN_ABORTED'])
    expect(clock.timers).toBe(0)
  })

  test('unknown options are refused at once', async () => {
    const { agent } = await between()
    expect((await rejectionOf(agent.pause({ sooner: true } as never))).code).toBe('INVALID_OPTIONS')
    expect((await rejectionOf(agent.execute('x', { sooner: true } as never))).code).toBe('INVALID_OPTIONS')
  })

  test('who waits is told when there will be none', async () => {
    const { agent, supervisor } = await between()
    const [run, pause] = [agent.execute('it'), agent.pause()]
    pause.catch(() => {})
    await supervisor.stop()
    expect(await run).toMatchObject({ status: 'failed', error: { code: 'ILLEGAL_COMMAND' } })
    expect((await rejectionOf(pause)).code).toBe('ILLEGAL_COMMAND')
    expect((await rejectionOf(agent.execute('more'))).code).toBe('ILLEGAL_COMMAND')
  })

  test('when the system has been stopped too', async () => {
    const { agent, system } = await between()
    const run = agent.execute('it')
    await system.stop({ timeoutMs: 0 })
    expect((await run).status).toBe('failed')
    expect((await rejectionOf(agent.execute('more'))).code).toBe('HOOKS_STOPPED')
    expect((await rejectionOf(agent.pause())).code).toBe('HOOKS_STOPPED')
  })

  test('before the first one too', async () => {
    const system = createSystem({ clock: createTestClock(), ids: createTestIds() })
    const agent = createSupervisor(system, { children: workers('a', 'b') }).agent('b')
    expect([agent.state, agent.history]).toEqual(['uninitialized', []])
    expect((await agent.execute('it')).output).toBe('b did it')
  })

  test('one that was never started either', async () => {
    const { clock, system } = watchedSystem()
    system.hooks.register('BeforeAgentInit', () => new Promise<void>(() => {}), { timeoutMs: '1h' })
    const supervisor = createSupervisor(system, { shutdownMs: 0, children: workers('a', 'b') })
    await clock.settle()
    const waiting = supervisor.agent('b').execute('x')
    const stopping = supervisor.stop()
    await clock.advanceSteps(0)
    await stopping
    expect(await waiting).toMatchObject({ status: 'failed', error: { code: 'ILLEGAL_COMMAND' } })
    for (const id of ['a', 'b']) {
      const { code, details } = await rejectionOf(supervisor.agent(id).execute('x'))
      expect([code, details['legal']]).toEqual(['ILLEGAL_COMMAND', []])
      expect((await rejectionOf(supervisor.agent(id).initialize())).code).toBe('ILLEGAL_COMMAND')
    }
  })

  test('one that will not be started again is no better than terminated', async () => {
    const { supervisor, clock } = await supervised({ children: [{ agent: worker('a'), restart: 'temporary' }] })
    const agent = supervisor.agent('a')
    await agent.fail(new Error('broken'))
    await clock.settle()
    expect([agent.state, (await rejectionOf(agent.execute('x'))).code]).toEqual(['terminated', 'ILLEGAL_COMMAND'])
  })
})

test('a supervisor in whose agents nothing can be started any more gives up', async () => {
  const { supervisor, system, crash } = await supervised({ maxRestarts: 2 })
  await system.hooks.stop()
  expect((await rejectionOf(crash('a'))).code).toBe('HOOKS_STOPPED')
  supervisor.actor('a').stop()
  expect(await supervisor.ended).toMatchObject({
    error: { code: 'SUPERVISOR_FAILED', cause: { code: 'HOOKS_STOPPED' } },
  })
})

test('the hook at BeforeAgentTerminate that takes for ever is left behind with its child', async () => {
  const { supervisor, clock, system, log } = await supervised({ children: workers('a'), shutdownMs: 200 })
  system.hooks.register('BeforeAgentTerminate', () => new Promise<void>(() => {}), { timeoutMs: '1h' })
  const stopped = supervisor.stop()
  taken(log)
  await clock.advanceSteps(199)
  expect(taken(log)).toBe('')
  await clock.advanceSteps(1)
  await stopped
  expect(taken(log)).toBe('end a')
})
