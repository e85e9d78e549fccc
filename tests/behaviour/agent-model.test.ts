/** Agents whose work a language model does. */
import { createSystem, defineAgent, defineTool, hook } from 'hookchart'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { scripted } from '../support/model.ts'
import type { Said } from '../support/model.ts'

const add = defineTool({
  ...{ name: 'add', description: 'adds two numbers', level: 'safe' as const },
  input: z.object({ a: z.number(), b: z.number() }),
  execute: ({ input }) => input.a + input.b,
})

function bench(script: readonly (Said | (() => unknown))[], options: object = {}, system: object = {}) {
  const clock = createTestClock()
  const model = scripted(script)
  const made = createSystem({ clock, ids: createTestIds(), ...system })
  const writer = defineAgent({
    ...{ name: 'writer', model: model, instructions: 'Be brief.', tools: [add] },
    ...(options as { maxTurns?: number }),
  })
  return { clock, model, system: made, writer, agent: made.agents.create(writer, { id: 'w' }), seen: recorder() }
}

test('the model answers; what it used is in the result', async () => {
  const { agent, model } = bench(['Hello Ann.'])
  const result = await agent.execute('Greet Ann')
  expect(result).toMatchObject({ status: 'completed', output: 'Hello Ann.' })
  expect(result.usage).toEqual({ turns: 1, toolCalls: 0, inputTokens: 10, outputTokens: 5, totalTokens: 15 })
  expect(model.asked[0]).toMatchObject({
    prompt: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Greet Ann' }] },
    ],
    tools: [{ type: 'function', name: 'add', description: 'adds two numbers', inputSchema: { type: 'object' } }],
    toolChoice: { type: 'auto' },
  })
})

test('input that is no text is told as JSON, and no tools are told where there are none', async () => {
  const { agent, model } = bench(['ok'], { tools: [] })
  await agent.execute({ who: 'Ann' })
  expect(model.asked[0]?.prompt[1]).toMatchObject({ content: [{ text: '{"who":"Ann"}' }] })
  expect(model.asked[0]).not.toHaveProperty('tools')
})

test.each(['v2', 'v3'])('tools are called until the model has said all: %s', async (specificationVersion) => {
  const model = scripted([{ calls: [['add', { a: 1, b: 2 }]], text: 'Let me see.' }, 'It is 3.'], {
    specificationVersion,
  })
  const system = createSystem({ clock: createTestClock() })
  const agent = defineAgent({ name: 'a', model: model, instructions: 'Add.', tools: [add] })
  const result = await system.agents.execute(agent, '1 + 2?')
  expect(result).toMatchObject({ output: 'It is 3.', usage: { turns: 2, toolCalls: 1, totalTokens: 30 } })
  expect(model.asked[1]?.prompt.slice(2)).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me see.' },
        { type: 'tool-call', toolCallId: 'call-1', toolName: 'add', input: { a: 1, b: 2 } },
      ],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'call-1', toolName: 'add', output: { type: 'json', value: 3 } }],
    },
  ])
})

describe('what goes wrong with a tool is told to the model', () => {
  test.each<[string, readonly [string, unknown], string]>([
    ['arguments that are no JSON', ['add', '{"a": 1'], 'The arguments are not JSON'],
    ['arguments that do not fit', ['add', { a: 'one' }], 'does not fit its schema'],
    ['a tool that there is not', ['subtract', {}], 'There is no tool "subtract". There are: add.'],
  ])('%s', async (_, call, told) => {
    const { agent, model } = bench([{ calls: [call] }, 'Sorry.'])
    expect(await agent.execute('go')).toMatchObject({ status: 'completed', output: 'Sorry.' })
    expect(model.asked[1]?.prompt.at(-1)).toMatchObject({
      content: [{ output: { type: 'error-text', value: expect.stringContaining(told) as string } }],
    })
  })

  test('a hook that refuses it', async () => {
    const { agent, model, system } = bench([{ calls: [['add', { a: 1, b: 2 }]] }, 'I may not.'])
    system.hooks.for(add).register('BeforeToolExecution', () => hook.cancel('not today'), { name: 'no' })
    expect((await agent.execute('go')).output).toBe('I may not.')
    expect(JSON.stringify(model.asked[1]?.prompt.at(-1))).toContain('not today')
  })
})

