/** Executions as streams: what comes, in which order, and what becomes of the run when its reader leaves. */
import { createSystem, defineAgent, defineTool, hook, isHookchartError } from 'hookchart'
import type { AgentStreamPart } from 'hookchart'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { deferred } from '../support/kernel.ts'
import { scripted } from '../support/model.ts'
import type { Said } from '../support/model.ts'
import { partsOf, textOf } from '../support/streams.ts'

const add = defineTool({
  ...{ name: 'add', description: 'adds two numbers', level: 'safe' as const },
  input: z.object({ a: z.number(), b: z.number() }),
  execute: ({ input }) => input.a + input.b,
})

function bench(script: readonly (Said | (() => unknown))[], options: object = {}) {
  const clock = createTestClock()
  const model = scripted(script)
  const system = createSystem({ clock, ids: createTestIds() })
  const writer = defineAgent({ name: 'writer', model: model, instructions: 'Be brief.', tools: [add], ...options })
  return { clock, model, system, writer, agent: system.agents.create(writer, { id: 'w' }), seen: recorder() }
}

const calls = (a: unknown, text?: string): Said => ({
  calls: [['add', { a, b: 2 }]],
  ...(text !== undefined && { text }),
})

describe('what comes', () => {
  test('text as it is said, tools, a step for each turn, and the end', async () => {
    const { agent, model } = bench([calls(1, 'Let me see.'), 'It is 3.'])
    const stream = agent.stream('1 + 2?')
    const parts = await partsOf(stream)
    const usage = { turns: 1, toolCalls: 1, inputTokens: 10, outputTokens: 5, totalTokens: 15 }
    expect(parts.filter(({ type }) => type !== 'text')).toEqual([
      { type: 'tool', phase: 'call', id: 'call-1', name: 'add', input: { a: 1, b: 2 } },
      { type: 'tool', phase: 'result', id: 'call-1', name: 'add', output: 3 },
      { type: 'step', turn: 1, usage },
      { type: 'step', turn: 2, usage: { ...usage, turns: 2, inputTokens: 20, outputTokens: 10, totalTokens: 30 } },
      { type: 'done', status: 'completed', output: 'It is 3.' },
    ])
    expect(parts.slice(0, 4)).toEqual(
      ['Let', ' me', ' se', 'e.'].map((text) => ({ type: 'text', text, turn: 1, attempt: 1 })),
    )
    expect([textOf(parts, 1), textOf(parts, 2)]).toEqual(['Let me see.', 'It is 3.'])
    expect(await stream.result).toMatchObject({ status: 'completed', output: 'It is 3.', usage: { turns: 2 } })
    expect(model.open).toBe(0)
  })

  test.each(['v2', 'v3'])('the same as executing gives at once: %s', async (specificationVersion) => {
    const run = async (how: 'stream' | 'execute') => {
      const model = scripted([calls(1, 'So.'), 'Three.'], { specificationVersion })
      const agent = defineAgent({ name: 'a', model: model, instructions: 'Add.', tools: [add] })
      const { agents } = createSystem({ clock: createTestClock(), ids: createTestIds() })
      const { trace: _, ...result } = await (how === 'stream'
        ? agents.stream(agent, 'go').result
        : agents.execute(agent, 'go'))
      return { result, told: model.asked.map(({ prompt }) => prompt) }
    }
    expect(await run('stream')).toEqual(await run('execute'))
  })

  test('by definition and by name, of the agent that all share', async () => {
    const { system, writer } = bench(['a', 'b'])
    expect(textOf(await partsOf(system.agents.stream(writer, 'go')))).toBe('a')
    system.agents.register(writer)
    expect(textOf(await partsOf(system.agents.stream('writer', 'go')))).toBe('b')
    expect(system.agents.shared(writer).history.map(({ to }) => to)).toEqual([
      ...['initializing', 'ready', 'running', 'ready', 'running', 'ready'],
    ])
  })

  test('what is wrong with a tool is shown as it is told to the model', async () => {
    const script = [{ calls: [['add', '{"a": 1']] }, { calls: [['subtract', {}]] }, calls('one'), 'Sorry.'] as never
    const parts = await partsOf(bench(script).agent.stream('go'))
    const errors = parts.flatMap((part) => (part.type === 'tool' && part.phase === 'result' ? [part.error] : []))
    expect(errors.map((error) => error?.code)).toEqual(['INVALID_INPUT', 'UNKNOWN_COMPONENT', 'INVALID_INPUT'])
    expect(parts.find(({ type }) => type === 'tool')).toMatchObject({ input: '{"a": 1' })
  })

  test('a function shows its tools, its checkpoints and its end', async () => {
    const { system } = bench([])
    const worker = defineAgent({
      name: 'worker',
      tools: [add],
      execute: async ({ tools, checkpoint }) => {
        const sum = await tools.call(add, { a: 1, b: 2 })
        await checkpoint('added')
        await tools.execute('add', { a: 'one' })
        return sum
      },
    })
    expect(await partsOf(system.agents.stream(worker, undefined))).toEqual([
      { type: 'tool', phase: 'call', id: '1', name: 'add', input: { a: 1, b: 2 } },
      { type: 'tool', phase: 'result', id: '1', name: 'add', output: 3 },
      { type: 'step', turn: 1, name: 'added' },
      { type: 'tool', phase: 'call', id: '2', name: 'add', input: { a: 'one' } },
      {
        type: 'tool',
        phase: 'result',
        id: '2',
        name: 'add',
        error: expect.objectContaining({ code: 'INVALID_INPUT' }) as unknown,
      },
      { type: 'step', turn: 2 },
      { type: 'done', status: 'completed', output: 3 },
    ])
  })

  test('a function that works at once is a stream too', async () => {
    const { system } = bench([])
    const parts = await partsOf(system.agents.stream(defineAgent({ name: 'quick', execute: () => 7 }), undefined))
    expect(parts.map(({ type }) => type)).toEqual(['step', 'done'])
  })

  test('a tool by a name that nobody knows is shown as failed', async () => {
    const { system } = bench([])
    const worker = defineAgent({ name: 'worker', execute: ({ tools }) => tools.call('nothing') })
    const parts = await partsOf(system.agents.stream(worker, undefined))
    expect(parts[1]).toMatchObject({ phase: 'result', name: 'nothing', error: { code: 'UNKNOWN_COMPONENT' } })
    expect(parts.at(-1)).toMatchObject({ type: 'done', status: 'failed', error: { code: 'UNKNOWN_COMPONENT' } })
  })
})

