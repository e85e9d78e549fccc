/**
 * Time as the executor reads it. An injected clock is read every time. The system's clock costs as much as several
 * hooks, so in a hot loop one reading serves many: the first 256 readings of a turn are exact, then every 64th.
 */
import { systemClock } from '../../ports/clock.ts'
import type { Clock } from '../../ports/clock.ts'

const EXACT_READINGS = 256
const SHARED_READINGS = 64

/** Reads a clock, exactly or, in hot loops on the system's clock, cheaply. */
export class Time {
  readonly clock: Clock
  /** Whether every reading is exact: the clock is not the system's. */
  readonly exact: boolean
  /** Whether the last coarse reading was an exact one. */
  fresh = true
  #cached = 0
  /** Readings that the cached time may still serve. */
  #shared = 0
  /** Exact readings since the event loop last turned. */
  #readings = 0
  #ticking = false

  constructor(clock: Clock) {
    this.clock = clock
    this.exact = clock !== systemClock
  }

  /** The time, read now. */
  now(): number {
    return (this.#cached = this.clock.now())
  }

  /** The time, at most 63 readings and one turn of the event loop old. */
  coarse(): number {
    if (this.#shared > 0) {
      this.#shared--
      this.fresh = false
      return this.#cached
    }
    return this.#read()
  }

  /** Something took long, and shared readings cannot say what: the next 256 readings are exact. */
  sharpen(): void {
    this.#readings = 0
    this.#shared = 0
  }

  #read(): number {
    this.#cached = this.clock.now()
    this.fresh = true
    if (!this.exact && ++this.#readings > EXACT_READINGS) {
      this.#shared = SHARED_READINGS - 1
      if (!this.#ticking) this.#expireNextTurn()
    }
    return this.#cached
  }

  /** Only the event loop knows when a turn ends. */
  #expireNextTurn(): void {
    this.#ticking = true
    this.soon(() => {
      this.#ticking = false
      this.#readings = 0
      this.#shared = 0
    })
  }

  /** The event loop has turned: timers that were due have been told, whatever the clock. */
  turned(): Promise<void> {
    return new Promise((resolve) => {
      // eslint-disable-next-line no-restricted-globals -- not for time: a turn, whatever the clock
      setImmediate(resolve)
    })
  }

  /** Calls back in one of the next turns of the event loop, and keeps no process alive for it; on another clock than the system's at once. */
  soon(callback: () => void): void {
    if (this.exact) {
      callback()
      return
    }
    // eslint-disable-next-line no-restricted-globals -- not for time: with a clock of tests, `exact` is set
    const timer = setTimeout(callback, 1)
    if (typeof timer === 'object') timer.unref()
  }
}
