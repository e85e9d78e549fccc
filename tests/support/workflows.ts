/** What tests of workflows begin with: a system on a test clock, and what was fired. */
import { createSystem } from 'hookchart'
import type { CreateSystemOptions, System } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'

export interface WorkflowBench {
  readonly system: System
  readonly clock: TestClock
  /** `Point`, `Point step` or `Point tool`, in the order in which they fired. */
  readonly fired: string[]
}

/** The points of workflows, those that each write and each boundary fire too. */
export const WORKFLOW_POINTS = [
  ...['BeforeWorkflowStart', 'AfterWorkflowComplete', 'WorkflowError', 'BeforeWorkflowStage', 'AfterWorkflowStage'],
  ...['WorkflowStepError', 'WorkflowStageTransition', 'WorkflowStateChange', 'WorkflowSharedData'],
  ...['SequentialStepStart', 'SequentialStepComplete', 'ConditionEvaluation', 'BranchSelection'],
  ...['LoopIterationStart', 'LoopIterationComplete', 'LoopTermination'],
  ...['ParallelFork', 'ParallelJoin', 'ParallelSynchronization', 'StateConflict', 'OperationSettled'],
]

/** A system whose every workflow point is watched, unless `watch` says otherwise. */
export function bench(options: CreateSystemOptions = {}, watch: readonly string[] = WORKFLOW_POINTS): WorkflowBench {
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), ...options })
  const fired: string[] = []
  if (watch.length > 0) {
    system.hooks.register(
      watch,
      ({ point, step, component }) => {
        const of = step?.name ?? (component.type === 'workflow' ? undefined : component.name)
        fired.push(of === undefined ? point : `${point} ${of}`)
      },
      { name: 'watch', kind: 'observe', priority: 'highest' },
    )
  }
  return { system, clock, fired }
}