describe('hooks', () => {
  test('what is said in the place of the model comes as one part', async () => {
    const { agent, system, model } = bench([])
    system.hooks.register('BeforeModelCall', () => hook.replace('from a hook'))
    const parts = await partsOf(agent.stream('go'))
    expect(parts[0]).toEqual({ type: 'text', text: 'from a hook', turn: 1, attempt: 1 })
    expect(parts.map(({ type }) => type)).toEqual(['text', 'step', 'done'])
    expect(model.asked).toEqual([])
  })

  test('what a hook changes behind the call was shown before: the output has the change', async () => {
    const { agent, system } = bench(['secret'])
    system.hooks.register('AfterModelCall', () => hook.modified({ output: 'masked' } as never))
    const parts = await partsOf(agent.stream('go'))
    expect(textOf(parts)).toBe('secret')
    expect(parts.at(-1)).toMatchObject({ output: 'masked' })
  })

  test('a try that is thrown away is told from the next by its number', async () => {
    const { agent, system } = bench(['no', 'yes'])
    let asked = 0
    system.hooks.register('AfterModelCall', () =>
      ++asked === 1 ? hook.retry({ maxAttempts: 2, delayMs: 0 }) : undefined,
    )
    const parts = await partsOf(agent.stream('go'))
    expect(parts.filter(({ type }) => type === 'text')).toMatchObject([
      { text: 'no', turn: 1, attempt: 1 },
      { text: 'yes', turn: 1, attempt: 2 },
    ])
    expect(textOf(parts)).toBe('yes')
  })

  test('the points of a streamed call are those of any', async () => {
    const { agent, system, seen } = bench([calls(1), '3'])
    system.hooks.register(['*Model*', '*ToolExecution'], seen.handler('x'), { kind: 'observe' })
    await agent.stream('go').result
    expect(seen.points).toEqual([
      ...['BeforeModelCall', 'AfterModelCall', 'BeforeToolExecution', 'AfterToolExecution'],
      ...['BeforeModelCall', 'AfterModelCall'],
    ])
  })

  test('a refusal ends the stream with its reason', async () => {
    const { agent, system } = bench(['x'])
    system.hooks.register('BeforeAgentExecution', () => hook.cancel('not now'))
    expect(await partsOf(agent.stream('go'))).toMatchObject([
      { type: 'done', status: 'cancelled', error: { code: 'HOOK_CANCELLED' } },
    ])
  })
})