describe('limits', () => {
  test.each<[string, object, number | undefined, string]>([
    ['maxTokens', { budget: { maxTokens: 29 } }, undefined, 'tokens'],
    ['maxTokens', { budget: { maxTokens: 30 } }, 3, ''],
    ['maxInputTokens', { budget: { maxInputTokens: 19 } }, undefined, 'input tokens'],
    ['maxInputTokens', { budget: { maxInputTokens: 20 } }, 3, ''],
    ['maxOutputTokens', { budget: { maxOutputTokens: 9 } }, undefined, 'output tokens'],
    ['maxOutputTokens', { budget: { maxOutputTokens: 10 } }, 3, ''],
    ['maxToolCalls', { budget: { maxToolCalls: 1 } }, undefined, 'tool calls'],
    ['maxToolCalls', { budget: { maxToolCalls: 2 } }, 3, ''],
    ['maxCost', { budget: { maxCost: 5, costOf: () => 3 } }, undefined, 'cost'],
    ['maxCost', { budget: { maxCost: 6, costOf: () => 3 } }, 3, ''],
    ['maxTurns', { maxTurns: 1 }, undefined, 'turns'],
    ['maxTurns', { maxTurns: 2 }, 3, ''],
  ])('%s: %j', async (_, options, answer, resource) => {
    const calls = [
      ['add', { a: 1, b: 1 }],
      ['add', { a: 1, b: 2 }],
    ] as const
    const { agent, system, seen } = bench([{ calls }, '3'], options)
    system.hooks.register('ResourceLimitExceeded', seen.handler('limit'), { kind: 'observe' })
    const result = await agent.execute('go')
    if (answer !== undefined) expect(result).toMatchObject({ status: 'completed', output: '3' })
    else {
      expect(result).toMatchObject({
        status: 'failed',
        error: { code: 'RESOURCE_LIMIT_EXCEEDED', details: { resource } },
      })
      expect(seen.calls).toMatchObject([{ data: { resource }, component: 'writer' }])
    }
  })

  test('the cost is told what it is the cost of', async () => {
    const costs: unknown[] = []
    const costOf = (usage: unknown) => costs.push(usage)
    const { agent } = bench(['ok'], { budget: { maxCost: 5, costOf } })
    expect((await agent.execute('go')).usage).toMatchObject({ cost: 1 })
    expect(costs).toEqual([{ model: 'test/small', inputTokens: 10, outputTokens: 5 }])
  })
})

test('the points of models and tools fire in order, each in its own operation', async () => {
  const { agent, system, seen } = bench([{ calls: [['add', { a: 1, b: 2 }]] }, '3'])
  system.hooks.register(['*Model*', '*ToolExecution', '*AgentExecution'], seen.handler('x'), { kind: 'observe' })
  await agent.execute('go')
  expect(seen.points).toEqual([
    'BeforeAgentExecution',
    'BeforeModelCall',
    'AfterModelCall',
    'BeforeToolExecution',
    'AfterToolExecution',
    'BeforeModelCall',
    'AfterModelCall',
    'AfterAgentExecution',
  ])
  expect(new Set(seen.calls.map(({ correlationId }) => correlationId)).size).toBe(1)
  expect(seen.calls[1]).toMatchObject({ component: 'test/small', data: { model: 'test/small' } })
})

describe('hooks at model calls', () => {
  test('change what the model is told', async () => {
    const { agent, system, model } = bench(['ok'])
    system.hooks.register(
      'BeforeModelCall',
      (ctx) =>
        hook.modified((data: { input: { prompt: { content: unknown }[] } }) => {
          ;(data.input.prompt[0] as { content: unknown }).content = `${ctx.data.model} is brief.`
        }) as never,
    )
    await agent.execute('go')
    expect(model.asked[0]?.prompt[0]).toEqual({ role: 'system', content: 'test/small is brief.' })
  })

  test('answer in the place of the model, with text or with an answer of a model', async () => {
    const { agent, system, model } = bench([])
    const answers: unknown[] = ['from a hook', { content: [{ type: 'text', text: 'another' }] }]
    system.hooks.register('BeforeModelCall', () => hook.replace(answers.shift()))
    expect(await agent.execute('go')).toMatchObject({ output: 'from a hook', usage: { totalTokens: 0 } })
    expect((await agent.execute('go')).output).toBe('another')
    expect(model.asked).toEqual([])
  })

  test('refuse it, or put a failure right', async () => {
    const down = () => {
      throw new Error('down')
    }
    const refused = bench(['ok'])
    refused.system.hooks.register('BeforeModelCall', () => hook.cancel('no'))
    expect((await refused.agent.execute('go')).error).toMatchObject({ code: 'HOOK_CANCELLED' })
    const failing = bench([down])
    expect((await failing.agent.execute('go')).error?.message).toBe('down')
    const retried = bench([down, 'up again'])
    retried.system.hooks.register('ModelError', () => hook.retry({ maxAttempts: 2, delayMs: 0 }))
    expect((await retried.agent.execute('go')).output).toBe('up again')
  })
})

