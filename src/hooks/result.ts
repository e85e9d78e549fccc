/** What a hook may return: a closed union, its constructors, and the check that lets nothing else through. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Draft } from 'immer'
import { nameOf, textOf } from '../errors.ts'
import { toMilliseconds } from '../duration.ts'
import type { Duration } from '../duration.ts'
import { copyJson, findJsonFlaw, freezeJson, isPlainObject } from '../json.ts'
import { isStandardSchema } from './points/point.ts'
import type { DecisionType } from './points/point.ts'

/** What any result may carry besides. */
export interface ResultExtras {
  /** A patch of workflow state; applied before the decision acts. */
  readonly state?: Readonly<Record<string, unknown>>
  /** A line for the trace. */
  readonly message?: string
}

/** Changes a draft of `ctx.data`; must return nothing and touch JSON only. */
export type Recipe<Data> = (draft: Draft<Data>) => void

/** One of the operations of a fork. */
export interface ForkOperation {
  /** Names its result in `ctx.data.forks`. */
  readonly id: string
  readonly type: 'tool' | 'agent' | 'workflow'
  readonly target: string
  readonly input?: unknown
}

/** What somebody is asked before an operation goes on. */
export interface SuspendRequest {
  readonly question: string
  /** Whatever the answer needs; JSON. */
  readonly data?: unknown
  /** Any Standard Schema for a replacement value or a patch given in the answer. */
  readonly schema?: StandardSchemaV1
  /** How long to wait for an answer; default 24 hours. */
  readonly expiresInMs?: Duration
  /** Who is asked, once more and with a fresh deadline, when nobody has answered in time. */
  readonly escalateTo?: string
}

export interface ContinueResult extends ResultExtras {
  readonly type: 'continue'
}
export interface SkippedResult extends ResultExtras {
  readonly type: 'skipped'
  readonly reason?: string
}
export interface ModifiedResult<Data = unknown> extends ResultExtras {
  readonly type: 'modified'
  readonly patch: Partial<Data> | Recipe<Data>
}
export interface CancelResult extends ResultExtras {
  readonly type: 'cancel'
  readonly reason?: string
}
export interface RedirectResult extends ResultExtras {
  readonly type: 'redirect'
  readonly target: string
}
export interface ReplaceResult extends ResultExtras {
  readonly type: 'replace'
  readonly value?: unknown
}
export interface RetryResult extends ResultExtras {
  readonly type: 'retry'
  /** Wait before the next attempt; default 1 s. */
  readonly delayMs?: Duration
  /** Attempts in all, the first one included; default 3. */
  readonly maxAttempts?: number
}
export interface ForkResult extends ResultExtras {
  readonly type: 'fork'
  readonly operations: readonly ForkOperation[]
}
export interface CacheResult extends ResultExtras {
  readonly type: 'cache'
  readonly key: string
  /** How long a result is served; default 5 minutes. */
  readonly ttlMs?: Duration
}
export interface SuspendResult extends ResultExtras, SuspendRequest {
  readonly type: 'suspend'
}

/** Everything a hook may return, or those of it that a point allows. */
export type HookResult<Data = unknown, Decisions extends DecisionType = DecisionType> =
  | ContinueResult
  | SkippedResult
  | Extract<
      | ModifiedResult<Data>
      | CancelResult
      | RedirectResult
      | ReplaceResult
      | RetryResult
      | ForkResult
      | CacheResult
      | SuspendResult,
      { readonly type: Decisions }
    >

const CONTINUE: ContinueResult = Object.freeze({ type: 'continue' })

/**
 * What a recipe becomes: one of the point's data where that is known, and one that fits any point where the recipe says
 * itself what it takes its draft for, because the point does not know the type of its input or output.
 */
interface ByRecipe<Data> extends ResultExtras {
  readonly type: 'modified'
  readonly patch: ((draft: Data) => void) & ((draft: unknown) => void)
}

function modified<Data>(recipe: (draft: Data) => void, extras?: ResultExtras): ByRecipe<Data>
function modified<Patch extends object>(
  patch: Patch,
  extras?: ResultExtras,
): ResultExtras & { readonly type: 'modified'; readonly patch: Patch }
function modified(patch: object, extras?: ResultExtras): object {
  return { type: 'modified', patch, ...extras }
}

