/** The machine of any workflow, and that of a step. */
import { operationMachine } from '../operation/operation-machine.ts'
import type { OperationGates } from '../operation/operation-states.ts'
import { conditionalMachine } from './conditional-machine.ts'
import { loopMachine } from './loop-machine.ts'
import { parallelMachine } from './parallel-machine.ts'
import { sequentialMachine } from './sequential-machine.ts'
import type { WorkflowDefinition } from './tree.ts'

/** The gates of a workflow itself, round its pattern. */
export const workflowGates = {
  before: [{ state: 'before', point: 'BeforeWorkflowStart' }],
  after: 'AfterWorkflowComplete',
  error: 'WorkflowError',
} as const satisfies OperationGates

/** The gates of a step. */
export const stepGates = {
  before: [{ state: 'beforeStep', point: 'BeforeWorkflowStage' }],
  after: 'AfterWorkflowStage',
  error: 'WorkflowStepError',
} as const satisfies OperationGates

/** The gates of a step of a sequence: those of sequences lie outside. */
export const sequentialStepGates = {
  ...stepGates,
  before: [{ state: 'starting', point: 'SequentialStepStart' }, ...stepGates.before],
  last: { state: 'completing', point: 'SequentialStepComplete' },
} as const satisfies OperationGates

/**
 * What every step goes through: `beforeStep`, the step, `after` or `error`. The machine of a workflow invokes it as `step`.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { stepMachine } from 'hookchart/machines'
 * console.assert(toMermaid(stepMachine).includes('beforeStep'))
 * ```
 */
export const stepMachine = operationMachine('step', stepGates)

/**
 * What the steps of a sequence go through: SequentialStepStart, BeforeWorkflowStage, the step, AfterWorkflowStage, SequentialStepComplete;
 * or WorkflowStepError when it failed.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { sequentialStepMachine } from 'hookchart/machines'
 * console.assert(toMermaid(sequentialStepMachine).includes('completing'))
 * ```
 */
export const sequentialStepMachine = operationMachine('sequentialStep', sequentialStepGates)

/**
 * The machine of a workflow: its steps as states, named like them. It is the machine that runs.
 *
 * @example
 * ```ts
 * import { loop, step } from 'hookchart'
 * import { workflowMachine } from 'hookchart/machines'
 * const thrice = loop({ name: 'thrice', iterator: { range: { end: 3 } }, body: [step.run('say', () => 1)] })
 * console.assert(workflowMachine(thrice).id === 'thrice')
 * ```
 */
export function workflowMachine(workflow: WorkflowDefinition) {
  switch (workflow.pattern) {
    case 'sequential':
      return sequentialMachine(workflow)
    case 'conditional':
      return conditionalMachine(workflow)
    case 'loop':
      return loopMachine(workflow)
    case 'parallel':
      return parallelMachine(workflow)
  }
}
