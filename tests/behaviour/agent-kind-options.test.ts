/** The options of function agents and of model agents alone, and of their commands: of each, two values that come to two outcomes. */
import { createSystem, defineAgent, defineTool } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { agentBench } from '../support/agents.ts'
import { scripted } from '../support/model.ts'
import { outcomesOf } from '../support/outcomes.ts'

const add = defineTool({ name: 'add', description: 'adds', input: z.unknown(), execute: () => 3 })

/** A model that calls a tool twice and then answers: two calls of it, with 10 tokens in and 5 out each. */
function execute(options: object, answer = 'It is 3.') {
  const model = scripted([
    {
      calls: [
        ['add', {}],
        ['add', {}],
      ],
    },
    answer,
  ])
  const agent = defineAgent({ name: 'a', model: model, instructions: 'Add.', tools: [add], ...options })
  const system = createSystem({ clock: createTestClock(), ids: createTestIds() })
  return system.agents.execute(agent, '1 + 2?').then((result) => ({ ...result, model }))
}

test('execute: the work', async () => {
  const output = async (work: () => string) =>
    (await createSystem().agents.execute(defineAgent({ name: 'a', execute: work }), 1)).output
  const works = [() => 'a', () => 'b']
  expect(await outcomesOf(output, ...works)).toEqual(['a', 'b'])
})

describe('model', () => {
  test('model: who does the work', async () => {
    const output = async (said: string) => (await execute({ model: scripted([said]) })).output
    expect(await outcomesOf(output, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('instructions: what the model is told first', async () => {
    const told = async (instructions: string) => (await execute({ instructions })).model.asked[0]?.prompt[0]?.content
    expect(await outcomesOf(told, 'Add.', 'Subtract.')).toEqual(['Add.', 'Subtract.'])
  })

  test('maxTurns: how often the model may be called', async () => {
    const status = async (maxTurns: number) => (await execute({ maxTurns })).status
    expect(await outcomesOf(status, 1, 2)).toEqual(['failed', 'completed'])
  })

  test('retry: how often a call is started', async () => {
    const asked = async (maxAttempts: number) => {
      const busy = () => {
        throw Object.assign(new Error('busy'), { retryable: true })
      }
      const model = scripted([busy, busy, busy])
      await execute({ model, retry: { maxAttempts, backoff: 0 } })
      return model.asked.length
    }
    expect(await outcomesOf(asked, 1, 2)).toEqual([1, 2])
  })

  test('budget: whether it may spend that much', async () => {
    const status = async (budget: object | undefined) => (await execute({ budget })).status
    expect(await outcomesOf(status, { maxTokens: 29 }, undefined)).toEqual(['failed', 'completed'])
  })
})

describe('budget', () => {
  test.each([
    ['maxInputTokens', [19, 20]],
    ['maxOutputTokens', [9, 10]],
    ['maxTokens', [29, 30]],
    ['maxToolCalls', [1, 2]],
    ['maxCost', [5, 6]],
  ] as const)('%s: what is too much', async (option, values) => {
    const costOf = option === 'maxCost' ? { costOf: () => 3 } : {}
    const status = async (value: number) => (await execute({ budget: { [option]: value, ...costOf } })).status
    expect(await outcomesOf(status, ...values)).toEqual(['failed', 'completed'])
  })

  test('costOf: what a call cost', async () => {
    const cost = async (of: number) => (await execute({ budget: { maxCost: 100, costOf: () => of } })).usage?.['cost']
    expect(await outcomesOf(cost, 1, 2)).toEqual([2, 4])
  })
})

describe('agents', () => {
  test('id: what hooks know it by', async () => {
    const seen: string[] = []
    const { system } = agentBench()
    system.hooks.register('BeforeAgentExecution', ({ component }) => void seen.push(component.id))
    const agent = defineAgent({ name: 'a', execute: () => 1 })
    await outcomesOf((id: string) => system.agents.create(agent, { id }).execute(1), 'one', 'two')
    expect(seen).toEqual(['one', 'two'])
  })

  test.each(['capability', 'category', 'tag'] as const)('%s: which are found', async (key) => {
    const said = { capabilities: ['a'], category: 'a', tags: ['a'] }
    const system = createSystem({ agents: [defineAgent({ name: 'worker', ...said, execute: () => 1 })] })
    const found = (value: string) => system.agents.discover({ [key]: value }).length
    expect(await outcomesOf(found, 'a', 'b')).toEqual([1, 0])
  })
})

describe('commands', () => {
  /** An agent that is at work until it is told to end, and does not end then. */
  async function busy() {
    const bench = agentBench()
    void bench.agent.execute('deaf')
    await bench.clock.settle()
    return bench
  }

  test('signal: what takes it back', async () => {
    const outcome = async (isAborted: boolean) => {
      const { agent, clock } = await busy()
      const controller = new AbortController()
      let code = 'none'
      agent.pause({ signal: controller.signal }).catch((error: unknown) => (code = (error as { code: string }).code))
      await clock.settle()
      if (isAborted) controller.abort()
      await clock.settle()
      return code
    }
    expect(await outcomesOf(outcome, true, false)).toEqual(['RUN_ABORTED', 'none'])
  })

  test('timeoutMs: how long it may take', async () => {
    const outcome = async (timeoutMs: number) => {
      const { agent, clock } = await busy()
      agent.terminate({ timeoutMs }).catch(() => undefined)
      await clock.advanceSteps(100)
      return agent.state
    }
    expect(await outcomesOf(outcome, 100, 101)).toEqual(['error', 'terminating'])
  })

  test('force: whether it waits for what still runs', async () => {
    const outcome = async (force: boolean) => {
      const { agent, clock } = await busy()
      void agent.terminate({ force })
      await clock.settle()
      return agent.state
    }
    expect(await outcomesOf(outcome, true, false)).toEqual(['terminated', 'terminating'])
  })
})