describe('models by name', () => {
  const named = (models: object) => {
    const agent = defineAgent({ name: 'n', model: 'test/small', instructions: 'x' })
    return createSystem({ clock: createTestClock(), models: models as never }).agents.execute(agent, 'go')
  }
  test('a provider gives the model of an id, now or later; a full name is the model itself', async () => {
    const ids: string[] = []
    const provider = (id: string) => {
      ids.push(id)
      return scripted(['by provider'])
    }
    expect((await named({ test: provider })).output).toBe('by provider')
    expect((await named({ test: (id: string) => Promise.resolve(provider(id)) })).output).toBe('by provider')
    expect(ids).toEqual(['small', 'small'])
    expect((await named({ 'test/small': scripted(['by name']), test: provider })).output).toBe('by name')
  })

  test('an unknown one is refused with those that are known, and so is what is no model', async () => {
    const unknown = await named({ other: () => scripted([]) })
    expect(unknown).toMatchObject({ status: 'failed', error: { code: 'UNKNOWN_MODEL', details: { known: ['other'] } } })
    expect((await named({})).error?.message).toContain('The system has no models.')
    expect((await named({ test: () => 7 })).error).toMatchObject({ code: 'UNKNOWN_MODEL' })
    const old = await named({ test: () => scripted([], { specificationVersion: 'v1' }) })
    expect(old.error).toMatchObject({ code: 'UNKNOWN_MODEL', details: { known: ['v2', 'v3'] } })
  })
})

test('output with a schema is asked for as JSON and parsed', async () => {
  const output = z.object({ sum: z.number() })
  const { agent, model } = bench(['{"sum": 3}', 'three', '{"sum": "3"}'], { output })
  expect((await agent.execute('go')).output).toEqual({ sum: 3 })
  expect(model.asked[0]).toMatchObject({ responseFormat: { type: 'json', name: 'writer', schema: { type: 'object' } } })
  expect((await agent.execute('go')).error).toMatchObject({ code: 'INVALID_OUTPUT' })
  expect((await agent.execute('go')).error).toMatchObject({ code: 'INVALID_OUTPUT' })
})

test('an abort ends the loop: no further call is made', async () => {
  const controller = new AbortController()
  const { agent, model, clock } = bench([
    () => {
      controller.abort(new Error('enough'))
      return { calls: [['add', { a: 1, b: 2 }]] }
    },
  ])
  const result = await agent.execute('go', { signal: controller.signal })
  await clock.settle()
  expect(result).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
  expect(model.asked).toHaveLength(1)
})

test('a pause takes hold between calls', async () => {
  const { agent, model, clock } = bench([
    () => {
      void agent.pause()
      return { calls: [['add', { a: 1, b: 2 }]] }
    },
    '3',
  ])
  const running = agent.execute('go')
  await clock.settle()
  expect([agent.state, model.asked.length]).toEqual(['paused', 1])
  await agent.resume()
  expect((await running).output).toBe('3')
})

test('a tool without a JSON Schema cannot be told to a model', async () => {
  const schema = { '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) } } as const
  const odd = (options: object) =>
    defineTool({ name: 'odd', description: 'odd', input: schema, execute: () => 1, ...options })
  const without = bench(['ok'], { tools: [odd({})] })
  expect((await without.agent.execute('go')).error?.message).toContain('Give the tool an inputJsonSchema.')
  expect(without.agent.state).toBe('error')
  const given = bench(['ok'], { tools: [odd({ inputJsonSchema: { type: 'object' } })] })
  expect((await given.agent.execute('go')).output).toBe('ok')
})
