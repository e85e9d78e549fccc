/**
 * An order that is checked, priced, paid and packed, one step after another. A hook gives a discount between two steps, a shaky
 * payment is tried again, an order that is too big is refused, and one run is led by hand, step by step.
 */
import { createSystem, defineTool, hook, sequential, step } from 'hookchart'
import type { HookContext, StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()

let failures = 0
const pay = defineTool({
  name: 'pay',
  description: 'takes money',
  input: z.object({ cents: z.number().positive() }),
  output: z.object({ receipt: z.string() }),
  execute: ({ input }) => {
    if (failures-- > 0) throw new Error('the bank does not answer')
    return { receipt: `R-${input.cents}` }
  },
})

const orderSchema = z.object({ items: z.record(z.string(), z.number().positive()), wrap: z.boolean().default(false) })
type Order = z.output<typeof orderSchema>

const order = sequential({
  name: 'order',
  input: orderSchema,
  steps: [
    step.run('check', ({ input, state }: StepCall<Order>) => {
      // The state is a draft: it is committed with the step.
      state['parcel'] = Object.keys(input.items)
      return input
    }),
    step.run('price', ({ input }: StepCall<Order>) => ({
      cents: Object.values(input.items).reduce((sum, cents) => sum + cents, input.wrap ? 300 : 0),
    })),
    // Its input is the output of the step before. What it costs to try again is this step's own affair.
    step.tool('pay', pay, undefined, { retry: { maxAttempts: 3, backoff: '1s' } }),
    step.run('pack', ({ input, state }: StepCall<{ receipt: string }>) => {
      const parcel = state['parcel'] as string[]
      return `${parcel.join(' and ')}, ${input.receipt}`
    }),
  ],
})

const system = createSystem({ clock, ids: createTestIds(), workflows: [order] })

// A transform in front of a step.
system.hooks.register(
  'BeforeWorkflowStage',
  ({ step, data }) => {
    const { cents } = data.input as { cents: number }
    return step?.name === 'pay' && cents >= 5_000 ? hook.modified({ input: { cents: cents * 0.9 } }) : undefined
  },
  { name: 'discount' },
)
// A guard behind one step: it sees what the step gave.
system.hooks.register(
  'AfterWorkflowStage',
  ({ step, data }) =>
    step?.name === 'price' && (data.output as { cents: number }).cents > 100_000
      ? hook.cancel('not without a credit check')
      : undefined,
  { name: 'credit_check', kind: 'guard' },
)
const showing = system.hooks.register(['*Workflow*', 'SequentialStep*'], show, { name: 'show', kind: 'observe' })

function show({ point, step, data }: HookContext) {
  const { input, output, key, from, next } = data as { [key: string]: unknown; from?: string; next?: string }
  const what = from === undefined ? (key ?? output ?? input) : `${from} → ${next ?? ''}`
  console.log(`   ${point.padEnd(23)} ${(step?.name ?? '').padEnd(5)} ${JSON.stringify(what)}`)
}

async function place(title: string, input: z.input<typeof orderSchema>) {
  console.log(`\n${title}`)
  const running = system.workflows.execute(order, input)
  await clock.advanceSteps(5_000)
  const { status, output, error } = await running
  console.log(` → ${status}: ${output ?? error?.message ?? ''}`)
}

console.log('AN ORDER, STEP BY STEP')
await place('Every point on the way', { items: { lamp: 4_000, bulb: 500 }, wrap: true })

failures = 2
showing.disable()
await place('A big order, and a bank that answers at the third attempt', { items: { sofa: 60_000 } })
await place('An order that is too big', { items: { palace: 900_000 } })
failures = 9
await place('A bank that never answers', { items: { lamp: 4_000 } })
await place('Input that does not fit', { items: { lamp: -1 } })

console.log('\nLed by hand')
failures = 0
const run = system.workflows.start(order, { items: { lamp: 4_000 } }, { paused: true })
system.hooks.register('SequentialStepComplete', ({ step }) => console.log(`   ${step?.name ?? ''} is done`), {
  name: 'done',
  kind: 'observe',
})
while ((await run.step()) === 'paused') console.log('   … somebody has a look')
const { status, output, state } = await run.result
console.log(` → ${status}: ${output ?? ''}; state ${JSON.stringify(state)}`)

await system.stop()

console.log('\nLesson: the output of a step is the input of the next, and between them stand gates that you')
console.log('can name. A retry belongs to a step; pausing and stepping belong to whoever started the run.')
