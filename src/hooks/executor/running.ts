/** Operations that have not ended, and when there are none. */
import type { Operation } from './operation.ts'

/** A set of operations that somebody can wait to see empty. */
export class RunningOperations implements Iterable<Operation> {
  readonly #operations = new Set<Operation>()
  readonly #waiting: (() => void)[] = []

  get size(): number {
    return this.#operations.size
  }

  add(operation: Operation): void {
    this.#operations.add(operation)
  }

  delete(operation: Operation): void {
    this.#operations.delete(operation)
    if (this.#operations.size > 0 || this.#waiting.length === 0) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Settles once nothing runs. */
  drained(): Promise<void> {
    return this.#operations.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve))
  }

  [Symbol.iterator](): Iterator<Operation> {
    return this.#operations.values()
  }
}
