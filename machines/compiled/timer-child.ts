/** A timer of a run: what `timer` is as an actor, without one. */
import type { AnyActorRef } from 'xstate'
import type { Clock } from '../../src/ports/clock.ts'
import type { TimerSnapshot } from '../effect/timer-logic.ts'
import { dueAtOf, leftAfter, waitOf } from '../effect/timer-time.ts'
import { RunChild } from './run-child.ts'
import type { Standing } from './run-child.ts'

export class TimerChild extends RunChild {
  readonly #clock: Clock
  readonly #dueAt: number | undefined
  #handle: unknown
  /** Why it cannot begin. */
  #flaw: unknown

  /** `dueAt` is that of a timer that went on before. */
  constructor(
    id: string,
    src: string,
    clock: Clock,
    parent: AnyActorRef,
    count: number,
    standing: Standing,
    syncSnapshot: boolean,
    dueAt: number | undefined,
  ) {
    super(id, src, parent, count, standing, syncSnapshot)
    this.#clock = clock
    try {
      this.#dueAt = dueAt ?? (standing.status === 'active' ? dueAtOf(id, standing.input, clock.now()) : undefined)
    } catch (error) {
      this.#flaw = error
    }
  }

  start(): void {
    if (this.isRunning || this.standing.status !== 'active') return
    if (this.#dueAt === undefined) {
      this.fail(this.#flaw)
      return
    }
    this.isRunning = true
    this.#arm(this.#dueAt, this.#dueAt - this.#clock.now())
    this.show()
  }

  stop(): void {
    if (this.standing.status !== 'active') return
    this.end('stopped')
    this.disarm()
  }

  /** It stands as it is, and never comes. */
  disarm(): void {
    if (this.#handle !== undefined) this.#clock.clearTimeout(this.#handle)
    this.#handle = undefined
  }

  getSnapshot(): TimerSnapshot {
    return { ...this.standing, name: this.src, effectId: this.effectId, dueAt: this.#dueAt } as TimerSnapshot
  }

  #arm(dueAt: number, leftMs: number): void {
    const waitedMs = waitOf(leftMs)
    this.#handle = this.#clock.setTimeout(() => {
      this.#handle = undefined
      const lateMs = this.#clock.now() - dueAt
      const left = leftAfter(waitedMs, leftMs, lateMs)
      if (left <= 0) this.succeed({ lateMs: Math.max(0, lateMs) })
      else {
        this.#arm(dueAt, left)
        this.show()
      }
    }, waitedMs)
  }
}
