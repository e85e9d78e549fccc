/** `createBreaker`: counters that guard calls, and the machine that shows them. */
import { createActor } from 'xstate'
import type { ActorRefFrom } from 'xstate'
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import { breakerSchema, CounterBreaker } from '../../src/hooks/breaker.ts'
import type { BreakerOption } from '../../src/hooks/breaker.ts'
import { Time } from '../../src/hooks/executor/time.ts'
import { isPromise } from '../../src/hooks/flow.ts'
import { parseOptions } from '../../src/options.ts'
import type { Breaker, BreakerSettings, BreakerSnapshot, BreakerState } from '../../src/ports/breaker.ts'
import { systemClock } from '../../src/ports/clock.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { functionSchema } from '../definition.ts'
import { breakerMachine } from './breaker-machine.ts'

/** Settings over those of the default preset, and a clock. */
export type CreateBreakerOptions = Exclude<BreakerOption, string | false> & {
  /** Default the clock of the machine. */
  readonly clock?: Clock
}

/** A circuit breaker of your own. */
export interface CircuitBreaker extends Breaker {
  /** The machine behind it, running; it changes with the breaker, at the latest when it is read. Made when it is first asked for. */
  readonly actor: ActorRefFrom<typeof breakerMachine>
  /**
   * Calls a function if it may be called, and counts how that ends: at once when the function is synchronous.
   *
   * @throws INVALID_OPTIONS for what is no function, BREAKER_OPEN, and whatever the function throws
   */
  run<T>(fn: () => T): T
  /** Goes on where another breaker has been. */
  hydrate(snapshot: BreakerSnapshot): void
  /** Ends the actor. */
  [Symbol.dispose](): void
}

const clockSchema = z.custom<Clock>(
  (value) => typeof (value as Partial<Clock> | null)?.now === 'function',
  'expected a clock with now',
)

/** The settings have a schema of their own, strict and shared with hooks. */
const clockedSchema = z.looseObject({ clock: clockSchema.optional() })

const times = z.array(z.number())

const snapshotSchema = z.strictObject({
  state: z.enum(['closed', 'open', 'halfOpen']),
  generation: z.int().nonnegative(),
  failures: times,
  slowCalls: times,
  successes: z.int().nonnegative(),
  probes: times,
  lostProbes: z.int().nonnegative(),
  opens: z.int().nonnegative(),
  openUntil: z.number(),
})

/**
 * Makes a circuit breaker: counters in sliding windows in front of a statechart.
 *
 * Closed, a call touches counters only, and only when it fails or is slow. Open, calls are refused until the time it
 * stays open is up; then as many probes as `successThreshold` are let through at a time, and when they succeed it
 * closes. Each opening without a closing in between lasts `openMultiplier` times longer, up to `maxOpenMs`. No timer is
 * armed: the clock is asked when somebody calls or reads `state`.
 *
 * @throws INVALID_OPTIONS
 * @example
 * ```ts
 * import { createBreaker } from 'hookchart/machines'
 * const breaker = createBreaker({ failureThreshold: 1, openMs: '10s' })
 * const broken = () => { throw new Error('down') }
 * try { breaker.run(broken) } catch {}
 * console.assert(breaker.state === 'open' && !breaker.tryAcquire())
 * ```
 */
export function createBreaker(
  options: CreateBreakerOptions | 'default' | 'production' | 'conservative' = {},
): CircuitBreaker {
  const isPreset = typeof options === 'string'
  const { clock = systemClock, ...given } = parseOptions(clockedSchema, isPreset ? {} : options, 'createBreaker')
  const settings = parseOptions(breakerSchema, isPreset ? options : given, 'createBreaker')
  return new MachineBreaker(settings as BreakerSettings, clock)
}

class MachineBreaker implements CircuitBreaker {
  readonly #settings: BreakerSettings
  readonly #counters: CounterBreaker
  readonly #clock: Clock
  readonly #time: Time
  #actor: ActorRefFrom<typeof breakerMachine> | undefined

