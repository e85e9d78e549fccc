/** Sequential workflows: order, outputs, errors, state. */
import { defineTool, hook, sequential, step } from 'hookchart'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { bench } from '../support/workflows.ts'

const fails = () => {
  throw new Error('boom')
}
const wordCount = defineTool({
  name: 'word_count',
  description: 'counts words',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
  execute: ({ input }) => ({ words: input.text.split(' ').length }),
})
const report = sequential({
  name: 'report',
  input: z.object({ text: z.string() }),
  steps: [
    step.tool('count', wordCount),
    step.run('double', ({ input, state }: { input: { words: number }; state: Record<string, unknown> }) => {
      state['words'] = input.words
      return input.words * 2
    }),
  ],
})

test('row 8: steps call what they name; each is given the output of the one before', async () => {
  const { system } = bench({}, [])
  const result = await system.workflows.execute(report, { text: 'to be or' })
  expect(result).toMatchObject({ status: 'completed', output: 6, state: { words: 3 }, attempts: 1 })
})

test('all points of a sequence fire, in the documented order', async () => {
  const { system, fired } = bench()
  await system.workflows.execute(report, { text: 'to be or' })
  expect(fired).toEqual([
    'BeforeWorkflowStart',
    'SequentialStepStart count',
    'BeforeWorkflowStage count',
    'AfterWorkflowStage count',
    'SequentialStepComplete count',
    'OperationSettled count',
    'WorkflowStageTransition count',
    'SequentialStepStart double',
    'BeforeWorkflowStage double',
    'WorkflowStateChange double',
    'WorkflowSharedData double',
    'AfterWorkflowStage double',
    'SequentialStepComplete double',
    'OperationSettled double',
    'AfterWorkflowComplete',
    'OperationSettled',
  ])
})
