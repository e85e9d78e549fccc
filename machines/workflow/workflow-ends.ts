/** How the machines of all workflows begin and end. */

/** What the machine of a workflow is begun with. */
export interface WorkflowMachineInput {
  /** What the input schema of the workflow made of the input. */
  readonly input: unknown
}

/** The names of the states in which a workflow may end. */
export const END_NAMES = ['ending', 'completed', 'partial', 'failed', 'cancelled'] as const

/** The states in which a workflow ends. Targets in them are ids, so that they can be reached from anywhere. */
export const workflowEnds: Record<string, object> = {
  ending: { id: 'ending', always: [{ guard: 'isPartial', target: 'partial' }, { target: 'completed' }] },
  completed: { type: 'final' },
  partial: { type: 'final' },
  failed: { id: 'failed', type: 'final' },
  cancelled: { id: 'cancelled', type: 'final' },
}
