/**
 * Which states a microstep leaves and which it enters: the domain, exit set and entry set of SCXML, as XState computes
 * them. https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation
 */
import { isWithin } from './chart.ts'
import type { ChartState, ChartTransition } from './chart.ts'
import type { History, StockNode } from './xstate-internals.ts'

/** What history states remember; says whether anybody asked for what only the run knows. */
export class Memory {
  readonly #states: readonly ChartState[]
  readonly #history: History
  readonly #fresh: ReadonlyMap<string, readonly StockNode[]>
  readonly #outer: Memory | undefined
  wasAsked = false

  constructor(
    states: readonly ChartState[],
    history: History,
    fresh: ReadonlyMap<string, readonly StockNode[]> = new Map(),
    outer?: Memory,
  ) {
    this.#states = states
    this.#history = history
    this.#fresh = fresh
    this.#outer = outer
  }

  /** The same memory with what was added in this step. */
  with(fresh: Iterable<readonly [string, readonly StockNode[]]>): Memory {
    return new Memory(this.#states, this.#history, new Map(fresh), this)
  }

  recall({ id }: ChartState): readonly ChartState[] | undefined {
    const fresh = this.#fresh.get(id)
    if (fresh === undefined) this.#ask()
    return (fresh ?? this.#history[id])?.map(({ order }) => this.#states[order] as ChartState)
  }

  #ask(): void {
    this.wasAsked = true
    if (this.#outer !== undefined) this.#outer.#ask()
  }
}

function ancestors(state: ChartState, until: ChartState | undefined): readonly ChartState[] {
  const found: ChartState[] = []
  if (state === until) return found
  for (let at = state.parent; at !== undefined && at !== until; at = at.parent) found.push(at)
  return found
}

/** The targets of a transition with what history states stand for in their place. */
function effectiveTargets(targets: readonly ChartState[], memory: Memory): ReadonlySet<ChartState> {
  const found = new Set<ChartState>()
  for (const target of targets) {
    const instead =
      target.type === 'history'
        ? (memory.recall(target) ?? effectiveTargets(target.defaults.targets, memory))
        : [target]
    for (const state of instead) found.add(state)
  }
  return found
}

/** The state within which a transition changes anything; undefined for one that leaves the root itself. */
function domainOf({ source, targets = [], reenter }: ChartTransition, memory: Memory): ChartState | undefined {
  const effective = [...effectiveTargets(targets, memory)]
  if (!reenter && effective.every((target) => target === source || isWithin(target, source))) return source
  const all = [...effective, source]
  const [head] = effective.length > 0 ? effective : all
  const common = ancestors(head as ChartState, undefined).find((ancestor) =>
    all.every((state) => state === head || isWithin(state, ancestor)),
  )
  if (common !== undefined || reenter) return common
  return [source, ...ancestors(source, undefined)].at(-1)
}

/** The states that a transition leaves, of those that are active. */
export function exitSet(
  transition: ChartTransition,
  active: Iterable<ChartState>,
  memory: Memory,
): ReadonlySet<ChartState> {
  const left = new Set<ChartState>()
  if (transition.targets === undefined || transition.targets.length === 0) return left
  const domain = domainOf(transition, memory)
  for (const state of active) if (isWithin(state, domain)) left.add(state)
  return left
}

/** Of transitions that leave the same state, that of the inner source goes first, else the one that was found first. */
export function withoutConflicts(
  transitions: readonly ChartTransition[],
  active: readonly ChartState[],
  memory: Memory,
): readonly ChartTransition[] {
  if (transitions.length === 1) return transitions
  const kept = new Map<ChartTransition, ReadonlySet<ChartState>>()
  next: for (const transition of new Set(transitions)) {
    const leaves = exitSet(transition, active, memory)
    const overruled: ChartTransition[] = []
    for (const [other, left] of kept) {
      if (![...leaves].some((state) => left.has(state))) continue
      if (!isWithin(transition.source, other.source)) continue next
      overruled.push(other)
    }
    for (const other of overruled) kept.delete(other)
    kept.set(transition, leaves)
  }
  return [...kept.keys()]
}

/** Collects the states to enter. */
export class EntrySet {
  readonly states = new Set<ChartState>()
  /** Those whose initial actions run: they were not entered for a state within them. */
  readonly byDefault = new Set<ChartState>()
  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
  }

  add(transition: ChartTransition): void {
    const { source, targets = [], reenter } = transition
    const domain = domainOf(transition, this.#memory)
    for (const target of targets) {
      // Without reenter a state that is its own target stays; only what lies in it begins anew.
      if (target.type !== 'history' && (target !== source || source !== domain || reenter)) this.#enter(target)
      this.#addInner(target)
    }
    const within = source.parent === undefined && reenter ? undefined : domain
    for (const target of effectiveTargets(targets, this.#memory)) {
      const above = ancestors(target, domain)
      this.#addAncestors(domain?.type === 'parallel' ? [...above, domain] : above, within)
    }
  }

  #enter(state: ChartState): void {
    this.states.add(state)
    this.byDefault.add(state)
  }

  /** What is entered along with a state: where it begins, or what its history remembers. */
  #addInner(state: ChartState): void {
    if (state.type === 'history') this.#addRemembered(state)
    else if (state.type === 'compound') {
      const [initial] = state.initial
      if (initial === undefined) return
      if (initial.type !== 'history') this.#enter(initial)
      this.#addInner(initial)
      this.#addAncestors(ancestors(initial, state), undefined)
    } else if (state.type === 'parallel') {
      for (const region of state.regions) {
        if (this.#hasWithin(region)) continue
        this.#enter(region)
        this.#addInner(region)
      }
    }
  }

  #addRemembered(history: ChartState): void {
    const { parent, defaults } = history
    const remembered = this.#memory.recall(history)
    for (const state of remembered ?? defaults.targets) {
      this.states.add(state)
      if (remembered === undefined && defaults.isInitial && parent !== undefined) this.byDefault.add(parent)
      this.#addInner(state)
    }
    for (const state of remembered ?? defaults.targets) this.#addAncestors(ancestors(state, parent), undefined)
  }

  #addAncestors(states: readonly ChartState[], within: ChartState | undefined): void {
    for (const state of states) {
      if (isWithin(state, within)) this.states.add(state)
      if (state.type !== 'parallel') continue
      for (const region of state.regions) {
        if (this.#hasWithin(region)) continue
        this.states.add(region)
        this.#addInner(region)
      }
    }
  }

  #hasWithin(region: ChartState): boolean {
    for (const state of this.states) if (isWithin(state, region)) return true
    return false
  }
}
