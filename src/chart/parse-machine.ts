/** What is given to be drawn or searched is a machine; most often it is the function that would have made one. */
import type { AnyStateMachine } from 'xstate'
import { HookchartError, nameOf } from '../errors.ts'

/** Gives the machine; throws INVALID_OPTIONS. */
export function parseMachine(given: unknown, where: string): AnyStateMachine {
  if (typeof given === 'object' && given !== null && 'root' in given && 'config' in given)
    return given as AnyStateMachine
  const problem =
    typeof given === 'function'
      ? `the machine is the function ${nameOf(given.name || 'without a name')}. Call it first: it makes a machine`
      : `the machine is ${nameOf(given)}. Give what createMachine gave`
  throw new HookchartError('INVALID_OPTIONS', `${where}: ${problem}.`, {
    details: { where, flaws: [{ path: 'machine', problem: 'expected a machine' }] },
  })
}
