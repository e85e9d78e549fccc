/** Supervision: who is started again with whom, when it is too much, and what becomes of those above. */
import { createSystem, isHookchartError } from 'hookchart'
import { createSupervisor } from 'hookchart/actors'
import type { RestartPolicy } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { assign, createMachine, fromPromise, setup } from 'xstate'
import { defineTool, hooked } from 'hookchart'
import { hook } from 'hookchart/hooks'
import { errorOf } from '../support/refusal.ts'
import { AT_ONCE, statuses, supervised, taken, watchedSystem, worker, workers } from '../support/supervisors.ts'
import { before } from '../support/gated.ts'

/** A machine that ends as it is told. */
const moody = setup({
  actions: {
    burst: () => {
      throw new Error('burst')
    },
  },
}).createMachine({
  id: 'moody',
  initial: 'well',
  states: { well: { on: { END: 'over', BURST: { actions: 'burst' } } }, over: { type: 'final' } },
})

describe('children are started in their order, and stopped in the reverse one', () => {
  test('when it is made, and when it is stopped', async () => {
    const { supervisor, log } = await supervised()
    await supervisor.started
    expect([taken(log), supervisor.state]).toEqual(['start a, start b, start c', 'watching'])
    await supervisor.stop()
    expect([taken(log), supervisor.state]).toEqual(['end c, end b, end a', 'stopped'])
    expect([await supervisor.ended, statuses(supervisor)]).toEqual([
      { status: 'stopped' },
      'a stopped, b stopped, c stopped',
    ])
  })

  test('each waits until the one before it has been initialised', async () => {
    const { clock, system, log } = watchedSystem()
    let release: () => void = () => {}
    system.hooks.for(worker('a')).register('BeforeAgentInit', () => new Promise<void>((resolve) => (release = resolve)))
    const supervisor = createSupervisor(system, { children: workers('a', 'b') })
    await clock.settle()
    expect([log, supervisor.state, statuses(supervisor)]).toEqual([[], 'starting', 'a starting, b waiting'])
    release()
    await supervisor.started
    expect(taken(log)).toBe('start a, start b')
  })

  test('the system stops its supervisors', async () => {
    const { system, supervisor, log } = await supervised()
    taken(log)
    await system.stop()
    expect([taken(log), await supervisor.ended]).toEqual(['end c, end b, end a', { status: 'stopped' }])
  })

  test('stopped while it starts: who was being started is ended, and nobody after it is started', async () => {
    const { clock, system, log } = watchedSystem()
    system.hooks.for(worker('b')).register('BeforeAgentInit', () => new Promise<void>(() => {}), { timeoutMs: '1h' })
    const supervisor = createSupervisor(system, { children: workers('a', 'b', 'c') })
    await clock.settle()
    const stopped = supervisor.stop()
    await clock.advanceSteps(5_000)
    await stopped
    await supervisor.started
    expect([taken(log), statuses(supervisor)]).toEqual(['start a, end a', 'a stopped, b stopped, c stopped'])
  })
})

test('stopped in the very moment in which a child fails, nobody is started again', async () => {
  const { supervisor, log, clock } = await supervised({ children: workers('a') })
  void supervisor.agent('a').fail(new Error('broken'))
  await supervisor.stop()
  await clock.settle()
  expect([taken(log), clock.timers]).toEqual(['start a, end a', 0])
})

