/** What of a system those know who run something in it beside its groups: supervisors. */
import { HookchartError, nameOf } from '../../src/errors.ts'
import type { Hooks } from '../../src/hooks/api.ts'
import type { AgentsInSystem } from '../agent/agents-in-system.ts'
import type { Host } from './host.ts'

/** See the head of this file. */
export interface SystemInternals {
  readonly host: Host
  readonly hooks: Hooks
  readonly agents: AgentsInSystem
  /** Called when the system stops, before anything in it is ended; they never reject. */
  readonly onStop: Set<() => Promise<void>>
}

const known = new WeakMap<object, SystemInternals>()

/** Keeps them for a system. */
export function keepInternals<S extends object>(system: S, internals: SystemInternals): S {
  known.set(system, internals)
  return system
}

/** Those of a system. Throws INVALID_OPTIONS for what is none. */
export function internalsOf(system: object, where: string): SystemInternals {
  const internals = known.get(system)
  if (internals !== undefined) return internals
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: the system is ${nameOf(system)}. Give what createSystem gave.`,
    {
      details: { where, flaws: [{ path: 'system', problem: 'expected a system' }] },
    },
  )
}
