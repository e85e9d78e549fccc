/** Running the chart of an operation flat: compiled once for each component, one small record a run. */
import type { AnyStateMachine } from 'xstate'
import { compile } from '../../machines/compiled/compile.ts'
import type { OperationInput } from '../../machines/operation/operation-context.ts'
import type { Charted } from './charted-operation.ts'

/** Starts runs of a machine that is made of the states of an operation, whose gates are passed over where `isHooked` says that nobody waits there. */
export function chartRunner(machine: AnyStateMachine, isHooked: (point: string) => boolean): Charted['start'] {
  const logic = compile(machine, {
    guards: { hooked: (_: unknown, { point }: { readonly point: string }) => isHooked(point) } as object,
  })
  return (input: OperationInput, effects, onEnd) => {
    logic.run({
      input,
      effects: effects as object as Record<string, () => unknown>,
      onEnd: (run) => {
        onEnd(run.error)
      },
    })
  }
}
