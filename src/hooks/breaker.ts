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
  .union([
    z.literal(false),
    z.enum(['default', 'production', 'conservative']),
    z.strictObject({
      failureThreshold: thresholdSchema.optional(),
      successThreshold: thresholdSchema.optional(),
      windowMs: positiveDurationSchema.optional(),
      openMs: positiveDurationSchema.optional(),
      openMultiplier: z.number().min(1).optional(),
      maxOpenMs: positiveDurationSchema.optional(),
      slowCallThreshold: thresholdSchema.optional(),
      slowCallMs: durationSchema.optional(),
    }),
  ])
  .transform((value): BreakerSettings | false => {
    if (value === false) return false
    if (typeof value === 'string') return breakerPresets[value]
    const settings = { ...breakerPresets.default, ...value } as BreakerSettings
    return 'maxOpenMs' in value ? settings : { ...settings, maxOpenMs: settings.openMs * 8 }
  })

/** What users write for a breaker. */
export type BreakerOption = z.input<typeof breakerSchema>

/** A breaker of counters in sliding windows, with bounded probes and a backoff with a cap. Reads the clock only when open, failing or slow. */
export class CounterBreaker implements Breaker {
  readonly slowCallMs: number
  readonly #settings: BreakerSettings
  readonly #clock: Clock
  #state: BreakerState = 'closed'
  #generation = 0
  #failures: number[] = []
  #slowCalls: number[] = []
  #successes = 0
  #probes: number[] = []
  #opens = 0
  #openUntil = 0

  constructor(settings: BreakerSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.slowCallMs = settings.slowCallMs
  }

  get state(): BreakerState {
    if (this.#state === 'open' && this.#clock.now() >= this.#openUntil) this.#enter('halfOpen')
    return this.#state
  }

  tryAcquire(): boolean {
    const state = this.state
    if (state !== 'halfOpen') return state === 'closed'
    const now = this.#clock.now()
    // A probe that never reports must not hold its place for ever.
    this.#probes = this.#probes.filter((since) => now - since < this.#settings.openMs)
    if (this.#probes.length >= this.#settings.successThreshold) return false
    this.#probes.push(now)
    return true
  }

  permit(): number {
    return this.#generation
  }

  success(durationMs: number, permit = this.#generation): void {
    if (permit !== this.#generation) return
    const slow = durationMs >= this.slowCallMs
    if (this.#state === 'closed') {
      if (slow && this.#count(this.#slowCalls) >= this.#settings.slowCallThreshold) this.#open()
    } else if (this.#state === 'halfOpen') {
      this.#probes.shift()
      if (slow) this.#open()
      else if (++this.#successes >= this.#settings.successThreshold) this.#enter('closed')
    }
  }

  failure(_durationMs: number, permit = this.#generation): void {
    if (permit !== this.#generation) return
    if (this.#state === 'halfOpen') this.#open()
    else if (this.#state === 'closed' && this.#count(this.#failures) >= this.#settings.failureThreshold) this.#open()
  }

  release(permit = this.#generation): void {
    if (permit === this.#generation) this.#probes.shift()
  }

  trip(): void {
    this.#open()
  }

  reset(): void {
    this.#enter('closed')
  }

  snapshot(): BreakerSnapshot {
    return {
      state: this.state,
      generation: this.#generation,
      failures: [...this.#failures],
      slowCalls: [...this.#slowCalls],
      successes: this.#successes,
      probes: [...this.#probes],
      opens: this.#opens,
      openUntil: this.#openUntil,
    }
  }

  /** Adds now to a window and gives how many are left in it; never more than the threshold that opens. */
  #count(window: number[]): number {
    const now = this.#clock.now()
    window.push(now)
    while (now - (window[0] as number) > this.#settings.windowMs) window.shift()
    return window.length
  }

  #open(): void {
    const { openMs, openMultiplier, maxOpenMs } = this.#settings
    this.#enter('open')
    this.#opens++
    this.#openUntil = this.#clock.now() + Math.min(openMs * openMultiplier ** (this.#opens - 1), maxOpenMs)
  }

  #enter(state: BreakerState): void {
    this.#state = state
    this.#generation++
    this.#failures = []
    this.#slowCalls = []
    this.#successes = 0
    this.#probes = []
    if (state === 'closed') this.#opens = 0
  }
}