describe('strategies', () => {
  test.each([
    ['one_for_one', 'end b, start b'],
    ['one_for_all', 'end b, end d, end c, end a, start a, start b, start c, start d'],
    ['rest_for_one', 'end b, end d, end c, start b, start c, start d'],
  ] as const)('%s', async (strategy, order) => {
    const { log, crash, supervisor } = await supervised({ strategy, children: workers('a', 'b', 'c', 'd') })
    taken(log)
    await crash('b')
    expect([taken(log), statuses(supervisor)]).toEqual([order, 'a running, b running, c running, d running'])
  })

  test('who is temporary is ended with its group, and not started again', async () => {
    const temporary = { agent: worker('t'), restart: 'temporary' } as const
    const { log, crash, supervisor } = await supervised({
      strategy: 'one_for_all',
      children: [...workers('a'), temporary, ...workers('b')],
    })
    taken(log)
    await crash('b')
    expect([taken(log), statuses(supervisor)]).toEqual([
      'end b, end t, end a, start a, start b',
      'a running, t stopped, b running',
    ])
  })

  test('who has ended as it should is started again with its group', async () => {
    const { log, crash, supervisor } = await supervised({
      strategy: 'one_for_all',
      children: [{ agent: worker('a'), restart: 'transient' }, ...workers('b')],
    })
    await supervisor.agent('a').terminate()
    expect(statuses(supervisor)).toBe('a completed, b running')
    taken(log)
    await crash('b')
    expect([taken(log), statuses(supervisor)]).toEqual(['end b, start a, start b', 'a running, b running'])
  })

  test('while one waits for its restart the others go on, and fail for themselves', async () => {
    const { clock, log, crash, supervisor } = await supervised({
      backoff: { delayMs: 1_000, multiplier: 1, jitter: 0 },
      maxRestarts: 9,
    })
    taken(log)
    await crash('a')
    await clock.advanceSteps(600)
    await crash('c')
    expect([supervisor.state, statuses(supervisor)]).toEqual(['waiting', 'a waiting, b running, c waiting'])
    await clock.advanceSteps(400)
    expect(taken(log)).toBe('end a, end c, start a')
    await clock.advanceSteps(600)
    expect([taken(log), supervisor.state]).toEqual(['start c', 'watching'])
  })

  test('nobody is started before those in front of it, whose turn comes later', async () => {
    const { clock, log, crash } = await supervised({
      strategy: 'rest_for_one',
      backoff: { delayMs: 1_000, multiplier: 1, jitter: 0 },
    })
    taken(log)
    await crash('b')
    await clock.advanceSteps(600)
    await crash('a')
    await clock.advanceSteps(999)
    expect(taken(log)).toBe('end b, end c, end a')
    await clock.advanceSteps(1)
    expect(taken(log)).toBe('start a, start b, start c')
  })
})

describe('which exits are followed by a restart', () => {
  test.each<[RestartPolicy, string, string]>([
    ['permanent', 'x running 1', 'x running 2'],
    ['transient', 'x running 1', 'x completed 1'],
    ['temporary', 'x failed 0', 'x failed 0'],
  ])('%s', async (restart, afterFailure, afterEnd) => {
    const { clock, supervisor } = await supervised({ children: [{ id: 'x', machine: moody, restart }] })
    const shown = () => supervisor.tree().children.map(({ id, status, restarts }) => `${id} ${status} ${restarts}`)[0]
    supervisor.actor('x').send({ type: 'BURST' })
    await clock.settle()
    expect(shown()).toBe(afterFailure)
    supervisor.actor('x').send({ type: 'END' })
    await clock.settle()
    expect(shown()).toBe(afterEnd)
  })

  test('a temporary one that has ended as it should is completed', async () => {
    const { supervisor } = await supervised({ children: [{ agent: worker('a'), restart: 'temporary' }] })
    await supervisor.agent('a').terminate()
    expect(statuses(supervisor)).toBe('a completed')
  })
})

