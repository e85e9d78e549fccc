/** Waiting for plain hooks without a generator or a closure a hook. */
import type { Maybe } from '../flow.ts'
import type { Link } from '../registry/link.ts'
import type { Chain } from '../registry/slot.ts'
import type { Deadline } from './deadlines.ts'
import { operationOf } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import type { Operation } from './operation.ts'
import type { Begun } from './pass.ts'
import { last, loop, stopped, suspectSlowness, timedLoop, told } from './plain-loop.ts'
import type { Stop } from './plain-loop.ts'

/** What a wait comes to. */
export interface WaitEnds<T> {
  /** Nobody had anything to say. */
  quiet(ctx: PassContext): Maybe<T>
  /** The pass takes over. */
  takeOver(stop: Stop): Maybe<T>
}

/** Waits for plain hooks, one after another. One object a pass, whatever the number of its hooks; goes on once somebody listens. */
export class PlainWait<T> {
  readonly #kernel: Kernel
  readonly #chain: Chain
  readonly #operation: Operation | undefined
  readonly #timed: boolean
  /** When it began to wait. What hooks did before in one go is known only when they are timed. */
  readonly #startedAt: number
  #ends: WaitEnds<T> | undefined
  #resolve: ((value: Maybe<T>) => void) | undefined
  #reject: ((error: unknown) => void) | undefined
  #stopListening: (() => void) | undefined
  #ctx: PassContext
  #index: number
  #promise: PromiseLike<unknown> | undefined
  #permit: number | undefined
  #since: number
  #deadline: Deadline | undefined
  #deadlineMs = 0

  /** Takes over from a loop that ended just now. */
  constructor(kernel: Kernel, chain: Chain, operation: Operation | undefined, timed: boolean) {
    const { index, ctx, value, since } = last
    last.ctx = undefined
    last.value = undefined
    this.#kernel = kernel
    this.#chain = chain
    this.#operation = operation
    this.#timed = timed
    this.#startedAt = since ?? kernel.time.now()
    this.#since = this.#startedAt
    this.#index = index
    this.#ctx = ctx as PassContext
    this.#promise = value as PromiseLike<unknown>
  }

  /** Waits. Gives what the ends make of it. */
  settle(ends: WaitEnds<T>): Promise<T> {
    this.#ends = ends
    return new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#kernel.deadlines.hold()
      if (this.#operation?.aborted === undefined) this.#stopListening = this.#operation?.onAbort(this.#abandon)
      this.#await(this.#timed ? this.#kernel.time.now() : this.#startedAt, this.#startedAt)
    })
  }

  /** `now` is read now, for the deadline: a hook must not lose time of its own to an old reading. `since`: when the hook was called. */
  #await(now: number, since: number): void {
    const { deadlines } = this.#kernel
    const { breaker, timeoutMs } = this.#chain.links[this.#index] as Link
    this.#since = since
    this.#permit = breaker?.permit()
    if (this.#operation?.aborted !== undefined) {
      // A hook aborted its own operation before it gave its promise.
      this.#abandon()
      return
    }
    const leftMs = this.#chain.slot.settings.gateTimeoutMs - (now - this.#startedAt)
    const delayMs = Math.max(0, Math.min(timeoutMs, leftMs, this.#operation?.hookLimitMs ?? Infinity))
    if (this.#deadline !== undefined && this.#deadlineMs === delayMs) this.#deadline.dueAt = now + delayMs
    else {
      if (this.#deadline !== undefined) deadlines.disarm(this.#deadline)
      this.#deadline = deadlines.arm(delayMs, this.#abandon, now)
      this.#deadlineMs = delayMs
    }
    Promise.resolve(this.#promise).then(this.#onValue, this.#onThrown)
  }

  readonly #onValue = (value: unknown) => {
    // Abandoned: the pass has gone on without it.
    if (this.#promise === undefined) return
    if (value !== undefined) {
      this.#stopWith({ value, since: this.#since, permit: this.#permit })
      return
    }
    this.#promise = undefined
    const chain = this.#chain
    const { time } = this.#kernel
    const now = this.#timed ? time.now() : time.coarse()
    const durationMs = now - this.#since
    if (this.#timed) told(chain.links[this.#index] as Link, durationMs, this.#since, this.#permit)
    else suspectSlowness(chain, durationMs)
    this.#goOn(now)
  }

  readonly #onThrown = (thrown: unknown) => {
    this.#stopWith({ thrown, since: this.#since, permit: this.#permit })
  }

  readonly #abandon = () => {
    // Stopping expires whatever still waits; a firing outside any operation has nothing else that could be aborted.
    if (this.#kernel.stopped) operationOf(this.#ctx).abort(undefined)
    if (this.#promise !== undefined)
      this.#stopWith({ abandoned: this.#promise, since: this.#since, permit: this.#permit })
  }

  /** Calls the hooks behind the one that was waited for. */
  #goOn(now: number): void {
    const chain = this.#chain
    const index = this.#index + 1
    if (now - this.#startedAt >= chain.slot.settings.gateTimeoutMs) {
      this.#takeOver({ index, ctx: this.#ctx }, now)
      return
    }
    const { time } = this.#kernel
    const end = this.#timed
      ? timedLoop(this.#kernel, chain, this.#ctx, index, this.#operation)
      : loop(chain, this.#ctx, index, chain.links.length, this.#operation)
    if (!this.#timed && end !== 'waits' && last.index > index) suspectSlowness(chain, time.coarse() - now)
    if (end === 'waits') {
      this.#index = last.index
      this.#ctx = last.ctx as PassContext
      this.#promise = last.value as PromiseLike<unknown>
      last.value = undefined
      const armedAt = time.now()
      if (!this.#timed) suspectSlowness(chain, armedAt - now)
      this.#await(armedAt, last.since ?? armedAt)
    } else if (end === 'quiet') {
      const ctx = last.ctx as PassContext
      last.ctx = undefined
      chain.passes++
      this.#end(ctx, undefined)
    } else this.#takeOver(stopped(end), now)
  }

  #stopWith(begun: Begun): void {
    if (this.#promise === undefined) return
    this.#promise = undefined
    this.#takeOver({ index: this.#index, begun, ctx: this.#ctx }, this.#since)
  }

  #takeOver(stop: Stop, now: number): void {
    this.#end(undefined, { ...stop, spentMs: now - this.#startedAt })
  }

  #end(quiet: PassContext | undefined, stop: Stop | undefined): void {
    const { deadlines } = this.#kernel
    const ends = this.#ends as WaitEnds<T>
    if (this.#deadline !== undefined) deadlines.disarm(this.#deadline)
    deadlines.release()
    this.#stopListening?.()
    // This is called where a hook's promise settles: what is thrown here belongs to whoever waits.
    try {
      this.#resolve?.(stop === undefined ? ends.quiet(quiet as PassContext) : ends.takeOver(stop))
    } catch (error) {
      this.#reject?.(error)
    }
  }
}
