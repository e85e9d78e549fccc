/**
 * A mailbox that sorts its letters. Conditions are data or functions, the default branch runs only when nothing else fits, a
 * hook overrules a condition, another one sends a letter to another branch, and one letter may take several ways at once.
 */
import { conditional, createSystem, defineTool, hook, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const mailSchema = z.object({ from: z.string(), subject: z.string(), euros: z.number().optional() })
type Mail = z.output<typeof mailSchema>

const refund = defineTool({
  name: 'refund',
  description: 'gives money back',
  input: z.object({ to: z.string(), euros: z.number() }),
  execute: ({ input }) => `${input.euros} € back to ${input.to}`,
})

const sorting = conditional({
  name: 'sorting',
  input: mailSchema,
  branches: [
    // Listed first, asked last.
    {
      name: 'file',
      isDefault: true,
      steps: [step.run('file', ({ input }: StepCall<Mail>) => `filed: ${input.subject}`)],
    },
    {
      name: 'refund',
      condition: ({ input }) => input.euros !== undefined,
      steps: [
        step.tool('refund', refund, ({ input }: { input: Mail }) => ({ to: input.from, euros: input.euros ?? 0 })),
      ],
    },
    {
      name: 'desk',
      // Data can be drawn, sent and compared; what it reads is the shared state.
      condition: {
        type: 'or',
        conditions: [
          { type: 'shared_data_equals', key: 'day', expected: 'Monday' },
          { type: 'shared_data_exists', key: 'vip' },
        ],
      },
      steps: [
        step.run('greet', ({ input }: StepCall<Mail>) => `Dear ${input.from}`),
        step.run('answer', ({ input }: StepCall<string>) => `${input}, we will call you.`),
      ],
    },
    { name: 'bin', condition: { type: 'never' }, steps: [step.run('bin', () => 'gone')] },
  ],
})

const system = createSystem({ clock: createTestClock(), ids: createTestIds(), workflows: [sorting] })

// What the conditions read is put into the state before they are tested.
system.hooks
  .for(sorting)
  .register(
    'BeforeWorkflowStart',
    ({ data }) => hook.continue({ state: data.input.from === 'Ada' ? { vip: true } : { day: 'Friday' } }),
    { name: 'who_is_it' },
  )
// A hook overrules a condition …
system.hooks.register(
  'ConditionEvaluation',
  ({ data }) => {
    const { from } = data.input as Mail
    return data.branch === 'bin' && from === 'spam' ? hook.replace(true) : undefined
  },
  { name: 'spam_filter' },
)
// … and another one the choice.
system.hooks.register(
  'BranchSelection',
  ({ data }) => (((data.input as Mail).euros ?? 0) > 1_000 ? hook.redirect('desk') : undefined),
  { name: 'big_sums_to_a_person' },
)
system.hooks.register(
  ['ConditionEvaluation', 'BranchSelection'],
  ({ point, data }) => console.log(`   ${point === 'BranchSelection' ? 'takes' : 'asks '} ${data.branch}`),
  { name: 'show', kind: 'observe' },
)

async function sort(mail: Mail) {
  console.log(`\n${mail.from}: ${mail.subject}`)
  const { status, output } = await system.workflows.execute(sorting, mail)
  console.log(` → ${status}: ${output ?? ''}`)
}

console.log('A MAILBOX THAT SORTS')
await sort({ from: 'Bob', subject: 'Happy birthday' })
await sort({ from: 'Bob', subject: 'The lamp was broken', euros: 20 })
await sort({ from: 'Ada', subject: 'A question' })
await sort({ from: 'spam', subject: 'You have won' })
await sort({ from: 'Bob', subject: 'The palace was broken', euros: 900_000 })

console.log('\nAll that match, instead of the first')
const labels = conditional({
  name: 'labels',
  input: mailSchema,
  executeAllMatching: true,
  branches: [
    { name: 'money', condition: ({ input }) => input.euros !== undefined, steps: [step.run('money', () => '€')] },
    { name: 'urgent', condition: ({ input }) => input.subject.endsWith('!'), steps: [step.run('urgent', () => 'now')] },
    { name: 'plain', isDefault: true, steps: [step.run('plain', () => '-')] },
  ],
})
const { output } = await system.workflows.execute(labels, { from: 'Bob', subject: 'Pay me!', euros: 5 })
console.log(` → ${JSON.stringify(output)}`)

await system.stop()

console.log('\nLesson: conditions are asked in order and can be overruled by hooks, one by one. A default')
console.log('branch is what happens when nothing else does, wherever it is written.')
