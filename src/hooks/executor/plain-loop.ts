/** The bare loop of the fast paths: calls plain hooks until one is not quiet. */
import { isPromise } from '../flow.ts'
import type { Link } from '../registry/link.ts'
import type { Chain } from '../registry/slot.ts'
import { enterHook } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
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
export const last: { index: number; ctx: PassContext | undefined; value: unknown } = {
  index: 0,
  ctx: undefined,
  value: undefined,
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
  return end
}

/** What the pass takes over from a loop that ended just now. */
export function stopped(end: LoopEnd): Stop {
  const { index, ctx, value } = last
  last.ctx = undefined
  last.value = undefined
  if (end === 'open') return { index, ctx: ctx as PassContext }
  return { index, ctx: ctx as PassContext, begun: end === 'threw' ? { thrown: value } : { value } }
}
