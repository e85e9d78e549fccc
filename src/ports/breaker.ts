/** The circuit breaker as a port: the executor knows nothing more of a breaker than this. */

/** closed: calls pass. open: calls are refused. halfOpen: a bounded number of probes pass. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

/** What a breaker has counted; JSON. */
export interface BreakerSnapshot {
  readonly state: BreakerState
  /** Grows with every change of state; a result counts only in the generation that admitted its call. */
  readonly generation: number
  /** Times at which calls failed, inside the window; closed only. */
  readonly failures: readonly number[]
  /** Times at which calls were slow, inside the window; closed only. */
  readonly slowCalls: readonly number[]
  /** Probes that succeeded; halfOpen only. */
  readonly successes: number
  /** Times at which probes in flight began; halfOpen only. */
  readonly probes: readonly number[]
  /** Probes that were given up because they did not report in time, and may still do; halfOpen only. */
  readonly lostProbes: number
  /** How often it opened since it was last closed. */
  readonly opens: number
  /** When it lets the first probe through; open only. */
  readonly openUntil: number
}

/**
 * Guards calls. A call is admitted by `tryAcquire`, gets its `permit` right after, and is reported once:
 * by `success`, `failure`, or `release` when it counts as neither.
 *
 * While `state` is closed, a success faster than `slowCallMs` changes nothing and need not be reported.
 */
export interface Breaker {
  readonly state: BreakerState
  readonly slowCallMs: number
  tryAcquire(): boolean
  permit(): number
  success(durationMs: number, permit?: number): void
  failure(durationMs: number, permit?: number): void
  release(permit?: number): void
  trip(): void
  reset(): void
  snapshot(): BreakerSnapshot
}

/** A breaker's settings; see {@link breakerPresets} for the named ones. */
export interface BreakerSettings {
  /** Failures within the window that open it. */
  readonly failureThreshold: number
  /** Successful probes that close it; also the most probes in flight. */
  readonly successThreshold: number
  /** The sliding window over failures and slow calls. */
  readonly windowMs: number
  /** How long it stays open the first time. */
  readonly openMs: number
  /** Factor on `openMs` for each further opening without a closing in between. */
  readonly openMultiplier: number
  /** Longest time open. */
  readonly maxOpenMs: number
  /** Slow calls within the window that open it. */
  readonly slowCallThreshold: number
  /** A call of this duration or more is slow. */
  readonly slowCallMs: number
}

/** Makes the breaker of one hook. */
export type BreakerFactory = (settings: BreakerSettings) => Breaker
