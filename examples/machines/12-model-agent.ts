/**
 * An agent whose work a language model does. The model is a script in the shape of an AI SDK model, so nothing leaves this
 * program. Its calls and its tools are gates: a hook hides a name, another one refuses a tool, and the model is told why.
 */
import { createSystem, defineAgent, defineTool, hook } from 'hookchart'
import { toMermaid } from 'hookchart/chart'
import { modelLoopMachine } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

type Part = { type: 'text'; text: string } | { type: 'tool-call'; toolCallId: string; toolName: string; input: string }

const text = (said: string): Part => ({ type: 'text', text: said })
const call = (toolName: string, input: object, toolCallId = toolName): Part => ({
  ...{ type: 'tool-call', toolCallId, toolName },
  input: JSON.stringify(input),
})

/** What the model says, one answer after another. A real one comes from a provider: `openai('gpt-5')`. */
let script: Part[][] = []
/** What it was told last. */
let told: { role: string; content: unknown }[] = []
const model = {
  specificationVersion: 'v3',
  provider: 'scripted',
  modelId: 'parrot',
  doGenerate: async ({ prompt }: { prompt: typeof told }) => {
    told = prompt
    const content = script.shift()
    if (content === undefined) throw new Error('the model is out')
    return { content, usage: { inputTokens: { total: 100 }, outputTokens: { total: 20 } }, warnings: [] }
  },
  doStream: () => Promise.reject(new Error('not in this script')),
}

const weather = defineTool({
  name: 'weather',
  description: 'tells the weather of a place',
  level: 'safe',
  annotations: { readOnly: true },
  input: z.object({ place: z.string().min(2) }),
  execute: ({ input }) => ({ place: input.place, sky: 'rain' }),
})
const book = defineTool({
  name: 'book',
  description: 'books a table',
  level: 'restricted',
  input: z.object({ place: z.string(), seats: z.number() }),
  execute: ({ input }) => `${input.seats} seats in ${input.place}`,
})

const host = defineAgent({
  name: 'host',
  model: 'scripted/parrot',
  instructions: 'Find a place for dinner. Ask for the weather before you book outside.',
  tools: [weather, book],
  maxTurns: 4,
  budget: { maxTokens: 500, maxCost: 1_000, costOf: ({ inputTokens, outputTokens }) => inputTokens + 5 * outputTokens },
})

const system = createSystem({
  clock: createTestClock(),
  ids: createTestIds(),
  agents: [host],
  models: { scripted: () => model },
})

// Before each call of the model: what it is told can be changed, here that a name stays at home.
system.hooks.register(
  'BeforeModelCall',
  ({ data }) =>
    hook.modified({ input: JSON.parse(JSON.stringify(data.input).replaceAll('Ada Lovelace', '[a guest]')) as unknown }),
  { name: 'no_names' },
)
// A tool is refused; the agent goes on, and the model reads the reason.
system.hooks
  .for(book)
  .register('BeforeToolExecution', ({ data }) => (data.input.seats > 6 ? hook.cancel('no more than six') : undefined), {
    name: 'small_parties',
    kind: 'guard',
  })
system.hooks.register(
  ['BeforeModelCall', 'AfterModelCall', 'ModelError', 'AfterToolExecution', 'AgentError', 'ResourceLimitExceeded'],
  ({ point, component }) => console.log(`   ${point} ${component.name}`),
  { name: 'show', kind: 'observe' },
)

async function ask(question: string, ...answers: Part[][]) {
  console.log(`\n"${question}"`)
  script = answers
  const { status, output, error, usage } = await system.agents.execute(host, question)
  console.log(` → ${status}: ${output ?? `${error?.code ?? ''}. ${error?.message ?? ''}`}`)
  console.log(`   ${JSON.stringify(usage)}`)
}

console.log('AN AGENT THAT A MODEL DRIVES')
await ask(
  'A table for Ada Lovelace and me, in the garden in Bonn?',
  [text('Let me look.'), call('weather', { place: 'Bonn' })],
  [call('book', { place: 'the hall in Bonn', seats: 2 })],
  [text('It rains, so I booked two seats in the hall.')],
)
console.log(`   the model was told: ${JSON.stringify(told[1]?.content)}`)

await ask(
  'And for forty?',
  [call('book', { place: 'Bonn', seats: 40 }), call('wether', {}), call('weather', { place: 'B' })],
  [text('I am afraid that is too many.')],
)
console.log('   the model was told:')
for (const { output } of (told.at(-1)?.content ?? []) as { output: { value: string } }[])
  console.log(`   - ${output.value}`)

const more = () => [call('weather', { place: 'Bonn' })]
await ask('Does it still rain?', more(), more(), more(), more(), more())

await ask('Hello?')
system.hooks.register('ModelError', () => hook.replace('Please call us.'), { name: 'stand_in' })
await ask('Hello?')

console.log('\nThe loop of the model as a chart:')
console.log(toMermaid(modelLoopMachine).trimEnd())

await system.stop()

console.log('\nLesson: the model decides what to do, the gates decide what may be done. What was refused is')
console.log('told to the model, what is spent is counted, and both hold without a word in the prompt.')