describe('what is a failure of a child', () => {
  test('an agent that comes to error and does not recover by itself', async () => {
    const { clock, supervisor, log } = await supervised({ children: workers('a') })
    expect((await supervisor.agent('a').execute('boom')).error?.message).toBe('a is broken')
    await clock.settle()
    expect(taken(log)).toBe('start a, end a, start a')
    expect(supervisor.tree().children[0]).toMatchObject({ restarts: 1, lastError: { message: 'a is broken' } })
  })

  test('an agent whose recoveries are used up, and not before', async () => {
    const { clock, supervisor } = await supervised({
      children: [{ agent: worker('a', { autoRecover: true, maxRecoveryAttempts: 2 }) }],
    })
    const restarts: number[] = []
    for (let i = 0; i < 3; i++) {
      await supervisor.agent('a').execute('boom')
      await clock.settle()
      restarts.push(supervisor.tree().restarts)
    }
    expect(restarts).toEqual([0, 0, 1])
    expect((await supervisor.agent('a').execute('well')).output).toBe('a did well')
  })

  test('an agent that cannot be initialised: it is tried again', async () => {
    const { clock, system, log } = watchedSystem()
    let refusals = 2
    system.hooks.register('BeforeAgentInit', () => (refusals-- > 0 ? hook.cancel('not yet') : undefined))
    const supervisor = createSupervisor(system, { backoff: AT_ONCE, children: workers('a', 'b') })
    await supervisor.started
    await clock.settle()
    expect([taken(log), statuses(supervisor)]).toEqual(['start a, start b', 'a running, b running'])
    expect(supervisor.tree().children[0]).toMatchObject({ restarts: 2, lastError: { code: 'HOOK_CANCELLED' } })
  })

  test('an agent whose tools are not there is refused before anything starts', () => {
    const { system } = watchedSystem()
    const lost = worker('lost', { tools: ['nowhere'] })
    expect(() => createSupervisor(system, { children: [...workers('a'), { agent: lost }] })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_COMPONENT' }) as Error,
    )
  })

  test('an agent that is not let initialise: after some tries the supervisor gives up', async () => {
    const { clock, system } = watchedSystem()
    const lost = worker('lost', {})
    system.hooks.for(lost).register('BeforeAgentInit', () => hook.cancel('not today'))
    const supervisor = createSupervisor(system, { backoff: AT_ONCE, children: [...workers('a'), { agent: lost }] })
    await clock.settle()
    await supervisor.started
    expect(await supervisor.ended).toMatchObject({
      status: 'failed',
      error: { code: 'SUPERVISOR_FAILED', cause: { code: 'HOOK_CANCELLED' } },
    })
  })

  test('a machine that is in error from its start', async () => {
    const broken = createMachine({
      context: () => {
        throw new Error('no context')
      },
    })
    const { supervisor, clock } = await supervised({ maxRestarts: 2, children: [{ id: 'm', machine: broken }] })
    await clock.settle()
    expect(await supervisor.ended).toMatchObject({ error: { details: { child: 'm', maxRestarts: 2 } } })
  })

  test('a machine that somebody else has stopped has ended', async () => {
    const { supervisor, clock } = await supervised({ children: [{ id: 'm', machine: moody }] })
    const first = supervisor.actor('m')
    first.stop()
    await clock.settle()
    expect([statuses(supervisor), supervisor.actor('m') === first]).toEqual(['m running', false])
  })

  test('an agent whose machine somebody else has stopped has failed', async () => {
    const { supervisor, clock } = await supervised({ children: workers('a') })
    supervisor.actor('a').stop()
    await clock.settle()
    expect(supervisor.tree().children[0]).toMatchObject({ status: 'running', restarts: 1 })
  })
})

