/**
 * The kernel's circuit breaker: counters alone, no actor and no timer. It lives here because it is the one
 * implementation of the counters; a machine may stand behind it and be told when a threshold is crossed.
 */
import * as z from 'zod'
import { durationSchema, positiveDurationSchema } from '../duration.ts'
import type { Breaker, BreakerSettings, BreakerSnapshot, BreakerState } from '../ports/breaker.ts'
import type { Clock } from '../ports/clock.ts'

/**
 * The named settings of breakers. Values of the reference system; window, multiplier and cap are ours, because
 * there the window was never read and the backoff never built.
 *
 * @example
 * ```ts
 * import { breakerPresets } from 'hookchart/hooks'
 * console.assert(breakerPresets.production.failureThreshold < breakerPresets.conservative.failureThreshold)
 * ```
 */
export const breakerPresets = {
  default: preset({
    failureThreshold: 3,
    successThreshold: 2,
    windowMs: 30_000,
    openMs: 15_000,
    slowCallThreshold: 2,
    slowCallMs: 50,
  }),
  production: preset({
    failureThreshold: 2,
    successThreshold: 1,
    windowMs: 20_000,
    openMs: 10_000,
    slowCallThreshold: 1,
    slowCallMs: 25,
  }),
  conservative: preset({
    failureThreshold: 5,
    successThreshold: 3,
    windowMs: 60_000,
    openMs: 30_000,
    slowCallThreshold: 3,
    slowCallMs: 100,
  }),
} as const satisfies Record<string, BreakerSettings>

function preset(settings: Omit<BreakerSettings, 'openMultiplier' | 'maxOpenMs'>): BreakerSettings {
  return { ...settings, openMultiplier: 2, maxOpenMs: settings.openMs * 8 }
}

const thresholdSchema = z.int().positive()

/** A preset's name, settings over those of the default preset, or false for no breaker. Its output is the full settings, or false. */
export const breakerSchema = z
  .union(
    [
      z.literal(false),
      z.enum(['default', 'production', 'conservative']),
      z
        .strictObject({
          failureThreshold: thresholdSchema.optional(),
          successThreshold: thresholdSchema.optional(),
          windowMs: positiveDurationSchema.optional(),
          openMs: positiveDurationSchema.optional(),
          openMultiplier: z.number().min(1).optional(),
          maxOpenMs: positiveDurationSchema.optional(),
          slowCallThreshold: thresholdSchema.optional(),
          slowCallMs: durationSchema.optional(),
        })
        // A cap alone may be under the default that it caps.
        .refine(({ openMs = 0, maxOpenMs = openMs }) => maxOpenMs >= openMs, {
          path: ['maxOpenMs'],
          error: 'expected no less than "openMs"',
        }),
    ],
    { error: "expected one of the presets 'default', 'production' and 'conservative', settings, or false" },
  )
  .transform((value): BreakerSettings | false => {
    if (value === false) return false
    if (typeof value === 'string') return breakerPresets[value]
    const settings = { ...breakerPresets.default, ...value } as BreakerSettings
    return 'maxOpenMs' in value ? settings : { ...settings, maxOpenMs: settings.openMs * 8 }
  })

/** What users write for a breaker. */
export type BreakerOption = z.input<typeof breakerSchema>

/** The times of a window once another is added. */
export function withinWindow(times: readonly number[], at: number, windowMs: number): number[] {
  return [...times, at].filter((time) => at - time <= windowMs)
}

/** How long a breaker stays open that opens for the n-th time without a closing in between. */
export function openMsAfter({ openMs, openMultiplier, maxOpenMs }: BreakerSettings, opens: number): number {
  return Math.min(openMs * openMultiplier ** (opens - 1), maxOpenMs)
}

/** The probes that may still report; one that never does must not hold its place for ever. */
export function probesInTime(probes: readonly number[], at: number, openMs: number): number[] {
  return probes.filter((since) => at - since < openMs)
}

/** Told of every change of state, as soon as it has happened. */
export type BreakerListener = (state: BreakerState, at: number) => void

