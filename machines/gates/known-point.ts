/** What is known of a point before it meets its hooks. */
import { HookchartError, nameOf } from '../../src/errors.ts'
import { catalogue } from '../../src/hooks/points/catalogue.ts'
import { isPointDefinition } from '../../src/hooks/points/point.ts'
import type { HookPhase, PointDefinition } from '../../src/hooks/points/point.ts'
import { unknownPoint } from '../../src/hooks/points/unknown-point.ts'

const shipped = Object.values(catalogue) as readonly PointDefinition[]

/** The definition of a shipped point, or of one given as such; undefined for the id of a custom one. Throws UNKNOWN_POINT, INVALID_OPTIONS. */
export function knownPoint(point: string | PointDefinition, where: string): PointDefinition | undefined {
  if (isPointDefinition(point)) return point
  if (typeof point !== 'string') {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `${where}: the point is ${nameOf(point)}. Give the id of a hook point, or what definePoint gave.`,
      { details: { where, flaws: [{ path: 'point', problem: 'expected a hook point' }] } },
    )
  }
  const known = shipped.find(({ id, aliases }) => id === point || aliases.includes(point))
  if (known !== undefined || point.startsWith('custom:')) return known
  throw unknownPoint(
    point,
    shipped.map(({ id }) => id),
    `${where}: `,
  )
}

/** The id of a point that stands where one of a phase must. Throws UNKNOWN_POINT, INVALID_OPTIONS. */
export function pointOf(point: string | PointDefinition, phase: HookPhase, where: string): string {
  const known = knownPoint(point, where)
  if (known === undefined) return point as string
  if (known.phase === phase) return known.id
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: ${known.id} is a point of phase "${known.phase}", and stands where one of phase "${phase}" must.`,
    { details: { where, point: known.id, phase: known.phase } },
  )
}
