/** Models as the AI SDK makes them: its mock, its streams and its middleware, and its own answers to compare with. */
import { createSystem, defineAgent, defineTool } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { generateText, simulateReadableStream, streamText, wrapLanguageModel } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { partsOf, textOf } from '../support/streams.ts'

const usage = {
  inputTokens: { total: 7, noCache: 7, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 3, text: 3, reasoning: undefined },
}
const finishReason = { unified: 'stop' as const, raw: 'stop' }
const hello = { content: [{ type: 'text' as const, text: 'Hello, Ann.' }], finishReason, usage, warnings: [] }
const streamed = () => ({
  stream: simulateReadableStream({
    chunks: [
      { type: 'stream-start' as const, warnings: [] },
      { type: 'reasoning-start' as const, id: 'r' },
      { type: 'reasoning-delta' as const, id: 'r', delta: 'She is Ann.' },
      { type: 'reasoning-end' as const, id: 'r', providerMetadata: { p: { signature: 's' } } },
      { type: 'text-start' as const, id: 't' },
      ...['Hello', ', ', 'Ann.'].map((delta) => ({ type: 'text-delta' as const, id: 't', delta })),
      { type: 'text-end' as const, id: 't' },
      { type: 'finish' as const, finishReason, usage },
    ],
    ...{ initialDelayInMs: null, chunkDelayInMs: null },
  }),
})

const bench = () => createSystem({ clock: createTestClock(), ids: createTestIds() })
const writerOf = (model: ConstructorParameters<typeof MockLanguageModelV3>[0]) =>
  defineAgent({ name: 'writer', model: new MockLanguageModelV3(model), instructions: 'Greet.' })

describe('the mock of the SDK', () => {
  test('at once: what the SDK itself makes of it', async () => {
    const model = new MockLanguageModelV3({ doGenerate: hello })
    const agent = defineAgent({ name: 'writer', model, instructions: 'Greet.' })
    const { output, usage: used } = await bench().agents.execute(agent, 'Ann')
    const own = await generateText({ model: new MockLanguageModelV3({ doGenerate: hello }), prompt: 'Ann' })
    expect([output, used?.['inputTokens'], used?.['outputTokens'], used?.['totalTokens']]).toEqual([
      ...[own.text, own.usage.inputTokens, own.usage.outputTokens, own.usage.totalTokens],
    ])
  })

  test('as a stream: the text that the SDK itself streams', async () => {
    const parts = await partsOf(bench().agents.stream(writerOf({ doStream: () => Promise.resolve(streamed()) }), 'Ann'))
    const own: string[] = []
    const { textStream } = streamText({
      model: new MockLanguageModelV3({ doStream: () => Promise.resolve(streamed()) }),
      prompt: 'Ann',
    })
    for await (const text of textStream) own.push(text)
    expect(parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))).toEqual(own)
    expect(textOf(parts)).toBe('Hello, Ann.')
    expect(parts.at(-2)).toMatchObject({ type: 'step', usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10 } })
  })

  test('what it thought, and what its provider signed, it is told again in the next turn', async () => {
    let turn = 0
    const model = new MockLanguageModelV3({
      doStream: () => {
        if (++turn > 1) return Promise.resolve(streamed())
        const { stream } = streamed()
        const call = { type: 'tool-call' as const, toolCallId: 'c', toolName: 'look', input: '{}' }
        const chunks = stream.pipeThrough(
          new TransformStream({
            transform(part, controller) {
              if (part.type === 'finish') controller.enqueue(call)
              controller.enqueue(part)
            },
          }),
        )
        return Promise.resolve({ stream: chunks })
      },
    })
    const look = defineTool({ name: 'look', description: 'looks', input: z.object({}), execute: () => 'seen' })
    const agent = defineAgent({ name: 'writer', model, instructions: 'Greet.', tools: [look] })
    expect((await bench().agents.stream(agent, 'Ann').result).status).toBe('completed')
    expect(model.doStreamCalls[1]?.prompt[2]).toEqual({
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'She is Ann.', providerOptions: { p: { signature: 's' } } },
        { type: 'text', text: 'Hello, Ann.' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: {} },
      ],
    })
  })

  test('a model in the middleware of the SDK is a model', async () => {
    const model = wrapLanguageModel({
      model: new MockLanguageModelV3({ doGenerate: hello }),
      middleware: {
        specificationVersion: 'v3',
        wrapGenerate: async ({ doGenerate }) => {
          const result = await doGenerate()
          return { ...result, content: [...result.content, { type: 'text', text: ' And Bob.' }] }
        },
      },
    })
    const agent = defineAgent({ name: 'writer', model, instructions: 'Greet.' })
    expect((await bench().agents.execute(agent, 'go')).output).toBe('Hello, Ann. And Bob.')
  })
})

describe('a provider whose package is not installed', () => {
  test('is named, with how to install it', async () => {
    const missing = '@ai-sdk/not-installed-here'
    const models = { remote: async () => ((await import(missing)) as { remote: () => never }).remote() }
    const agent = defineAgent({ name: 'writer', model: 'remote/large', instructions: 'Greet.' })
    const { error } = await createSystem({ clock: createTestClock(), models }).agents.execute(agent, 'go')
    expect(error?.message).toBe(
      `agent "writer": the provider of "remote/large" needs the package ${missing}, which is not installed. Install it: npm install ${missing}`,
    )
    expect(error?.code).toBe('MODEL_NOT_LOADED')
  })

  test('another failure of a provider stays as it is', async () => {
    const models = {
      remote: () => {
        throw Object.assign(new Error('REMOTE_API_KEY is missing'), { code: 'NO_KEY' })
      },
    }
    const agent = defineAgent({ name: 'writer', model: 'remote/large', instructions: 'Greet.' })
    const { error } = await createSystem({ clock: createTestClock(), models }).agents.execute(agent, 'go')
    expect(error).toMatchObject({ code: 'NO_KEY', message: 'REMOTE_API_KEY is missing' })
  })
})
