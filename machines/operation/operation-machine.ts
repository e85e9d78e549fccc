/** An operation as a machine of its own: what `hooks.wrap` does, drawn; and what runs steps, model calls and components of chains. */
import { setup } from 'xstate'
import { beginOperation } from './operation-context.ts'
import type { OperationContext, OperationInput } from './operation-context.ts'
import { operationParts } from './operation-parts.ts'
import { operationStates } from './operation-states.ts'
import type { OperationGates } from './operation-states.ts'

/**
 * Makes the machine of an operation that passes these gates. It invokes `gate`, `lookUp`, `effect` and `wait`.
 *
 * @example
 * ```ts
 * import { operationMachine } from 'hookchart/machines'
 * const gated = operationMachine('gated', { before: [{ state: 'asking', point: 'BeforeToolExecution' }] })
 * console.assert('asking' in gated.states)
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
