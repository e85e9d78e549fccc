/** Why a run is cancelled, as whoever cancels it says. */
import { HookchartError, nameOf } from '../../src/errors.ts'

/** The reason as an error, which the run is aborted with; undefined when none is given. Throws INVALID_OPTIONS. */
export function cancelReason(given: unknown, where: string): Error | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'string') return new Error(given)
  throw new HookchartError('INVALID_OPTIONS', `${where}: the reason is ${nameOf(given)}. Give a text.`, {
    details: { where, flaws: [{ path: 'reason', problem: 'expected a text' }] },
  })
}
