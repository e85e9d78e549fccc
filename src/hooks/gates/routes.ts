/** Which decisions a gate hands to its machine, and so which routes it must have. */
import { HookchartError } from '../../errors.ts'
import type { HookPhase, PointDefinition } from '../points/point.ts'
import type { Slot } from '../registry/slot.ts'

/** A decision that a machine can be handed. */
export type RouteName = 'continue' | 'modified' | 'replace' | 'cancel' | 'redirect' | 'retry'

/** Fork and suspend end inside the pass, and so does a retry of a gate before something; a note for the cache is for whoever runs an effect. */
const HANDED: Readonly<Record<HookPhase, readonly RouteName[]>> = {
  before: ['continue', 'modified', 'replace', 'cancel', 'redirect'],
  after: ['continue', 'modified', 'replace', 'cancel', 'redirect', 'retry'],
  error: ['continue', 'modified', 'replace', 'cancel', 'redirect', 'retry'],
  notify: ['continue'],
}

/** The decisions that a point hands on. A hook that fails closed cancels wherever it may decide at all. */
export function routesOf({ phase, decisions }: Pick<PointDefinition, 'phase' | 'decisions'>): readonly RouteName[] {
  if (decisions.length === 0) return ['continue']
  return HANDED[phase].filter((route) => route === 'continue' || route === 'cancel' || decisions.includes(route))
}

/** The routes that may be taken, of those that a gate has; of a point that is not known yet, all that any point hands on. */
export function takenOf(
  point: Pick<PointDefinition, 'phase' | 'decisions'> | undefined,
  routes: readonly string[],
): readonly string[] {
  const handed: readonly string[] = point === undefined ? HANDED.after : routesOf(point)
  return routes.filter((route) => handed.includes(route))
}

/** Throws INVALID_OPTIONS when a decision of the point leads nowhere. */
export function assertRoutes(
  { definition }: Pick<Slot, 'definition'>,
  routes: readonly string[],
  machine: string,
): void {
  const missing = routesOf(definition).filter((route) => !routes.includes(route))
  if (missing.length === 0) return
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${machine}: the gate of ${definition.id} has no route for ${missing.join(', ')}. Say for each decision where it leads.`,
    { details: { machine, point: definition.id, missing } },
  )
}
