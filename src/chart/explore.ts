/**
 * Explicit-state search over a machine: breadth first, on pure steps, so that what it finds is the shortest way there.
 * The step function is a parameter: XState's own `transition`, or a table that does the same faster.
 */
import { initialTransition, transition } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, EventObject, InputFrom } from 'xstate'
import { HookchartError } from '../errors.ts'
import { canonicalJson } from './state-key.ts'
import { idOf, toGraph } from './graph.ts'
import { parseMachine } from './parse-machine.ts'

/** A pure step: the next snapshot, and nothing done. */
export type StepFunction = (snapshot: AnyMachineSnapshot, event: EventObject) => AnyMachineSnapshot

/** What must hold in every state that can be reached; false, or a text that says what is wrong, is a violation. */
export type Invariant = (snapshot: AnyMachineSnapshot) => boolean | string

/** Options of {@link explore}. */
export interface ExploreOptions<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly input?: InputFrom<Machine>
  /** Events to try in every state, or those to try in one. Ends of invokes and delays are events as well. */
  readonly events: readonly EventObject[] | ((snapshot: AnyMachineSnapshot) => readonly EventObject[])
  /** By name. */
  readonly always?: Readonly<Record<string, Invariant>>
  /** What tells states apart; default value, context, history and status. */
  readonly key?: (snapshot: AnyMachineSnapshot) => unknown
  /** Where the search ends, unfinished; default 50,000 states and any depth. */
  readonly bound?: { readonly states?: number; readonly depth?: number }
  /** Default XState's `transition`. */
  readonly step?: StepFunction
}

/** A state in which nothing can happen any more, or an invariant does not hold. */
export interface Violation {
  readonly name: string
  readonly problem: string
  /** The shortest sequence of events that leads there. */
  readonly events: readonly EventObject[]
  readonly value: unknown
}

/** What a search has found. */
export interface Exploration {
  /** bounded: there is more, beyond the bound. */
  readonly result: 'complete' | 'bounded'
  readonly states: number
  readonly transitions: number
  /** The length of the longest of the shortest ways. */
  readonly depth: number
  readonly violations: readonly Violation[]
  /** States without an end in which no event does anything. */
  readonly deadlocks: readonly Violation[]
  /** Ids of nodes of the graph that no way leads to. */
  readonly unreachable: readonly string[]
  /** From each state by its key: what each event leads to. For comparing with other explorers. */
  readonly adjacency: ReadonlyMap<string, ReadonlyMap<string, string>>
}

interface Visited {
  readonly snapshot: AnyMachineSnapshot
  readonly key: string
  readonly depth: number
  readonly from: Visited | undefined
  readonly event: EventObject | undefined
}

const MOST_STATES = 50_000

/**
 * Searches all states that a machine can reach.
 *
 * @throws INVALID_OPTIONS when a step throws: the machine must be pure, and the events fit it
 * @example
 * ```ts
 * import { explore } from 'hookchart/chart'
 * import { createMachine } from 'xstate'
 * const door = createMachine({ initial: 'shut', states: { shut: { on: { OPEN: 'open' } }, open: {}, lost: {} } })
 * const found = explore(door, { events: [{ type: 'OPEN' }] })
 * console.assert(found.states === 2 && found.deadlocks[0]?.value === 'open' && found.unreachable[0] === 'lost')
 * ```
 */
export function explore<Machine extends AnyStateMachine>(
  machine: Machine,
  options: ExploreOptions<Machine>,
): Exploration {
  parseMachine(machine, 'explore')
  return new Search(machine, options).run()
}

class Search {
  readonly #machine: AnyStateMachine
  readonly #options: ExploreOptions
  readonly #step: StepFunction
  readonly #visited = new Map<string, Visited>()
  readonly #adjacency = new Map<string, Map<string, string>>()
  readonly #entered = new Set<string>()
  readonly #violations: Violation[] = []
  readonly #deadlocks: Violation[] = []
  /** Invariants that have failed: the first way there is the shortest. */
  readonly #broken = new Set<string>()
  #transitions = 0
  #bounded = false

  constructor(machine: AnyStateMachine, options: ExploreOptions) {
    this.#machine = machine
    this.#options = options
    this.#step = options.step ?? ((snapshot, event) => transition(machine, snapshot, event)[0] as AnyMachineSnapshot)
  }

