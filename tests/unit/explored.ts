/** What the tests of searches compare. */
import { explore } from 'hookchart/chart'
import type { ExploreOptions } from 'hookchart/chart'
import type { AnyStateMachine } from 'xstate'

/** What a search finds. */
export function found(machine: AnyStateMachine, options: ExploreOptions = {}) {
  const { states, deadlocks, unreachable, failures, result } = explore(machine, options)
  return { states, deadlocks: deadlocks.map(({ value }) => value), unreachable, failures, result }
}

/** Where all was searched and nothing is wrong but deadlocks. */
export const whole = { unreachable: [], failures: [], result: 'complete' }
