/** What all operations of one `createHooks` share. */
import type { Hash } from '../../ports/hash.ts'
import type { Ids } from '../../ports/ids.ts'
import type { Journal } from '../../ports/journal.ts'
import type { Registry } from '../registry/registry.ts'
import type { Slot } from '../registry/slot.ts'
import type { Approvals } from './approvals.ts'
import type { Deadlines } from './deadlines.ts'
import type { Targets } from './operation.ts'
import type { OverheadBudget } from './overhead.ts'
import type { ResultCache } from './result-cache.ts'
import type { RunningOperations } from './running.ts'
import type { Time } from './time.ts'
import type { Watch } from './watch.ts'

/** full: every hook. decisions: only what decided. off: nothing. */
export type TraceLevel = 'full' | 'decisions' | 'off'

/** The services of an executor. */
export interface Kernel {
  readonly time: Time
  readonly ids: Ids
  readonly hash: Hash
  readonly journal: Journal | undefined
  readonly trace: TraceLevel
  readonly maxTraceEntries: number
  /** Data is copied, checked and frozen at every gate. */
  readonly checked: boolean
  readonly registry: Registry
  readonly deadlines: Deadlines
  readonly approvals: Approvals
  readonly cache: ResultCache
  readonly overhead: OverheadBudget
  readonly settledSlot: Slot
  /** Operations that have not ended. */
  readonly running: RunningOperations
  /** Async observers that still run. */
  readonly observing: Set<Promise<void>>
  /** What forks and `ctx.run` lead to at points that fire outside any operation; a system sets it. */
  targets: Targets
  /** What an execution that does not say does when it has to wait for an approval. */
  onSuspend: 'wait' | 'return'
  stopped: boolean
  /** Takes no new work, and what runs goes on. */
  closing: boolean
  /** Who looks on; a system sets it. */
  watch: Watch | undefined
}
