/** How `compile` refuses what its tables cannot run. */
import { HookchartError } from '../../src/errors.ts'

/** COMPILE_UNSUPPORTED: which machine, which state, which feature. */
export function unsupported(machine: string, state: string, feature: string): HookchartError {
  return new HookchartError(
    'COMPILE_UNSUPPORTED',
    `compile: machine "${machine}", state "${state}": ${feature} cannot be compiled. Run the machine with createActor, or change it.`,
    { details: { machine, state, feature } },
  )
}
