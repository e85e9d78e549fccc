/** Redirects in workflows: jumps to other steps, and ordinary ones to other components. */
import { defineTool, hook, sequential, step } from 'hookchart'
import type { HookResult } from 'hookchart'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { bench } from '../support/workflows.ts'

const abc = sequential({
  name: 'abc',
  steps: [
    step.run('a', ({ input }: { input: string }) => `${input}a`),
    step.run('b', ({ input }: { input: string }) => `${input}b`),
    step.run('c', ({ input }: { input: string }) => `${input}c`),
  ],
})
const away = defineTool({
  name: 'away',
  description: 'elsewhere',
  input: z.string(),
  execute: ({ input }) => `${input}!`,
})

/** What `abc` gives with one redirect at a point, at a step. */
async function redirected(point: string, at: string, target: string, times = 1) {
  const { system, fired } = bench({ tools: [away] })
  let left = times
  system.hooks.register(
    point as 'BeforeWorkflowStage',
    ({ step: on }): HookResult | undefined =>
      on?.name === at && left-- > 0 ? (hook.redirect(target) as HookResult) : undefined,
    { name: 'sends' },
  )
  return { result: await system.workflows.execute(abc, '>'), fired }
}

test('a redirect before a step is a jump: that step does not run, nor do those in between; the input is the same', async () => {
  const { result, fired } = await redirected('BeforeWorkflowStage', 'a', 'c')
  expect(result).toMatchObject({ status: 'completed', output: '>c' })
  expect(fired).not.toContain('AfterWorkflowStage a')
  expect(fired).not.toContain('BeforeWorkflowStage b')
  expect(fired).toContain('OperationSettled a')
  expect(fired.filter((each) => each === 'AfterWorkflowComplete')).toHaveLength(1)
})

test.each([
  ['SequentialStepStart', 'a', 'c', '>c'],
  ['AfterWorkflowStage', 'a', 'c', '>ac'],
  ['SequentialStepComplete', 'a', 'c', '>ac'],
  ['WorkflowStageTransition', 'a', 'c', '>ac'],
  ['WorkflowStageTransition', 'b', 'a', '>ababc'],
  ['AfterWorkflowStage', 'c', 'b', '>abcbc'],
])('a redirect at %s of %s to %s', async (point, at, target, output) => {
  expect((await redirected(point, at, target)).result).toMatchObject({ status: 'completed', output })
})

test('to another component it is an ordinary redirect: its result is that of the step', async () => {
  expect((await redirected('BeforeWorkflowStage', 'b', 'away')).result).toMatchObject({
    status: 'completed',
    output: '>a!c',
  })
  expect((await redirected('AfterWorkflowStage', 'b', 'away')).result).toMatchObject({
    status: 'completed',
    output: '>ab!c',
  })
})

test('after a failure a jump recovers: the workflow is completed', async () => {
  const { system } = bench({}, [])
  const recovers = sequential({
    name: 'recovers',
    steps: [
      step.run('bad', () => {
        throw new Error('boom')
      }),
      step.run('skipped', () => 'no'),
      step.run('rescue', ({ input }) => ['rescued', input]),
    ],
  })
  system.hooks.register('WorkflowStepError', () => hook.redirect('rescue'), { name: 'rescues' })
  expect(await system.workflows.execute(recovers, 1)).toMatchObject({ status: 'completed', output: ['rescued', 1] })
})

test.each(['BeforeWorkflowStage', 'WorkflowStageTransition'])(
  'an unknown target at %s fails the run, naming what there is',
  async (point) => {
    const { result } = await redirected(point, 'b', 'nowhere')
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'UNKNOWN_TARGET', details: { target: 'nowhere', point } },
    })
    expect(result.error?.details['known']).toEqual(expect.arrayContaining(['a', 'b', 'c']))
  },
)

test.each(['AfterWorkflowStage', 'WorkflowStageTransition'])(
  'jumps back at %s are bounded by maxRedirects',
  async (point) => {
    const { result, fired } = await redirected(point, 'b', 'a', Infinity)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'REDIRECT_LIMIT', details: { limit: 8 } } })
    expect(fired.filter((each) => each === 'BeforeWorkflowStage a')).toHaveLength(9)
  },
)

test('between two steps hooks change what is handed on, cancel, and suspend', async () => {
  const { system, clock } = bench({}, [])
  const added = system.hooks.register(
    'WorkflowStageTransition',
    ({ data }) => hook.modified({ input: `${String(data.input)}(${data.from}-${data.next})` }),
    { name: 'edits' },
  )
  expect(await system.workflows.execute(abc, '>')).toMatchObject({ output: '>a(a-b)b(b-c)c' })
  added.unregister()
  const off = system.hooks.register('WorkflowStageTransition', () => hook.cancel('enough'), { name: 'stops' })
  expect(await system.workflows.execute(abc, '>')).toMatchObject({
    status: 'cancelled',
    error: { code: 'HOOK_CANCELLED', details: { hook: 'stops', point: 'WorkflowStageTransition', reason: 'enough' } },
  })
  off.unregister()
  system.hooks.register(
    'WorkflowStageTransition',
    ({ data }) => (data.from === 'a' ? hook.suspend({ question: 'go on?' }) : undefined),
    { name: 'asks' },
  )
  const running = system.workflows.execute(abc, '>')
  await clock.advanceSteps(400_000)
  const [pending] = system.approvals.pending()
  expect(pending).toMatchObject({ point: 'WorkflowStageTransition', request: { question: 'go on?' } })
  void system.approvals.resume(pending!.id, hook.modified({ input: 'x' }))
  expect(await running).toMatchObject({ status: 'completed', output: 'xbc' })
  const refused = system.workflows.execute(abc, '>')
  await clock.settle()
  void system.approvals.reject(system.approvals.pending()[0]!.id)
  expect(await refused).toMatchObject({ status: 'cancelled', error: { code: 'APPROVAL_REJECTED' } })
})
