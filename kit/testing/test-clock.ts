/** A clock that stands still until a test moves it. */
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import type { Clock } from '../../src/ports/clock.ts'

/** A clock under a test's control. */
export interface TestClock extends Clock {
  /**
   * Moves the time on. Timers that come due fire one after another, each at its own time, before this returns; the
   * promise it gives has let everything run that they set going. Timers that are set by that are counted from the new time.
   */
  advance(ms: number): Promise<void>
  /** The same, but stops at each timer until all that it set going has run: timers set by it may come due on the way. */
  advanceSteps(ms: number): Promise<void>
  /** Lets everything run that is not waiting for time. */
  settle(): Promise<void>
  /** How many timers are set. */
  readonly timers: number
}

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

/** Rounds of microtasks that are let run; a chain of promises longer than this is no longer a test's. */
const ROUNDS = 200

const schema = z.number().nonnegative()

/**
 * A clock for tests: it starts at 0, or where you say, and moves only by `advance`.
 *
 * Timers due at the same time fire in the order in which they were set.
 *
 * @throws INVALID_OPTIONS for a time that is negative or no number
 * @example
 * ```ts
 * import { createHooks } from 'hookchart/hooks'
 * import { createTestClock } from 'hookchart/testing'
 * const clock = createTestClock()
 * const hooks = createHooks({ clock })
 * hooks.register('BeforeToolExecution', () => new Promise<void>(() => {}), { name: 'hangs', timeoutMs: '5s' })
 * const running = hooks.wrap({ name: 'add', before: 'BeforeToolExecution' }, (n: number) => n + 1)(1)
 * await clock.advance(5_000)
 * console.assert((await running).output === 2)
 * ```
 */
export function createTestClock(startAt = 0): TestClock {
  let now = parseOptions(schema, startAt, 'createTestClock')
  const timers = new Set<Timer>()

  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) {
      if (timer.dueAt <= until && (first === undefined || timer.dueAt < first.dueAt)) first = timer
    }
    return first
  }
  const fire = (timer: Timer) => {
    timers.delete(timer)
    now = Math.max(now, timer.dueAt)
    timer.callback()
  }
  const settle = async () => {
    for (let round = 0; round < ROUNDS; round++) await Promise.resolve()
  }
  const target = (ms: number) => now + parseOptions(schema, ms, 'clock.advance')

  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      const timer = { dueAt: now + Math.max(0, delayMs), callback }
      timers.add(timer)
      return timer
    },
    clearTimeout(handle) {
      timers.delete(handle as Timer)
    },
    advance(ms) {
      const until = target(ms)
      for (let timer = next(until); timer !== undefined; timer = next(until)) fire(timer)
      now = until
      return settle()
    },
    async advanceSteps(ms) {
      const until = target(ms)
      await settle()
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        fire(timer)
        await settle()
      }
      now = until
    },
    settle,
    get timers() {
      return timers.size
    },
  }
}
