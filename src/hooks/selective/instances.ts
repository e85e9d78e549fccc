/** The live instances of selective hooks: how many there may be, which goes first, and how it goes. */
import { isPromise } from '../flow.ts'
import { disposerOf, sizeOf } from './instance.ts'
import type { HookInstance } from './instance.ts'

/** Why an instance was disposed of. */
export type DisposeReason = 'evicted' | 'cleared' | 'unregistered'

/** An instance that is gone. */
export interface DisposedInstance {
  /** The name of its hook. */
  readonly hook: string
  readonly reason: DisposeReason
  /** What its own `dispose` threw or rejected with. */
  readonly error?: unknown
}

/** An instance that was made and is not disposed of. */
export interface Live {
  readonly hook: string
  readonly instance: HookInstance
  /** Calls of it that run. */
  running: number
  /** It goes as soon as no call of it runs. */
  leaving: DisposeReason | undefined
  /** Told when it is no longer the one to call. */
  readonly onLeave: () => void
}

/** What live instances say of their size. */
export interface MemoryEstimate {
  /** The sum of what instances declare as `sizeBytes`. */
  readonly knownBytes: number
  /** Live instances that declare their size. */
  readonly measured: number
  /** Live instances that do not, or not as a number ≥ 0; they are not in `knownBytes`. */
  readonly unmeasured: number
}

/**
 * Live instances, in the order of their last call. Not an LRU cache from a library: those evict what is oldest, and
 * here what is in use must stay.
 */
export class Instances {
  /** Least recently called first. */
  readonly #live = new Set<Live>()
  readonly #max: number
  readonly #onDispose: ((disposed: DisposedInstance) => void) | undefined
  evictions = 0
  disposeFailures = 0

  constructor(max: number, onDispose: ((disposed: DisposedInstance) => void) | undefined) {
    this.#max = max
    this.#onDispose = onDispose
  }

  get size(): number {
    return this.#live.size
  }

  /** Whether one more fits without another having to go. */
  get hasRoom(): boolean {
    return this.#live.size < this.#max
  }

  /** Takes in an instance that calls wait for. */
  add(live: Live): void {
    this.#evictUntil(this.#max - 1)
    this.#live.add(live)
  }

  /** A call of it begins. */
  begin(live: Live): void {
    live.running++
    this.#live.delete(live)
    this.#live.add(live)
  }

  /** A call of it has ended. */
  end(live: Live): void {
    if (--live.running > 0) return
    if (live.leaving !== undefined) this.#dispose(live, live.leaving)
    else this.#evictUntil(this.#max)
  }

  /** Disposes of an instance, at once or when the calls of it that run have ended. */
  leave(live: Live, reason: DisposeReason): void {
    live.leaving ??= reason
    live.onLeave()
    if (live.running === 0) this.#dispose(live, reason)
  }

  /** Disposes of all. */
  clear(): void {
    for (const live of [...this.#live]) this.leave(live, 'cleared')
  }

  memoryEstimate(): MemoryEstimate {
    const sizes = [...this.#live].map(({ instance }) => sizeOf(instance)).filter((size) => size !== undefined)
    return {
      knownBytes: sizes.reduce((sum, size) => sum + size, 0),
      measured: sizes.length,
      unmeasured: this.#live.size - sizes.length,
    }
  }

  #evictUntil(size: number): void {
    for (const live of this.#live) {
      if (this.#live.size <= size) return
      if (live.running > 0) continue
      this.evictions++
      this.leave(live, 'evicted')
    }
  }

  /** A failure here reaches nobody's call: it is counted and handed to `onDispose`. */
  #dispose(live: Live, reason: DisposeReason): void {
    if (!this.#live.delete(live)) return
    const failed = (error: unknown) => {
      this.disposeFailures++
      this.#tell({ hook: live.hook, reason, error })
    }
    const done = () => {
      this.#tell({ hook: live.hook, reason })
    }
    try {
      const disposing = disposerOf(live.instance)?.call(live.instance)
      if (isPromise(disposing)) Promise.resolve(disposing).then(done, failed)
      else done()
    } catch (error) {
      failed(error)
    }
  }

  #tell(disposed: DisposedInstance): void {
    try {
      this.#onDispose?.(disposed)
    } catch {
      // A call of some other hook made room: it must not fail of what an observer does.
    }
  }
}
