/** How several hooks act as one, as data; the executor runs it. */
import type { GateData } from '../change.ts'

/** How the children of a composite act together. */
export type Pattern =
  | { readonly type: 'sequential' }
  | { readonly type: 'parallel'; readonly concurrency: number; readonly merge: MergeChanges | undefined }
  | { readonly type: 'first_match' }
  | {
      readonly type: 'voting'
      readonly threshold: number
      readonly minVotes: number
      readonly weights: readonly number[]
      readonly tieBreaker: 'continue' | 'cancel' | 'first' | undefined
    }

/** Merges what parallel hooks made of the data: the data they were given, then each changed copy in declaration order. */
export type MergeChanges = (base: GateData, changed: readonly GateData[]) => GateData
