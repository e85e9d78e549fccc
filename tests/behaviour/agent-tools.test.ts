/** Agents that work with agents: as tools of a model or of a function, behind tools, and in composites that find their members. */
import { createSystem, defineAgent, defineTool, hook, parallel, sequential, step } from 'hookchart'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { deferred } from '../support/kernel.ts'
import { scripted } from '../support/model.ts'
import { partsOf } from '../support/streams.ts'

const once = { turns: 1, toolCalls: 0, inputTokens: 10, outputTokens: 5, totalTokens: 15 }
const instructions = 'Be brief.'

function bench() {
  const clock = createTestClock()
  return { clock, system: createSystem({ clock, ids: createTestIds() }), seen: recorder() }
}

describe('an agent as a tool of a model', () => {
  const script = [{ calls: [['critic', { input: 'a poem' }]] }, 'It is bad.'] as never

  test('is told with its description and what it takes, and executed with all of its gates', async () => {
    const { system, seen } = bench()
    const critic = defineAgent({ name: 'critic', description: 'judges texts', model: scripted(['Bad.']), instructions })
    const model = scripted(script)
    const editor = defineAgent({ name: 'editor', model, instructions, tools: [critic] })
    system.hooks.register(['*AgentExecution', '*ModelCall'], seen.handler('x'), { kind: 'observe' })
    expect(await system.agents.execute(editor, 'Judge it.')).toMatchObject({
      status: 'completed',
      output: 'It is bad.',
    })
    expect(model.asked[0]).toMatchObject({
      tools: [
        {
          ...{ type: 'function', name: 'critic', description: 'judges texts' },
          inputSchema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
        },
      ],
    })
    expect(model.asked[1]?.prompt.at(-1)).toMatchObject({ content: [{ output: { type: 'text', value: 'Bad.' } }] })
    expect(seen.calls.map(({ point, component }) => `${point} ${component}`)).toEqual([
      ...['BeforeAgentExecution editor', 'BeforeModelCall test/small', 'AfterModelCall test/small'],
      ...['BeforeAgentExecution critic', 'BeforeModelCall test/small', 'AfterModelCall test/small'],
      ...['AfterAgentExecution critic', 'BeforeModelCall test/small', 'AfterModelCall test/small'],
      'AfterAgentExecution editor',
    ])
    expect(new Set(seen.calls.map(({ correlationId }) => correlationId)).size).toBe(1)
  })

  test('takes what its schema says; what is no object is told as one', async () => {
    const { system } = bench()
    const inputs: unknown[] = []
    const agentOf = (name: string, input: z.ZodType) =>
      defineAgent({ name, input, execute: (call) => void inputs.push(call.input) })
    const tools = [agentOf('pair', z.object({ a: z.number() })), agentOf('list', z.array(z.number()))]
    const model = scripted([{ calls: [['pair', { a: 1 }], ['list', { input: [1, 2] }], ['list', [3]]] }, 'ok']) // prettier-ignore
    await system.agents.execute(defineAgent({ name: 'a', model, instructions, tools }), 'go')
    expect(inputs).toEqual([{ a: 1 }, [1, 2], [3]])
    expect(model.asked[0]).toMatchObject({
      tools: [
        { name: 'pair', inputSchema: { type: 'object', properties: { a: { type: 'number' } } } },
        {
          name: 'list',
          inputSchema: { type: 'object', properties: { input: { type: 'array' } }, required: ['input'] },
        },
      ],
    })
  })

  test('by its name; a tool of that name comes first', async () => {
    const { system } = bench()
    const critic = defineAgent({ name: 'critic', execute: () => 'by the agent' })
    system.agents.register(critic)
    const run = async () => {
      const model = scripted(script)
      const result = await system.agents.execute(
        defineAgent({ name: 'e', model, instructions, tools: ['critic'] }),
        'go',
      )
      return [result.status, JSON.stringify(model.asked[1]?.prompt.at(-1))]
    }
    expect((await run())[1]).toContain('by the agent')
    system.tools.register(
      defineTool({ name: 'critic', description: 'x', input: z.unknown(), execute: () => 'by the tool' }),
    )
    expect((await run())[1]).toContain('by the tool')
  })

  test('that is refused or fails is told to the model, which goes on', async () => {
    const { system } = bench()
    const critic = defineAgent({
      name: 'critic',
      execute: () => {
        throw new Error('out of ink')
      },
    })
    const model = scripted([...(script as never[]), ...(script as never[])])
    const editor = defineAgent({ name: 'editor', model, instructions, tools: [critic] })
    expect((await system.agents.execute(editor, 'go')).output).toBe('It is bad.')
    expect(JSON.stringify(model.asked[1]?.prompt.at(-1))).toContain('out of ink')
    system.hooks.for(critic).register('BeforeAgentExecution', () => hook.cancel('not today'), { name: 'no' })
    expect((await system.agents.execute(editor, 'go')).output).toBe('It is bad.')
    expect(JSON.stringify(model.asked[3]?.prompt.at(-1))).toContain('not today')
  })

  test('that would wait for itself is told so', async () => {
    const { system } = bench()
    const model = scripted([{ calls: [['loop', { input: 'again' }]] }, 'No.'])
    system.agents.register(defineAgent({ name: 'loop', model, instructions, tools: ['loop'] }))
    expect((await system.agents.execute('loop', 'go')).output).toBe('No.')
    expect(JSON.stringify(model.asked[1]?.prompt.at(-1))).toContain('would wait for itself')
  })

  test('ends with the execution that has called it', async () => {
    const { system, clock } = bench()
    let reason: unknown
    const critic = defineAgent({
      name: 'critic',
      execute: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject((reason = signal.reason)))),
    })
    const editor = defineAgent({ name: 'editor', model: scripted(script), instructions, tools: [critic] })
    const agent = system.agents.create(editor)
    const running = agent.execute('go')
    await clock.settle()
    await agent.stop()
    expect([(await running).status, system.agents.shared(critic).state, reason === undefined]).toEqual([
      ...['cancelled', 'ready', false],
    ])
  })
})

