/** The one outcome that a pass of a gate hands on. */
import type { DataAt } from './context.ts'

/** What a decision that is not `continue` tells besides. */
interface Decided<Data> {
  /** The hook that decided. */
  readonly hook: string
  /** The data behind the gate: what was given, with all accepted changes. */
  readonly data: Data
  readonly message?: string
}

/**
 * The one outcome of a pass: what `hooks.run` gives. `continue` means that nothing was decided or changed, and is always the same frozen object.
 * `cache` is what a hook noted; whoever runs the effect looks it up.
 */
export type Decision<Point = string, Data = DataAt<Point>> =
  | { readonly type: 'continue' }
  | { readonly type: 'modified'; readonly data: Data; readonly cache?: CacheNote }
  | (Decided<Data> & { readonly type: 'replace'; readonly value: unknown })
  | (Decided<Data> & { readonly type: 'redirect'; readonly target: string })
  | (Decided<Data> & { readonly type: 'retry'; readonly delayMs: number; readonly maxAttempts: number })
  | (Omit<Decided<Data>, 'hook'> & {
      readonly type: 'cancel'
      readonly hook?: string
      /** HOOK_CANCELLED, GUARD_FAILED, GUARD_TIMED_OUT, GUARD_UNAVAILABLE, APPROVAL_REJECTED, APPROVAL_EXPIRED or RUN_ABORTED. */
      readonly code: string
      readonly reason: string
      readonly cause?: unknown
    })

/** Where a result is cached, and for how long. */
export interface CacheNote {
  readonly key: string
  readonly ttlMs: number
  readonly hook: string
}

/** Nothing was decided and nothing changed. */
export const CONTINUE_DECISION: { readonly type: 'continue' } = Object.freeze({ type: 'continue' })