describe('a stream that is cut off', () => {
  const cut: Said = { calls: [], text: 'Hello Ann.', isCut: true }

  test('is an error at ModelError, and asked again', async () => {
    const { agent, system, seen, clock, model } = bench([cut, 'Hello Ann, again.'])
    system.hooks.register('ModelError', seen.handler('x'), { kind: 'observe' })
    const stream = agent.stream('go')
    const reading = partsOf(stream)
    await clock.advanceSteps(999)
    expect(model.asked).toHaveLength(1)
    await clock.advanceSteps(1)
    const parts = await reading
    expect(seen.calls).toMatchObject([
      { point: 'ModelError', data: { error: { code: 'MODEL_STREAM_CUT', retryable: true } } },
    ])
    expect(textOf(parts)).toBe('Hello Ann, again.')
    expect(parts.filter((part) => part.type === 'text' && part.attempt === 1).length).toBeGreaterThan(0)
    expect(await stream.result).toMatchObject({ status: 'completed', output: 'Hello Ann, again.' })
  })

  test('fails when it is cut off each time', async () => {
    const { agent, clock, model } = bench([cut, cut, cut, 'never asked'])
    const { result } = agent.stream('go')
    await clock.advanceSteps(3_000)
    const { status, error } = await result
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code: 'MODEL_STREAM_CUT', details: { model: 'test/small' } })
    expect(error?.message).toContain('Ask again.')
    expect(model.asked).toHaveLength(3)
  })

  test('what failed in the middle is the cause', async () => {
    const { writer, system, clock } = bench([])
    const doStream = () =>
      Promise.resolve({
        stream: new ReadableStream({
          pull(controller) {
            controller.error(new TypeError('terminated'))
          },
        }),
      })
    const broken = defineAgent({
      ...{ name: 'broken', instructions: 'x', retry: { maxAttempts: 1 } },
      model: { ...scripted([]), doStream },
    })
    const { error } = await system.agents.stream(broken, 'go').result
    expect(error).toMatchObject({ code: 'MODEL_STREAM_CUT', cause: expect.any(TypeError) as unknown })
    expect([writer.name, clock.timers]).toEqual(['writer', 0])
  })
})

describe('who stops reading', () => {
  test('ends the run: the model is left, and no tool is called', async () => {
    const { agent, model, clock } = bench([calls(1, 'A long story.'), 'never asked'])
    const stream = agent.stream('go')
    for await (const part of stream) if (part.type === 'text') break
    expect(model).toMatchObject({ open: 0, asked: { length: 1 } })
    expect(model.asked[0]?.abortSignal?.aborted).toBe(true)
    const { status, error } = await stream.result
    expect([status, error?.code, error?.message]).toEqual([
      ...['cancelled', 'RUN_ABORTED', 'writer was aborted: whoever read its stream has left.'],
    ])
    expect([agent.state, clock.timers]).toEqual(['ready', 0])
  })

  test('ends a tool that runs, and finds the run ended behind the loop', async () => {
    const began = deferred()
    let why: unknown
    const slow = defineTool({
      ...{ name: 'slow', description: 'takes its time', input: z.object({}) },
      execute: ({ signal }) =>
        new Promise((_, reject) => {
          began.resolve()
          signal.addEventListener('abort', () => {
            why = signal.reason
            reject(signal.reason as Error)
          })
        }),
    })
    const { agent } = bench([{ calls: [['slow', {}]] }], { tools: [slow] })
    const stream = agent.stream('go')
    for await (const part of stream) {
      if (part.type !== 'tool') continue
      await began.promise
      break
    }
    expect([why instanceof Error, agent.state]).toEqual([true, 'ready'])
  })

  test('also a model that does not obey: its stream is left', async () => {
    const never = deferred()
    const { agent, model } = bench([
      { calls: [], text: 'abc', pace: () => (model.asked.length > 1 ? never.promise : Promise.resolve()) },
    ])
    for await (const part of agent.stream('go')) {
      expect(part.type).toBe('text')
      break
    }
    expect([model.open, agent.state]).toEqual([0, 'ready'])
  })

  test('by await using as well; who has read all ends nothing', async () => {
    const { agent, model } = bench(['abcdef', 'abc'])
    let result: Promise<{ readonly status: string }>
    {
      await using stream = agent.stream('go')
      result = stream.result
    }
    expect([(await result).status, model.open]).toEqual(['cancelled', 0])
    const read = agent.stream('go')
    await partsOf(read)
    await read[Symbol.asyncDispose]()
    expect((await read.result).status).toBe('completed')
  })

  test('reads once: a second loop goes on where the first has ended', async () => {
    const { agent } = bench(['abcdef'])
    const stream = agent.stream('go')
    await partsOf(stream)
    expect(await partsOf(stream)).toEqual([])
  })

  test('a caller that aborts ends the stream', async () => {
    const controller = new AbortController()
    const { agent } = bench([() => (controller.abort(new Error('enough')), 'x')])
    const parts = await partsOf(agent.stream('go', { signal: controller.signal }))
    expect(parts).toMatchObject([{ type: 'done', status: 'cancelled', error: { code: 'RUN_ABORTED' } }])
  })
})