test('a function calls the agents among its tools by their names', async () => {
  const { system } = bench()
  const helper = defineAgent({ name: 'helper', execute: ({ input }) => `helped with ${String(input)}` })
  const worker = defineAgent({ name: 'worker', tools: [helper], execute: ({ tools }) => tools.call('helper', 'it') })
  const parts = await partsOf(system.agents.stream(worker, undefined))
  expect(parts).toMatchObject([
    { type: 'tool', phase: 'call', name: 'helper', input: 'it' },
    { type: 'tool', phase: 'result', output: 'helped with it' },
    { type: 'step' },
    { type: 'done', output: 'helped with it' },
  ])
})

describe('a tool with an agent behind it', () => {
  test('hands on its call as the parent: one run, one deadline, one usage', async () => {
    const { system, clock, seen } = bench()
    const never = deferred()
    const critic = defineAgent({
      ...{ name: 'critic', instructions },
      model: scripted(['Bad.', () => never.promise]),
    })
    const judge = defineTool({
      ...{ name: 'judge', description: 'judges', input: z.object({ text: z.string() }) },
      execute: async (call) => (await system.agents.execute(critic, call.input.text, { parent: call })).output,
    })
    system.hooks.register('BeforeModelCall', seen.handler('x'), { kind: 'observe' })
    const result = await system.tools.execute(judge, { text: 'a poem' }, { correlationId: 'c' })
    expect([result.output, result.usage, seen.calls[0]?.correlationId]).toEqual(['Bad.', once, 'c'])
    const running = system.tools.execute(judge, { text: 'another' }, { timeoutMs: 100 })
    await clock.advanceSteps(100)
    expect((await running).status).toBe('timed_out')
    expect(system.agents.shared(critic).state).toBe('error')
  })
})