  run(): Exploration {
    const { depth: mostDepth = Infinity, states: mostStates = MOST_STATES } = this.#options.bound ?? {}
    const queue: Visited[] = []
    const [first] = initialTransition(this.#machine, this.#options.input) as [AnyMachineSnapshot, unknown]
    this.#visit({ snapshot: first, key: this.#keyOf(first), depth: 0, from: undefined, event: undefined }, queue)
    let depth = 0
    // What is found on the way is put behind, and gets its turn.
    for (const at of queue) {
      depth = Math.max(depth, at.depth)
      if (at.depth >= mostDepth) this.#bounded ||= this.#hasMore(at)
      else this.#expand(at, queue, mostStates)
    }
    return {
      result: this.#bounded ? 'bounded' : 'complete',
      states: this.#visited.size,
      transitions: this.#transitions,
      depth,
      violations: this.#violations,
      deadlocks: this.#deadlocks,
      unreachable: toGraph(this.#machine)
        .nodes.filter(({ id, type }) => type !== 'history' && !this.#entered.has(id))
        .map(({ id }) => id),
      adjacency: this.#adjacency,
    }
  }

  #expand(at: Visited, queue: Visited[], mostStates: number): void {
    if (at.snapshot.status !== 'active') return
    const targets = new Map<string, string>()
    this.#adjacency.set(at.key, targets)
    let moves = false
    for (const event of this.#eventsIn(at.snapshot)) {
      const snapshot = this.#next(at, event)
      if (snapshot === at.snapshot) continue
      const key = this.#keyOf(snapshot)
      this.#transitions++
      targets.set(canonicalJson(event), key)
      moves ||= key !== at.key
      if (this.#visited.has(key)) continue
      if (this.#visited.size >= mostStates) this.#bounded = true
      else this.#visit({ snapshot, key, depth: at.depth + 1, from: at, event }, queue)
    }
    if (!moves) this.#deadlocks.push(this.#violation('deadlock', 'no event leads out of here', at))
  }

  #hasMore(at: Visited): boolean {
    return (
      at.snapshot.status === 'active' &&
      this.#eventsIn(at.snapshot).some((event) => !this.#visited.has(this.#keyOf(this.#next(at, event))))
    )
  }

  #visit(visited: Visited, queue: Visited[]): void {
    this.#visited.set(visited.key, visited)
    queue.push(visited)
    for (const node of visited.snapshot._nodes) this.#entered.add(idOf(node))
    for (const [name, holds] of Object.entries(this.#options.always ?? {})) {
      if (this.#broken.has(name)) continue
      const answer = holds(visited.snapshot)
      if (answer === true) continue
      this.#broken.add(name)
      this.#violations.push(this.#violation(name, answer === false ? 'does not hold' : answer, visited))
    }
  }

  #next({ snapshot }: Visited, event: EventObject): AnyMachineSnapshot {
    try {
      return this.#step(snapshot, event)
    } catch (error) {
      throw new HookchartError(
        'INVALID_OPTIONS',
        `explore(${this.#machine.id}): the event ${canonicalJson(event)} cannot be taken in ${canonicalJson(snapshot.value)}.`,
        {
          details: { machine: this.#machine.id, event: event.type },
          cause: error,
        },
      )
    }
  }

  #eventsIn(snapshot: AnyMachineSnapshot): readonly EventObject[] {
    const { events } = this.#options
    return typeof events === 'function' ? events(snapshot) : events
  }

  #keyOf(snapshot: AnyMachineSnapshot): string {
    const { key } = this.#options
    return canonicalJson(key === undefined ? defaultKey(snapshot) : key(snapshot))
  }

  #violation(name: string, problem: string, at: Visited): Violation {
    const events: EventObject[] = []
    for (let each: Visited | undefined = at; each?.event !== undefined; each = each.from) events.unshift(each.event)
    return { name, problem, events, value: at.snapshot.value }
  }
}

function defaultKey({ value, context, historyValue, status }: AnyMachineSnapshot): unknown {
  const history = Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map(({ id: node }) => node)])
  return [value, context as unknown, history, status]
}
