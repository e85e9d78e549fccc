/** A bounded memo in two generations: what is asked for stays, what is not goes, and a hit costs one look. */

/** Remembers at least the last `size` things that were asked for, and never more than twice as many. */
export class Memo<T> {
  readonly #size: number
  #young = new Map<string, T>()
  #old = new Map<string, T>()

  constructor(size: number) {
    this.#size = size
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string): T | undefined {
    const found = this.#young.get(key)
    return found === undefined ? this.#promote(key) : found
  }

  set(key: string, value: T): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }

  #promote(key: string): T | undefined {
    const found = this.#old.get(key)
    if (found === undefined) return undefined
    this.#old.delete(key)
    this.set(key, found)
    return found
  }
}