describe('what models have used is counted where they were called', () => {
  const priced = { maxCost: 100, costOf: () => 2 }

  test('by an agent of another agent, with its price; an agent prices all by itself', async () => {
    const { system } = bench()
    const critic = (budget?: object) =>
      defineAgent({
        name: 'critic',
        model: scripted(['Bad.']),
        instructions,
        ...(budget && { budget: budget }),
      })
    const ask = (tools: readonly ReturnType<typeof critic>[], budget: object = {}) => {
      const model = scripted([{ calls: [['critic', { input: 'x' }]] }, 'ok'])
      return system.agents.execute(defineAgent({ name: 'editor', model, instructions, tools, ...budget }), 'go')
    }
    const all = { turns: 3, toolCalls: 1, inputTokens: 30, outputTokens: 15, totalTokens: 45 }
    expect((await ask([critic()])).usage).toEqual(all)
    expect((await ask([critic(priced)])).usage).toEqual({ ...all, cost: 2 })
    expect((await ask([critic(priced)], { budget: { maxCost: 100, costOf: () => 5 } })).usage).toEqual({
      ...all,
      cost: 15,
    })
  })

  test('by a workflow and a function', async () => {
    const { system } = bench()
    const writer = () => defineAgent({ name: 'writer', model: scripted(['a']), instructions })
    const flow = sequential({ name: 'flow', steps: [step.agent('one', writer()), step.agent('two', writer())] })
    const twice = { ...once, turns: 2, inputTokens: 20, outputTokens: 10, totalTokens: 30 }
    expect((await system.workflows.execute(flow, 'go')).usage).toEqual(twice)
    const both = parallel({
      name: 'both',
      branches: ['a', 'b'].map((name) => ({ name, steps: [step.agent(name, writer())] })),
    })
    expect((await system.workflows.execute(both, 'go')).usage).toEqual(twice)
    const caller = defineAgent({ name: 'caller', execute: ({ agents }) => agents.call(writer(), 'go') })
    expect((await system.agents.execute(caller, undefined)).usage).toEqual(once)
  })

  test('also when it failed, and where a redirect has led', async () => {
    const { system } = bench()
    const writer = defineAgent({ name: 'writer', model: scripted(['three', 'a']), instructions, output: z.number() })
    const caller = defineAgent({ name: 'caller', execute: ({ agents }) => agents.call(writer, 'go') })
    expect(await system.agents.execute(caller, undefined)).toMatchObject({ status: 'failed', usage: once })
    const other = defineAgent({ name: 'other', model: scripted(['b']), instructions })
    system.agents.register(other)
    system.hooks.for(writer).register('AgentError', () => hook.redirect('other'))
    const result = await system.agents.execute(writer, 'go')
    expect([result.output, result.usage?.['totalTokens']]).toEqual(['b', 30])
  })
})

