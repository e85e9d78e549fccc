/**
 * Configurations: which states are active, in which order they were entered. Each is made once for a machine and knows
 * its value, its tags, who may take an event, and the steps that led out of it before.
 */
import type { StateValue } from 'xstate'
import type { Action } from './action.ts'
import { candidatesOf, isLeaf } from './chart.ts'
import type { ChartState, ChartTransition } from './chart.ts'
import type { Whereabouts } from './guard.ts'
import type { StockNode } from './xstate-internals.ts'

/** What one microstep does, in order. */
export interface Step {
  /** Exit actions, innermost states first. */
  readonly exit: readonly Action[]
  readonly actions: readonly Action[]
  readonly entries: readonly Entry[]
  /** Exit actions of all states, when the machine is done. */
  readonly leave: readonly Action[]
  /** What history states remember from now on. */
  readonly remembered: readonly (readonly [string, readonly StockNode[]])[]
  readonly next: Configuration
  /** Whether the states are those from before, and nothing is remembered anew. */
  readonly isSame: boolean
}

/** How one state is entered. */
export interface Entry {
  readonly actions: readonly Action[]
  /** The actors that it invokes: its own actions may send to them before they exist. */
  readonly invokes: readonly string[] | undefined
  readonly final: Completion | undefined
}

/** What a final state completes. */
export interface Completion {
  /** The compound parent that is done, with the output of the final state. */
  readonly parent: string | undefined
  readonly output: unknown
  /** Parallel states that are done by that. */
  readonly regions: readonly string[]
  /** Whether the machine is; by the state of this id, with this output. */
  readonly machine: { readonly id: string; readonly output: unknown } | undefined
}

/** An active state and what is active in it, as the value nests them. */
interface Branch {
  readonly state: ChartState
  readonly inner: readonly Branch[]
}

export class Configuration implements Whereabouts {
  readonly states: readonly ChartState[]
  readonly nodes: readonly StockNode[]
  readonly value: StateValue
  readonly tags: ReadonlySet<string>
  readonly tree: Branch
  /** Whether every event meets one chain of states only, from the innermost out. */
  readonly chain: readonly ChartState[] | undefined
  /** The eventless transitions of each leaf and of what it lies in. */
  readonly always: readonly (readonly ChartTransition[])[]
  readonly candidates = new Map<string, readonly ChartTransition[]>()
  readonly steps = new Map<ChartTransition, Step>()

  constructor(root: ChartState, states: readonly ChartState[]) {
    this.states = states
    this.nodes = states.map(({ stock }) => stock)
    this.tags = new Set(this.nodes.flatMap(({ tags }) => tags))
    this.tree = branch(root, completed(states))
    this.value = valueOf(this.tree)
    this.chain = chainOf(this.tree)
    this.always = states
      .filter(isLeaf)
      .map((leaf) => lineage(leaf).flatMap(({ always }) => always))
      .filter(({ length }) => length > 0)
  }

  /** Who may take an event of this type, first come first served. Only for a chain. */
  candidatesOf(eventType: string): readonly ChartTransition[] {
    const known = this.candidates.get(eventType)
    if (known !== undefined) return known
    if (this.candidates.size >= REMEMBERED) this.candidates.clear()
    const found = (this.chain as readonly ChartState[]).flatMap((state) => candidatesOf(state, eventType))
    this.candidates.set(eventType, found)
    return found
  }

  forget(): void {
    this.candidates.clear()
    this.steps.clear()
  }
}

/** How many types of events a configuration remembers, and how many configurations a machine. */
const REMEMBERED = 500
const KNOWN = 10_000

/**
 * The states that an event is offered to: XState adds what the active ones leave open inside them, and then what they lie in.
 * For it can come to states that are not whole, by history and by transitions of two regions. What is added round a state
 * has no other region then.
 */
function completed(states: readonly ChartState[]): readonly ChartState[] {
  const all = new Set(states)
  const parents = new Set(states.map(({ parent }) => parent))
  // What is added while it is gone through is gone through too.
  for (const state of all) {
    if (state.type === 'parallel') for (const region of state.regions) all.add(region)
    else if (state.type === 'compound' && !parents.has(state)) {
      for (let at = state.initial[0]; at !== undefined && at !== state; at = at.parent) all.add(at)
    }
  }
  for (const { parent } of all) if (parent !== undefined) all.add(parent)
  return [...all]
}

function branch(state: ChartState, states: readonly ChartState[]): Branch {
  const active = states.filter(({ parent }) => parent === state)
  const [first] = active
  // XState can get two of its children active at once, by transitions of two regions; then a leaf hides the other.
  const inner = state.type === 'compound' && first !== undefined && isLeaf(first) ? [first] : active
  return { state, inner: inner.map((child) => branch(child, states)) }
}

function valueOf({ state, inner }: Branch): StateValue {
  const [first] = inner
  if (state.type === 'compound' && first !== undefined && isLeaf(first.state)) return first.state.key
  return Object.fromEntries(inner.map((each) => [each.state.key, valueOf(each)]))
}

function chainOf({ state, inner }: Branch): readonly ChartState[] | undefined {
  if (inner.length > 1) return undefined
  const [only] = inner
  if (only === undefined) return [state]
  const chain = chainOf(only)
  return chain && [...chain, state]
}

function lineage(state: ChartState): readonly ChartState[] {
  return state.parent === undefined ? [state] : [state, ...lineage(state.parent)]
}

/** The configurations of one machine. */
export class Configurations {
  readonly #root: ChartState
  readonly #byOrder = new Map<string, Configuration>()
  #byNodes = new WeakMap<readonly StockNode[], Configuration>()

  constructor(root: ChartState) {
    this.#root = root
  }

  /** Of states in the order in which they were entered. */
  of(states: readonly ChartState[]): Configuration {
    const key = states.map(({ order }) => order).join()
    const known = this.#byOrder.get(key)
    if (known !== undefined) return known
    if (this.#byOrder.size >= KNOWN) this.#forget()
    const made = new Configuration(this.#root, states)
    this.#byOrder.set(key, made)
    this.#byNodes.set(made.nodes, made)
    return made
  }

  /** Of the nodes of a snapshot; `states` are all there are, in document order. */
  ofNodes(nodes: readonly StockNode[], states: readonly ChartState[]): Configuration {
    const known = this.#byNodes.get(nodes)
    if (known !== undefined) return known
    const made = this.of(nodes.map(({ order }) => states[order] as ChartState))
    this.#byNodes.set(nodes, made)
    return made
  }

  /** Configurations that steps lead to live as long as their steps do. */
  #forget(): void {
    for (const known of this.#byOrder.values()) known.forget()
    this.#byOrder.clear()
    this.#byNodes = new WeakMap()
  }
}
