/**
 * Streams of agents: whatever a model says, in whatever chunks, over however many turns, tools and streams that break: what was
 * shown of a turn is what was said in it, the last one is the output, and who stops reading, wherever, leaves nothing running.
 */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { defineAgent, defineTool } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'
import { testLawOf } from './support/law.ts'
import { drain, finish } from './support/run.ts'

const turn = fc.record({
  text: fc.string({ maxLength: 12 }),
  /** The text comes in parts of the answer of its own. */
  split: fc.boolean(),
  chunk: fc.integer({ min: 1, max: 4 }),
  tools: fc.integer({ min: 0, max: 2 }),
  /** How often its stream breaks before it comes whole, and after how many parts. */
  cuts: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }),
  fails: fc.boolean(),
})

const scenario = fc.record({
  turns: fc.array(turn, { minLength: 1, maxLength: 4 }),
  last: turn,
  /** Parts that are read before the reader leaves; Infinity: all. */
  reads: fc.oneof(fc.constant(Infinity), fc.nat({ max: 12 })),
  /** Whether the reader waits for others before each part. */
  slow: fc.boolean(),
})
type Turn = typeof turn extends fc.Arbitrary<infer Made> ? Made : never

/** The parts of an answer, as a model of the AI SDK streams them. */
function partsOf({ text, split, chunk, tools }: Turn): object[] {
  const parts: object[] = []
  const half = split ? Math.ceil(text.length / 2) : text.length
  for (const piece of [text.slice(0, half), text.slice(half)]) {
    // An id may be used again.
    parts.push({ type: 'text-start', id: 't' })
    for (let i = 0; i < piece.length; i += chunk)
      parts.push({ type: 'text-delta', id: 't', delta: piece.slice(i, i + chunk) })
    parts.push({ type: 'text-end', id: 't' })
  }
  for (let i = 0; i < tools; i++)
    parts.push({ type: 'tool-call', toolCallId: String(i), toolName: 'look', input: '{"n":1}' })
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
  return [...parts, { type: 'finish', finishReason: { unified: 'stop' }, usage }]
}

