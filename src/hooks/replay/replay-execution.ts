/** `replayExecution`: a recorded call once more, and what is different. Touches no registry and starts nothing. */
import * as z from 'zod'
import { positiveDurationSchema } from '../../duration.ts'
import type { Duration } from '../../duration.ts'
import { HookchartError, nameOf } from '../../errors.ts'
import { parseOptions } from '../../options.ts'
import { systemClock } from '../../ports/clock.ts'
import type { Clock } from '../../ports/clock.ts'
import type { HookContext } from '../context.ts'
import { assertHandler } from '../hook.ts'
import { compareOutcomes, similarityOf, VOLATILE_FIELDS } from './compare.ts'
import type { CompareOptions, ReplayDifference } from './compare.ts'
import { failureOf, isObserver, outcomeOf, parseExecution } from './execution.ts'
import type { RecordedOutcome, SerializedHookExecution } from './execution.ts'
import { originalOf } from './record-hook.ts'
import { contextOfText, liveContext, replayIdOf } from './replayable.ts'
import type { AnyReplayableHook, RecordedContext } from './replayable.ts'

/** Options of {@link replayExecution}. */
export interface ReplayExecutionOptions extends CompareOptions {
  /** When an async hook is given up, which counts as its failure; default 30 s. */
  readonly timeoutMs?: Duration
  /** For the deadline; default the clock of the machine. */
  readonly clock?: Clock
}

/** What a replay came to; JSON. It has the `result` of the replay, or its `error`. */
export type ReplayReport = RecordedOutcome & {
  /** No difference but in what is ignored. */
  readonly identical: boolean
  readonly differences: readonly ReplayDifference[]
  /** 0..1: ten critical differences, or as much in smaller ones (major counts half, minor a quarter), make 0. */
  readonly similarityRatio: number
}

const schema = z.strictObject({
  timeoutMs: positiveDurationSchema.default(30_000),
  clock: z
    .custom<Clock>(
      (value) => typeof (value as Partial<Clock> | undefined)?.setTimeout === 'function',
      'expected a clock',
    )
    .default(systemClock),
  ignoreFields: z.array(z.string()).default([...VOLATILE_FIELDS]),
  ignoreArrayOrder: z.boolean().default(false),
})

/**
 * Calls a hook with what it was called with when it was recorded, and compares what it does now with what it did then.
 *
 * The hook is called by itself: no registry, no condition, no other hook, no effect. What it decides is compared, not
 * carried out. It gets the recorded context, read-only, with a signal of its own. A hook that fails now, or does not
 * settle in time, is compared as that failure. A synchronous hook that never returns cannot be stopped.
 *
 * @throws REPLAY_INVALID for a record that is malformed, of another hook or version, or whose context cannot be read; for
 *   a hook that is not replayable; and when the hook starts an operation by `ctx.run`, for then its result hangs on an
 *   effect. INVALID_OPTIONS, INVALID_HANDLER
 * @example
 * ```ts
 * import { createHooks, hook, recordHook, replayExecution } from 'hookchart/hooks'
 * import type { ReplayableHook, SerializedHookExecution } from 'hookchart/hooks'
 * const limit = (most: number): ReplayableHook<'BeforeToolExecution'> => ({
 *   name: 'limit',
 *   points: 'BeforeToolExecution',
 *   kind: 'guard',
 *   handler: (ctx) => (Number(ctx.data.input) > most ? hook.cancel('too much') : undefined),
 * })
 * const executions: SerializedHookExecution[] = []
 * const hooks = createHooks()
 * hooks.use(recordHook(limit(100), { onExecution: (execution) => executions.push(execution) }))
 * await hooks.wrap({ name: 'pay', before: 'BeforeToolExecution' }, (amount: number) => amount)(70)
 * // Would a lower limit have blocked it?
 * for (const execution of executions) {
 *   const { identical, differences } = await replayExecution(execution, limit(50))
 *   console.assert(!identical && differences[0]?.path === 'result.type' && differences[0].replayed === 'cancel')
 * }
 * ```
 */
export async function replayExecution(
  execution: SerializedHookExecution,
  hook: AnyReplayableHook,
  options: ReplayExecutionOptions = {},
): Promise<ReplayReport> {
  const { timeoutMs, clock, ...compare } = parseOptions(schema, options, 'replayExecution')
  const recorded = parseExecution(execution)
  const original = originalOf(hook)
  assertHandler(original.handler, 'replayExecution')
  assertReplayable(recorded, original)
  const context = contextOfText(original, recorded.context, recorded.point)
  const replayed = await callAgain(original, context, recorded.point, timeoutMs, clock)
  const differences = compareOutcomes(recorded, replayed, compare)
  return { ...replayed, identical: differences.length === 0, differences, similarityRatio: similarityOf(differences) }
}

function assertReplayable({ replayId, executionId }: SerializedHookExecution, hook: AnyReplayableHook): void {
  const own = replayIdOf(hook)
  if (own !== replayId) {
    throw new HookchartError(
      'REPLAY_INVALID',
      `Execution ${executionId} belongs to ${nameOf(replayId)}, not to ${nameOf(own)}. Replay it with that hook, in that version.`,
      { details: { executionId, recorded: replayId, ...(own !== undefined && { hook: own }) } },
    )
  }
  if (hook.isReplayable?.() === false) {
    throw new HookchartError('REPLAY_INVALID', `Hook ${nameOf(own)} says that it cannot be replayed.`, {
      details: { executionId, hook: replayId },
    })
  }
}

async function callAgain(
  hook: AnyReplayableHook,
  context: RecordedContext,
  point: string,
  timeoutMs: number,
  clock: Clock,
): Promise<RecordedOutcome> {
  const controller = new AbortController()
  const started: string[] = []
  const ctx = liveContext(context, controller.signal, refusingRunner(started))
  let timer: unknown
  const tooLate = new Promise<RecordedOutcome>((resolve) => {
    timer = clock.setTimeout(() => {
      const error = new HookchartError('HOOK_TIMED_OUT', `The replay did not settle within ${String(timeoutMs)} ms.`)
      controller.abort(error)
      resolve(failureOf(error))
    }, timeoutMs)
  })
  const settled = new Promise<unknown>((resolve) => {
    resolve((hook as { handler: (ctx: HookContext) => unknown }).handler(ctx))
  }).then(
    (value) => outcomeOf(isObserver(hook, point) ? undefined : value, ctx.data),
    (thrown: unknown) => failureOf(thrown),
  )
  const outcome = await Promise.race([settled, tooLate])
  clock.clearTimeout(timer)
  const [operation] = started
  if (operation === undefined) return outcome
  throw new HookchartError(
    'REPLAY_INVALID',
    `The hook starts ${operation} at ${point}. Its result hangs on an effect, and a replay runs none.`,
    { details: { point, operation } },
  )
}

/** `ctx.run` in a replay: starts nothing, and notes what it was asked for. */
function refusingRunner(started: string[]): HookContext['run'] {
  const refuse = (type: string) => (target: string) => {
    started.push(`${type} ${nameOf(target)}`)
    const refused = Promise.reject(new HookchartError('REPLAY_INVALID', 'A replay starts no operations.'))
    // A hook may not wait for it.
    refused.catch(() => undefined)
    return refused
  }
  return { tool: refuse('tool'), agent: refuse('agent'), workflow: refuse('workflow') }
}
