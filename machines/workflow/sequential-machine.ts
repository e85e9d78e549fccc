/** A sequential workflow as a machine: its steps, one after another. */
import { setup } from 'xstate'
import { beginLane, laneParts, laneStates } from './lane.ts'
import type { LanesContext } from './lane.ts'
import type { SequentialWorkflow } from './tree.ts'
import { workflowEnds } from './workflow-ends.ts'
import type { WorkflowMachineInput } from './workflow-ends.ts'

/**
 * Makes the machine of a sequential workflow. It invokes `step` and `gate`.
 *
 * @example
 * ```ts
 * import { sequential, step } from 'hookchart'
 * import { sequentialMachine } from 'hookchart/machines'
 * const report = sequential({ name: 'report', steps: [step.run('count', () => 1), step.run('write', () => 2)] })
 * console.assert('count' in sequentialMachine(report).states)
 * ```
 */
export function sequentialMachine({ name, steps, onError }: SequentialWorkflow) {
  const ends = { completed: 'ending', failed: 'failed', cancelled: 'cancelled' }
  const { initial, states } = laneStates('steps', steps, ends, onError)
  return setup({
    types: { context: {} as LanesContext, input: {} as WorkflowMachineInput },
    // Their types are those of the states, which are made for any workflow.
    ...(laneParts as object),
  }).createMachine({
    id: name,
    version: '1',
    context: ({ input }) => ({ lanes: { steps: beginLane(input.input) } }),
    initial,
    states: { ...states, ...workflowEnds },
  })
}