  constructor(settings: BreakerSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.#time = new Time(clock)
    this.#counters = new CounterBreaker(settings, clock, (state, at) => this.#actor?.send(crossing(state, at)))
  }

  get state(): BreakerState {
    return this.#counters.state
  }

  get slowCallMs(): number {
    return this.#settings.slowCallMs
  }

  get actor(): ActorRefFrom<typeof breakerMachine> {
    return (this.#actor ??= this.#start())
  }

  tryAcquire(): boolean {
    return this.#counters.tryAcquire()
  }

  permit(): number {
    return this.#counters.permit()
  }

  success(durationMs: number, permit?: number): void {
    this.#counters.success(durationMs, permit)
  }

  failure(durationMs: number, permit?: number): void {
    this.#counters.failure(durationMs, permit)
  }

  release(permit?: number): void {
    this.#counters.release(permit)
  }

  trip(): void {
    this.#counters.trip()
  }

  reset(): void {
    this.#counters.reset()
  }

  snapshot(): BreakerSnapshot {
    return this.#counters.snapshot()
  }

  hydrate(snapshot: BreakerSnapshot): void {
    const parsed = parseOptions(snapshotSchema, snapshot, 'breaker.hydrate')
    this.#counters.hydrate(parsed)
    this.#actor?.send({ type: 'HYDRATE', snapshot: parsed })
  }

  run<T>(fn: () => T): T {
    if (typeof fn !== 'function') parseOptions(functionSchema(), fn, 'breaker.run')
    const counters = this.#counters
    if (!counters.tryAcquire()) throw this.#refused()
    const permit = counters.permit()
    const since = this.#time.coarse()
    const exact = this.#time.fresh
    let value: T
    try {
      value = fn()
    } catch (error) {
      counters.failure(0, permit)
      throw error
    }
    if (!isPromise(value)) {
      counters.success(this.#durationMs(since, exact), permit)
      return value
    }
    return Promise.resolve(value).then(
      (settled) => {
        counters.success(this.#durationMs(since, exact), permit)
        return settled
      },
      (error: unknown) => {
        // How long a failure took is not asked.
        counters.failure(0, permit)
        throw error
      },
    ) as T
  }

  [Symbol.dispose](): void {
    this.#actor?.stop()
    // Nobody is told any more; who asks again gets another that stands where the breaker then does.
    this.#actor = undefined
  }

  /** A call is slow by exact times only. By a shared reading it may only seem so: then the next calls are timed exactly. */
  #durationMs(since: number, exact: boolean): number {
    const durationMs = this.#time.coarse() - since
    if (durationMs < this.#settings.slowCallMs || (exact && this.#time.fresh)) return durationMs
    this.#time.sharpen()
    return 0
  }

  #start(): ActorRefFrom<typeof breakerMachine> {
    const { state, ...counted } = this.#counters.snapshot()
    const snapshot = breakerMachine.resolveState({ value: state, context: { settings: this.#settings, ...counted } })
    const actor = createActor(breakerMachine, { snapshot, input: this.#settings })
    // The counters decide; whoever watches the machine is told of its errors.
    actor.subscribe({ error: () => undefined })
    return actor.start()
  }

  #refused(): HookchartError {
    const { state, openUntil } = this.#counters.snapshot()
    const why =
      state === 'open'
        ? `it is open for another ${String(Math.ceil(openUntil - this.#clock.now()))} ms`
        : 'as many calls as may be are trying whether it can close'
    return new HookchartError('BREAKER_OPEN', `The call was refused by its circuit breaker: ${why}.`, {
      retryable: true,
      details: { state, openUntil },
    })
  }
}

/** What the machine is told of a crossing. */
function crossing(state: BreakerState, at: number) {
  if (state === 'open') return { type: 'TRIP', at } as const
  return state === 'closed' ? ({ type: 'RESET' } as const) : ({ type: 'READ', at } as const)
}
