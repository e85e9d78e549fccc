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
  readonly #kernel: Kernel
  readonly #operation: Operation

  constructor(kernel: Kernel, operation: Operation, timeoutMs: number) {
    this.#kernel = kernel
    this.#operation = operation
    this.timeoutMs = timeoutMs
    operation.leftMs = timeoutMs
  }

  /** Lowers the deadline. */
  atMost(timeoutMs: number): void {
    if (timeoutMs >= this.timeoutMs) return
    this.#operation.leftMs = Math.min(this.leftMs, timeoutMs)
    this.timeoutMs = timeoutMs
  }

  get leftMs(): number {
    return this.#operation.leftMs
  }

  /** Does work that counts against the deadline. */
  spend<T>(work: () => Maybe<T>): Maybe<T> {
    if (this.leftMs === Infinity) return work()
    const operation = this.#operation
    operation.dueAt = this.#kernel.time.now() + operation.leftMs
    return lastly(work, () => {
      operation.leftMs = operation.remainingMs(this.#kernel.time.now())
      operation.dueAt = undefined
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
