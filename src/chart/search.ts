/**
 * Explicit-state search over a machine: breadth first, on pure steps, so that what it finds is the shortest way there.
 * The step function is a parameter: XState's own `transition`, or a table that does the same faster.
 */
import { initialTransition, transition } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { HookchartError, textOf } from '../errors.ts'
import type { Exploration, Violation } from './exploration.ts'
import { failedAtStart } from './explore-options.ts'
import type { Invariant, ParsedOptions } from './explore-options.ts'
import { GateChoices, isGated } from './gate-choices.ts'
import { idOf, toGraph } from './graph.ts'
import { canonicalJson, defaultKey, keyText, withoutHoles } from './state-key.ts'

interface Visited {
  readonly snapshot: AnyMachineSnapshot
  readonly key: string
  readonly depth: number
  readonly from: Visited | undefined
  readonly event: EventObject | undefined
}

/** One event, and what it leads to. */
interface Move {
  readonly event: EventObject
  /** Tells it from others of the same state. */
  readonly name: string
  readonly snapshot: AnyMachineSnapshot
}

/** See the head of this file. */
export class Search {
  readonly #machine: AnyStateMachine
  readonly #options: ParsedOptions
  readonly #gates: GateChoices | undefined
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
    this.#gates = options.step === undefined && isGated(machine) ? new GateChoices(machine) : undefined
    this.#machine = this.#gates?.machine ?? machine
    this.#options = options
  }

  run(): Exploration {
    const queue: Visited[] = []
    const first = this.#first()
    this.#visit({ snapshot: first, key: this.#keyOf(first), depth: 0, from: undefined, event: undefined }, queue)
    let depth = 0
    // What is found on the way is put behind, and gets its turn.
    for (const at of queue) {
      depth = Math.max(depth, at.depth)
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

  #first(): AnyMachineSnapshot {
    let first: AnyMachineSnapshot
    try {
      first = initialTransition(this.#machine, this.#options.input)[0] as AnyMachineSnapshot
    } catch (error) {
      throw failedAtStart(this.#machine, error)
    }
    if ((first.status as string) === 'error') throw failedAtStart(this.#machine, first.error)
    return first
  }

  #expand(at: Visited, queue: Visited[]): void {
    if (at.snapshot.status !== 'active') return
    const targets = new Map<string, string>()
    this.#adjacency.set(at.key, targets)
    let moves = false
    for (const { event, name, snapshot } of this.#movesFrom(at)) {
      const key = this.#keyOf(snapshot)
      this.#transitions++
      targets.set(name, key)
      moves ||= key !== at.key
      if (this.#visited.has(key)) continue
      if (this.#visited.size >= this.#options.mostStates) this.#bounded = true
      else this.#visit({ snapshot, key, depth: at.depth + 1, from: at, event }, queue)
    }
    if (!moves) this.#deadlocks.push(this.#violation('deadlock', 'no event leads out of here', at))
  }

  #hasMore(at: Visited): boolean {
    return (
      at.snapshot.status === 'active' &&
      this.#movesFrom(at).some(({ snapshot }) => !this.#visited.has(this.#keyOf(snapshot)))
    )
  }

  /** All that events do here; what a gate makes of one is told by its name where that comes to something else. */
  #movesFrom(at: Visited): readonly Move[] {
    const { snapshot } = at
    const gates = this.#gates
    const events = this.#options.eventsIn(snapshot)
    const asked = gates === undefined ? events : [...events, ...gates.decisionsIn(snapshot)]
    const moves: Move[] = []
    const take = (event: EventObject) => {
      const [next] = this.#next(snapshot, event)
      if (next !== snapshot) moves.push({ event, name: canonicalJson(event), snapshot: next })
      return next
    }
    for (const event of asked) {
      const plain = take(event)
      if (gates === undefined) continue
      const [hooked, actions] = gates.whileHooked(() => this.#next(snapshot, event))
      if (this.#keyOf(hooked) !== this.#keyOf(plain))
        moves.push({ event, name: `${canonicalJson(event)} hooked`, snapshot: hooked })
      for (const outcome of gates.outcomesOf(actions)) take(outcome)
    }
    return moves
  }

  #visit(visited: Visited, queue: Visited[]): void {
    this.#visited.set(visited.key, visited)
    queue.push(visited)
    const { snapshot } = visited
    for (const node of snapshot._nodes) this.#entered.add(idOf(node))
    if ((snapshot.status as string) === 'error')
      this.#failures.push(this.#violation('failed', textOf(snapshot.error), visited))
    for (const [name, holds] of this.#options.always) {
      if (this.#broken.has(name)) continue
      const problem = problemOf(holds, snapshot)
      if (problem === undefined) continue
      this.#broken.add(name)
      this.#violations.push(this.#violation(name, problem, visited))
    }
  }

  #next(snapshot: AnyMachineSnapshot, event: EventObject): readonly [AnyMachineSnapshot, Actions] {
    try {
      const { step } = this.#options
      if (step !== undefined) return [step(snapshot, event), []]
      return transition(this.#machine, snapshot, event)
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

  #keyOf(snapshot: AnyMachineSnapshot): string {
    const where = `explore(${this.#machine.id})`
    const { key } = this.#options
    if (key !== undefined) return keyText(withoutHoles(key(snapshot)), `${where}: the key`)
    return canonicalJson(defaultKey(snapshot, where, this.#gates?.waitingAt(snapshot)))
  }

  #violation(name: string, problem: string, at: Visited): Violation {
    const events: EventObject[] = []
    for (let each: Visited | undefined = at; each?.event !== undefined; each = each.from) events.unshift(each.event)
    return { name, problem, events, value: at.snapshot.value }
  }
}

type Actions = readonly { readonly type: string; readonly params?: unknown }[]

function problemOf(holds: Invariant, snapshot: AnyMachineSnapshot): string | undefined {
  try {
    const answer = holds(snapshot)
    if (answer === true) return undefined
    return typeof answer === 'string' ? answer : 'does not hold'
  } catch (error) {
    return `threw: ${textOf(error)}`
  }
}
