/**
 * A complaint is read, judged and answered by a chain: an agent, tools and a workflow, each of which starts when those that it
 * comes after have settled. What happens when one fails is said per component: go without, do something else, or undo.
 */
import { createSystem, defineAgent, defineChain, defineTool, hook, sequential, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const complaint = z.object({ from: z.string(), text: z.string(), euros: z.number() })

const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))
/** What is down at the moment. */
const down = new Set<string>()
let startedAt = 0
const time = () => `${String(clock.now() - startedAt).padStart(4)} ms`
async function work(what: string, ms: number) {
  console.log(`   ${time()} ${what} …`)
  await wait(ms)
  if (down.has(what)) throw new Error(`${what} is down`)
}

const reader = defineAgent({
  name: 'reader',
  input: complaint,
  execute: async ({ input }) => {
    await work('reading', 300)
    return { angry: input.text.endsWith('!'), words: input.text.split(' ').length }
  },
})
const history = defineTool({
  name: 'history',
  description: 'looks up earlier complaints',
  level: 'safe',
  input: complaint,
  execute: async ({ input }) => {
    await work('history', 100)
    return input.from === 'Bob' ? 3 : 0
  },
})
const refund = defineTool({
  name: 'refund',
  description: 'gives money back',
  input: z.object({ to: z.string(), euros: z.number() }),
  execute: async ({ input }) => {
    await work('refund', 200)
    return { paid: input.euros, to: input.to }
  },
})
const answer = sequential({
  name: 'answer',
  input: z.object({ to: z.string(), angry: z.boolean(), paid: z.number() }),
  steps: [
    step.run('tone', ({ input }: StepCall<{ to: string; angry: boolean; paid: number }>) => ({
      ...input,
      opening: input.angry ? 'We are very sorry' : 'Thank you',
    })),
    step.run('write', async ({ input }: StepCall<{ opening: string; to: string; paid: number }>) => {
      await work('mail', 100)
      return `${input.opening}, ${input.to}. You get ${input.paid} €.`
    }),
  ],
})

const triage = defineChain('triage', { input: complaint, timeoutMs: '10s' })
  .agent(reader)
  // Nobody needs to know; a value stands in when it fails.
  .tool(history, { onError: { fallback: 0 } })
  .tool(refund, {
    after: ['reader', 'history'],
    input: ({ input, results }) => ({
      to: input.from,
      euros: (results.history ?? 0) > 2 ? input.euros * 2 : input.euros,
    }),
    compensate: ({ output }) => console.log(`   ${time()} takes back ${output?.paid ?? 0} €`),
  })
  .workflow(answer, {
    after: ['refund'],
    input: ({ input, results }) => ({
      to: input.from,
      angry: results.reader?.angry ?? false,
      paid: results.refund?.paid ?? 0,
    }),
    onError: 'compensate',
  })

const system = createSystem({ clock, ids: createTestIds() })

async function handle(title: string, input: z.input<typeof complaint>) {
  console.log(`\n${title}`)
  startedAt = clock.now()
  const running = system.chains.execute(triage, input)
  await clock.advanceSteps(20_000)
  const { status, output, error } = await running
  console.log(` → ${status}: ${error === undefined ? JSON.stringify(output?.answer) : error.message}`)
  if (error !== undefined) console.log(`   ${JSON.stringify(error.details)}`)
}
const bob = { from: 'Bob', text: 'The lamp is broken again!', euros: 20 }

console.log('A CHAIN OF AN AGENT, TOOLS AND A WORKFLOW')
await handle('What does not depend on each other runs at once', bob)

down.add('history')
await handle('The history is down, and a value stands in', bob)
down.clear()

const cap = system.hooks.register(
  'BeforeChainComponent',
  ({ data }) => {
    const input = data.input as { euros: number }
    return data.id === 'refund' && data.action === 'run' && input.euros > 30
      ? hook.modified({ input: { ...input, euros: 30 } })
      : undefined
  },
  { name: 'cap' },
)
await handle('A hook caps the refund; the components know nothing of it', bob)
cap.unregister()

down.add('mail')
await handle('The mail is down: what was done before is undone', bob)
down.clear()

system.hooks
  .for(triage)
  .register(
    'AfterChain',
    ({ data }) => (data.output.answer.includes('sorry') ? hook.cancel('the lawyers say: no regrets') : undefined),
    { name: 'lawyers', kind: 'guard' },
  )
await handle('A guard at the end refuses the whole; what was done is undone', bob)

console.log('\nA chain that goes in a circle cannot be made')
try {
  defineChain('circle', {
    components: [
      { tool: history, after: ['refund'] },
      { tool: refund, after: ['history'] },
    ],
  })
} catch (error) {
  console.log(` → ${(error as Error).message}`)
}

await system.stop()

console.log('\nLesson: a chain says what comes after what, and nothing else. Each component passes its own')
console.log('gates, runs as early as it may, and has a say in what its failure means for the rest.')
