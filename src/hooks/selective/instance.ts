/** What the factory of a selective hook makes: its shape, the check of it, its size and its end. */
import { HookchartError, nameOf } from '../../errors.ts'
import type { HandlerReturn, HookContext, HookHandler } from '../context.ts'

/** An instance with a life of its own: a handler and what goes with it. */
export interface HookObject<Point = string> {
  handler(ctx: HookContext<Point>): HandlerReturn<Point>
  /** What it holds in memory, in bytes; for `memoryEstimate`. */
  readonly sizeBytes?: number | (() => number)
  /** Called once it is evicted, cleared or unregistered, and no call of it runs. `[Symbol.dispose]` goes before it. */
  dispose?(): unknown
  [Symbol.dispose]?(): unknown
}

/** What a factory makes: a function, or an object with a `handler`. A function may carry `sizeBytes` and `dispose` too. */
export type HookInstance<Point = string> = HookHandler<Point> | HookObject<Point>

/** Makes an instance, at once or later. */
export type HookFactory<Point = string> = () => HookInstance<Point> | PromiseLike<HookInstance<Point>>

/** Options of a hook that say how it is called. They belong to the registration; in an instance they would be lost. */
const LOST_OPTIONS = ['kind', 'onFailure', 'when', 'match', 'timeoutMs', 'breaker', 'writes', 'before', 'after', 'once']

/** Refuses what is no hook. */
export function assertInstance(made: unknown, name: string): asserts made is HookInstance {
  if (typeof made === 'function') return
  const isObject = typeof made === 'object' && made !== null
  if (!isObject || typeof (made as { handler?: unknown }).handler !== 'function') {
    throw new HookchartError(
      'INVALID_HANDLER',
      `The factory of hook "${name}" made ${nameOf(made)}, not a function or an object with a handler.`,
      { details: { hook: name } },
    )
  }
  const lost = LOST_OPTIONS.find((option) => Object.hasOwn(made, option))
  if (lost === undefined) return
  throw new HookchartError(
    'INVALID_HANDLER',
    `The factory of hook "${name}" made a hook with the option "${lost}", which would have no effect. Give it to register.`,
    { details: { hook: name, option: lost } },
  )
}

/** How an instance ends, if it says so. */
export function disposerOf(instance: HookInstance): ((this: unknown) => unknown) | undefined {
  const { [Symbol.dispose]: bySymbol, dispose } = instance as Partial<Disposable> & { readonly dispose?: () => unknown }
  return [bySymbol, dispose].find((each) => typeof each === 'function')
}

/** What an instance says of its size; undefined when it says nothing usable. */
export function sizeOf(instance: HookInstance): number | undefined {
  try {
    const declared: unknown = (instance as { readonly sizeBytes?: unknown }).sizeBytes
    const size: unknown = typeof declared === 'function' ? declared.call(instance) : declared
    return typeof size === 'number' && Number.isFinite(size) && size >= 0 ? size : undefined
  } catch {
    return undefined
  }
}
