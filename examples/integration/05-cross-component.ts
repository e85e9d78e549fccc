/**
 * A claim for damages goes through an agent, tools and a workflow. A dependency graph says what needs what, and from it follow
 * the phases and the chain. Each component says what its failure means, and one id and what the caller said go through all.
 */
import { createSystem, defineAgent, defineChain, defineTool, sequential, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import { createDependencyGraph } from 'hookchart/actors'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
let startedAt = 0
/** What is down at the moment. */
const down = new Set<string>()
async function work(what: string, ms: number) {
  const began = clock.now() - startedAt
  await new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))
  const how = down.has(what) ? 'fails' : 'works'
  console.log(`   ${String(began).padStart(4)} to ${String(clock.now() - startedAt).padStart(4)} ms  ${what} ${how}`)
  if (down.has(what)) throw new Error(`${what} is down`)
}

const claim = z.object({ who: z.string(), text: z.string() })
const lookUp = defineTool({
  name: 'look_up',
  description: 'finds the words that matter',
  level: 'safe',
  input: claim,
  execute: ({ input }) => ['water', 'fire'].filter((word) => input.text.includes(word)),
})
const reader = defineAgent({
  name: 'reader',
  input: claim,
  tools: [lookUp],
  execute: async ({ input, tools }) => {
    await work('reader', 200)
    return { damages: await tools.call(lookUp, input) }
  },
})
const weather = defineTool({
  name: 'weather',
  description: 'tells whether there was a storm',
  input: claim,
  execute: async () => {
    await work('weather', 300)
    return { storm: true }
  },
})
const photos = defineTool({
  name: 'photos',
  description: 'looks at photos',
  input: claim,
  execute: () => work('photos', 100),
})
const reserve = defineTool({
  name: 'reserve',
  description: 'puts money aside',
  input: z.object({ damages: z.array(z.string()), storm: z.boolean() }),
  execute: async ({ input }) => {
    await work('reserve', 100)
    return { euros: input.damages.length * (input.storm ? 500 : 300) }
  },
})
const letter = sequential({
  name: 'letter',
  input: z.object({ who: z.string(), euros: z.number() }),
  steps: [
    step.run('write', async ({ input, metadata }: StepCall<{ who: string; euros: number }>) => {
      await work('letter', 50)
      return `Dear ${input.who}, you get ${input.euros} €. Your clerk ${String(metadata['clerk'])}`
    }),
  ],
})

// What needs what, whoever runs it.
const graph = createDependencyGraph()
for (const name of ['reader', 'weather', 'photos', 'reserve', 'letter']) graph.addNode(name)
graph.addDependency('reserve', 'reader', { reason: 'the sum follows from the damages' })
graph.addDependency('reserve', 'weather', { reason: 'storms are paid better' })
graph.addDependency('letter', 'reserve', { reason: 'nothing is promised that is not there' })
const after = (name: string) => graph.dependencies().flatMap(({ from, on }) => (from === name ? [on] : []))

type Results = Readonly<{ reader: { damages: string[] }; weather: { storm: boolean }; reserve: { euros: number } }>
const of = (results: object) => results as Results
const handleClaim = defineChain('claim', {
  input: claim,
  components: [
    { agent: reader, after: after('reader') },
    // Without an answer it was no storm.
    { tool: weather, after: after('weather'), onError: { fallback: { storm: false } } },
    // Nothing hangs on it: it fails for itself.
    { tool: photos, after: after('photos'), onError: 'skip_dependants' },
    {
      tool: reserve,
      after: after('reserve'),
      input: ({ results }) => ({ ...of(results).reader, ...of(results).weather }),
      compensate: ({ output }) => console.log(`      takes back ${JSON.stringify(output)}`),
    },
    // When no letter can be sent, all is undone.
    {
      workflow: letter,
      after: after('letter'),
      input: ({ input, results }) => ({ who: input.who, ...of(results).reserve }),
      onError: 'compensate',
    },
  ],
})

const system = createSystem({ id: 'office', clock, ids: createTestIds() })
const seen: string[] = []
system.hooks.register(
  ['BeforeChain', 'BeforeAgentExecution', 'BeforeToolExecution', 'BeforeWorkflowStart', 'BeforeWorkflowStage'],
  ({ point, component, correlationId, metadata, parent }) => {
    const from = parent === undefined ? 'the caller' : `${parent.component.type} ${parent.component.name}`
    const what = `${component.type} ${component.name}`
    seen.push(
      `${point.padEnd(20)} ${what.padEnd(16)} from ${from.padEnd(15)} ${correlationId} ${JSON.stringify(metadata)}`,
    )
  },
  { name: 'follow', kind: 'observe' },
)

async function handle(title: string, correlationId: string) {
  console.log(`\n${title}`)
  startedAt = clock.now()
  const running = system.chains.execute(
    handleClaim,
    { who: 'Ann', text: 'water in the cellar, and fire above' },
    { correlationId, metadata: { clerk: 'Bob' } },
  )
  await clock.advanceSteps(2_000)
  const { status, output, error, durationMs } = await running
  console.log(` → ${status} after ${durationMs} ms: ${error?.message ?? String(output?.['letter'])}`)
  down.clear()
}

console.log('A CLAIM GOES THROUGH AN AGENT, TOOLS AND A WORKFLOW\n')
graph.order().phases.forEach((phase, i) => console.log(`   phase ${i + 1}: ${phase.join(', ')}`))
await handle('Each starts as soon as those that it needs have ended', 'claim-1')
console.log('\nOne id and one clerk, through all of them')
for (const line of seen) console.log(`   ${line}`)
down.add('photos')
await handle('Photos fail: the rest goes on, and the whole is partial', 'claim-2')
down.add('weather')
await handle('The weather fails: a value stands in', 'claim-3')
down.add('letter')
await handle('The letter fails: what was done is undone', 'claim-4')
await system.stop()

console.log('\nLesson: dependencies are data. The order follows from them, and each component has a say in')
console.log('what its failure means; who called, and for what, is known wherever a hook stands.')
