/** Row 2: the 14 phases of workflows, observed in their order, for every pattern and every ending. */
import { conditional, hook, loop, parallel, sequential, step } from 'hookchart'
import type { Step, WorkflowDefinition } from 'hookchart'
import { expect, test } from 'vitest'
import { bench } from '../support/workflows.ts'

const POINTS = [
  ...[
    'BeforeWorkflowStart',
    'AfterWorkflowComplete',
    'WorkflowStageTransition',
    'WorkflowStateChange',
    'WorkflowSharedData',
  ],
  ...['ConditionEvaluation', 'BranchSelection', 'LoopIterationStart', 'LoopIterationComplete', 'LoopTermination'],
  ...['ParallelFork', 'ParallelJoin', 'ParallelSynchronization', 'WorkflowError'],
]

type Ending = 'completed' | 'failed' | 'timed_out' | 'cancelled'
const ENDINGS: readonly Ending[] = ['completed', 'failed', 'timed_out', 'cancelled']

/** The first step writes, the second ends the workflow as it is asked to. */
const stepsFor = (ending: Ending): [Step, Step] => [
  step.run('write', ({ state }) => void (state['x'] = 1)),
  step.run('end', () => {
    if (ending === 'failed') throw new Error('boom')
    return ending === 'completed' ? 1 : new Promise(() => {})
  }),
]

const workflows: Record<string, (ending: Ending) => WorkflowDefinition> = {
  sequential: (ending) => sequential({ name: 'w', timeoutMs: 100, steps: stepsFor(ending) }),
  conditional: (ending) =>
    conditional({
      name: 'w',
      timeoutMs: 100,
      branches: [
        {
          name: 'it',
          condition: { type: 'not', condition: { type: 'shared_data_exists', key: 'y' } },
          steps: stepsFor(ending),
        },
      ],
    }),
  loop: (ending) =>
    loop({ name: 'w', timeoutMs: 100, iterator: { while: '$iteration < 1 && $state.y != 1' }, body: stepsFor(ending) }),
  parallel: (ending) => parallel({ name: 'w', timeoutMs: 100, branches: [{ name: 'it', steps: stepsFor(ending) }] }),
}

const steps = ['WorkflowStateChange', 'WorkflowSharedData', 'WorkflowStageTransition']
const opening: Record<string, string[]> = {
  sequential: ['BeforeWorkflowStart', ...steps],
  conditional: ['BeforeWorkflowStart', 'ConditionEvaluation', 'WorkflowSharedData', 'BranchSelection', ...steps],
  loop: ['BeforeWorkflowStart', 'WorkflowSharedData', 'LoopIterationStart', ...steps],
  parallel: ['BeforeWorkflowStart', 'ParallelFork', ...steps],
}
const between: Record<string, Record<Ending, string[]>> = {
  sequential: { completed: [], failed: [], timed_out: [], cancelled: [] },
  conditional: { completed: [], failed: [], timed_out: [], cancelled: [] },
  loop: {
    // The test that ends the loop reads as well.
    completed: ['LoopIterationComplete', 'WorkflowSharedData', 'LoopTermination'],
    failed: ['LoopTermination'],
    timed_out: ['LoopTermination'],
    cancelled: ['LoopTermination'],
  },
  parallel: {
    completed: ['ParallelSynchronization', 'ParallelJoin'],
    failed: ['ParallelSynchronization'],
    timed_out: [],
    cancelled: [],
  },
}

test.each(Object.keys(workflows).flatMap((pattern) => ENDINGS.map((ending) => [pattern, ending] as const)))(
  'row 2: %s, %s',
  async (pattern, ending) => {
    const { system, clock, fired } = bench({}, [])
    for (const point of POINTS)
      system.hooks.register(point, () => void fired.push(point), { name: point, kind: 'observe' })
    const run = system.workflows.start(workflows[pattern]!(ending), undefined)
    await clock.settle()
    if (ending === 'cancelled') run.cancel()
    await clock.advanceSteps(200)
    expect((await run.result).status).toBe(ending)
    const hasError = ending === 'failed' || ending === 'timed_out'
    expect(fired).toEqual([
      ...opening[pattern]!,
      ...between[pattern]![ending],
      ...(hasError ? ['WorkflowError'] : []),
      'AfterWorkflowComplete',
    ])
  },
)

test.each(Object.keys(workflows))('%s: refused before it starts, only its end is told', async (pattern) => {
  const { system, fired } = bench()
  system.hooks.register('BeforeWorkflowStart', () => hook.cancel('no'), { name: 'no' })
  expect(await system.workflows.execute(workflows[pattern]!('completed'), undefined)).toMatchObject({
    status: 'cancelled',
  })
  expect(fired).toEqual(['BeforeWorkflowStart', 'AfterWorkflowComplete', 'OperationSettled'])
})

test('every operation of a workflow is entered and settled once, children before their parents', async () => {
  const { system } = bench({}, [])
  const settled: string[] = []
  system.hooks.register(
    'OperationSettled',
    ({ step: at, data }) => void settled.push(`${at?.name ?? 'whole'} ${data.status}`),
    { name: 'settled', kind: 'observe' },
  )
  const inner = parallel({ name: 'inner', branches: [{ name: 'a', steps: stepsFor('completed') }] })
  await system.workflows.execute(sequential({ name: 'outer', steps: [step.workflow('inner', inner)] }), undefined)
  expect(settled).toEqual(['write completed', 'end completed', 'whole completed', 'inner completed', 'whole completed'])
})
