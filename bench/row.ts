/** What a bench is made of: rows of cases that do the same work, and what is asked of them. */
import type { Hooks } from 'hookchart/hooks'

/** Does the work that many times; what it gives back stays alive, or the compiler might leave the work out. */
export type Batch = (times: number) => unknown

/** One way of doing the work of a row. */
export interface Case {
  readonly name: string
  /** limit: the work with nothing round it. ours: hookchart. peer: another library, or what people write by hand. */
  readonly role: 'limit' | 'ours' | 'peer'
  readonly batch: Batch
}

/** What is read from the samples, by the names of cases; `atMost` is the goal, if there is one. */
export type Question =
  /** How many times as long `of` takes as `to`. */
  | { readonly type: 'ratio'; readonly of: string; readonly to: string; readonly atMost?: number }
  /** How long `of` takes, in ns. */
  | { readonly type: 'time'; readonly of: string; readonly atMost?: number }
  /** How much longer `of` takes than `minus`, in ns, over `parts` equal parts. */
  | {
      readonly type: 'difference'
      readonly of: string
      readonly minus: string
      readonly parts: number
      readonly what: string
      readonly atMost?: number
    }

/** Cases that are timed against each other in one process. */
export interface TimedRow {
  readonly title: string
  /** What one operation is, so that a figure can be judged. */
  readonly workload: string
  readonly cases: readonly Case[]
  readonly questions: readonly Question[]
  /** Whatever fires in the cases: its hooks must have run every time. */
  readonly firing: readonly Hooks[]
  /** Rounds are multiplied by this where a small difference must be seen. */
  readonly roundsFactor?: number
  /**
   * A sample is one operation, of 1 ms or so, and nothing is collected before it: samples stand close together, and
   * caches are as the work leaves them.
   */
  readonly oneByOne?: boolean
}

/** A figure that is no time, such as bytes an operation. */
export interface Reading {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly atMost?: number
}

/** A row that measures something else than time, in its own way. */
export interface ProbeRow {
  readonly title: string
  readonly workload: string
  readonly probe: (effort: { readonly quick: boolean }) => Promise<readonly Reading[]>
}

export type Row = TimedRow | ProbeRow
