/** What a system runs a workflow with. */
import type { Startable } from '../../src/hooks/operation/executable.ts'
import type { WorkflowDefinition } from '../../machines/workflow/tree.ts'
import type { Host } from '../system/host.ts'
import type { RunControl } from './run-control.ts'
import { WorkflowOperation } from './workflow-operation.ts'
import { workflowParts } from './workflow-parts.ts'

/** A workflow that can be started, and be steered from outside. */
export interface StartableWorkflow extends Startable {
  under(control: RunControl): Startable
}

/** Makes a workflow startable in a system. Throws UNKNOWN_COMPONENT for steps that the system cannot run. */
export function workflowRunner(host: Host, definition: WorkflowDefinition): StartableWorkflow {
  const parts = workflowParts(host, definition)
  const { component } = definition
  const { targets } = host
  const startable = (control?: RunControl): Startable => ({
    ...{ component, targets },
    begin: (fields) => new WorkflowOperation(fields, parts, control),
  })
  return { ...startable(), under: startable }
}
