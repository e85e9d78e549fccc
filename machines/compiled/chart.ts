/**
 * The states of a machine as a table, in document order, each with what it does and where it leads. Targets, `after` and
 * `invoke` mean what they mean in XState, for it has resolved them.
 */
import type { Action } from './action.ts'
import { matchingDescriptors } from './descriptor.ts'
import type { Guard } from './guard.ts'
import type { StockNode } from './xstate-internals.ts'

const NONE: readonly never[] = []
const NOWHERE = { targets: NONE, isInitial: false }
const NO_TRANSITIONS: ReadonlyMap<string, readonly ChartTransition[]> = new Map()

/** A state. `createChart` fills it in; after that it is only read. */
export class ChartState {
  readonly stock: StockNode
  readonly id: string
  readonly key: string
  readonly type: StockNode['type']
  /** Its place in document order; `last` is that of its last descendant. */
  readonly order: number
  last: number
  readonly parent: ChartState | undefined
  /** Its children but for history. */
  regions: readonly ChartState[] = NONE
  histories: readonly ChartState[] = NONE
  /** Entry, then the actors that it invokes. */
  entry: readonly Action[] = NONE
  exit: readonly Action[] = NONE
  /** Stops the actors that it invokes; they are not exit actions, for a machine that is done runs only those. */
  stops: readonly Action[] = NONE
  initialActions: readonly Action[] = NONE
  /** Where it begins; of a compound state the first. */
  initial: readonly ChartState[] = NONE
  /** Of a history state: where it leads when nothing is remembered, and whether that is the initial state of its parent. */
  defaults: { readonly targets: readonly ChartState[]; readonly isInitial: boolean } = NOWHERE
  invokes: readonly string[] | undefined = undefined
  /** By event descriptor. */
  transitions: ReadonlyMap<string, readonly ChartTransition[]> = NO_TRANSITIONS
  always: readonly ChartTransition[] = NONE
  /** Who may take an event, by its type, as far as it was asked. */
  candidates: Map<string, readonly ChartTransition[]> | undefined = undefined

  constructor(stock: StockNode, parent: ChartState | undefined) {
    this.stock = stock
    this.id = stock.id
    this.key = stock.key
    this.type = stock.type
    this.order = stock.order
    this.last = stock.order
    this.parent = parent
  }
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
  const candidates = (state.candidates ??= new Map<string, readonly ChartTransition[]>())
  const known = candidates.get(eventType)
  if (known !== undefined) return known
  if (candidates.size >= REMEMBERED) candidates.clear()
  const found = matchingDescriptors(state.transitions.keys(), eventType).flatMap(
    (descriptor) => state.transitions.get(descriptor) as readonly ChartTransition[],
  )
  candidates.set(eventType, found)
  return found
}
