/** An operation as a machine of its own: what `hooks.wrap` does, drawn; and the order that steps, model calls and components of chains follow. */
import { setup } from 'xstate'
import { beginOperation } from './operation-context.ts'
import type { OperationContext, OperationInput } from './operation-context.ts'
import { operationParts } from './operation-parts.ts'
import { operationStates } from './operation-states.ts'
import type { OperationGates } from './operation-states.ts'

/**
 * Makes the machine of an operation that passes these gates. It invokes `gate`, `lookUp`, `effect` and `wait`, each of
 * which tells an outcome; whoever runs it provides them.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { operationMachine } from 'hookchart/machines'
 * const step = operationMachine('step', { before: [{ state: 'beforeStep', point: 'BeforeWorkflowStage' }], error: 'WorkflowStepError' })
 * console.assert(toMermaid(step).includes('beforeStep'))
 * ```
 */
export function operationMachine(id: string, gates: OperationGates) {
  return setup({
    types: { context: {} as OperationContext, input: {} as OperationInput },
    // Their types are those of the states, which are made for any machine.
    ...(operationParts as object),
  }).createMachine({
    id,
    version: '1',
    context: ({ input }) => beginOperation(input),
    initial: 'entering',
    states: { ...operationStates(gates), ended: { type: 'final' } },
  })
}
