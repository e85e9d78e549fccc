/** What must hold of the components of a chain together: ids are told apart, dependencies exist and make no circle. */
import { HookchartError } from '../../src/errors.ts'
import { assertUnique } from '../definition.ts'
import { refusal } from './component.ts'
import type { ChainComponent } from './component.ts'
import { findCycle } from './topology.ts'

/** Refuses components that make no graph. `advice` says how one that is missing could be there. */
export function assertGraph(components: readonly ChainComponent[], where: string, advice: string): void {
  assertUnique(
    components.map(({ id }) => id),
    'components',
    where,
  )
  const known = new Map(components.map((component) => [component.id, component]))
  for (const { id, after } of components) {
    const missing = after.find((each) => !known.has(each))
    if (missing === undefined) continue
    const problem = `"${id}" comes after "${missing}", which is no component of the chain`
    throw refusal(where, 'after', problem, `${advice} Components are ${[...known.keys()].join(', ')}.`)
  }
  const path = findCycle(known.keys(), (id) => known.get(id)?.after ?? [])
  if (path === undefined) return
  throw new HookchartError(
    'GRAPH_CYCLE',
    `${where}: ${path.join(' → ')} depend on each other in a circle. Drop one of these dependencies.`,
    { details: { where, path } },
  )
}
