/** What undoes a step, as an operation: the gates round it, and the function behind them. */
import type { WorkflowInfo } from '../../src/hooks/context.ts'
import type { Effect } from '../../src/hooks/operation/effect.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import { operationOrder } from '../../machines/operation/operation-order.ts'
import type { WorkflowDefinition } from '../../machines/workflow/tree.ts'
import { stepGates } from '../../machines/workflow/workflow-machine.ts'
import { ChartedOperation } from '../operation/charted-operation.ts'
import type { Charted } from '../operation/charted-operation.ts'
import { gatesAt } from '../operation/gates-at.ts'
import type { Host } from '../system/host.ts'
import type { StateData } from './shared-state.ts'
import type { StartedStep } from './started-steps.ts'

const { before, after } = stepGates
const BEFORE = before[0].point

/** Makes the operation that undoes a step of a run; hooks see this state. */
export type CompensationStarter = (
  started: StartedStep,
  workflow: WorkflowInfo,
  state: StateData,
) => (effect: Effect) => Startable

/** Prepares what undoes the steps of a workflow, once for all runs. */
export function compensationStarter({ kernel, targets }: Host, definition: WorkflowDefinition): CompensationStarter {
  const { name, component: whole } = definition
  const { points } = kernel.registry
  const isHooked = (point: string) => points.slot(point).chainFor(whole) !== null
  const order = operationOrder({ before, after }, isHooked)
  return ({ step, index, id }, workflow, state) => {
    const component = Object.freeze({ ...whole, id: `${name}/${id}/compensate` })
    const ruled = { component, input: undefined, output: undefined }
    const gates = gatesAt(kernel, ruled, [BEFORE, after])
    const what: Charted = {
      ...{ ...ruled, targets, gates, data: {}, effect: () => undefined },
      ...{ before: gates.get(BEFORE), after: gates.get(after), error: undefined },
      order,
    }
    const { name: called, type, metadata } = step
    const info = { name: called, index, type, action: 'compensate' as const, metadata }
    return (effect) => ({
      component,
      targets,
      begin(fields) {
        fields.operation.state = state
        fields.operation.whereabouts = ({ input, output }) => ({
          workflow,
          step: { ...info, input, ...(output !== undefined && { output }) },
        })
        return new ChartedOperation(fields, what, effect)
      },
    })
  }
}