describe('machines', () => {
  test('have the hooks of the system at their gates', async () => {
    const gated = hooked(
      setup({ types: { events: {} as { type: 'GO'; amount: number } } }).createMachine({
        id: 'gated',
        initial: 'here',
        states: { here: { on: { GO: 'there' } }, there: {} },
      }),
      { on: { GO: { before } } },
    )
    const { system, clock } = watchedSystem({ points: [before] })
    const supervisor = createSupervisor(system, { children: [{ id: 'm', machine: gated }] })
    await supervisor.started
    const refusal = system.hooks.register(before, () => hook.cancel('stay'))
    const go = async () => {
      supervisor.actor('m').send({ type: 'GO', amount: 1 })
      await clock.settle()
      return supervisor.tree().children[0]?.state
    }
    expect(await go()).toBe('here')
    refusal.unregister()
    expect(await go()).toBe('there')
  })

  test('are begun with their input each time, and with nothing of the last time', async () => {
    const counter = setup({
      types: { context: {} as { n: number }, input: {} as number },
      actions: {
        burst: () => {
          throw new Error('burst')
        },
      },
    }).createMachine({
      context: ({ input }) => ({ n: input }),
      on: { ADD: { actions: assign({ n: ({ context }) => context.n + 1 }) }, BURST: { actions: 'burst' } },
    })
    const { supervisor, clock } = await supervised({ children: [{ id: 'm', machine: counter, input: 5 }] })
    const n = () => (supervisor.actor('m').getSnapshot() as { context: { n: number } }).context.n
    supervisor.actor('m').send({ type: 'ADD' })
    expect(n()).toBe(6)
    supervisor.actor('m').send({ type: 'BURST' })
    await clock.settle()
    expect([n(), supervisor.tree().restarts]).toEqual([5, 1])
  })

  test('other logic of XState, with timers of the clock of the system', async () => {
    const nap = createMachine({
      initial: 'asleep',
      states: { asleep: { after: { 100: 'awake' } }, awake: { type: 'final' } },
    })
    const job = fromPromise(() => Promise.reject(new Error('no luck')))
    const { supervisor, clock } = await supervised({
      children: [
        { id: 'nap', machine: nap, restart: 'transient' },
        { id: 'job', machine: job, restart: 'temporary' },
      ],
    })
    expect(statuses(supervisor)).toBe('nap running, job failed')
    await clock.advance(100)
    expect(statuses(supervisor)).toBe('nap completed, job failed')
  })
})

describe('restart intensity', () => {
  test('three restarts within 5 s, and the fourth failure is one too many', async () => {
    const { supervisor, crash, log, clock } = await supervised({ maxRestarts: 3, children: workers('a', 'b') })
    for (const id of ['a', 'b', 'a']) await crash(id)
    expect(supervisor.state).toBe('watching')
    taken(log)
    await crash('b')
    expect([supervisor.state, taken(log), statuses(supervisor)]).toEqual([
      'failed',
      'end b, end a',
      'a stopped, b failed',
    ])
    const end = await supervisor.ended
    expect(end).toMatchObject({
      status: 'failed',
      error: {
        code: 'SUPERVISOR_FAILED',
        details: { supervisor: 'root', child: 'b', maxRestarts: 3, periodMs: 5_000 },
        cause: { message: 'b is broken' },
      },
    })
    expect(end.status === 'failed' && end.error.message).toContain('gave up on "b" after 3 restarts within 5000 ms')
    await supervisor.stop()
    expect([supervisor.state, clock.timers]).toEqual(['failed', 0])
  })

  test('a restart that is as old as the period counts no more', async () => {
    const { supervisor, crash, clock } = await supervised({ maxRestarts: 1, children: workers('a') })
    for (let i = 0; i < 5; i++) {
      await crash('a')
      await clock.advanceSteps(5_000)
    }
    expect(supervisor.state).toBe('watching')
    await crash('a')
    await clock.advanceSteps(4_999)
    await crash('a')
    expect(supervisor.state).toBe('failed')
  })

  test('who ends as it should too often is too much as well', async () => {
    const { supervisor, clock } = await supervised({ maxRestarts: 0, children: [{ id: 'm', machine: moody }] })
    supervisor.actor('m').send({ type: 'END' })
    await clock.settle()
    const end = await supervisor.ended
    expect(end.status === 'failed' && [end.error.message.includes('at last it ended'), end.error.cause]).toEqual([
      true,
      undefined,
    ])
  })

  test('what is not started again does not count', async () => {
    const { supervisor, clock } = await supervised({
      maxRestarts: 0,
      children: [1, 2, 3].map((i) => ({ id: `m${i}`, machine: moody, restart: 'temporary' })),
    })
    for (const id of ['m1', 'm2', 'm3']) supervisor.actor(id).send({ type: 'BURST' })
    await clock.settle()
    expect([supervisor.state, statuses(supervisor)]).toEqual(['watching', 'm1 failed, m2 failed, m3 failed'])
  })
})