describe('a budget holds for all that an execution starts', () => {
  test('an agent that is called may spend what its caller has left, and no more', async () => {
    const { system, seen } = bench()
    const inner = scripted([{ calls: [['nothing', {}]] }, 'never asked'])
    const critic = defineAgent({ name: 'critic', model: inner, instructions })
    const model = scripted([{ calls: [['critic', { input: 'x' }]] }, 'never asked'])
    const editor = defineAgent({ name: 'editor', model, instructions, tools: [critic], budget: { maxTokens: 29 } })
    system.hooks.register('ResourceLimitExceeded', seen.handler('limit'), { kind: 'observe' })
    const result = await system.agents.execute(editor, 'go')
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'RESOURCE_LIMIT_EXCEEDED', details: { used: 30 } },
    })
    expect([inner.asked.length, model.asked.length]).toEqual([1, 1])
    expect(seen.calls.at(-1)).toMatchObject({ component: 'editor', data: { resource: 'tokens', limit: 29, used: 30 } })
  })

  test('its tool calls count with those of the agents that it calls', async () => {
    const { system } = bench()
    const critic = defineAgent({
      ...{ name: 'critic', instructions, model: scripted([{ calls: [['x', {}], ['y', {}]] }, 'ok']) }, // prettier-ignore
    })
    const model = scripted([{ calls: [['critic', { input: 'x' }]] }, { calls: [['critic', { input: 'x' }]] }, 'ok'])
    const editor = defineAgent({ name: 'editor', model, instructions, tools: [critic], budget: { maxToolCalls: 3 } })
    expect(await system.agents.execute(editor, 'go')).toMatchObject({
      error: { code: 'RESOURCE_LIMIT_EXCEEDED', details: { resource: 'tool calls', limit: 3, used: 4 } },
    })
  })

  test.each([
    ['turns', { maxTurns: 2 }, 2],
    ['tokens', { budget: { maxTokens: 29 } }, 2],
    ['cost', { budget: { maxCost: 3, costOf: () => 2 } }, 2],
  ])('%s are counted over all attempts of an execution', async (resource, options, asked) => {
    const { system } = bench()
    const model = scripted(['three', 'three', 'three', '3'])
    const writer = defineAgent({ name: 'writer', model, instructions, output: z.number(), ...options })
    system.hooks.register('AgentError', ({ data }) =>
      data.error.code === 'INVALID_OUTPUT' ? hook.retry({ maxAttempts: 5, delayMs: 0 }) : undefined,
    )
    const result = await system.agents.execute(writer, 'go')
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'RESOURCE_LIMIT_EXCEEDED', details: { resource } },
    })
    expect([model.asked.length, result.usage?.['totalTokens']]).toEqual([asked, asked * 15])
  })

  test('and over all tries of one call', async () => {
    const { system } = bench()
    const model = scripted(['a', 'b', 'c', 'd'])
    const writer = defineAgent({ name: 'writer', model, instructions, budget: { maxTokens: 29 } })
    system.hooks.register('AfterModelCall', () => hook.retry({ maxAttempts: 4, delayMs: 0 }))
    expect((await system.agents.stream(writer, 'go').result).error).toMatchObject({ code: 'RESOURCE_LIMIT_EXCEEDED' })
    expect(model.asked).toHaveLength(2)
  })
})

describe('composites', () => {
  const members = [
    defineAgent({
      name: 'de',
      capabilities: ['translate'],
      tags: ['german'],
      execute: ({ input }) => `de ${String(input)}`,
    }),
    defineAgent({
      name: 'fr',
      capabilities: ['translate'],
      tags: ['french'],
      execute: ({ input }) => `fr ${String(input)}`,
    }),
    defineAgent({ name: 'sum', capabilities: ['count'], execute: () => 'sum' }),
  ]

  test('an agent finds its members by what they can do, in the order in which they were registered', async () => {
    const { system } = bench()
    system.agents.register(...members)
    const all = defineAgent({
      name: 'all',
      execute: ({ input, agents }) =>
        Promise.all(agents.discover({ capability: 'translate' }).map((member) => agents.call(member, input))),
    })
    const one = defineAgent({
      name: 'one',
      execute: async ({ input, agents }) => {
        const [member] = agents.discover(input as { tag: string })
        return member === undefined ? 'nobody' : agents.call(member, 'it')
      },
    })
    expect((await system.agents.execute(all, 'it')).output).toEqual(['de it', 'fr it'])
    expect((await system.agents.execute(one, { tag: 'french' })).output).toBe('fr it')
    expect((await system.agents.execute(one, { tag: 'dutch' })).output).toBe('nobody')
    expect((await system.agents.execute(one, { tags: 'dutch' })).error).toMatchObject({ code: 'INVALID_OPTIONS' })
  })

  test('a step finds them as well', async () => {
    const { system } = bench()
    system.agents.register(...members)
    const flow = sequential({
      name: 'flow',
      steps: [step.run('count', ({ agents }) => agents.discover({ capability: 'translate' }).length)],
    })
    expect((await system.workflows.execute(flow, undefined)).output).toBe(2)
  })

  test('a model picks among those that were found', async () => {
    const { system } = bench()
    system.agents.register(...members)
    const model = scripted([{ calls: [['fr', { input: 'hello' }]] }, 'fr hello'])
    const tools = system.agents.discover({ capability: 'translate' })
    const desk = defineAgent({ name: 'desk', model, instructions, tools })
    expect((await system.agents.execute(desk, 'go')).output).toBe('fr hello')
    expect(JSON.stringify(model.asked[1]?.prompt.at(-1))).toContain('fr hello')
  })
})
