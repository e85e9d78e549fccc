/** The deadline of what an operation waits for. It stands still with the operation. */
import type { Deadline } from '../executor/deadlines.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Countdown, Operation } from '../executor/operation.ts'

/** See the head of this file. */
export class OperationDeadline implements Countdown {
  readonly #kernel: Kernel
  readonly #operation: Operation
  readonly #expire: () => void
  readonly #forget: () => void
  #deadline: Deadline | undefined
  #leftMs: number
  #stoppedAt: number | undefined
  #isOver = false

  /** Calls `expire` once the time is up, unless it is cancelled before. It runs from `since`, or from now. */
  constructor(kernel: Kernel, operation: Operation, leftMs: number, expire: () => void, since?: number) {
    this.#kernel = kernel
    this.#operation = operation
    this.#expire = expire
    this.#leftMs = leftMs
    kernel.deadlines.hold()
    this.#arm(since)
    this.#forget = operation.countDown(this)
  }

  #arm(since?: number): void {
    this.#deadline = this.#kernel.deadlines.arm(this.#leftMs, this.#expire, undefined, since)
  }

  stop(): void {
    const { deadlines, time } = this.#kernel
    if (this.#deadline?.armed !== true) return
    deadlines.disarm(this.#deadline)
    this.#stoppedAt = time.now()
    this.#leftMs = Math.max(0, this.#deadline.dueAt - this.#stoppedAt)
  }

  goOn(): void {
    if (this.#stoppedAt === undefined) return
    const operation = this.#operation
    const stoodMs = this.#kernel.time.now() - this.#stoppedAt
    this.#stoppedAt = undefined
    if (operation.dueAt !== undefined) operation.dueAt += stoodMs
    this.#arm()
  }

  cancel(): void {
    // What was given up ends later all the same.
    if (this.#isOver) return
    this.#isOver = true
    this.#forget()
    this.goOn()
    const { deadlines } = this.#kernel
    if (this.#deadline !== undefined) deadlines.disarm(this.#deadline)
    deadlines.release()
  }
}
