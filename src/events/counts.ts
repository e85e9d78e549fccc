/** What becomes of events, counted: nothing is lost without a count, and every count has one reason. */

/**
 * Why a subscription did not get an event that was published for it.
 *
 * - `drop_oldest`, `drop_newest`: it was full, and that is its strategy.
 * - `rejected`: it was full, and the publisher was told with EVENT_REJECTED.
 * - `blocked`: the publisher waited for room until its deadline, EVENT_BLOCKED.
 * - `aborted`: the publisher waited for room until its signal was aborted.
 * - `deadlock`: the publisher would have waited for itself, EVENT_DEADLOCK.
 * - `breaker_open`: its handler keeps failing, so that it was cut off.
 * - `unsubscribed`: it was waiting when the subscription ended.
 * - `stopped`: it was waiting when the bus was stopped.
 */
export type DropReason =
  | 'drop_oldest'
  | 'drop_newest'
  | 'rejected'
  | 'blocked'
  | 'aborted'
  | 'deadlock'
  | 'breaker_open'
  | 'unsubscribed'
  | 'stopped'

/**
 * Why a publish came to nothing, so that no subscription had a part in it.
 *
 * - `rate_limited`: there were too many.
 * - `cancelled`, `replaced`: a hook said so.
 * - `loop`: too many events caused one another, EVENT_LOOP.
 */
export type RefusalReason = 'rate_limited' | 'cancelled' | 'replaced' | 'loop'

/** Events that were not handed on, by reason. */
export type Drops = Record<DropReason, number>

/**
 * What became of the events of a subscription.
 * At any time `published = delivered + all dropped + expired + pending + waiting`.
 */
export interface Counts {
  /** Events published while it was there whose type its pattern matches. */
  published: number
  /** Handed to the handler; each is `handled`, `failed` or still running. */
  delivered: number
  handled: number
  /** The handler threw, rejected or did not settle in time. Retries of one event count once. */
  failed: number
  /** Older than their time to live. */
  expired: number
  readonly dropped: Drops
}

/** Counts of nothing. */
export function noCounts(): Counts {
  const dropped: Drops = {
    drop_oldest: 0,
    drop_newest: 0,
    rejected: 0,
    blocked: 0,
    aborted: 0,
    deadlock: 0,
    breaker_open: 0,
    unsubscribed: 0,
    stopped: 0,
  }
  return { published: 0, delivered: 0, handled: 0, failed: 0, expired: 0, dropped }
}

/** Adds counts to others. */
export function addCounts(sum: Counts, { dropped, ...counts }: Counts): void {
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) sum[key] += counts[key]
  for (const key of Object.keys(dropped) as DropReason[]) sum.dropped[key] += dropped[key]
}

/** A copy that stays as it is. */
export function copyCounts(counts: Counts): Counts {
  return { ...counts, dropped: { ...counts.dropped } }
}
