/** Time as a port: nothing in hookchart reads the time or sets a timer but through a clock. */

/**
 * Where hookchart reads the time and sets timers.
 *
 * `now()` is in milliseconds since the epoch and may have a fraction; it must not go backwards.
 * A test passes `createTestClock()` from `hookchart/testing`.
 */
export interface Clock {
  now(): number
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}

/** When the process began; reading it from `performance` each time would cost more than the time itself. */
const ORIGIN_MS = performance.timeOrigin

/** setTimeout fires at once beyond this; a longer wait is several of them. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * The clock of the machine: monotonic, so that a change of the system's time shortens no deadline.
 *
 * @example
 * ```ts
 * import { systemClock } from 'hookchart/hooks'
 * console.assert(Math.abs(systemClock.now() - Date.now()) < 60_000)
 * ```
 */
export const systemClock: Clock = {
  now: () => ORIGIN_MS + performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(Math.ceil(delayMs), LONGEST_TIMER_MS)),
  clearTimeout: (handle) => {
    clearTimeout(handle as ReturnType<typeof setTimeout>)
  },
}
