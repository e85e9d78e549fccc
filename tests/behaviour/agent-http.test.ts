/** Model agents through the real client of the AI SDK, against a server that the test starts on loopback. */
import { createSystem, defineAgent, defineTool } from 'hookchart'
import type { AgentStreamPart } from 'hookchart'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { modelServer, refuses, says, sends } from '../support/model-server.ts'
import type { Answer } from '../support/model-server.ts'
import { partsOf, textOf } from '../support/streams.ts'

const add = defineTool({
  ...{ name: 'add', description: 'adds two numbers', level: 'safe' as const },
  input: z.object({ a: z.number(), b: z.number() }),
  execute: ({ input }) => input.a + input.b,
})

async function bench(script: readonly Answer[], options: object = {}) {
  const server = await modelServer(...script)
  const clock = createTestClock(Date.parse('2026-01-01T00:00:00Z'))
  const system = createSystem({ clock, ids: createTestIds(), models: { local: () => server.model } })
  const writer = defineAgent({
    ...{ name: 'writer', model: 'local/tiny', instructions: 'Be brief.', tools: [add], ...options },
  })
  /** Waits until a timer is set: what a socket brings comes when it comes. */
  const timer = async () => {
    while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const agent = system.agents.create(writer)
  await agent.initialize()
  return { server, clock, system, timer, agent, seen: recorder() }
}

const call = (args: string) => ({ name: 'add', arguments: args })

describe.each(['execute', 'stream'] as const)('%s', (how) => {
  const run = (agent: Awaited<ReturnType<typeof bench>>['agent'], options?: object) =>
    how === 'stream' ? agent.stream('1 + 2?', options).result : agent.execute('1 + 2?', options)

  test('a conversation with a tool', async () => {
    const { agent, server } = await bench([says('Let me see.', call('{"a":1,"b":2}')), says('It is 3.')])
    const { output, usage } = await run(agent)
    expect([output, usage]).toEqual([
      'It is 3.',
      { turns: 2, toolCalls: 1, inputTokens: 20, outputTokens: 10, totalTokens: 30 },
    ])
    const [first, second] = server.requests
    expect(first).toMatchObject({
      headers: { authorization: 'Bearer secret-key' },
      body: { model: 'tiny', tools: [{ function: { name: 'add', parameters: { type: 'object' } } }] },
    })
    expect(second?.body.messages.at(-1)).toEqual({ role: 'tool', tool_call_id: 'call-0', content: '3' })
    await server.close()
  })

  test('malformed arguments of a tool are told to the model, which may mend them', async () => {
    const { agent, server } = await bench([
      says('', call('{"a": 1,')),
      says('', call('{"a":"one","b":2}')),
      says('', call('{"a":1,"b":2}')),
      says('3'),
    ])
    expect((await run(agent)).output).toBe('3')
    const told = server.requests.map(({ body }) => String(body.messages.at(-1)?.content))
    expect(told[1]).toContain('The arguments are not JSON')
    expect(told[2]).toContain('does not fit its schema')
    expect(told[3]).toBe('3')
    await server.close()
  })

  describe('a server that is busy is asked again when it says', () => {
    test.each([
      ['seconds', { 'retry-after': '7' }, 7_000],
      ['milliseconds, which come first', { 'retry-after-ms': '250', 'retry-after': '7' }, 250],
      ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5_000],
      ['nothing: the first wait of the backoff', {}, 1_000],
    ])('%s', async (_, headers, waitMs) => {
      const { agent, server, clock, timer, seen, system } = await bench([
        refuses(429, 'slow down', headers),
        says('at last'),
      ])
      system.hooks.register('ModelError', seen.handler('x'), { kind: 'observe' })
      const running = run(agent)
      await timer()
      await clock.advanceSteps(waitMs - 1)
      expect(server.requests).toHaveLength(1)
      await clock.advanceSteps(1)
      expect((await running).output).toBe('at last')
      expect(seen.calls).toMatchObject([{ data: { error: { code: 'MODEL_CALL_FAILED', retryable: true } } }])
      await server.close()
    })
  })

  test('but not when that is too late: after the deadline, or after the longest wait', async () => {
    const busy = refuses(429, 'slow down', { 'retry-after': '30' })
    const short = await bench([busy])
    const late = await run(short.agent, { timeoutMs: '20s' })
    expect(late).toMatchObject({
      status: 'failed',
      error: { code: 'MODEL_CALL_FAILED', details: { status: 429, retryAfterMs: 30_000 } },
    })
    expect(late.error?.message).toContain('It asks to come back in 30 s. Ask less often, or later.')
    const longest = await bench([busy], { retry: { backoff: { maxDelayMs: '29s' } } })
    expect((await run(longest.agent)).error?.code).toBe('MODEL_CALL_FAILED')
    expect([short.server.requests.length, longest.server.requests.length]).toEqual([1, 1])
    await Promise.all([short.server.close(), longest.server.close()])
  })

  test('what will not pass is not tried again, and says what to do', async () => {
    const { agent, server } = await bench([refuses(401, 'Incorrect API key'), refuses(404, 'no such model')])
    const first = await run(agent)
    expect(first.error).toMatchObject({ code: 'MODEL_CALL_FAILED', details: { model: 'local.chat/tiny', status: 401 } })
    expect(first.error?.message).toContain('status 401: Incorrect API key. Check the API key of the provider.')
    expect((await run(agent)).error?.message).toContain('Check the id of the model')
    expect(server.requests).toHaveLength(2)
    await server.close()
  })

  test('three times in all; the last failure is what the run fails with', async () => {
    const down = refuses(503, 'overloaded')
    const { agent, server, clock, timer } = await bench([down, down, down, says('never')])
    const running = run(agent)
    await timer()
    await clock.advanceSteps(1_000)
    await server.asked(2)
    await timer()
    await clock.advanceSteps(2_000)
    expect(await running).toMatchObject({ status: 'failed', error: { details: { status: 503 } } })
    expect(server.requests).toHaveLength(3)
    await server.close()
  })

  test('a server that is down: one message, with what to see to', async () => {
    const { agent, server } = await bench([], { retry: { maxAttempts: 1 } })
    await server.close()
    const { error } = await run(agent)
    const { origin } = new URL(server.baseURL)
    expect(error).toMatchObject({ code: 'MODEL_UNREACHABLE', retryable: true, details: { server: origin } })
    expect(error?.message).toContain(`${origin} did not answer`)
    expect(error?.message).toContain('See that the server runs, and that the baseURL of the provider is right.')
    expect(JSON.stringify(error)).not.toContain('secret-key')
  })
})

