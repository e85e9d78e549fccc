/** The options of supervisors: of each, two values that come to two outcomes. */
import { createSupervisor } from 'hookchart/actors'
import type { CreateSupervisorOptions, RestartBackoffOptions } from 'hookchart/actors'
import type { RestartPolicy, SupervisorStrategy } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { outcomesOf } from '../support/outcomes.ts'
import { AT_ONCE, statuses, supervised, taken, watchedSystem, worker, workers } from '../support/supervisors.ts'

/** How long is waited before the nth restart in a row. */
async function waitBefore(n: number, options: Partial<CreateSupervisorOptions>) {
  const { clock, supervisor, crash } = await supervised({ children: workers('a'), ...options })
  let waited = 0
  for (let i = 0; i < n; i++) {
    await crash('a')
    for (waited = 0; supervisor.tree().restarts <= i; waited += 5) await clock.advanceSteps(5)
  }
  return waited
}

const machine = (id: string) => createMachine({ id, initial: id, states: { [id]: {} } })

describe('createSupervisor', () => {
  test('id: what it and its agents are called', async () => {
    const called = async (id: string) => {
      const { supervisor } = await supervised({ id })
      return [supervisor.id, supervisor.tree().id, supervisor.agent('a').id]
    }
    expect(await outcomesOf(called, 'x', 'y')).toEqual([
      ['x', 'x', 'x/a'],
      ['y', 'y', 'y/a'],
    ])
  })

  test('strategy: who is started again with one that fails', async () => {
    const started = async (strategy: SupervisorStrategy) => {
      const { log, crash } = await supervised({ strategy })
      taken(log)
      await crash('b')
      return log.filter((each) => each.startsWith('start')).join()
    }
    expect(await outcomesOf(started, 'one_for_one', 'one_for_all', 'rest_for_one')).toEqual([
      'start b',
      'start a,start b,start c',
      'start b,start c',
    ])
  })

  test('maxRestarts: how many restarts it takes', async () => {
    const state = async (maxRestarts: number) => {
      const { supervisor, crash } = await supervised({ maxRestarts })
      await crash('a')
      await crash('b')
      return supervisor.state
    }
    expect(await outcomesOf(state, 1, 2)).toEqual(['failed', 'watching'])
  })

  test('periodMs: how long a restart counts', async () => {
    const state = async (periodMs: number) => {
      const { supervisor, crash, clock } = await supervised({ maxRestarts: 1, periodMs })
      await crash('a')
      await clock.advanceSteps(150)
      await crash('a')
      return supervisor.state
    }
    expect(await outcomesOf(state, 100, 200)).toEqual(['watching', 'failed'])
  })

  test('backoff: how long is waited', async () => {
    const waited = (backoff: RestartBackoffOptions) => waitBefore(1, { backoff })
    expect(await outcomesOf(waited, AT_ONCE, { delayMs: 50, jitter: 0 }, { jitter: 0 })).toEqual([0, 50, 100])
  })

  test('shutdownMs: how long an agent may take to end', async () => {
    const ended = async (shutdownMs: number) => {
      const { supervisor, clock, log } = await supervised({ shutdownMs, children: workers('a') })
      void supervisor.agent('a').execute('deaf')
      await clock.settle()
      void supervisor.stop()
      await clock.advanceSteps(100)
      return log.at(-1)
    }
    expect(await outcomesOf(ended, 100, 200)).toEqual(['end a', 'start a'])
  })

  test('children: who is started', async () => {
    const started = async (names: string[]) => taken((await supervised({ children: workers(...names) })).log)
    expect(await outcomesOf(started, ['a'], ['b', 'c'])).toEqual(['start a', 'start b, start c'])
  })

  test('random: the chance in a wait', async () => {
    const waited = (chance: number) =>
      waitBefore(1, { backoff: { delayMs: 100, jitter: 1 }, random: { next: () => chance } })
    expect(await outcomesOf(waited, 0.25, 0.75)).toEqual([75, 25])
  })
})

describe('backoff', () => {
  const waits = (n: number) => (backoff: RestartBackoffOptions) =>
    waitBefore(n, { backoff: { delayMs: 40, jitter: 0, ...backoff } })

  test('delayMs: the first wait', async () => {
    expect(await outcomesOf(waits(1), { delayMs: 10 }, { delayMs: 20 })).toEqual([10, 20])
  })

  test('multiplier: how it grows', async () => {
    expect(await outcomesOf(waits(3), { multiplier: 1 }, { multiplier: 3 })).toEqual([40, 360])
  })

  test('maxDelayMs: how far', async () => {
    expect(await outcomesOf(waits(3), { maxDelayMs: 60 }, { maxDelayMs: 100 })).toEqual([60, 100])
  })

  test('jitter: how much of it chance takes away', async () => {
    const waited = (jitter: number) => waitBefore(1, { backoff: { delayMs: 100, jitter }, random: { next: () => 0.5 } })
    expect(await outcomesOf(waited, 0, 0.5, 1)).toEqual([100, 75, 50])
  })
})

describe('a child', () => {
  test('id: what it is called', async () => {
    const called = async (id: string) =>
      statuses((await supervised({ children: [{ id, agent: worker('a') }] })).supervisor)
    expect(await outcomesOf(called, 'x', 'y')).toEqual(['x running', 'y running'])
  })

  test('restart: whether it is started again', async () => {
    const status = async (restart: RestartPolicy) => {
      const { supervisor, crash } = await supervised({ children: [{ agent: worker('a'), restart }] })
      await crash('a')
      return statuses(supervisor)
    }
    expect(await outcomesOf(status, 'permanent', 'transient', 'temporary')).toEqual([
      'a running',
      'a running',
      'a failed',
    ])
  })

  test('agent: who does the work', async () => {
    const output = async (name: string) => {
      const { supervisor } = await supervised({ children: [{ id: 'x', agent: worker(name) }] })
      return (await supervisor.agent('x').execute('it')).output
    }
    expect(await outcomesOf(output, 'a', 'b')).toEqual(['a did it', 'b did it'])
  })

  test('machine: what runs', async () => {
    const state = async (id: string) =>
      (await supervised({ children: [{ id: 'm', machine: machine(id) }] })).supervisor.tree().children[0]?.state
    expect(await outcomesOf(state, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('input: what a machine is begun with', async () => {
    const keeps = createMachine({ context: ({ input }) => ({ kept: input }) })
    const kept = async (input: unknown) => {
      const { supervisor } = await supervised({ children: [{ id: 'm', machine: keeps, input }] })
      return (supervisor.actor('m').getSnapshot() as { context: { kept: unknown } }).context.kept
    }
    expect(await outcomesOf(kept, 1, 'two', undefined)).toEqual([1, 'two', undefined])
  })

  test('supervisor: what is below it', async () => {
    const below = async (names: string[]) => {
      const { clock, system, log } = watchedSystem()
      createSupervisor(system, { children: [{ id: 'p', supervisor: { children: workers(...names) } }] })
      await clock.settle()
      return taken(log)
    }
    expect(await outcomesOf(below, ['a'], ['a', 'b'])).toEqual(['start a', 'start a, start b'])
  })
})
