/** What the tests of the registry share. */
import type { RegisteredHook } from '../../src/hooks/registry/registered-hook.ts'
import type { Registry } from '../../src/hooks/registry/registry.ts'
import { nothing } from './kernel-samples.ts'

export const POINT = 'BeforeToolExecution'

/** Registers a hook that does nothing. */
export function add(registry: Registry, name: string, more: object = {}, points: unknown = POINT): RegisteredHook {
  return registry.register({ points, handler: nothing, options: { name, ...more } })
}

/** The names of the hooks at a point, in their order. */
export const order = (registry: Registry, point = POINT) =>
  registry.points
    .slot(point)
    .order.map(({ hook: link }) => link.name)
    .join(' ')

/** What can be seen of a registry. */
export const shown = (registry: Registry) =>
  JSON.stringify([
    registry.hooks.map(({ id, name, links }) => [id, name, links.map(({ slot }) => slot.definition.id)]),
    registry.points.all.map(({ definition, links }) => [definition.id, links.map(({ name }) => name)]),
  ])