function law({ createSystem }: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    const { reads, slow } = given
    const script = [
      ...given.turns.map((each) => ({ ...each, tools: Math.max(1, each.tools) })),
      { ...given.last, tools: 0 },
    ]
    const answers = script.flatMap((each) => [
      ...each.cuts.map((after) => ({ parts: partsOf(each).slice(0, after), fails: each.fails, isCut: true })),
      { parts: partsOf(each), fails: false, isCut: false },
    ])
    const clock = createTestClock()
    let [asked, open, looking] = [0, 0, 0]
    const model = {
      ...{ specificationVersion: 'v3', provider: 'p', modelId: 'm' },
      doGenerate: () => Promise.reject(new Error('this is not a stream')),
      async doStream() {
        const answer = answers[asked++]!
        await scheduler.schedule(Promise.resolve(), 'ask')
        open++
        let isOpen = true
        const close = () => {
          if (isOpen) open--
          isOpen = false
        }
        const parts = [...answer.parts]
        const stream = new ReadableStream({
          async pull(controller) {
            await scheduler.schedule(Promise.resolve(), 'say')
            const part = parts.shift()
            if (part !== undefined) {
              controller.enqueue(part)
              return
            }
            close()
            if (answer.isCut && answer.fails) controller.error(new Error('terminated'))
            else controller.close()
          },
          cancel: close,
        })
        return { stream }
      },
    }
    const look = defineTool({
      ...{ name: 'look', description: 'looks', input: z.object({ n: z.number() }) },
      execute: async ({ input, signal }) => {
        looking++
        const leave = () => void looking--
        signal.addEventListener('abort', leave)
        await scheduler.schedule(Promise.resolve(), 'look')
        signal.removeEventListener('abort', leave)
        if (!signal.aborted) leave()
        return input.n
      },
    })
    const writer = defineAgent({ name: 'writer', model, instructions: 'x', tools: [look] })
    const system = createSystem({ clock, ids: createTestIds() })
    const agent = system.agents.create(writer)
    const stream = agent.stream('go')
    let isSettled = false
    void stream.result.then(() => (isSettled = true))
    const parts: actors.AgentStreamPart[] = []
    const read = async () => {
      let left = reads
      if (left === 0) {
        await stream[Symbol.asyncDispose]()
        return
      }
      for await (const part of stream) {
        parts.push(part)
        if (slow) await scheduler.schedule(Promise.resolve(), 'read')
        if (--left === 0) break
      }
    }
    const before = { wasSettled: false }
    const leaving = stream[Symbol.asyncDispose].bind(stream)
    const iterator = stream[Symbol.asyncIterator]()
    const leave = iterator.return!.bind(iterator)
    iterator.return = () => ((before.wasSettled = isSettled), leave())
    stream[Symbol.asyncDispose] = () => ((before.wasSettled = isSettled), leaving())
    await finish(read(), clock, scheduler)

    // Who has read to the end, or left, finds the run over: nothing goes on.
    const [result, askedThen] = [await stream.result, asked]
    if (looking !== 0) throw new Error(`${looking} tools were left running`)
    await drain(clock, scheduler)
    if (open !== 0) throw new Error(`${open} streams of the model were left open`)
    if (asked !== askedThen) throw new Error('the model was asked by a run that was over')
    // Deadlines share a timer, which runs out by itself.
    await clock.advance(120_000)
    if (clock.timers !== 0) throw new Error('a timer was left')
    if (agent.state !== 'ready') throw new Error(`the agent is ${agent.state}`)
    const hasLeft = parts.at(-1)?.type !== 'done'
    if (hasLeft && !before.wasSettled && result.status !== 'cancelled')
      throw new Error(`it went on, and ${result.status}`)
    if (hasLeft) return

    if (result.status !== 'completed') throw new Error(`it ${result.status}: ${result.error?.message ?? ''}`)
    for (const [at, { text }] of script.entries()) {
      const said = parts.filter((part) => part.type === 'text' && part.turn === at + 1) as actors.TextPart[]
      const last = Math.max(0, ...said.map(({ attempt }) => attempt))
      const whole = said.filter(({ attempt }) => attempt === last).map((part) => part.text).join('') // prettier-ignore
      // A try that says nothing shows nothing.
      if (text !== '' && whole !== text) throw new Error(`of turn ${at + 1} was shown "${whole}", and said "${text}"`)
    }
    if (result.output !== script.at(-1)!.text) throw new Error(`the output is ${String(result.output)}`)
    const steps = parts.filter(({ type }) => type === 'step').length
    if (steps !== script.length) throw new Error(`${steps} steps of ${script.length} turns`)
    const ends = parts.filter((part) => part.type === 'tool' && part.phase === 'result' && part.output === 1).length
    const wanted = script.reduce((sum, { tools }) => sum + tools, 0)
    if (ends !== wanted) throw new Error(`${ends} tools ended of ${wanted}`)
    await system.stop()
  })
}

testLawOf(
  actors,
  'actors/index.ts',
  'streams of agents',
  law,
  [
    {
      name: 'of an answer the last chunk is kept',
      file: 'machines/agent/model-stream.ts',
      from: 'growing.text += text',
      to: 'growing.text = text',
    },
    {
      name: 'text that waits for its reader is lost',
      file: 'actors/agent/stream-buffer.ts',
      from: 'last.text + part.text',
      to: 'part.text',
    },
    {
      name: 'a try that begins anew is not told from the one before',
      file: 'actors/agent/show.ts',
      from: 'this.#attempt++',
      to: 'this.#attempt = 1',
    },
    {
      name: 'a stream that breaks counts as whole',
      file: 'actors/agent/read-answer.ts',
      from: 'if (!answer.isFinished) throw cutOff(model, undefined)',
      to: '',
    },
    {
      name: 'who leaves does not end the run',
      file: 'actors/agent/stream.ts',
      from: 'if (!buffer.hasEnded) controller',
      to: 'if (buffer.hasEnded) controller',
    },
    {
      name: 'the stream of the model is left open',
      file: 'actors/agent/read-answer.ts',
      from: 'reader.cancel(signal.reason).catch(() => undefined)',
      to: 'void reader',
    },
  ],
  { numRuns: 100 },
)
