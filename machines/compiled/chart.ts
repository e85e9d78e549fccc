/**
 * The states of a machine as a table, in document order, each with what it does and where it leads. Targets, `after` and
 * `invoke` mean what they mean in XState, for it has resolved them.
 */
import type { Action } from './action.ts'
import { matchingDescriptors } from './descriptor.ts'
import type { Guard } from './guard.ts'
import type { StockNode } from './xstate-internals.ts'

/** A state. */
export interface ChartState {
  readonly stock: StockNode
  readonly id: string
  readonly key: string
  readonly type: StockNode['type']
  /** Its place in document order; `last` is that of its last descendant. */
  readonly order: number
  readonly last: number
  readonly parent: ChartState | undefined
  /** Its children but for history. */
  readonly regions: readonly ChartState[]
  readonly histories: readonly ChartState[]
  /** Entry, then the actors that it invokes. */
  readonly entry: readonly Action[]
  readonly exit: readonly Action[]
  /** Stops the actors that it invokes; they are not exit actions, for a machine that is done runs only those. */
  readonly stops: readonly Action[]
  readonly initialActions: readonly Action[]
  /** Where it begins; of a compound state the first. */
  readonly initial: readonly ChartState[]
  /** Of a history state: where it leads when nothing is remembered, and whether that is the initial state of its parent. */
  readonly defaults: { readonly targets: readonly ChartState[]; readonly isInitial: boolean }
  readonly invokes: readonly string[] | undefined
  readonly transitions: ReadonlyMap<string, readonly ChartTransition[]>
  readonly always: readonly ChartTransition[]
  readonly candidates: Map<string, readonly ChartTransition[]>
}

/** A transition out of a state. */
export interface ChartTransition {
  readonly source: ChartState
  /** Undefined for one that stays where it is. */
  readonly targets: readonly ChartState[] | undefined
  readonly guard: Guard | undefined
  readonly guardName: string | undefined
  readonly reenter: boolean
  readonly actions: readonly Action[]
}

/** Whether a state lies within another; everything lies within `undefined`, which stands for outside of the root. */
export function isWithin(state: ChartState, other: ChartState | undefined): boolean {
  return other === undefined || (state.order > other.order && state.order <= other.last)
}

/** Atomic or final: where a configuration ends. */
export function isLeaf(state: ChartState): boolean {
  return state.type === 'atomic' || state.type === 'final'
}

/** How many types of events a state remembers its candidates of; events may come with any type. */
const REMEMBERED = 500

/** The transitions of a state that may take an event of a type: its own descriptor first, then wildcards, longest first. */
export function candidatesOf(state: ChartState, eventType: string): readonly ChartTransition[] {
  const known = state.candidates.get(eventType)
  if (known !== undefined) return known
  if (state.candidates.size >= REMEMBERED) state.candidates.clear()
  const found = matchingDescriptors(state.transitions.keys(), eventType).flatMap(
    (descriptor) => state.transitions.get(descriptor) as readonly ChartTransition[],
  )
  state.candidates.set(eventType, found)
  return found
}
