/** Hooks from elsewhere: a handler that takes another context and gives other results, made into an ordinary one. */
import { HookchartError, isHookchartError, nameOf, toHookchartError } from '../errors.ts'
import type { HandlerReturn, HookContext } from './context.ts'
import { isPromise } from './flow.ts'
import type { HookResult } from './result.ts'

/**
 * Translates between hookchart and the handlers of another system or language.
 *
 * All three are called synchronously, once a call of the hook: `adaptContext` first, then, on what the foreign handler
 * gave, `extractError` and, when that finds none, `adaptResult`.
 */
export interface HookAdapter<Context, Result> {
  /** What the foreign handler is called with. The context and its data are read-only: copy what may be written to. */
  adaptContext(ctx: HookContext): Context
  /** What the foreign result means; undefined means continue. May throw HOOK_INVALID_RESULT for what means nothing. */
  adaptResult(result: Result): HookResult | undefined
  /** The text of the error that a foreign result stands for; undefined when it stands for none. Default: no result does. */
  extractError?(result: Result): string | undefined
}

/** An adapted handler fits every point; whether the point allows what it decides is checked when it runs. */
export type AdaptedHandler = <Point, Data>(ctx: HookContext<Point, Data>) => HandlerReturn<Point, Data>

/**
 * Makes an ordinary handler of a foreign one.
 *
 * It is synchronous when the foreign handler is; a promise is waited for. What the foreign handler throws, and what
 * `extractError` finds, is thrown, so that the hook fails by its kind: HOOK_FAILED with that as the cause. What is no
 * hook result fails as HOOK_INVALID_RESULT. Nothing is retried or swallowed here.
 *
 * @throws INVALID_HANDLER when the adapter or the handler is none
 * @example
 * ```ts
 * import { adaptHook, createHooks, hook } from 'hookchart/hooks'
 * import type { HookAdapter } from 'hookchart/hooks'
 * // A system whose handlers take the name of the tool and answer with a text: 'ok', 'no: why', or 'error: what'.
 * const texts: HookAdapter<string, string> = {
 *   adaptContext: (ctx) => ctx.component.name,
 *   adaptResult: (answer) => (answer === 'ok' ? undefined : hook.cancel(answer.replace('no: ', ''))),
 *   extractError: (answer) => (answer.startsWith('error: ') ? answer.slice(7) : undefined),
 * }
 * const hooks = createHooks()
 * const policy = adaptHook(texts, (tool) => (tool === 'shell' ? 'no: shells are forbidden' : 'ok'))
 * hooks.register('BeforeToolExecution', policy, { name: 'policy', kind: 'guard' })
 * const shell = hooks.wrap({ name: 'shell', before: 'BeforeToolExecution' }, () => 'done')
 * console.assert((await shell(undefined)).error?.details['reason'] === 'shells are forbidden')
 * ```
 */
export function adaptHook<Context, Result>(
  adapter: HookAdapter<Context, Result>,
  foreignHandler: (context: Context) => Result | PromiseLike<Result>,
): AdaptedHandler {
  assertCallable('foreign handler', foreignHandler)
  assertCallable('adaptContext of the adapter', (adapter as Partial<typeof adapter> | undefined)?.adaptContext)
  assertCallable('adaptResult of the adapter', (adapter as Partial<typeof adapter>).adaptResult)
  const call = (ctx: HookContext): unknown => {
    const context = adapter.adaptContext(ctx)
    let given: Result | PromiseLike<Result>
    try {
      given = foreignHandler(context)
    } catch (thrown) {
      throw errorOf(thrown)
    }
    if (!isPromise(given)) return resultOf(adapter, given)
    return Promise.resolve(given).then(
      (result) => resultOf(adapter, result),
      (thrown: unknown) => {
        throw errorOf(thrown)
      },
    )
  }
  return call as AdaptedHandler
}

/** What the kernel judges: a result, or what it will not take for one. */
function resultOf<Context, Result>(adapter: HookAdapter<Context, Result>, given: Result): unknown {
  const problem = adapter.extractError?.(given)
  if (problem !== undefined) throw new HookchartError('HOOK_FAILED', problem)
  try {
    return adapter.adaptResult(given)
  } catch (error) {
    // The kernel says HOOK_INVALID_RESULT of what is returned, never of what is thrown: a text is no result, and it quotes it.
    if (isHookchartError(error, 'HOOK_INVALID_RESULT')) return error.message
    throw error
  }
}

/** Other languages throw texts and tables; hooks throw errors. */
function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : toHookchartError(thrown, 'HOOK_FAILED')
}

function assertCallable(what: string, value: unknown): void {
  if (typeof value === 'function') return
  throw new HookchartError('INVALID_HANDLER', `adaptHook: the ${what} is ${nameOf(value)}, not a function.`, {
    details: { where: 'adaptHook' },
  })
}
