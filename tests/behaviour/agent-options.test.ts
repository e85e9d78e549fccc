/** The options that agents of both kinds have: of each, two values that come to two outcomes. */
import { createSystem, defineAgent, defineTool } from 'hookchart'
import type { AgentCall } from 'hookchart'
import type { AgentDefinition } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { scripted } from '../support/model.ts'
import type { Said } from '../support/model.ts'
import { outcomesOf } from '../support/outcomes.ts'
import { rejectionOf } from '../support/refusal.ts'

const never = () => new Promise(() => {})
/** An agent that says "done", calls the tool `add` and says what came of it, or never comes to an end. */
const kinds = {
  execute: {
    done: { execute: () => 'done' },
    calls: { execute: ({ tools }: AgentCall) => tools.call('add', 1) },
    hangs: { execute: never },
  },
  model: {
    done: { model: () => scripted(['"done"', '"done"']) },
    calls: { model: () => scripted([{ calls: [['add', 1]] } satisfies Said, 'added']) },
    hangs: { model: () => scripted([never, never, never]) },
  },
}

function agentOf(kind: 'execute' | 'model', work: 'done' | 'calls' | 'hangs', options: object): AgentDefinition {
  const chosen = kinds[kind][work]
  const own = 'model' in chosen ? { model: chosen.model(), instructions: 'Be brief.' } : chosen
  return defineAgent({ name: 'worker', ...own, ...options } as never)
}

describe.each(['execute', 'model'] as const)('defineAgent({ %s })', (kind) => {
  const bench = (work: 'done' | 'calls' | 'hangs', options: object) => {
    const clock = createTestClock()
    const system = createSystem({ clock, ids: createTestIds(), agents: [agentOf(kind, work, options)] })
    return { clock, system, agent: system.agents.create('worker') }
  }

  test('name: what it is found by', async () => {
    const found = (name: string) =>
      createSystem({ agents: [agentOf(kind, 'done', { name })] }).agents.get('worker')?.name
    expect(await outcomesOf(found, 'worker', 'other')).toEqual(['worker', undefined])
  })

  test.each([
    ['description', ['works', 'rests']],
    ['version', ['1.0.0', '2.0.0']],
  ] as const)('%s: what whoever has the agent reads', async (option, values) => {
    const read = (value: string) => agentOf(kind, 'done', { [option]: value })[option]
    expect(await outcomesOf(read, ...values)).toEqual(values)
  })

  test.each([
    ['capabilities', { capability: 'a' }, [['a', 'b'], ['b']]],
    ['category', { category: 'a' }, ['a', 'b']],
    ['tags', { tag: 'a' }, [['a'], ['b']]],
  ] as const)('%s: what it is discovered by', async (option, query, values) => {
    const found = (value: unknown) => bench('done', { [option]: value }).system.agents.discover(query).length
    expect(await outcomesOf(found, ...values)).toEqual([1, 0])
  })

  test.each(['input', 'output'] as const)('%s: what fits it', async (option) => {
    const status = async (schema: z.ZodType) => (await bench('done', { [option]: schema }).agent.execute('go')).status
    expect(await outcomesOf(status, z.string(), z.number())).toEqual(['completed', 'failed'])
  })

  test('tools: which it can call', async () => {
    const called = async (isGiven: boolean) => {
      let calls = 0
      const execute = () => ++calls
      const add = defineTool({ name: 'add', description: 'adds', input: z.number(), execute })
      await bench('calls', { tools: isGiven ? [add] : [] }).agent.execute('go')
      return calls
    }
    expect(await outcomesOf(called, true, false)).toEqual([1, 0])
  })

  test.each([
    ['autoRecover', [true, false]],
    ['maxRecoveryAttempts', [1, 0]],
  ] as const)('%s: whether an execution recovers it from an error', async (option, values) => {
    const outcome = async (value: unknown) => {
      const { agent } = bench('done', { [option]: value })
      await agent.initialize()
      await agent.fail(new Error('broken'))
      return agent.execute('go').then(
        ({ status }) => status,
        (error: unknown) => (error as { code: string }).code,
      )
    }
    expect(await outcomesOf(outcome, ...values)).toEqual(['completed', 'ILLEGAL_COMMAND'])
  })

  test('maxQueue: how many may wait', async () => {
    const refused = async (maxQueue: number) => {
      const { agent, clock } = bench('hangs', { maxQueue })
      const codes: (string | undefined)[] = []
      for (let i = 0; i < 3; i++) void agent.execute('go').then(({ error }) => codes.push(error?.code))
      await clock.settle()
      return codes
    }
    expect(await outcomesOf(refused, 1, 2)).toEqual([['AGENT_BUSY'], []])
  })

  test('timeoutMs: how long an execution may take', async () => {
    const states = async (timeoutMs: number) => {
      const { agent, clock } = bench('hangs', { timeoutMs })
      void agent.execute('go')
      await clock.advanceSteps(100)
      return agent.state
    }
    expect(await outcomesOf(states, 100, 101)).toEqual(['error', 'running'])
  })

  test('transitionTimeoutMs: how long a pause may take', async () => {
    const refused = async (transitionTimeoutMs: number) => {
      const { agent, clock } = bench('hangs', { transitionTimeoutMs })
      void agent.execute('go')
      await clock.settle()
      let code: string | undefined
      void rejectionOf(agent.pause()).then((error) => (code = error.code))
      await clock.advanceSteps(100)
      return code
    }
    expect(await outcomesOf(refused, 100, 101)).toEqual(['OPERATION_TIMED_OUT', undefined])
  })
})

describe('initializeTimeoutMs', () => {
  test('of a model: how long it may take to be loaded', async () => {
    const states = async (initializeTimeoutMs: number) => {
      const clock = createTestClock()
      const system = createSystem({ clock, models: { slow: never as never } })
      const options = { name: 'worker', model: 'slow/one', instructions: 'Be brief.', initializeTimeoutMs } as const
      const agent = system.agents.create(defineAgent(options))
      agent.initialize().catch(() => undefined)
      await clock.advanceSteps(100)
      return agent.state
    }
    expect(await outcomesOf(states, 100, 101)).toEqual(['error', 'initializing'])
  })

  test('of a function: what whoever has the agent reads', async () => {
    const read = (initializeTimeoutMs: number) =>
      agentOf('execute', 'done', { initializeTimeoutMs }).initializeTimeoutMs
    expect(await outcomesOf(read, 100, 101)).toEqual([100, 101])
  })
})

describe('terminateTimeoutMs', () => {
  test('of a function: how long its code may take to end', async () => {
    const states = async (terminateTimeoutMs: number) => {
      const clock = createTestClock()
      const agent = createSystem({ clock }).agents.create(agentOf('execute', 'hangs', { terminateTimeoutMs }))
      void agent.execute('go')
      await clock.settle()
      agent.terminate().catch(() => undefined)
      await clock.advanceSteps(100)
      return agent.state
    }
    expect(await outcomesOf(states, 100, 101)).toEqual(['error', 'terminating'])
  })

  test('of a model: how long what it was asked may take to end', async () => {
    const states = async (terminateTimeoutMs: number) => {
      const clock = createTestClock()
      const agent = createSystem({ clock }).agents.create(agentOf('model', 'hangs', { terminateTimeoutMs }))
      void agent.execute('go')
      await clock.settle()
      agent.terminate().catch(() => undefined)
      await clock.advanceSteps(100)
      return agent.state
    }
    expect(await outcomesOf(states, 100, 101)).toEqual(['error', 'terminating'])
  })
})
