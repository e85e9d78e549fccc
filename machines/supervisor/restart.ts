/** What decides about one restart: whether it is due at all, whether it is one too many, and how long is waited before it. */
import { backoffMs } from '../retry.ts'
import type { Backoff } from '../retry.ts'

/** Which exits of a child are followed by a restart: all, those that are failures, or none. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary'

/** How a child has ended by itself: as it should, or not. */
export type ExitKind = 'normal' | 'abnormal'

/** The wait before a restart: `delayMs × multiplier^(n-1)` before the nth in a row, at most `maxDelayMs`, less what chance takes. */
export interface RestartBackoff extends Backoff {
  /** The share of the wait that chance may take away, from 0 to 1. */
  readonly jitter: number
}

/** Whether a child is started again after it has ended by itself. */
export function startsAgain(policy: RestartPolicy, kind: ExitKind): boolean {
  return policy === 'permanent' || (policy === 'transient' && kind === 'abnormal')
}

/** The restarts that still count: one that is a whole period old counts no more. */
export function restartsInPeriod(times: readonly number[], at: number, periodMs: number): readonly number[] {
  return times.filter((time) => time > at - periodMs)
}

/** The wait before the nth restart in a row; `chance` is 0 ≤ n < 1. */
export function restartDelayMs(backoff: RestartBackoff, inARow: number, chance: number): number {
  return backoffMs(backoff, inARow) * (1 - backoff.jitter * chance)
}
