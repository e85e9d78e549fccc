/** The bare loop of the fast paths: calls plain hooks until one is not quiet. */
import { isPromise } from '../flow.ts'
import type { Link } from '../registry/link.ts'
import type { Chain } from '../registry/slot.ts'
import { enterHook } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import type { Operation } from './operation.ts'
import type { PassStart } from './pass.ts'

/** Where a loop stopped, and with which context the pass goes on. */
export interface Stop extends PassStart {
  readonly ctx: PassContext
}

/** How a loop over plain hooks ended. */
export type LoopEnd = 'quiet' | 'said' | 'waits' | 'threw' | 'open'

/**
 * Where the last loop ended. One for all: it is read as soon as the loop is over, before anything else can run,
 * and an object a pass would cost as much as a hook.
 */
export const last: { index: number; ctx: PassContext | undefined; value: unknown; since: number | undefined } = {
  index: 0,
  ctx: undefined,
  value: undefined,
  /** When its last hook was called; known when hooks are timed. */
  since: undefined,
}

/** Calls hooks of a place up to another until one is not quiet. */
export function loop(
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
  last.since = undefined
  return end
}

/** The same one by one, and how long each takes. */
export function timedLoop(
  { time }: Kernel,
  chain: Chain,
  first: PassContext,
  from: number,
  operation: Operation | undefined,
): LoopEnd {
  let ctx = first
  let end = loop(chain, ctx, from, from, operation)
  let began = time.now()
  for (let i = from; i < chain.links.length; i++) {
    end = loop(chain, ctx, i, i + 1, operation)
    last.since = began
    if (end !== 'quiet') return end
    ctx = last.ctx as PassContext
    const ended = time.now()
    told(chain.links[i] as Link, ended - began, began, undefined)
    began = ended
  }
  return end
}

/** A hook that had nothing to say was timed; its breaker counts it when it was slow. */
export function told({ meter, breaker }: Link, durationMs: number, since: number, permit: number | undefined): void {
  meter.record(durationMs, since)
  if (breaker !== undefined && durationMs >= breaker.slowCallMs) breaker.success(durationMs, permit)
}

/** After a pass that was slow as a whole, this many are timed hook by hook, to find out which it is. */
const TIMED_PASSES = 1_024

/**
 * Whatever lay between two cheap readings of the clock took long. It may have been a hook, or the clock's reading was an
 * old one; so nobody is blamed yet, and the next passes are timed.
 */
export function suspectSlowness(chain: Chain, durationMs: number): void {
  if (durationMs >= chain.slowMs) chain.timedPasses = TIMED_PASSES
}

/** What the pass takes over from a loop that ended just now. */
export function stopped(end: LoopEnd): Stop {
  const { index, ctx, value, since } = last
  last.ctx = undefined
  last.value = undefined
  if (end === 'open') return { index, ctx: ctx as PassContext }
  const begun = end === 'threw' ? { thrown: value } : { value }
  return { index, ctx: ctx as PassContext, begun: since === undefined ? begun : { ...begun, since } }
}
