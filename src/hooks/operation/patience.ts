/** What is left of an operation's own deadline, and waiting within it. It stands still while a gate decides. */
import type { Kernel } from '../executor/kernel.ts'
import type { Operation } from '../executor/operation.ts'
import { lastly, wait } from '../flow.ts'
import type { Flow, Maybe } from '../flow.ts'
import { OperationDeadline } from './operation-deadline.ts'

/** How a wait ended. */
export type WaitEnd = 'done' | 'aborted' | 'timed_out'

/** See the head of this file. */
export class Patience {
  timeoutMs: number
  /** How long its deadline was over when work last ended; negative while there was time. */
  overdueMs = -Infinity
  readonly #kernel: Kernel
  readonly #operation: Operation
  /** What is left of the time that whoever started it gives. */
  #givenMs: number
  /** What one try may take by itself. */
  #ownMs = Infinity

  constructor(kernel: Kernel, operation: Operation, timeoutMs: number) {
    this.#kernel = kernel
    this.#operation = operation
    this.timeoutMs = timeoutMs
    this.#givenMs = timeoutMs
    operation.leftMs = timeoutMs
  }

  /** Lowers the deadline, by a limit of its own. */
  atMost(timeoutMs: number): void {
    this.#ownMs = Math.min(this.#ownMs, timeoutMs)
    if (timeoutMs >= this.timeoutMs) return
    this.#operation.leftMs = Math.min(this.leftMs, timeoutMs)
    this.timeoutMs = timeoutMs
  }

  get leftMs(): number {
    return this.#operation.leftMs
  }

  /** Its own limit begins anew, for it is to be tried again; false when whoever started it gives no more time. */
  renew(): boolean {
    if (this.#ownMs === Infinity || this.#givenMs <= 0) return false
    this.#operation.leftMs = Math.min(this.#ownMs, this.#givenMs)
    return true
  }

  /** Does work that counts against the deadline. */
  spend<T>(work: () => Maybe<T>): Maybe<T> {
    if (this.leftMs === Infinity) return work()
    const operation = this.#operation
    const { leftMs } = operation
    operation.dueAt = this.#kernel.time.now() + leftMs
    return lastly(work, () => {
      const overdueMs = this.#kernel.time.now() - (operation.dueAt as number)
      operation.leftMs = Math.max(0, -overdueMs)
      operation.dueAt = undefined
      this.overdueMs = overdueMs
      this.#givenMs -= leftMs + overdueMs
    })
  }

  /** Lets time pass. */
  *sleep(delayMs: number): Flow<WaitEnd> {
    if (delayMs <= 0) return this.#operation.aborted === undefined ? 'done' : 'aborted'
    const { clock } = this.#kernel.time
    let timer: unknown
    const slept = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, delayMs)
    })
    const end = yield* this.until(slept)
    clock.clearTimeout(timer)
    return end
  }

  /** Waits for something else, which must not reject. */
  *until(promise: Promise<void>): Flow<WaitEnd> {
    return yield* wait(this.spend(() => this.#race(promise, this.leftMs)))
  }

  /** Waits for something else with a limit of its own; the deadline stands still. */
  *within(promise: Promise<void>, limitMs: number): Flow<WaitEnd> {
    return yield* wait(this.#race(promise, limitMs))
  }

  #race(promise: Promise<void>, leftMs: number): WaitEnd | Promise<WaitEnd> {
    const operation = this.#operation
    if (operation.aborted !== undefined) return 'aborted'
    return new Promise((resolve) => {
      const end = (how: WaitEnd) => {
        deadline?.cancel()
        stopListening()
        resolve(how)
      }
      const stopListening = operation.onAbort(() => {
        end('aborted')
      })
      const deadline =
        leftMs === Infinity
          ? undefined
          : new OperationDeadline(this.#kernel, operation, leftMs, () => {
              end('timed_out')
            })
      void promise.then(() => {
        end('done')
      })
    })
  }
}
