/** An operation as a machine of its own: what `hooks.wrap` does, drawn. */
import { setup } from 'xstate'
import { beginOperation } from './operation-context.ts'
import type { OperationContext } from './operation-context.ts'
import { operationParts } from './operation-parts.ts'
import { operationStates } from './operation-states.ts'
import type { OperationPoints } from './operation-states.ts'

/** What an operation invokes; provided by who runs it. */
export type OperationEffect = 'gate' | 'lookUp' | 'effect' | 'wait'

/** Makes the machine of an operation that passes these points. */
export function operationMachine(id: string, points: OperationPoints) {
  return setup({
    types: {
      context: {} as OperationContext,
      input: {} as { readonly input: unknown },
      output: {} as OperationContext,
    },
    // Their types are those of the states, which are made for any machine.
    ...(operationParts as object),
  }).createMachine({
    id,
    version: '1',
    context: ({ input }) => beginOperation(input.input),
    initial: 'before',
    states: { ...operationStates(points, '#ended'), ended: { id: 'ended', type: 'final' } },
    output: ({ context }) => context,
  })
}
