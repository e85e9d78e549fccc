/** A queue with two ends on one array: grows by doubling, and never moves what is in it but then. */

const FIRST_LENGTH = 4

/** A queue. What bounds it is whoever fills it. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(FIRST_LENGTH)
  #head = 0
  size = 0

  push(value: T): void {
    if (this.size === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.size++) & (this.#slots.length - 1)] = value
  }

  /** Takes the first out. */
  shift(): T | undefined {
    if (this.size === 0) return undefined
    const at = this.#head
    const value = this.#slots[at]
    // Or what has been handed on could not be collected.
    this.#slots[at] = undefined
    this.#head = (at + 1) & (this.#slots.length - 1)
    this.size--
    return value
  }

  /** Takes the last out. */
  pop(): T | undefined {
    if (this.size === 0) return undefined
    const at = (this.#head + --this.size) & (this.#slots.length - 1)
    const value = this.#slots[at]
    this.#slots[at] = undefined
    return value
  }

  /** Takes out, in their order, what does not pass; gives how many. */
  removeUnless(keep: (value: T) => boolean): number {
    const before = this.size
    for (let left = before; left > 0; left--) {
      const value = this.shift() as T
      if (keep(value)) this.push(value)
    }
    return before - this.size
  }

  clear(): void {
    this.#slots = new Array<T | undefined>(FIRST_LENGTH)
    this.#head = 0
    this.size = 0
  }

  #grow(): void {
    const { length } = this.#slots
    const slots = new Array<T | undefined>(length * 2)
    for (let i = 0; i < length; i++) slots[i] = this.#slots[(this.#head + i) & (length - 1)]
    this.#slots = slots
    this.#head = 0
  }
}