describe('who reads late', () => {
  test('or never finds the run done: it waits for nobody, and text has been joined', async () => {
    const { agent } = bench([calls(1, 'Let me see.'), 'It is 3.'])
    const stream = agent.stream('go')
    expect((await stream.result).output).toBe('It is 3.')
    expect((await partsOf(stream)).filter(({ type }) => type === 'text')).toEqual([
      { type: 'text', text: 'Let me see.', turn: 1, attempt: 1 },
      { type: 'text', text: 'It is 3.', turn: 2, attempt: 1 },
    ])
  })

  test('finds the last 1,024 parts, and how many there were besides', async () => {
    const { system } = bench([])
    const counter = defineAgent({
      name: 'counter',
      execute: async ({ checkpoint }) => {
        for (let i = 0; i < 2_000; i++) await checkpoint(String(i))
      },
    })
    const stream = system.agents.stream(counter, undefined)
    await stream.result
    const parts: AgentStreamPart[] = await partsOf(stream)
    expect(parts).toHaveLength(1_025)
    expect(parts[0]).toMatchObject({ type: 'step', name: '977' })
    expect(parts.at(-1)).toEqual({ type: 'done', status: 'completed', dropped: 977 })
  })
})

test('misuse is thrown', async () => {
  const { agent, system } = bench([])
  const codes = (...opens: readonly (() => unknown)[]) =>
    opens.map((open) => {
      try {
        open()
      } catch (error) {
        return isHookchartError(error) ? error.code : error
      }
      return 'none'
    })
  expect(
    codes(
      () => system.agents.stream('nobody'),
      () => agent.stream('go', { timeout: 1 } as never),
    ),
  ).toEqual(['UNKNOWN_COMPONENT', 'INVALID_OPTIONS'])
  await agent.initialize()
  await agent.terminate()
  expect(codes(() => agent.stream('go'))).toEqual(['ILLEGAL_COMMAND'])
  await system.stop()
  expect(codes(() => system.agents.stream('writer'))).toEqual(['UNKNOWN_COMPONENT'])
  expect(codes(() => agent.stream('go'))).toEqual(['HOOKS_STOPPED'])
})

test('a deadline ends a model that goes on and on', async () => {
  const { agent, clock, model } = bench([{ calls: [], text: 'abc', pace: () => new Promise(() => {}) }])
  const reading = partsOf(agent.stream('go', { timeoutMs: 100 }))
  await clock.advanceSteps(100)
  expect((await reading).at(-1)).toMatchObject({ type: 'done', status: 'timed_out' })
  expect(model.open).toBe(0)
})

test('a stream is suspended when its run is, if that was asked for', async () => {
  const { agent, system } = bench(['ok'])
  system.hooks.register('BeforeModelCall', () => hook.suspend({ question: 'may it?' }), { name: 'ask' })
  expect(await partsOf(agent.stream('go', { onSuspend: 'return' }))).toEqual([{ type: 'done', status: 'suspended' }])
})

test('an agent that is paused while its model is to be asked again asks it when it is resumed', async () => {
  const { agent, clock, model } = bench([{ calls: [], text: 'Hel', isCut: true }, 'Hello.'])
  const { result } = agent.stream('go', { timeoutMs: '5s' })
  await clock.settle()
  const pausing = agent.pause()
  await clock.advanceSteps(1_000)
  expect([await pausing, model.asked.length]).toEqual(['paused', 1])
  await clock.advanceSteps(60_000)
  expect([agent.state, model.asked.length]).toEqual(['paused', 1])
  await agent.resume()
  expect(await result).toMatchObject({ status: 'completed', output: 'Hello.' })
})

test('an agent that is told to fail leaves its model', async () => {
  const { agent, clock, model } = bench([{ calls: [], text: 'abc', pace: () => new Promise(() => {}) }])
  const { result } = agent.stream('go')
  await clock.settle()
  expect(model.open).toBe(1)
  await agent.fail(new Error('broken'))
  expect((await result).error?.message).toBe('broken')
  expect([model.open, model.asked[0]?.abortSignal?.aborted]).toEqual([0, true])
})