/**
 * The constructors of hook results. A plain object of the same shape does as well; `undefined` means continue.
 * Each takes a last `{ state, message }`: a patch of workflow state and a line for the trace.
 *
 * @example
 * ```ts
 * import { createHooks, hook } from 'hookchart/hooks'
 * const hooks = createHooks()
 * const shout = hooks.wrap({ name: 'shout', before: 'BeforeToolExecution' }, (text: string) => text.toUpperCase())
 * hooks.register('BeforeToolExecution', (ctx) => hook.modified({ input: `${String(ctx.data.input)}!` }), { name: 'mark' })
 * console.assert((await shout('hey')).output === 'HEY!')
 * ```
 */
export const hook = {
  /** Go on. */
  continue: (extras?: ResultExtras): ContinueResult =>
    extras === undefined ? CONTINUE : { type: 'continue', ...extras },
  /** This hook had nothing to say; in a vote it abstains. */
  skipped: (reason?: string, extras?: ResultExtras): SkippedResult => ({
    type: 'skipped',
    ...(reason !== undefined && { reason }),
    ...extras,
  }),
  /** Change `ctx.data`: a shallow patch, or a recipe over a draft. */
  modified,
  /** Refuse. Before an effect it does not run; after it its output is withheld. */
  cancel: (reason?: string, extras?: ResultExtras): CancelResult => ({
    type: 'cancel',
    ...(reason !== undefined && { reason }),
    ...extras,
  }),
  /** Run another tool, step or agent instead. */
  redirect: (target: string, extras?: ResultExtras): RedirectResult => ({ type: 'redirect', target, ...extras }),
  /** Use this as the result. */
  replace: (value?: unknown, extras?: ResultExtras): ReplaceResult => ({ type: 'replace', value, ...extras }),
  /** Pass the gate again (before), or run the effect again (after, error). */
  retry: (options: Pick<RetryResult, 'delayMs' | 'maxAttempts'> = {}, extras?: ResultExtras): RetryResult => ({
    type: 'retry',
    ...options,
    ...extras,
  }),
  /** Run these operations first; their results come as `ctx.data.forks`. */
  fork: (operations: readonly ForkOperation[], extras?: ResultExtras): ForkResult => ({
    type: 'fork',
    operations,
    ...extras,
  }),
  /** Serve the effect's result from the cache, or store it there. With an input or a result that is not JSON (a Map, a Date) nothing is cached: the effect runs. */
  cache: (options: Pick<CacheResult, 'key' | 'ttlMs'>, extras?: ResultExtras): CacheResult => ({
    type: 'cache',
    ...options,
    ...extras,
  }),
  /** Wait until somebody answers. */
  suspend: (request: SuspendRequest, extras?: ResultExtras): SuspendResult => ({
    type: 'suspend',
    ...request,
    ...extras,
  }),
}

/** A result as the executor works with it: checked, with durations in milliseconds and defaults filled in. */
export type CheckedResult =
  | ContinueResult
  | SkippedResult
  | ModifiedResult
  | RedirectResult
  | ReplaceResult
  | ForkResult
  | (ResultExtras & { readonly type: 'cancel'; readonly reason: string })
  | (ResultExtras & { readonly type: 'retry'; readonly delayMs: number; readonly maxAttempts: number })
  | (ResultExtras & { readonly type: 'cache'; readonly key: string; readonly ttlMs: number })
  | (ResultExtras & Omit<SuspendRequest, 'expiresInMs'> & { readonly type: 'suspend'; readonly expiresInMs: number })

const DAY_MS = 86_400_000

/** The payload of each type of result: key → what is wrong with its value, undefined for nothing. */
const payloads: Record<string, Record<string, (value: unknown) => string | undefined>> = {
  continue: {},
  skipped: { reason: optional(text) },
  modified: {
    patch: (value) =>
      isPlainObject(value) || typeof value === 'function' ? undefined : 'is neither a plain object nor a recipe',
  },
  cancel: { reason: optional(text) },
  redirect: { target: name },
  replace: { value: json },
  retry: {
    delayMs: optional(duration),
    maxAttempts: optional((value) =>
      Number.isInteger(value) && (value as number) >= 1 ? undefined : 'is no whole number ≥ 1',
    ),
  },
  fork: { operations: forkOperations },
  cache: { key: text, ttlMs: optional(duration) },
  suspend: {
    question: text,
    data: json,
    schema: optional((value) => (isStandardSchema(value) ? undefined : 'is no Standard Schema')),
    expiresInMs: optional(duration),
    escalateTo: optional(name),
  },
}

