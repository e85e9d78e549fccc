/** Explicit-state search over a machine. */
import type { AnyStateMachine } from 'xstate'
import type { Exploration } from './exploration.ts'
import { parseExploreOptions } from './explore-options.ts'
import type { ExploreOptions } from './explore-options.ts'
import { parseMachine } from './parse-machine.ts'
import { Search } from './search.ts'

/**
 * Searches all states that a machine can reach.
 *
 * Gates are choices: one that is a state comes to each decision that it has a route for, and `unhooked` holds and does not.
 * On a hooked transition a refusal is tried where the machine is told of it; changed and redirected events are tried if they
 * are among `events`. No hooks need be provided, and those that are do not run.
 *
 * @throws INVALID_OPTIONS; also when a step throws: the machine must be pure, and the events fit it; and when it fails at its
 * start. DATA_NOT_JSON for a context or a key that is not JSON
 * @example
 * ```ts
 * import { explore } from 'hookchart/chart'
 * import { createMachine } from 'xstate'
 * const door = createMachine({ initial: 'shut', states: { shut: { on: { OPEN: 'open' } }, open: {}, lost: {} } })
 * const found = explore(door, { events: [{ type: 'OPEN' }] })
 * console.assert(found.states === 2 && found.deadlocks[0]?.value === 'open' && found.unreachable[0] === 'lost')
 * ```
 */
export function explore<Machine extends AnyStateMachine>(
  machine: Machine,
  options: ExploreOptions<Machine> = {},
): Exploration {
  parseMachine(machine, 'explore')
  return new Search(machine, parseExploreOptions(machine, options)).run()
}
