/** What a hook may return: a closed union and its constructors. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Draft } from 'immer'
import type { Duration } from '../duration.ts'
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
