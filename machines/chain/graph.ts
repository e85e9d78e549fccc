/** What must hold of the components of a chain together: ids are told apart, dependencies exist and make no circle. */
import { HookchartError } from '../../src/errors.ts'
import { assertUnique } from '../definition.ts'
import { refusal } from './component.ts'
import type { ChainComponent } from './component.ts'

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
  const path = findCycle(components, known)
  if (path === undefined) return
  throw new HookchartError(
    'GRAPH_CYCLE',
    `${where}: ${path.join(' → ')} depend on each other in a circle. Drop one of these dependencies.`,
    { details: { where, path } },
  )
}

/**
 * The first circle that is met when the components are looked at in order, from one component to what it comes after and back to
 * it. Without recursion: a chain may be long.
 */
function findCycle(
  components: readonly ChainComponent[],
  known: ReadonlyMap<string, ChainComponent>,
): string[] | undefined {
  const done = new Set<string>()
  for (const { id: start } of components) {
    const path: string[] = []
    const onPath = new Set<string>()
    const left: string[][] = [[start]]
    while (left.length > 0) {
      const next = left.at(-1)?.pop()
      if (next === undefined) {
        left.pop()
        const finished = path.pop()
        if (finished === undefined) break
        onPath.delete(finished)
        done.add(finished)
      } else if (onPath.has(next)) {
        return [...path.slice(path.indexOf(next)), next]
      } else if (!done.has(next)) {
        path.push(next)
        onPath.add(next)
        left.push([...(known.get(next)?.after ?? [])].reverse())
      }
    }
  }
  return undefined
}
