/**
 * The fast paths. Plain hooks that have nothing to say, which are most of them most of the time, run in a bare loop, and
 * across their promises without a generator or a closure a hook. As soon as one says something, throws, is late or has an
 * open breaker, the pass takes over where the loop stopped. Both must come to the same: a property test holds them together.
 */
import { isPromise } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import type { Link } from '../registry/link.ts'
import type { Chain } from '../registry/slot.ts'
import type { Deadline } from './deadlines.ts'
import { enterHook, operationOf } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import type { Operation } from './operation.ts'
import type { Begun, PassStart } from './pass.ts'

/** Where a loop stopped, and with which context the pass goes on. */
export interface Stop extends PassStart {
  readonly ctx: PassContext
}

/** One pass in 64 times each of its hooks. */
const SAMPLE_MASK = 63

/** After a pass that was slow as a whole, this many are timed hook by hook, to find out which it is. */
const TIMED_PASSES = 1_024

/** Whether the fast paths may run a chain: nothing asks for a look at every hook. */
export function isPlain({ checked, time }: Kernel, chain: Chain): boolean {
  return chain.plain && !checked && !time.exact
}

/** How a loop over plain hooks ended. */
type LoopEnd = 'quiet' | 'said' | 'waits' | 'threw' | 'open'

/**
 * Where the last loop ended. One for all: it is read as soon as the loop is over, before anything else can run,
 * and an object a pass would cost as much as a hook.
 */
const last: { index: number; ctx: PassContext | undefined; value: unknown } = {
  index: 0,
  ctx: undefined,
  value: undefined,
}

/** Calls hooks of a place up to another until one is not quiet. */
function loop(
  { links, observersFrom }: Chain,
  first: PassContext,
  from: number,
  to: number,
  operation: Operation | undefined,
): LoopEnd {
  let ctx = first
  let end: LoopEnd = 'quiet'
  let value: unknown
  let i = from
  for (; i < to; i++) {
    const link = links[i] as Link
    if (link.breaker !== undefined && link.breaker.state !== 'closed') {
      end = 'open'
      break
    }
    ctx = enterHook(ctx, link)
    try {
      value = (link.handler as (ctx: PassContext) => unknown)(ctx)
    } catch (thrown) {
      value = thrown
      end = 'threw'
      break
    }
    if (value === undefined) {
      if (operation?.aborted === undefined) continue
      // It had nothing to say, but aborted its own operation.
      end = 'said'
      break
    }
    if (isPromise(value)) {
      end = i < observersFrom ? 'waits' : 'said'
      break
    }
    if (i < observersFrom) {
      end = 'said'
      break
    }
  }
  last.index = i
  last.ctx = ctx
  last.value = value
  return end
}

/** What the pass takes over from a loop that ended just now. */
function stopped(end: LoopEnd): Stop {
  const { index, ctx, value } = last
  last.ctx = undefined
  last.value = undefined
  if (end === 'open') return { index, ctx: ctx as PassContext }
  return { index, ctx: ctx as PassContext, begun: end === 'threw' ? { thrown: value } : { value } }
}

/** What running plain hooks comes to: nobody had anything to say, a wait, or where the pass takes over. */
export type PlainEnd<T> = undefined | { readonly wait: PlainWait<T> } | Stop

/** Runs plain hooks. */
export function runPlain<T>(
  kernel: Kernel,
  chain: Chain,
  ctx: PassContext,
  operation: Operation | undefined,
  startedAt: number,
): PlainEnd<T> {
  const timed = chain.timedPasses > 0 || (++chain.ticks & SAMPLE_MASK) === 0
  if (timed) return runTimed(kernel, chain, ctx, operation, startedAt)
  const end = loop(chain, ctx, 0, chain.links.length, operation)
  if (end === 'quiet') {
    last.ctx = undefined
    chain.passes++
    const durationMs = kernel.time.coarse() - startedAt
    if (durationMs >= chain.slowMs) blameSlowness(chain, durationMs)
    return undefined
  }
  return end === 'waits' ? { wait: new PlainWait<T>(kernel, chain, operation, startedAt, false) } : stopped(end)
}

/** The same, and how long each hook takes. */
function runTimed<T>(
  kernel: Kernel,
  chain: Chain,
  first: PassContext,
  operation: Operation | undefined,
  startedAt: number,
): PlainEnd<T> {
  const { time } = kernel
  if (chain.timedPasses > 0) chain.timedPasses--
  let ctx = first
  let began = time.now()
  for (const [i, link] of chain.links.entries()) {
    const end = loop(chain, ctx, i, i + 1, operation)
    if (end === 'waits') return { wait: new PlainWait<T>(kernel, chain, operation, startedAt, true) }
    if (end !== 'quiet') return stopped(end)
    ctx = last.ctx as PassContext
    const ended = time.now()
    link.meter.record(ended - began, began)
    if (link.breaker !== undefined && ended - began >= link.breaker.slowCallMs) link.breaker.success(ended - began)
    began = ended
  }
  last.ctx = undefined
  chain.passes++
  return undefined
}

/** A lone hook was slow itself; of several nobody knows which, so the next passes are timed. */
function blameSlowness(chain: Chain, durationMs: number): void {
  if (chain.links.length === 1) chain.links[0]?.breaker?.success(durationMs)
  else chain.timedPasses = TIMED_PASSES
}

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
