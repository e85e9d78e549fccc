/** What the chart of a chain is made from, and what of it is known before it runs. */
import type { ChainComponent } from './component.ts'
import type { ChainDefinition } from './define-chain.ts'
import { levelsOf, sortByDependencies } from './topology.ts'
import type { AfterOf } from './topology.ts'

/** What of a definition the chart is made from. */
export type ChainPlan = Pick<ChainDefinition, 'name'> & {
  readonly components: readonly Pick<ChainComponent, 'id' | 'after' | 'onError' | 'compensate'>[]
}

/** What is known of a chain before it runs. */
export interface Foreseen {
  /** The level that each component is drawn on, from 0. */
  readonly phases: ReadonlyMap<string, number>
  /** Components that are skipped when another fails and the chain goes on. */
  readonly cutOff: ReadonlySet<string>
}

export function foresee(components: ChainPlan['components']): Foreseen {
  const sequence = sequenceOf(components)
  return { phases: levelsOf(sequence, afterIn(components)), cutOff: mayBeCutOff(sequence, components) }
}

/** What each component comes after. */
function afterIn(components: ChainPlan['components']): AfterOf {
  const after = new Map(components.map((component) => [component.id, component.after]))
  return (id) => after.get(id) as readonly string[]
}

/** The components, each behind those that it comes after, else in their order. */
function sequenceOf(components: ChainPlan['components']): readonly string[] {
  const order = new Map(components.map(({ id }, i) => [id, i]))
  const placeOf = (id: string) => order.get(id) as number
  return sortByDependencies([...order.keys()], afterIn(components), (a, b) => placeOf(a) - placeOf(b))
}

function mayBeCutOff(sequence: readonly string[], components: ChainPlan['components']): ReadonlySet<string> {
  const afterOf = afterIn(components)
  const skips = new Set(components.filter(({ onError }) => onError === 'skip_dependants').map(({ id }) => id))
  const cutOff = new Set<string>()
  for (const id of sequence) if (afterOf(id).some((each) => skips.has(each) || cutOff.has(each))) cutOff.add(id)
  return cutOff
}
