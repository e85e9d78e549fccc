/** Passing a context on: one hop further, and what comes back from there. */
import * as z from 'zod'
import { HookchartError } from '../../errors.ts'
import type { Random } from '../../ports/random.ts'
import { agentInputSchema, oncePerAgent } from './agent.ts'
import type { RemoteAgentInput } from './agent.ts'
import { parseDistributedContext } from './distributed-context.ts'
import type { DistributedContext, RemoteResult } from './distributed-context.ts'
import { isObject, malformed, parsePart, toPlainJson } from './malformed.ts'
import type { Subject } from './malformed.ts'
import { allSucceeded, recordResult, successfulResults } from './remote-results.ts'
import type { RemoteResultInput } from './remote-results.ts'
import { childTraceparent, randomSource } from './traceparent.ts'

/** Options of {@link propagateContext}. */
export interface PropagateOptions {
  /** The agent that passes it on; it becomes the source. */
  readonly from: RemoteAgentInput
  /** Whom it is passed on to; they become the targets. May be missing for a broadcast only. */
  readonly to?: RemoteAgentInput | readonly RemoteAgentInput[]
  /** Draws the new span id; default chance of the platform. */
  readonly random?: Random
}

/** See {@link propagateContext}. */
export interface PropagateContext {
  (context: DistributedContext, options: PropagateOptions): DistributedContext
  /** Whether it is to be passed on: a hop is left, and there is somebody to go to, a target or a broadcast. */
  readonly applies: (context: DistributedContext) => boolean
  /**
   * The context with one more result; an earlier result of the same agent goes. Which agent that is, its two ids say.
   *
   * @throws CONTEXT_INVALID
   */
  readonly record: (context: DistributedContext, result: RemoteResultInput) => DistributedContext
  /** The results that are completed; partial is not enough. */
  readonly successful: (context: DistributedContext) => readonly RemoteResult[]
  /** Whether there are results and all are completed. False when there are none. */
  readonly allSucceeded: (context: DistributedContext) => boolean
}

const SUBJECT: Subject = {
  what: 'What was given to propagateContext',
  advice: 'Give from, and to unless it is a broadcast.',
}

const schema = z.strictObject({
  from: agentInputSchema,
  to: oncePerAgent(agentInputSchema, (agent) => agent),
})

/**
 * Gives the context to send when one is passed on: one hop more, no results, a span id of its own in the same trace.
 *
 * Hook, correlation id, tracestate, baggage, flags and metadata stay as they are; the context itself does not change.
 * What belongs to passing on is here too: `applies` says whether to, `record`, `successful` and `allSucceeded` keep and
 * judge what comes back. Nothing is sent, and nothing waits.
 *
 * @throws HOP_LIMIT when all hops are taken, CONTEXT_INVALID
 * @example
 * ```ts
 * import { createDistributedContext, propagateContext } from 'hookchart/hooks'
 * const [planner, auditor] = [{ nodeId: 'berlin-1', agentId: 'planner' }, { nodeId: 'oslo-2', agentId: 'auditor' }]
 * const context = createDistributedContext({
 *   source: planner,
 *   targets: [auditor],
 *   hook: {
 *     point: 'BeforeToolExecution',
 *     component: { type: 'tool', name: 'add', id: 'tool-1' },
 *     data: { input: 1 },
 *     metadata: {},
 *     correlationId: 'order-17',
 *     operation: { id: 'op-1', attempt: 1, gatePass: 1 },
 *     language: 'native',
 *     timestamp: 0,
 *   },
 * })
 * console.assert(propagateContext.applies(context))
 * const next = propagateContext(context, { from: planner, to: auditor })
 * console.assert(next.hops.taken === 1 && next.hook.correlationId === 'order-17')
 * const answered = propagateContext.record(context, { agent: auditor, status: 'completed', output: 2, durationMs: 3, at: 3 })
 * console.assert(propagateContext.allSucceeded(answered) && !propagateContext.allSucceeded(context))
 * ```
 */
export const propagateContext: PropagateContext = Object.assign(propagate, {
  applies,
  record: recordResult,
  successful: successfulResults,
  allSucceeded,
})

function propagate(context: DistributedContext, options: PropagateOptions): DistributedContext {
  const current = parseDistributedContext(context)
  if (!isObject(options)) throw malformed(SUBJECT, { path: '', problem: 'expected an object' })
  const { random, to = [], ...given } = options
  const chance = randomSource(random, SUBJECT)
  const { from, to: targets } = parsePart(schema, toPlainJson({ ...given, to: [to].flat() }, SUBJECT), SUBJECT)
  if (targets.length === 0 && !current.flags.broadcast) {
    throw malformed(SUBJECT, { path: 'to', problem: 'expected at least one agent, as it is no broadcast' })
  }
  const { max, taken } = current.hops
  if (taken >= max) {
    throw new HookchartError(
      'HOP_LIMIT',
      `The distributed context of "${current.hook.correlationId}" has taken all of its ${String(max)} hops. ` +
        'Do not pass it on, or create it with a higher maxHops.',
      { details: { max, taken, correlationId: current.hook.correlationId } },
    )
  }
  const { tracestate, ...trace } = current.trace
  return parseDistributedContext({
    ...current,
    source: from,
    targets,
    hops: { max, taken: taken + 1 },
    results: [],
    trace: {
      ...trace,
      traceparent: childTraceparent(trace.traceparent, chance),
      // The standard asks not to send an empty one.
      ...(tracestate !== '' && { tracestate }),
    },
  })
}

function applies({ hops, targets, flags }: DistributedContext): boolean {
  return hops.taken < hops.max && (flags.broadcast || targets.length > 0)
}
