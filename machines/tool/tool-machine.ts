/** The execution of a tool as a machine: what is checked before it runs, the operation, and that its slot is given back. */
import { setup } from 'xstate'
import { beginOperation } from '../operation/operation-context.ts'
import type { OperationContext, OperationInput } from '../operation/operation-context.ts'
import { operationParts } from '../operation/operation-parts.ts'
import { operationStates } from '../operation/operation-states.ts'
import type { OperationGates } from '../operation/operation-states.ts'

/** The gates of every tool, in order. */
export const toolGates = {
  before: [
    { state: 'validating', point: 'ToolValidation' },
    { state: 'checkingSecurity', point: 'ToolSecurityCheck', checks: true },
    { state: 'allocating', point: 'ToolResourceAllocated' },
    { state: 'before', point: 'BeforeToolExecution' },
  ],
  after: 'AfterToolExecution',
  error: 'ToolError',
  timeout: 'ToolTimeout',
  queues: true,
} as const satisfies OperationGates

const states: Record<string, object> = {
  ...operationStates({ ...toolGates, ended: 'releasing' }),
  releasing: { invoke: { id: 'release', src: 'release', onDone: 'settled' } },
  settled: { type: 'final' },
}

/**
 * The execution of a tool. It invokes `gate`, `lookUp`, `queue`, `effect` and `wait`, each of which tells an outcome,
 * and `release` in the end, however it ended.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { toolMachine } from 'hookchart/machines'
 * console.assert(toMermaid(toolMachine).includes('checkingSecurity'))
 * ```
 */
export const toolMachine = setup({
  types: { context: {} as OperationContext, input: {} as OperationInput },
  // Their types are those of the states, which are made for any machine.
  ...(operationParts as object),
}).createMachine({
  id: 'tool',
  version: '1',
  context: ({ input }) => beginOperation(input),
  initial: 'entering',
  states,
})