describe('the wait before a restart', () => {
  /** The waits before each of some restarts in a row. */
  async function waits(backoff: object, chance: number, count = 5) {
    const { clock, supervisor, crash } = await supervised({
      backoff,
      random: { next: () => chance },
      children: workers('a'),
    })
    const found: number[] = []
    for (let i = 0; i < count; i++) {
      await crash('a')
      let waited = 0
      for (; supervisor.tree().restarts <= i; waited += 10) await clock.advanceSteps(10)
      found.push(waited)
    }
    return found
  }

  test('grows from each to the next, up to a cap', async () => {
    expect(await waits({ delayMs: 100, multiplier: 2, maxDelayMs: 500, jitter: 0 }, 0)).toEqual([
      100, 200, 400, 500, 500,
    ])
  })

  test('chance takes away a share of it, and never adds any', async () => {
    const backoff = { delayMs: 100, multiplier: 2, maxDelayMs: 400, jitter: 0.5 }
    expect(await waits(backoff, 0, 3)).toEqual([100, 200, 400])
    expect(await waits(backoff, 0.6, 3)).toEqual([70, 140, 280])
  })

  test('begins anew when the child has held for a period', async () => {
    const { clock, supervisor, crash } = await supervised({
      backoff: { delayMs: 100, multiplier: 10, jitter: 0 },
      periodMs: 2_000,
      children: workers('a'),
    })
    const next = async (afterMs: number) => {
      await clock.advanceSteps(afterMs)
      await crash('a')
      await clock.advanceSteps(100)
      return supervisor.state
    }
    expect([await next(0), await next(1_999)]).toEqual(['watching', 'waiting'])
    await clock.advanceSteps(900)
    expect(await next(2_000)).toBe('watching')
  })
})

describe('supervisors below supervisors', () => {
  const tower = (maxRestarts: number, options: object = {}) =>
    supervised({
      maxRestarts,
      children: [
        ...workers('a'),
        {
          id: 'pool',
          supervisor: { maxRestarts: 1, backoff: AT_ONCE, children: workers('x', 'y'), ...options },
        },
        ...workers('z'),
      ],
    })

  test('who gives up stops its children, and is started again by its own', async () => {
    const { supervisor, log, crash } = await tower(1)
    expect(taken(log)).toBe('start a, start x, start y, start z')
    await crash('pool/x')
    expect(taken(log)).toBe('end x, start x')
    await crash('pool/x')
    expect(taken(log)).toBe('end x, end y, start x, start y')
    expect(supervisor.tree().children[1]).toMatchObject({
      status: 'running',
      restarts: 1,
      lastError: { code: 'SUPERVISOR_FAILED', details: { supervisor: 'root/pool', child: 'x' } },
      tree: { id: 'root/pool', restarts: 0 },
    })
  })

  test('until that one gives up too', async () => {
    const { supervisor, log, crash } = await tower(0)
    await crash('pool/y')
    taken(log)
    await crash('pool/y')
    expect(taken(log)).toBe('end y, end x, end z, end a')
    const end = await supervisor.ended
    expect(end).toMatchObject({
      error: { details: { supervisor: 'root', child: 'pool' }, cause: { details: { supervisor: 'root/pool' } } },
    })
  })

  test('stopped, everything below it is stopped in the reverse order', async () => {
    const { supervisor, log } = await tower(1)
    taken(log)
    await supervisor.stop()
    expect(taken(log)).toBe('end z, end y, end x, end a')
  })

  test('who cannot start its children fails as it is started', async () => {
    const broken = createMachine({
      context: () => {
        throw new Error('no context')
      },
    })
    const { supervisor } = await tower(1, { children: [{ id: 'm', machine: broken }] })
    await supervisor.started
    expect(await supervisor.ended).toMatchObject({ error: { details: { child: 'pool' } } })
  })
})

