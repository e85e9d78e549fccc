/** How the branches of a parallel workflow come together again, as options. */

/** When the join is reached: all branches that are not optional, one, or so many have completed. */
export type JoinPolicy = 'all' | 'any' | { readonly atLeast: number }

/** Branches that changed the same path of the state, in declaration order. */
export interface StateConflictInfo {
  /** The keys that lead to it. */
  readonly path: readonly string[]
  /** What was there at the fork; undefined when nothing was. */
  readonly base: unknown
  /** What each branch left there; undefined when it took it away. */
  readonly changes: readonly { readonly branch: string; readonly value: unknown }[]
}

/** Decides between branches that changed the same path: gives what stands there from now on. JSON. */
export type MergeState = (conflict: StateConflictInfo) => unknown
