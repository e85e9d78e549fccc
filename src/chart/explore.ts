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
 * Gates are choices, and no hooks run. Somebody is hooked to a point, or nobody, at each one apart. A gate that is a state
 * comes to each decision that it has a route for and its point hands on. An event at a hooked transition waits meanwhile, as
 * with hooks that take their time; it comes through as it was sent, or is refused, of which the machine is told where it
 * wants to know. Changed and redirected events are tried if they are among `events`; a pass that itself fails is not. What
 * may wait at once multiplies the states.
 *
 * @throws INVALID_OPTIONS; also for a machine that fails at its start, and when a step or an option throws: the machine must
 * be pure, and the events fit it. DATA_NOT_JSON for a context, a key or an event at a gate that is not JSON
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
