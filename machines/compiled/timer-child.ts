/** A timer of a run: what `timer` is as an actor, without one. */
import type { AnyActorRef } from 'xstate'
import type { Clock } from '../../src/ports/clock.ts'
import type { TimerSnapshot } from '../effect/timer-logic.ts'
import { dueAtOf, leftAfter, waitOf } from '../effect/timer-time.ts'
import { RunChild } from './run-child.ts'
import type { Standing } from './run-child.ts'

/** Where the timers of one run are set. */
export class TimerWheel {
  readonly clock: Clock
  readonly #handles = new Set<unknown>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  set(callback: () => void, delayMs: number): unknown {
    const handle = this.clock.setTimeout(() => {
      this.#handles.delete(handle)
      callback()
    }, delayMs)
    this.#handles.add(handle)
    return handle
  }

  clear(handle: unknown): void {
    if (this.#handles.delete(handle)) this.clock.clearTimeout(handle)
  }

  /** The run has ended: none of them is left behind, also when it ended by what it threw. */
  clearAll(): void {
    for (const handle of this.#handles) this.clear(handle)
  }
}

export class TimerChild extends RunChild {
  readonly #wheel: TimerWheel
  /** Of one that cannot begin: none. */
  readonly #dueAt: number | undefined
  #handle: unknown

  /** `dueAt` is that of a timer that went on before. */
  constructor(
    id: string,
    src: string,
    wheel: TimerWheel,
    parent: AnyActorRef,
    count: number,
    standing: Standing,
    syncSnapshot: boolean,
    dueAt: number | undefined,
  ) {
    super(id, src, parent, count, standing, syncSnapshot)
    this.#wheel = wheel
    this.#dueAt = dueAt
    if (dueAt !== undefined || standing.status !== 'active') return
    try {
      this.#dueAt = dueAtOf(id, standing.input, wheel.clock.now())
    } catch (error) {
      this.end('error', undefined, error)
    }
  }

  getSnapshot(): TimerSnapshot {
    const { status, output, error, input } = this.standing
    if (this.#dueAt === undefined && status === 'error') return { status, output, error } as TimerSnapshot
    const which = { name: this.src, effectId: this.effectId, dueAt: this.#dueAt }
    return { status, output, error, input, ...which } as TimerSnapshot
  }

  protected begin(): void {
    const dueAt = this.#dueAt as number
    this.#arm(dueAt, dueAt - this.#wheel.clock.now())
    this.show()
  }

  protected release(): void {
    this.#wheel.clear(this.#handle)
  }

  #arm(dueAt: number, leftMs: number): void {
    const waitedMs = waitOf(leftMs)
    this.#handle = this.#wheel.set(() => {
      const lateMs = this.#wheel.clock.now() - dueAt
      const left = leftAfter(waitedMs, leftMs, lateMs)
      if (left <= 0) this.succeed({ lateMs: Math.max(0, lateMs) })
      else {
        this.#arm(dueAt, left)
        this.show()
      }
    }, waitedMs)
  }
}
