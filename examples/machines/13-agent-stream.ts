/**
 * Reading an agent while it works: text as its model says it, the tools that it calls, a step for each turn, and the end.
 * One of its tools is an agent too. A stream that breaks in the middle is asked for again, and who stops reading ends the run.
 */
import { createSystem, defineAgent } from 'hookchart'
import type { AgentStreamPart } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'

/** What the models stream, one answer after another; `cut` breaks off. A real model comes from a provider of the AI SDK. */
let script: (string | { call: string } | { cut: string })[] = []

/** A model in the shape of those of the AI SDK: its answer comes word by word. */
const model = {
  specificationVersion: 'v3',
  provider: 'scripted',
  modelId: 'parrot',
  doGenerate: () => Promise.reject(new Error('not in this script')),
  doStream: async () => {
    const said = script.shift() ?? ''
    const text = typeof said === 'string' ? said : 'cut' in said ? said.cut : ''
    const parts: object[] = [{ type: 'text-start', id: '1' }]
    for (const delta of text.split(/(?<= )/)) parts.push({ type: 'text-delta', id: '1', delta })
    if (typeof said === 'object' && 'call' in said)
      parts.push({
        type: 'tool-call',
        toolCallId: '1',
        toolName: 'critic',
        input: JSON.stringify({ input: said.call }),
      })
    const usage = { inputTokens: { total: 20 }, outputTokens: { total: 5 } }
    if (typeof said === 'string' || 'call' in said) parts.push({ type: 'finish', usage })
    const pull = (controller: ReadableStreamDefaultController<object>) => {
      const part = parts.shift()
      if (part === undefined) controller.close()
      else controller.enqueue(part)
    }
    return { stream: new ReadableStream({ pull }) }
  },
}
/** The critic is asked for the whole at once: nobody reads along. */
const critic = defineAgent({
  name: 'critic',
  description: 'judges a line',
  model: {
    ...model,
    modelId: 'owl',
    doGenerate: async () => ({
      content: [{ type: 'text', text: 'Too short.' }],
      usage: { inputTokens: { total: 8 }, outputTokens: { total: 2 } },
    }),
  },
  instructions: 'Judge the line in two words.',
})
const poet = defineAgent({ name: 'poet', model, instructions: 'Write one line.', tools: [critic] })

const clock = createTestClock()
await using system = createSystem({ clock, ids: createTestIds(), agents: [poet, critic] })

/** A line for each part; texts of one try behind one another. */
function show(part: AgentStreamPart): string {
  switch (part.type) {
    case 'text':
      return `   turn ${part.turn}, try ${part.attempt}: "${part.text}"`
    case 'tool':
      return part.phase === 'call'
        ? `   → ${part.name}(${JSON.stringify(part.input)})`
        : `   ← ${part.name}: ${JSON.stringify(part.output)}`
    case 'step':
      return `   step ${part.turn}, ${String(part.usage?.['totalTokens'])} tokens so far`
    case 'done':
      return `   done: ${part.status}`
  }
}

console.log('1. Everything, while it happens')
script = [{ call: 'Rain.' }, 'Rain, and no end of it.']
for await (const part of system.agents.stream(poet, 'A line about rain')) console.log(show(part))

console.log('\n2. A stream that breaks is asked for again after a second')
script = [{ cut: 'Snow falls ' }, 'Snow falls on snow.']
const broken = system.agents.stream(poet, 'A line about snow')
await clock.settle()
await clock.advance(1_000)
for await (const part of broken) console.log(show(part))

console.log('\n3. Who stops reading ends the run')
script = ['Wind, wind, wind, and wind again.']
const long = system.agents.stream(poet, 'A line about wind')
for await (const part of long) {
  console.log(show(part))
  if (part.type === 'text') break
}
const { status, error } = await long.result
console.log(`   ${status}: ${error?.message ?? ''}`)

console.log('\n4. Nobody has to read: the result comes all the same')
script = ['Fog.']
console.log(`   ${String((await system.agents.stream(poet, 'A line about fog').result).output)}`)

console.log('\nLesson: a stream is the same run with the same gates. What was shown of a try that failed is told from')
console.log('the next by its number, what is used is counted with that of the agents that were called, and nothing')
console.log('runs on for a reader who has left.')
