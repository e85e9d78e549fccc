/** Explicit-state search over a machine: breadth first, so that what it finds is the shortest way there. */
import type { AnyStateMachine, EventObject } from 'xstate'
import { textOf } from '../errors.ts'
import type { Exploration, Violation } from './exploration.ts'
import type { Invariant, ParsedOptions } from './explore-options.ts'
import { idOf, toGraph } from './graph.ts'
import { Moves } from './moves.ts'
import type { Position } from './moves.ts'

interface Visited extends Position {
  readonly key: string
  readonly depth: number
  /** Nothing where the machine starts. */
  readonly from: Visited | undefined
  readonly event: EventObject | undefined
}

/** See the head of this file. */
export class Search {
  readonly #machine: AnyStateMachine
  readonly #options: ParsedOptions
  readonly #moves: Moves
  readonly #visited = new Map<string, Visited>()
  readonly #adjacency = new Map<string, Map<string, string>>()
  readonly #entered = new Set<string>()
  readonly #violations: Violation[] = []
  readonly #deadlocks: Violation[] = []
  readonly #failures: Violation[] = []
  /** Invariants that have failed: the first way there is the shortest. */
  readonly #broken = new Set<string>()
  #transitions = 0
  #bounded = false

  constructor(machine: AnyStateMachine, options: ParsedOptions) {
    this.#machine = machine
    this.#options = options
    this.#moves = new Moves(machine, options)
  }

  run(): Exploration {
    const queue: Visited[] = []
    for (const start of this.#moves.starts()) this.#reach(this.#moves.keyOf(start), start, undefined, undefined, queue)
    let depth = 0
    // What is found on the way is put behind, and gets its turn.
    for (const at of queue) {
      depth = Math.max(depth, at.depth)
      if (at.snapshot.status !== 'active') continue
      if (at.depth >= this.#options.mostDepth) this.#bounded ||= this.#hasMore(at)
      else this.#expand(at, queue)
    }
    return {
      result: this.#bounded ? 'bounded' : 'complete',
      states: this.#visited.size,
      transitions: this.#transitions,
      depth,
      violations: this.#violations,
      deadlocks: this.#deadlocks,
      failures: this.#failures,
      unreachable: toGraph(this.#machine)
        .nodes.filter(({ id, type }) => type !== 'history' && !this.#entered.has(id))
        .map(({ id }) => id),
      adjacency: this.#adjacency,
    }
  }

  #expand(at: Visited, queue: Visited[]): void {
    const targets = new Map<string, string>()
    this.#adjacency.set(at.key, targets)
    let moves = false
    for (const { event, name, ...to } of this.#moves.from(at)) {
      const key = this.#moves.keyOf(to)
      this.#transitions++
      targets.set(name, key)
      moves ||= key !== at.key
      this.#reach(key, to, at, event, queue)
    }
    if (!moves) this.#deadlocks.push(violation('deadlock', 'no event leads out of here', at))
  }

  #hasMore(at: Visited): boolean {
    return this.#moves.from(at).some((move) => !this.#visited.has(this.#moves.keyOf(move)))
  }

  #reach(
    key: string,
    position: Position,
    from: Visited | undefined,
    event: EventObject | undefined,
    queue: Visited[],
  ): void {
    if (this.#visited.has(key)) return
    if (this.#visited.size >= this.#options.mostStates) {
      this.#bounded = true
      return
    }
    const visited = { ...position, key, depth: from === undefined ? 0 : from.depth + 1, from, event }
    this.#visited.set(key, visited)
    queue.push(visited)
    this.#look(visited)
  }

  /** What is to be said of a state. */
  #look(visited: Visited): void {
    const { snapshot } = visited
    for (const node of snapshot._nodes) this.#entered.add(idOf(node))
    if ((snapshot.status as string) === 'error')
      this.#failures.push(violation('failed', textOf(snapshot.error), visited))
    for (const [name, holds] of this.#options.always) {
      if (this.#broken.has(name)) continue
      const problem = problemOf(holds, visited)
      if (problem === undefined) continue
      this.#broken.add(name)
      this.#violations.push(violation(name, problem, visited))
    }
  }
}

function violation(name: string, problem: string, at: Visited): Violation {
  const events: EventObject[] = []
  for (let each: Visited | undefined = at; each?.event !== undefined; each = each.from) events.unshift(each.event)
  return { name, problem, events, value: at.snapshot.value }
}

function problemOf(holds: Invariant, { snapshot }: Position): string | undefined {
  try {
    const answer = holds(snapshot)
    if (answer === true) return undefined
    return typeof answer === 'string' ? answer : 'does not hold'
  } catch (error) {
    return `threw: ${textOf(error)}`
  }
}
