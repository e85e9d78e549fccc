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
import { last, loop, stopped } from './plain-loop.ts'
import type { Stop } from './plain-loop.ts'

/** What a wait comes to. */
export interface WaitEnds<T> {
  /** Nobody had anything to say. */
  quiet(ctx: PassContext): T
  /** The pass takes over. */
  takeOver(stop: Stop): Maybe<T>
}

/** Waits for plain hooks, one after another. One object a pass, whatever the number of its hooks; goes on once somebody listens. */
export class PlainWait<T> {
  readonly #kernel: Kernel
  readonly #chain: Chain
  readonly #operation: Operation | undefined
  readonly #timed: boolean
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
  constructor(kernel: Kernel, chain: Chain, operation: Operation | undefined, startedAt: number, timed: boolean) {
    const { index, ctx, value } = last
    last.ctx = undefined
    last.value = undefined
    this.#kernel = kernel
    this.#chain = chain
    this.#operation = operation
    this.#timed = timed
    this.#startedAt = startedAt
    this.#since = startedAt
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
      this.#await(this.#now())
    })
  }

  #await(now: number): void {
    const { deadlines } = this.#kernel
    const { breaker, timeoutMs } = this.#chain.links[this.#index] as Link
    this.#since = now
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
      this.#deadline = deadlines.arm(delayMs, this.#abandon)
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
    const { breaker, meter } = chain.links[this.#index] as Link
    const now = this.#now()
    const durationMs = now - this.#since
    if (this.#timed) meter.record(durationMs, this.#since)
    if (breaker !== undefined && durationMs >= breaker.slowCallMs) breaker.success(durationMs, this.#permit)
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
    const end = loop(chain, this.#ctx, index, chain.links.length, this.#operation)
    if (end === 'waits') {
      this.#index = last.index
      this.#ctx = last.ctx as PassContext
      this.#promise = last.value as PromiseLike<unknown>
      last.value = undefined
      this.#await(now)
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

  #now(): number {
    const { time } = this.#kernel
    return this.#timed ? time.now() : time.coarse()
  }
}
