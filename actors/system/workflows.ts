/** `system.workflows`. */
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import { parseExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { ExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { CallTarget } from '../../machines/call.ts'
import type { WorkflowDefinition } from '../../machines/workflow/tree.ts'
import { cancelReason } from './cancel-reason.ts'
import { RunControl } from '../workflow/run-control.ts'
import type { StartableWorkflow } from '../workflow/workflow-runner.ts'
import type { Components } from './components.ts'

/** Options of `workflows.start`. */
export interface StartOptions extends ExecuteOptions {
  /** Whether it stands in front of its first step until `resume` or `step`; default false. */
  readonly paused?: boolean
}

/** A run of a workflow that can be steered. */
export interface WorkflowRun<Output = unknown> {
  /** That of its operation, and of its RunResult. */
  readonly id: string
  /** pausing: it is to pause and has not come to a boundary yet. An approval that is waited for is no boundary. */
  readonly status: 'running' | 'pausing' | 'paused' | 'ended'
  /** Never rejects. */
  readonly result: Promise<RunResult<Output>>
  /** Pauses in front of the next step, in each branch. False when the run has ended. Deadlines stand still meanwhile. */
  pause(): boolean
  /** Goes on. False when the run has ended, or was not to pause. */
  resume(): boolean
  /** Aborts it; the result is `cancelled`. False when the run has ended. */
  cancel(reason?: string): boolean
  /** Lets one step begin, the first that waits. Tells whether the run stands in front of another one then, or has ended. */
  step(): Promise<'paused' | 'ended'>
}

/**
 * The workflows of a system.
 *
 * Points fire in this order. BeforeWorkflowStart; then what the pattern has; then AfterWorkflowComplete, or WorkflowError and
 * AfterWorkflowComplete, or, when it is cancelled or refused, AfterWorkflowComplete alone; OperationSettled last. Round each step:
 * (SequentialStepStart), BeforeWorkflowStage, the step, WorkflowStateChange and WorkflowSharedData for each key that it has changed,
 * AfterWorkflowStage, (SequentialStepComplete), or WorkflowStepError for each attempt that failed; OperationSettled of the step.
 * WorkflowStageTransition between two steps. Conditional: ConditionEvaluation for each test, BranchSelection, the branch. Loop:
 * LoopIterationStart, the body, LoopIterationComplete for each iteration that runs, LoopTermination at the end, however it ends.
 * Parallel: ParallelFork, the branches, ParallelSynchronization for each, StateConflict, ParallelJoin.
 */
export interface Workflows {
  /** Makes workflows known by their names. Throws DUPLICATE_COMPONENT, UNKNOWN_COMPONENT. */
  register(...workflows: readonly WorkflowDefinition[]): void
  get(name: string): WorkflowDefinition | undefined
  list(): readonly WorkflowDefinition[]
  /** Executes a workflow: by definition typed, by name not. Rejects for misuse only: UNKNOWN_COMPONENT, INVALID_OPTIONS, HOOKS_STOPPED. */
  execute<Input, Output>(
    workflow: CallTarget<'workflow', Input, Output>,
    input: NoInfer<Input>,
    options?: ExecuteOptions,
  ): Promise<RunResult<Output>>
  execute(name: string, input?: unknown, options?: ExecuteOptions): Promise<RunResult>
  /** Starts a workflow and gives the run at once. Throws what `execute` rejects with. */
  start<Input, Output>(
    workflow: CallTarget<'workflow', Input, Output>,
    input: NoInfer<Input>,
    options?: StartOptions,
  ): WorkflowRun<Output>
  start(name: string, input?: unknown, options?: StartOptions): WorkflowRun
}

const startSchema = z.looseObject({ paused: z.boolean().default(false) })

/** Makes workflows known; what their steps name must be known by then. */
export function registerWorkflows(
  components: Components,
  workflows: readonly WorkflowDefinition[],
  where: string,
): void {
  for (const workflow of workflows) components.startableOf(workflow)
  for (const workflow of workflows) components.register(workflow, where)
}

/** The workflows of a system, over what it knows. */
export function workflowsOf(components: Components): Workflows {
  const start = (given: unknown, input: unknown, options: StartOptions = {}): WorkflowRun => {
    const workflow = components.resolve('workflow', given as WorkflowDefinition | string, 'workflows.start')
    const { paused, ...rest } = parseOptions(startSchema, options, 'workflows.start')
    const control = new RunControl(paused)
    const parsed = parseExecuteOptions(rest, workflow.name)
    const startable = (components.startableOf(workflow) as StartableWorkflow).under(control)
    const result = Promise.resolve(components.begin(startable, input, parsed))
    void result.then(() => {
      control.end()
    })
    return {
      get id() {
        return control.id as string
      },
      get status() {
        return control.status
      },
      result,
      pause: () => control.pause(),
      resume: () => control.resume(),
      cancel: (reason) => control.cancel(cancelReason(reason, 'run.cancel')),
      step: () => control.step(),
    }
  }
  return {
    register: (...given) => {
      registerWorkflows(components, given, 'workflows.register')
    },
    get: (name) => components.get('workflow', name),
    list: () => components.list('workflow'),
    execute: async (given: unknown, input: unknown, options?: ExecuteOptions) => {
      const workflow = components.resolve('workflow', given as WorkflowDefinition | string, 'workflows.execute')
      return (await components.execute(workflow, input, parseExecuteOptions(options, workflow.name))) as never
    },
    start: start,
  }
}
