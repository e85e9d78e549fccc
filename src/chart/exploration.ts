/** What a search has found. */
import type { EventObject } from 'xstate'

/** A state in which nothing can happen any more, the machine has failed, or an invariant does not hold. */
export interface Violation {
  readonly name: string
  readonly problem: string
  /** The shortest sequence of events that leads there; what waits at a gate stands there again when it comes through, or as its refusal. */
  readonly events: readonly EventObject[]
  readonly value: unknown
}

/** What a search has found. */
export interface Exploration {
  /** bounded: there is more, beyond the bound. */
  readonly result: 'complete' | 'bounded'
  /** Where the machine may stand; what waits at gates tells places apart. */
  readonly states: number
  readonly transitions: number
  /** The length of the longest of the shortest ways. */
  readonly depth: number
  /** What does not hold somewhere, or cannot be said there because it throws. */
  readonly violations: readonly Violation[]
  /** States without an end in which no event does anything. */
  readonly deadlocks: readonly Violation[]
  /** States in which the machine has failed. */
  readonly failures: readonly Violation[]
  /** Ids of nodes of the graph that no way leads to. */
  readonly unreachable: readonly string[]
  /** From each state by its key: what each event leads to. For comparing with other explorers. */
  readonly adjacency: ReadonlyMap<string, ReadonlyMap<string, string>>
}
