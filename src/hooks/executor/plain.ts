/**
 * The fast paths. Plain hooks that have nothing to say, which are most of them most of the time, run in a bare loop, and
 * across their promises without a generator or a closure a hook. As soon as one says something, throws, is late or has an
 * open breaker, the pass takes over where the loop stopped. Both must come to the same: a property test holds them together.
 */
import type { Chain } from '../registry/slot.ts'
import type { PassContext } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import type { Operation } from './operation.ts'
import { last, loop, stopped } from './plain-loop.ts'
import type { Stop } from './plain-loop.ts'
import { PlainWait } from './plain-wait.ts'

/** One pass in 64 times each of its hooks. */
const SAMPLE_MASK = 63

/** After a pass that was slow as a whole, this many are timed hook by hook, to find out which it is. */
const TIMED_PASSES = 1_024

/** Whether the fast paths may run a chain: nothing asks for a look at every hook. */
export function isPlain({ checked, time }: Kernel, chain: Chain): boolean {
  return chain.plain && !checked && !time.exact
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
