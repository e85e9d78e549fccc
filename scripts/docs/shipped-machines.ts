/** The machines that have a page in `docs/machines`: a line for each. */
import { breakerMachine, sheddingMachine, toolMachine } from 'hookchart/machines'
import type { AnyStateMachine } from 'xstate'

/** A machine and where it stands. */
export interface ShippedMachine {
  readonly machine: AnyStateMachine
  readonly source: string
}

export const shippedMachines: readonly ShippedMachine[] = [
  { machine: breakerMachine, source: 'machines/breaker/breaker-machine.ts' },
  { machine: sheddingMachine, source: 'machines/shedding/shedding-machine.ts' },
  { machine: toolMachine, source: 'machines/tool/tool-machine.ts' },
]
