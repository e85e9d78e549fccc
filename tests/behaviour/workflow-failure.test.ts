/** What the error of a workflow says of the step that ended it. */
import { conditional, defineTool, hook, loop, sequential, step } from 'hookchart'
import type { Step, WorkflowDefinition } from 'hookchart/machines'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { bench } from '../support/workflows.ts'

const why = Object.assign(new Error('boom'), { code: 'NO_ROUTE' })
const bad = step.run('bad', () => {
  throw why
})
const line = (name: string, ...steps: Step[]) => sequential({ name, steps: [step.run('good', () => 1), ...steps] })

async function errorOf(workflow: WorkflowDefinition) {
  const { system } = bench({}, [])
  return (await system.workflows.execute(workflow, 1)).error
}

test('it names the step and the workflow, and keeps the code and the cause', async () => {
  const error = await errorOf(line('w', bad))
  expect(error).toMatchObject({ code: 'NO_ROUTE', message: 'Workflow "w" failed at step "bad": boom' })
  expect(error?.cause).toBe(why)
  expect(error?.details).toEqual({ workflow: 'w', pattern: 'sequential', step: 'bad' })
})

test.each<[WorkflowDefinition, string, object]>([
  [
    conditional({ name: 'w', branches: [{ name: 'x', condition: { type: 'always' }, steps: [bad] }] }),
    'of branch "x"',
    { pattern: 'conditional', branch: 'x' },
  ],
  [
    loop({
      name: 'w',
      iterator: { range: { end: 9 } },
      body: [step.run('bad', ({ input }) => (input === 2 ? Promise.reject(why) : 1))],
    }),
    'of iteration 2',
    { pattern: 'loop', iteration: 2 },
  ],
])('and where in the pattern it was', async (workflow, where, details) => {
  const error = await errorOf(workflow)
  expect(error?.message).toBe(`Workflow "w" failed at step "bad" ${where}: boom`)
  expect(error?.details).toEqual({ workflow: 'w', step: 'bad', ...details })
})

test('the details of the step stay; without a cause its own error is the cause', async () => {
  const tool = defineTool({ name: 'tool', description: 'takes text', input: z.string(), execute: () => 1 })
  const error = await errorOf(line('w', step.tool('call', tool as never)))
  expect(error).toMatchObject({ code: 'INVALID_INPUT', cause: { code: 'INVALID_INPUT' } })
  expect(error?.details).toMatchObject({ component: 'tool', step: 'call', workflow: 'w' })
  expect(error?.message).toContain('failed at step "call": The input of tool does not fit')
})

test('a workflow inside it says for itself where it was', async () => {
  const error = await errorOf(line('outer', step.workflow('run it', line('inner', bad))))
  expect(error?.message).toBe('Workflow "outer" failed at step "run it": Workflow "inner" failed at step "bad": boom')
  expect(error?.details).toEqual({
    ...{ workflow: 'outer', pattern: 'sequential', step: 'run it' },
    inner: { workflow: 'inner', pattern: 'sequential', step: 'bad' },
  })
  expect(error?.cause).toBe(why)
})

test('what inside it was undone is not said to be its own', async () => {
  const { system, clock } = bench({}, [])
  const slow = step.run('slow', () => new Promise(() => undefined), { compensate: () => undefined })
  const inner = sequential({ name: 'inner', timeoutMs: 10, steps: [slow] })
  const running = system.workflows.execute(line('outer', step.workflow('run it', inner)), 1)
  await clock.advanceSteps(10)
  expect((await running).error?.details).toMatchObject({ step: 'run it', inner: { undone: ['slow'] } })
  expect((await running).error?.details).not.toHaveProperty('undone')
})

test('a refusal says itself who refused what; its details have the step', async () => {
  const { system } = bench({}, [])
  system.hooks.register('BeforeWorkflowStage', () => hook.cancel('not now'), { name: 'guard' })
  const { status, error } = await system.workflows.execute(sequential({ name: 'w', steps: [bad] }), 1)
  expect(status).toBe('cancelled')
  expect(error?.message).toBe('w was cancelled by hook "guard" at BeforeWorkflowStage: not now')
  expect(error?.details).toMatchObject({ hook: 'guard', reason: 'not now', workflow: 'w', step: 'bad' })
})