/** What every result may carry besides its payload. */
const extras: Record<string, (value: unknown) => string | undefined> = {
  state: optional((value) => (isPlainObject(value) ? json(value) : 'is no plain object')),
  message: optional(text),
}

/** Checks what a hook returned. Gives the result, or a text that says why it is none. */
export function checkResult(value: unknown): CheckedResult | string {
  if (value === undefined) return CONTINUE
  try {
    return checkObject(value)
  } catch (error) {
    return `returned an object that cannot be read: ${textOf(error)}`
  }
}

function checkObject(value: unknown): CheckedResult | string {
  if (!isPlainObject(value)) return `returned ${nameOf(value)} instead of a hook result`
  const { type } = value
  const payload = typeof type === 'string' && Object.hasOwn(payloads, type) ? payloads[type] : undefined
  if (payload === undefined)
    return `returned an object whose type is ${nameOf(type)}, not one of ${Object.keys(payloads).join(', ')}`
  for (const key of Object.keys(value)) {
    if (key !== 'type' && !Object.hasOwn(payload, key) && !Object.hasOwn(extras, key)) {
      return `returned ${type as string} with an unknown key "${key}"`
    }
  }
  for (const [key, check] of [...Object.entries(payload), ...Object.entries(extras)]) {
    const problem = check(value[key])
    if (problem !== undefined) return `returned ${type as string} whose ${key} ${problem}`
  }
  return withDefaults(value as unknown as HookResult)
}

/** Whoever returned it may hold on to its objects and change them, so what is JSON becomes a copy of our own. */
function withDefaults(given: HookResult): CheckedResult {
  const result = given.state === undefined ? given : { ...given, state: freezeJson(copyJson(given.state)) }
  switch (result.type) {
    case 'cancel':
      return { ...result, reason: result.reason ?? 'no reason given' }
    case 'retry':
      return { ...result, delayMs: toMilliseconds(result.delayMs) ?? 1_000, maxAttempts: result.maxAttempts ?? 3 }
    case 'cache':
      return { ...result, ttlMs: toMilliseconds(result.ttlMs) ?? 300_000 }
    case 'suspend':
      return { ...result, data: copyJson(result.data), expiresInMs: toMilliseconds(result.expiresInMs) ?? DAY_MS }
    case 'replace':
      // Frozen, because every guard is shown it.
      return { ...result, value: freezeJson(copyJson(result.value)) }
    case 'fork':
      return { ...result, operations: copyJson(result.operations) }
    default:
      return result
  }
}

function optional(check: (value: unknown) => string | undefined) {
  return (value: unknown) => (value === undefined ? undefined : check(value))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? undefined : 'is no text'
}

function name(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '__proto__' ? undefined : 'is no name'
}

function duration(value: unknown): string | undefined {
  return toMilliseconds(value) === undefined ? `is no duration: ${nameOf(value)}` : undefined
}

function json(value: unknown): string | undefined {
  const flaw = findJsonFlaw(value)
  return flaw && `${flaw.path === '' ? '' : `at "${flaw.path}" `}${flaw.problem}, so it is not JSON`
}

function forkOperations(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return 'is no list of operations'
  const ids = new Set<unknown>()
  for (const operation of value as unknown[]) {
    if (!isPlainObject(operation)) return 'has an element that is no operation'
    const { id, type, target, input, ...others } = operation
    if (name(id) !== undefined || name(target) !== undefined) return 'has an operation without id or target'
    if (type !== 'tool' && type !== 'agent' && type !== 'workflow')
      return `has an operation of unknown type ${nameOf(type)}`
    if (Object.keys(others).length > 0)
      return `has an operation with an unknown key "${String(Object.keys(others)[0])}"`
    if (ids.has(id)) return `has two operations with the id "${String(id)}"`
    ids.add(id)
    const problem = json(input)
    if (problem !== undefined) return `has an operation whose input ${problem}`
  }
  return undefined
}