/** A breaker of counters in sliding windows, with bounded probes and a backoff with a cap. Reads the clock only when open, failing or slow. */
export class CounterBreaker implements Breaker {
  readonly slowCallMs: number
  readonly #settings: BreakerSettings
  readonly #clock: Clock
  readonly #onChange: BreakerListener | undefined
  #state: BreakerState = 'closed'
  #generation = 0
  #failures: number[] = []
  #slowCalls: number[] = []
  #successes = 0
  #probes: number[] = []
  #lostProbes = 0
  #opens = 0
  #openUntil = 0

  constructor(settings: BreakerSettings, clock: Clock, onChange?: BreakerListener) {
    this.#settings = settings
    this.#clock = clock
    this.#onChange = onChange
    this.slowCallMs = settings.slowCallMs
  }

  get state(): BreakerState {
    if (this.#state === 'open') this.#probeWhenDue()
    return this.#state
  }

  tryAcquire(): boolean {
    const state = this.state
    if (state !== 'halfOpen') return state === 'closed'
    const now = this.#clock.now()
    const inTime = probesInTime(this.#probes, now, this.#settings.openMs)
    if (inTime.length >= this.#settings.successThreshold) return false
    this.#lostProbes += this.#probes.length - inTime.length
    this.#probes = [...inTime, now]
    return true
  }

  permit(): number {
    return this.#generation
  }

  success(durationMs: number, permit = this.#generation): void {
    if (permit !== this.#generation) return
    const slow = durationMs >= this.slowCallMs
    if (this.#state === 'closed') {
      if (slow) this.#countSlowCall()
    } else if (this.#state === 'halfOpen') {
      this.#endProbe()
      if (slow) this.#open()
      else if (++this.#successes >= this.#settings.successThreshold) this.reset()
    }
  }

  failure(_durationMs: number, permit = this.#generation): void {
    if (permit !== this.#generation) return
    if (this.#state === 'halfOpen') this.#open()
    else if (this.#state === 'closed') this.#countFailure()
  }

  release(permit = this.#generation): void {
    if (permit === this.#generation) this.#endProbe()
  }

  trip(): void {
    this.#open()
  }

  reset(): void {
    this.#opens = 0
    this.#enter('closed', this.#clock.now())
  }

  /** Goes on where another has been. */
  hydrate(snapshot: BreakerSnapshot): void {
    const { state, generation, failures, slowCalls, successes, probes, lostProbes, opens, openUntil } = snapshot
    this.#state = state
    this.#generation = generation
    this.#failures = [...failures]
    this.#slowCalls = [...slowCalls]
    this.#successes = successes
    this.#probes = [...probes]
    this.#lostProbes = lostProbes
    this.#opens = opens
    this.#openUntil = openUntil
  }

  snapshot(): BreakerSnapshot {
    return {
      state: this.state,
      generation: this.#generation,
      failures: [...this.#failures],
      slowCalls: [...this.#slowCalls],
      successes: this.#successes,
      probes: [...this.#probes],
      lostProbes: this.#lostProbes,
      opens: this.#opens,
      openUntil: this.#openUntil,
    }
  }

  #probeWhenDue(): void {
    const now = this.#clock.now()
    if (now >= this.#openUntil) this.#enter('halfOpen', now)
  }

  /** Who reports is not known by name. While a probe is lost it may be that one, whose place went to another long ago. */
  #endProbe(): void {
    if (this.#lostProbes > 0) this.#lostProbes--
    else this.#probes.shift()
  }

  #countFailure(): void {
    this.#failures = withinWindow(this.#failures, this.#clock.now(), this.#settings.windowMs)
    if (this.#failures.length >= this.#settings.failureThreshold) this.#open()
  }

  #countSlowCall(): void {
    this.#slowCalls = withinWindow(this.#slowCalls, this.#clock.now(), this.#settings.windowMs)
    if (this.#slowCalls.length >= this.#settings.slowCallThreshold) this.#open()
  }

  #open(): void {
    const now = this.#clock.now()
    this.#openUntil = now + openMsAfter(this.#settings, ++this.#opens)
    this.#enter('open', now)
  }

  #enter(state: BreakerState, at: number): void {
    this.#state = state
    this.#generation++
    this.#failures = []
    this.#slowCalls = []
    this.#successes = 0
    this.#probes = []
    this.#lostProbes = 0
    this.#onChange?.(state, at)
  }
}