describe('the end of a child has a deadline', () => {
  test('code that does not end is left behind after 5 s', async () => {
    const { clock, supervisor, log } = await supervised({
      children: [...workers('a'), { agent: worker('deaf', { terminateTimeoutMs: '1m' }) }],
    })
    const run = supervisor.agent('deaf').execute('deaf')
    await clock.settle()
    taken(log)
    const stopped = supervisor.stop()
    await clock.advanceSteps(4_999)
    expect([taken(log), supervisor.state]).toEqual(['', 'stopping'])
    await clock.advanceSteps(1)
    await stopped
    expect([taken(log), (await run).status]).toEqual(['end deaf, end a', 'cancelled'])
  })

  test('a hook that refuses does not keep a child', async () => {
    const { supervisor, log, system } = await supervised()
    system.hooks.register('BeforeAgentTerminate', () => hook.cancel('stay'))
    taken(log)
    await supervisor.stop()
    expect([taken(log), supervisor.agent('a').state]).toEqual(['end c, end b, end a', 'terminated'])
  })
})

test('the tree says what is there, and is JSON', async () => {
  const { supervisor, crash } = await supervised({
    strategy: 'rest_for_one',
    children: [
      { agent: worker('a') },
      { id: 'm', machine: moody, restart: 'transient' },
      { id: 'pool', restart: 'temporary', supervisor: { children: [{ id: 'x', agent: worker('y') }] } },
    ],
  })
  await crash('a')
  const common = { lastError: null, restarts: 1 }
  expect(supervisor.tree()).toEqual({
    ...{ id: 'root', strategy: 'rest_for_one', state: 'watching', restarts: 2 },
    children: [
      {
        ...{ ...common, id: 'a', type: 'agent', restart: 'permanent', status: 'running', state: 'ready' },
        lastError: { code: 'EFFECT_FAILED', name: 'Error', message: 'a is broken', retryable: false },
      },
      { ...common, id: 'm', type: 'machine', restart: 'transient', status: 'running', state: 'well' },
      {
        ...{ ...common, restarts: 0, id: 'pool', type: 'supervisor', restart: 'temporary', status: 'stopped' },
        state: 'stopped',
        tree: {
          ...{ id: 'root/pool', strategy: 'one_for_one', state: 'stopped', restarts: 0 },
          children: [
            {
              ...{ ...common, restarts: 0, id: 'x', type: 'agent', restart: 'permanent', status: 'stopped' },
              state: 'terminated',
            },
          ],
        },
      },
    ],
  })
  expect(JSON.parse(JSON.stringify(supervisor))).toEqual(supervisor.tree())
  expect(JSON.parse(JSON.stringify(supervisor.actor().getPersistedSnapshot()))).toMatchObject({
    value: 'watching',
    context: { children: [{ id: 'a', status: 'running' }, { id: 'm' }, { id: 'pool' }] },
  })
})

