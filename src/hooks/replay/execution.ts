/** One recorded call of a hook: its shape, the check of it, and what a call comes to as JSON. */
import * as z from 'zod'
import { HookchartError, isHookchartError, toErrorData } from '../../errors.ts'
import type { ErrorCode, ErrorData } from '../../errors.ts'
import { copyJson, findJsonFlaw, isPlainObject } from '../../json.ts'
import type { Json } from '../../json.ts'
import { changeData } from '../change.ts'
import type { GateData } from '../change.ts'
import type { AnyHookDefinition } from '../hook.ts'
import { catalogue } from '../points/catalogue.ts'
import type { PointDefinition } from '../points/point.ts'
import { checkResult } from '../check-result.ts'
import type { CheckedResult } from '../check-result.ts'

/**
 * A hook result as JSON, with the defaults filled in and durations in milliseconds. Of `modified` it holds the shallow
 * `patch`, also when the hook gave a recipe, and the keys that go or become undefined as `removed`. Of `suspend` the
 * schema is left out.
 */
export interface RecordedResult {
  readonly type: CheckedResult['type']
  readonly [key: string]: Json | undefined
}

/** What a call came to: a result or a failure. */
export type RecordedOutcome =
  | { readonly result: RecordedResult; readonly error?: never }
  /** What the hook threw; HOOK_INVALID_RESULT, HOOK_INVALID_CHANGE for what it returned; HOOK_TIMED_OUT, RUN_ABORTED for a call that nobody waited for any more. */
  | { readonly error: ErrorData; readonly result?: never }

/** A recorded call of a hook; JSON. */
export type SerializedHookExecution = RecordedOutcome & {
  /** Of this format. */
  readonly version: 1
  /** The hook that it belongs to: its `replayId`. */
  readonly replayId: string
  readonly executionId: string
  readonly correlationId: string
  /** The canonical id of the point. */
  readonly point: string
  /** What the hook was called with, as text. */
  readonly context: string
  readonly durationMs: number
  /** When the call began, in milliseconds since the epoch. */
  readonly at: number
}

const schema = z
  .object({
    version: z.literal(1),
    replayId: z.string().min(1),
    executionId: z.string().min(1),
    correlationId: z.string(),
    point: z.string().min(1),
    context: z.string(),
    durationMs: z.number().nonnegative(),
    at: z.number(),
    result: z.custom<RecordedResult>(isRecordedResult, 'is no recorded result').optional(),
    error: z
      .looseObject({ code: z.string(), name: z.string(), message: z.string(), retryable: z.boolean() })
      .optional(),
  })
  .refine(({ result, error }) => (result === undefined) !== (error === undefined), 'needs a result or an error')

function isRecordedResult(value: unknown): boolean {
  return isPlainObject(value) && typeof value['type'] === 'string' && findJsonFlaw(value) === undefined
}

/** Checks a record. Throws REPLAY_INVALID. */
export function parseExecution(value: unknown): SerializedHookExecution {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data as SerializedHookExecution
  const flaws = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message }))
  const text = flaws.map(({ path, problem }) => (path === '' ? problem : `"${path}": ${problem}`)).join('; ')
  throw new HookchartError('REPLAY_INVALID', `The recorded execution is malformed: ${text}.`, { details: { flaws } })
}

/** What a call that threw, or was given up, came to. */
export function failureOf(thrown: unknown, fallback: ErrorCode = 'HOOK_FAILED'): RecordedOutcome {
  const error = toErrorData(thrown, fallback)
  // How long somebody waited is the waiter's, not the hook's: a replay has a deadline of its own.
  if (!isHookchartError(thrown, 'HOOK_TIMED_OUT')) return { error }
  return { error: { ...error, message: 'The hook did not settle before its deadline.' } }
}

/** What a call that returned came to, by the data that the hook was given. */
export function outcomeOf(returned: unknown, data: GateData): RecordedOutcome {
  const result = checkResult(returned)
  if (typeof result === 'string') return invalid('HOOK_INVALID_RESULT', `The hook ${result}.`)
  if (result.type === 'modified') return outcomeOfChange(result, data)
  const { schema: _schema, ...plain } = result as CheckedResult & { readonly schema?: unknown }
  return { result: copyJson(plain) as RecordedResult }
}

function outcomeOfChange(result: CheckedResult & { readonly type: 'modified' }, data: GateData): RecordedOutcome {
  const change = changeData(data, result.patch, undefined)
  if (typeof change === 'string') return invalid('HOOK_INVALID_CHANGE', `The hook returned modified that ${change}.`)
  const keys =
    typeof result.patch === 'function'
      ? [...new Set(change.patches.map(({ path }) => String(path[0])))]
      : Object.keys(result.patch)
  const values = typeof result.patch === 'function' ? change.data : (result.patch as GateData)
  const removed = keys.filter((key) => values[key] === undefined)
  const patch = Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]))
  return { result: copyJson({ ...result, patch, ...(removed.length > 0 && { removed }) }) as RecordedResult }
}

function invalid(code: ErrorCode, message: string): RecordedOutcome {
  return { error: new HookchartError(code, message).toJSON() }
}

/** Whether what a hook returns at a point is ignored. */
export function isObserver({ kind }: AnyHookDefinition, point: string): boolean {
  if (kind !== undefined) return kind === 'observe'
  const definition = Object.hasOwn(catalogue, point) ? (catalogue as Record<string, PointDefinition>)[point] : undefined
  return definition?.decisions.length === 0
}
