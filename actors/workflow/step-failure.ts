/** The error of a workflow that one of its steps has ended: that of the step, and where it was. */
import { HookchartError } from '../../src/errors.ts'
import type { WorkflowInfo } from '../../src/hooks/context.ts'
import type { StepPlace } from './step-place.ts'

/** A step that has ended its workflow. */
export interface FailedStep {
  readonly workflow: Pick<WorkflowInfo, 'name' | 'pattern'>
  readonly step: string
  readonly place: StepPlace
  /** refused: hooks did not let it run. */
  readonly type: 'failed' | 'refused'
}

/** Keeps the code and the cause. A refusal says itself who refused what. */
export function failureAt({ workflow, step, place, type }: FailedStep, error: HookchartError): HookchartError {
  const { code, name, retryable, details, cause = error } = error
  const message =
    type === 'failed'
      ? `Workflow "${workflow.name}" failed at ${inWords(step, place)}: ${error.message}`
      : error.message
  const at = { workflow: workflow.name, pattern: workflow.pattern, step, ...place }
  // What a workflow inside it says of itself is not said of this one.
  const known = 'workflow' in details || 'undone' in details ? { inner: details } : details
  return new HookchartError(code, message, { name, retryable, cause, details: { ...known, ...at } })
}

function inWords(step: string, { branch, iteration }: StepPlace): string {
  if (branch !== undefined) return `step "${step}" of branch "${branch}"`
  return iteration === undefined ? `step "${step}"` : `step "${step}" of iteration ${String(iteration)}`
}