describe('misuse', () => {
  const made = (options: object) => () => createSupervisor(createSystem(), options as never)

  test.each<[string, object, string, string]>([
    ['no children', { children: [] }, 'INVALID_OPTIONS', 'expected at least one child'],
    ['a child that is nothing', { children: [{ id: 'a' }] }, 'INVALID_OPTIONS', 'children[0]: expected one of'],
    ['null as a child', { children: [null] }, 'INVALID_OPTIONS', 'children[0]: expected one of'],
    [
      'a child that is two things',
      { children: [{ agent: worker('a'), machine: moody }] },
      'INVALID_OPTIONS',
      'not agent and machine',
    ],
    ['an agent that is none', { children: [{ agent: { name: 'a' } }] }, 'INVALID_OPTIONS', 'defineAgent'],
    [
      'a tool',
      { children: [{ agent: defineTool({ name: 't', description: 't', input: z.unknown(), execute: () => 1 }) }] },
      'INVALID_OPTIONS',
      'defineAgent',
    ],
    ['a machine that is none', { children: [{ id: 'm', machine: {} }] }, 'INVALID_OPTIONS', 'logic of XState'],
    ['a machine without an id', { children: [{ machine: moody }] }, 'INVALID_OPTIONS', '"id"'],
    ['an id with a slash', { children: [{ id: 'a/b', agent: worker('a') }] }, 'INVALID_OPTIONS', 'no "/"'],
    ['a name that is no id', { children: [{ agent: worker('a/b') }] }, 'INVALID_OPTIONS', 'no "/"'],
    ['two of one id', { children: workers('a', 'a') }, 'DUPLICATE_NAME', 'two children are called "a"'],
    [
      'an unknown option far down',
      { children: [{ id: 'p', supervisor: { children: workers('a'), maxRestart: 1 } }] },
      'INVALID_OPTIONS',
      'createSupervisor("supervisor").children[0].supervisor: unknown option "maxRestart"',
    ],
    ['a strategy there is not', { strategy: 'all', children: workers('a') }, 'INVALID_OPTIONS', '"strategy"'],
    [
      'a wait of more than a day',
      { backoff: { delayMs: '2d' }, children: workers('a') },
      'INVALID_OPTIONS',
      'at most a day',
    ],
    ['no chance', { random: {}, children: workers('a') }, 'INVALID_OPTIONS', 'expected next'],
  ])('%s', (_, options, code, message) => {
    const error = errorOf(made(options))
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(message)
  })

  test('what is no system', () => {
    const error = errorOf(() => createSupervisor({} as never, { children: workers('a') }))
    expect([error.code, error.message]).toEqual([
      'INVALID_OPTIONS',
      expect.stringContaining('Give what createSystem gave.'),
    ])
  })

  test('a system that was stopped', async () => {
    const system = createSystem({ clock: createTestClock() })
    await system.stop()
    expect(errorOf(() => createSupervisor(system, { children: workers('a') })).code).toBe('HOOKS_STOPPED')
  })

  test('an agent whose id another one has: nothing is left behind', async () => {
    const { system } = await supervised({ children: workers('a') })
    const again = () => createSupervisor(system, { id: 'root', children: workers('b', 'a') })
    expect([errorOf(again).code, errorOf(again).details['name']]).toEqual(['DUPLICATE_COMPONENT', 'root/a'])
    expect(system.agents.create(worker('b'), { id: 'root/b' }).state).toBe('uninitialized')
  })

  test('children that are not there', async () => {
    const { supervisor } = await supervised({
      children: [...workers('a'), { id: 'm', machine: moody }, { id: 'p', supervisor: { children: workers('x') } }],
    })
    for (const id of ['z', 'm', 'p', 'p/z', 'a/x', '']) {
      const error = errorOf(() => supervisor.agent(id))
      expect(error).toMatchObject({ code: 'UNKNOWN_COMPONENT', details: { name: id, known: ['a', 'p/x'] } })
    }
    expect(errorOf(() => supervisor.actor('z')).details['known']).toEqual(['a', 'm', 'p', 'p/x'])
    expect(isHookchartError(errorOf(() => supervisor.actor('z')))).toBe(true)
    expect(supervisor.agent('p/x').id).toBe('root/p/x')
  })
})

test('a supervisor whose own machine somebody stops ends its children', async () => {
  const { supervisor, log, clock } = await supervised()
  taken(log)
  supervisor.actor().stop()
  await clock.settle()
  expect([taken(log), await supervisor.ended]).toMatchObject([
    'end c, end b, end a',
    { status: 'failed', error: { code: 'RUN_ABORTED' } },
  ])
  await supervisor.stop()
})