describe('a stream', () => {
  test('shows text as it comes, before the model has said all', async () => {
    let goOn: () => void = () => undefined
    const { agent, server } = await bench([
      async (response, request) => {
        sends(response, { content: 'Hel' })
        await new Promise<void>((resolve) => (goOn = resolve))
        await says('lo')(response, request)
      },
    ])
    const parts: AgentStreamPart[] = []
    for await (const part of agent.stream('go')) {
      parts.push(part)
      if (parts.length === 1) goOn()
    }
    expect(parts[0]).toMatchObject({ type: 'text', text: 'Hel' })
    expect(textOf(parts)).toBe('Hello')
    await server.close()
  })

  let breakNow: () => void = () => undefined
  test.each<[string, Answer]>([
    [
      'by a connection that breaks',
      (response) => void (sends(response, { content: 'Hel' }), (breakNow = () => response.destroy())),
    ],
    ['by an end without a reason', (response) => void (sends(response, { content: 'Hel' }), response.end())],
    [
      'by an error in it',
      (response) => {
        sends(response, { content: 'Hel' })
        response.end('data: {"error":{"message":"out of memory"}}\n\n')
      },
    ],
  ])('that is cut off %s is asked again', async (_, cut) => {
    const { agent, server, clock, timer, seen, system } = await bench([cut, says('Hello.')])
    system.hooks.register('ModelError', seen.handler('x'), { kind: 'observe' })
    const stream = agent.stream('go')
    const first = await stream[Symbol.asyncIterator]().next()
    breakNow()
    const reading = partsOf(stream)
    await timer()
    await clock.advanceSteps(1_000)
    const parts = await reading
    expect(first.value).toEqual({ type: 'text', text: 'Hel', turn: 1, attempt: 1 })
    expect(seen.calls).toMatchObject([{ data: { error: { code: 'MODEL_STREAM_CUT' } } }])
    expect(textOf(parts)).toBe('Hello.')
    expect(parts.at(-1)).toMatchObject({ status: 'completed', output: 'Hello.' })
    await server.close()
  })

  test('whose reader leaves closes its connection', async () => {
    let closed: Promise<unknown> = Promise.resolve()
    const { agent, server } = await bench([
      (response) => {
        closed = new Promise((resolve) => response.on('close', resolve))
        sends(response, { content: 'Hel' })
      },
    ])
    for await (const part of agent.stream('go')) if (part.type === 'text') break
    await closed
    expect(agent.state).toBe('ready')
    await server.close()
  })
})
