/** Records which hooks were called, with what, in order. */
import type { HookContext } from '../../src/hooks/context.ts'
import type { HookResult } from '../../src/hooks/result.ts'

/** One call of a recorded hook. */
export interface RecordedCall {
  /** The name given to the recorder. */
  readonly hook: string
  readonly point: string
  readonly component: string
  readonly data: unknown
  readonly proposal: string | undefined
  readonly correlationId: string
  readonly attempt: number
  readonly gatePass: number
}

/** What a recorded hook returns: a result, or what makes one from the context. */
export type Script = undefined | HookResult | ((ctx: HookContext) => unknown)

/** A handler that fits every point: whatever its script returns, the kernel checks it when it runs. */
export type RecordedHandler = (ctx: HookContext<string, unknown>) => undefined

/** See {@link recorder}. */
export interface Recorder {
  /** A handler that records its call and then does what the script says; default nothing. */
  handler(name: string, script?: Script): RecordedHandler
  readonly calls: readonly RecordedCall[]
  /** The names of the hooks in the order of their calls. */
  readonly order: readonly string[]
  /** The points that fired, in order. */
  readonly points: readonly string[]
  clear(): void
}

/**
 * Makes handlers that record their calls.
 *
 * @example
 * ```ts
 * import { createHooks, hook } from 'hookchart/hooks'
 * import { recorder } from 'hookchart/testing'
 * const seen = recorder()
 * const hooks = createHooks()
 * hooks.register('BeforeToolExecution', seen.handler('second'))
 * hooks.register('BeforeToolExecution', seen.handler('first', hook.modified({ input: 2 })), { priority: 'high' })
 * await hooks.wrap({ name: 'tool', before: 'BeforeToolExecution' }, (n: number) => n)(1)
 * console.assert(seen.order.join() === 'first,second')
 * ```
 */
export function recorder(): Recorder {
  const calls: RecordedCall[] = []
  return {
    handler: (name, script) => (seen) => {
      calls.push({
        hook: name,
        point: seen.point,
        component: seen.component.name,
        data: seen.data,
        proposal: seen.proposal?.type,
        correlationId: seen.correlationId,
        attempt: seen.operation.attempt,
        gatePass: seen.operation.gatePass,
      })
      return (typeof script === 'function' ? script(seen) : script) as undefined
    },
    calls,
    get order() {
      return calls.map(({ hook }) => hook)
    },
    get points() {
      return calls.map(({ point }) => point)
    },
    clear: () => {
      calls.length = 0
    },
  }
}
