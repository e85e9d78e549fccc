/** The timers of a run: delayed events, by the id that cancels them. */
import type { EventObject } from 'xstate'
import type { Clock } from '../../src/ports/clock.ts'

export interface PendingEvent {
  readonly id: string
  readonly event: EventObject
  readonly dueAt: number
}

interface Timer extends PendingEvent {
  readonly handle: unknown
}

export class RunTimers {
  readonly #clock: Clock
  readonly #timers = new Map<string, Timer>()
  #unnamed = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(event: EventObject, delayMs: number, given: string | undefined, fire: (event: EventObject) => void): void {
    const id = given ?? `unnamed-${String(this.#unnamed++)}`
    const handle = this.#clock.setTimeout(() => {
      this.#timers.delete(id)
      fire(event)
    }, delayMs)
    this.#timers.set(id, { id, event, handle, dueAt: this.#clock.now() + delayMs })
  }

  cancel(id: string): void {
    const timer = this.#timers.get(id)
    if (timer === undefined) return
    this.#timers.delete(id)
    this.#clock.clearTimeout(timer.handle)
  }

  /** Ends all of them, and gives what would have come. */
  clear(): readonly PendingEvent[] {
    const pending = [...this.#timers.values()]
    for (const { handle } of pending) this.#clock.clearTimeout(handle)
    this.#timers.clear()
    return pending
  }
}
