/**
 * The fast paths. Plain hooks that have nothing to say, which are most of them most of the time, run in a bare loop, and
 * across their promises without a generator or a closure a hook. As soon as one says something, throws, is late or has an
 * open breaker, the pass takes over where the loop stopped. Both must come to the same: a property test holds them together.
 */
import type { Chain } from '../registry/slot.ts'
import type { PassContext } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import type { Operation } from './operation.ts'
import { last, loop, stopped, suspectSlowness, timedLoop } from './plain-loop.ts'
import type { Stop } from './plain-loop.ts'
import { PlainWait } from './plain-wait.ts'

/** One pass in 64 times each of its hooks. */
const SAMPLE_MASK = 63

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
  if (timed && chain.timedPasses > 0) chain.timedPasses--
  const end = timed ? timedLoop(kernel, chain, ctx, 0, operation) : loop(chain, ctx, 0, chain.links.length, operation)
  if (!timed) suspectSlowness(chain, kernel.time.coarse() - startedAt)
  if (end === 'waits') return { wait: new PlainWait<T>(kernel, chain, operation, timed) }
  if (end !== 'quiet') return stopped(end)
  last.ctx = undefined
  chain.passes++
  return undefined
}
