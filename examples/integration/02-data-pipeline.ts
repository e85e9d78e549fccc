/**
 * Measurements come in as lines of text and go out as a report: a sequence that loops over the records and works out three
 * figures at once. Schemas stand at every entrance; a record that does not fit is left out and told, and the run is partial.
 */
import { createSystem, defineTool, hook, loop, parallel, sequential, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))

// What a record is; the tool that makes one gives this or fails.
const record = z.object({ place: z.string().min(1), degrees: z.number().min(-90).max(60) })
type Measurement = z.output<typeof record>

const parse = defineTool({
  name: 'parse',
  description: 'makes a record of a line: place and degrees',
  level: 'safe',
  input: z.object({ line: z.string().regex(/^[^;]+;[^;]+$/, 'expected a place and degrees with a semicolon between') }),
  output: record,
  execute: async ({ input }) => {
    await wait(1)
    const [place = '', degrees] = input.line.split(';')
    return { place: place.trim(), degrees: Number(degrees) }
  },
})
const mean = defineTool({
  name: 'mean',
  description: 'the mean of numbers',
  level: 'safe',
  input: z.object({ numbers: z.array(z.number()) }),
  output: z.number(),
  execute: async ({ input: { numbers } }) => {
    await wait(20)
    return numbers.reduce((sum, each) => sum + each, 0) / numbers.length
  },
})
let almanacIsOpen = true
const normal = defineTool({
  name: 'normal',
  description: 'what is usual for a place',
  level: 'safe',
  input: z.object({ place: z.string() }),
  output: z.object({ degrees: z.number() }),
  execute: async ({ input }) => {
    await wait(50)
    if (!almanacIsOpen) throw new Error('the almanac is closed')
    return { degrees: input.place === 'Oslo' ? 6 : 12 }
  },
})

// One record after another; what fails is passed over.
const clean = loop({
  name: 'clean',
  iterator: { collection: ({ input }) => input as readonly string[] },
  onError: 'continue',
  // A file that is only noise is not worth reading on.
  breakConditions: ['$state.bad >= 4'],
  body: [
    step.tool('parse', parse, ({ input }: { input: string }) => ({ line: input })),
    step.run('keep', ({ input, state }: StepCall<Measurement>) => {
      state['good'] = Number(state['good'] ?? 0) + 1
      return input
    }),
  ],
})
// Three figures of the same records, at once. The almanac is a luxury.
type Given = Readonly<{ input: Measurement[] }>
const degreesOf = ({ input }: Given) => ({ numbers: input.map(({ degrees }) => degrees) })
const firstPlace = ({ input }: Given) => ({ place: input[0]!.place })
const warmest = ({ input }: Given) => input.toSorted((a, b) => b.degrees - a.degrees)[0]!.place
const figures = parallel({
  name: 'figures',
  input: z.array(record).min(1, 'expected at least one record'),
  branches: [
    { name: 'mean', steps: [step.tool('mean', mean, degreesOf)] },
    { name: 'warmest', steps: [step.run('warmest', warmest)] },
    { name: 'normal', optional: true, steps: [step.tool('normal', normal, firstPlace)] },
  ],
})
const normalShape = z.object({ degrees: z.number() })
const figuresShape = z.object({ mean: z.number(), warmest: z.string(), normal: normalShape.optional() })

const pipeline = sequential({
  name: 'pipeline',
  input: z.object({ text: z.string() }),
  output: z.string(),
  steps: [
    step.run('split', ({ input, state }: StepCall<{ text: string }>) => {
      const lines = input.text.trim().split('\n')
      state['lines'] = lines.length
      return lines
    }),
    step.workflow('clean', clean),
    step.workflow('figures', figures),
    step.run(
      'write',
      ({ input, state }) => {
        const { mean, warmest, normal } = input
        const usual = normal === undefined ? '' : `, usual are ${normal.degrees}`
        return `${state['good']} of ${state['lines']} lines: ${mean.toFixed(1)} degrees${usual}; warmest in ${warmest}`
      },
      { input: figuresShape },
    ),
  ],
})

const system = createSystem({ clock, ids: createTestIds() })

// Hooks clean what comes in, and tell what goes wrong; the steps know nothing of it.
system.hooks
  .for(parse)
  .register(
    'ToolValidation',
    ({ data }) =>
      data.input.line.includes(',') ? hook.modified({ input: { line: data.input.line.replace(',', '.') } }) : undefined,
    { name: 'decimal_comma' },
  )
system.hooks.register(
  'WorkflowStepError',
  ({ step, data, state }) => {
    console.log(`   ${String(clock.now() - startedAt).padStart(4)} ms ${step?.name}: ${data.error.message}`)
    return hook.continue(step?.name === 'parse' ? { state: { bad: Number(state['bad'] ?? 0) + 1 } } : {})
  },
  { name: 'tell' },
)

let startedAt = 0
async function run(title: string, text: string) {
  console.log(`\n${title}`)
  startedAt = clock.now()
  const running = system.workflows.execute(pipeline, { text })
  await clock.advanceSteps(5_000)
  const { status, output, error, state, durationMs } = await running
  console.log(` → ${status} after ${durationMs} ms: ${output ?? error?.message}`)
  console.log(`   state ${JSON.stringify(state)}`)
}

console.log('FROM LINES TO A REPORT')
await run('Clean lines, one with a comma that a hook mends', 'Oslo;4.5\nOslo;7,5\nOslo;9')
await run('Two lines are no records: the rest goes on', 'Oslo;4.5\nOslo\nRome;hot\nRome;19')
almanacIsOpen = false
await run('The almanac is closed: the report does without', 'Oslo;4.5\nRome;19')
await run('Nothing but noise: the loop ends at the fourth, and there is nothing to report', 'a\nb\nc\nd\ne\nf')

await system.stop()

console.log('\nLesson: schemas stand where data changes hands, and errors are told where they arise. What is')
console.log('partial says so: status for who asks, state for how much, a line for each record that was left out.')
