/** `recordHook`: each call of a hook as a record that can be replayed. */
import * as z from 'zod'
import { HookchartError } from '../../errors.ts'
import { freezeJson } from '../../json.ts'
import { parseOptions } from '../../options.ts'
import { systemClock } from '../../ports/clock.ts'
import type { Clock } from '../../ports/clock.ts'
import { createIds } from '../../ports/ids.ts'
import type { Ids } from '../../ports/ids.ts'
import type { HookContext, HookHandler, PointArg } from '../context.ts'
import { isPromise } from '../flow.ts'
import { assertHandler, defineHook } from '../hook.ts'
import type { HookDefinition, HookOptions } from '../hook.ts'
import { failureOf, isObserver, outcomeOf } from './execution.ts'
import type { RecordedOutcome, SerializedHookExecution } from './execution.ts'
import { replayIdOf, textOfContext } from './replayable.ts'
import type { AnyReplayableHook, ReplayableHook } from './replayable.ts'

/** Options of {@link recordHook}. */
export interface RecordHookOptions {
  /** Told of each call when it has ended, failed, or was given up at its deadline. May be async; nobody waits for it. */
  readonly onExecution: (execution: SerializedHookExecution) => unknown
  /**
   * Told what kept a call from being recorded: a context that is not JSON, or what `onExecution` threw. Without it such
   * records are lost: recording never changes what a hook does.
   */
  readonly onError?: (error: unknown) => void
  /** For times and durations; default the clock of the machine. */
  readonly clock?: Clock
  /** For execution ids. */
  readonly ids?: Ids
}

const callback = z.custom<(value: unknown) => unknown>((value) => typeof value === 'function', 'expected a function')

const schema = z.strictObject({
  onExecution: callback,
  onError: callback.optional(),
  clock: z
    .custom<Clock>((value) => typeof (value as Clock | undefined)?.now === 'function', 'expected a clock')
    .default(systemClock),
  ids: z
    .custom<Ids>((value) => typeof (value as Ids | undefined)?.next === 'function', 'expected an object with next')
    .optional(),
})

/** The hooks behind recording handlers: a replay must not be recorded again. */
const originals = new WeakMap<object, AnyReplayableHook>()

/** The hook itself, given it or what `recordHook` made of it. */
export function originalOf(hook: AnyReplayableHook): AnyReplayableHook {
  return originals.get(hook.handler) ?? hook
}

/**
 * Makes a hook whose every call is recorded; register it instead of the one given.
 *
 * It returns what the hook returns and throws what it throws, at the same time. The context is turned into text before
 * the hook is called. What `modified` with a recipe does is found by running the recipe once more. A call that is given
 * up at its deadline, or aborted, is recorded as that failure; its late result is not.
 *
 * @throws INVALID_OPTIONS, also for a hook without name and `replayId`; INVALID_HANDLER for a composite
 * @example
 * ```ts
 * import { createHooks, hook, recordHook, replayExecution } from 'hookchart/hooks'
 * import type { ReplayableHook, SerializedHookExecution } from 'hookchart/hooks'
 * const trim: ReplayableHook<'BeforeToolExecution'> = {
 *   name: 'trim',
 *   points: 'BeforeToolExecution',
 *   handler: (ctx) => hook.modified({ input: String(ctx.data.input).trim() }),
 * }
 * const executions: SerializedHookExecution[] = []
 * const hooks = createHooks()
 * hooks.use(recordHook(trim, { onExecution: (execution) => executions.push(execution) }))
 * await hooks.wrap({ name: 'greet', before: 'BeforeToolExecution' }, (name: string) => `Hi ${name}`)('  Ann ')
 * const stored = JSON.stringify(executions)
 * for (const execution of JSON.parse(stored) as SerializedHookExecution[]) {
 *   console.assert(execution.replayId === 'trim:1.0.0' && execution.result?.type === 'modified')
 *   console.assert((await replayExecution(execution, trim)).identical)
 * }
 * ```
 */
export function recordHook<const Point extends PointArg = string>(
  hook: ReplayableHook<Point>,
  options: RecordHookOptions,
): HookDefinition<Point> {
  const where = 'recordHook'
  assertHandler(hook.handler, where)
  const replayId = replayIdOf(hook)
  if (replayId === undefined || replayId === '') {
    throw new HookchartError('INVALID_OPTIONS', `${where}: the hook needs a name or a replayId, to be found again.`, {
      details: { where, flaws: [{ path: 'replayId', problem: 'missing, and so is name' }] },
    })
  }
  const recorder = new Recorder(hook, replayId, parseOptions(schema, options, where))
  const handler = (ctx: HookContext) => recorder.call(ctx)
  Object.defineProperty(handler, 'name', { value: hook.handler.name })
  originals.set(handler, hook)
  return defineHook<Point>({ ...definitionOf(hook), handler: handler as unknown as HookHandler<Point> })
}

const PORT: readonly string[] = ['replayId', 'isReplayable', 'serializeContext', 'deserializeContext']

/** The hook without what only recording knows: a registry takes no such options. */
function definitionOf<Point>(hook: ReplayableHook<Point>): HookOptions<Point> {
  return Object.fromEntries(Object.entries(hook).filter(([key]) => !PORT.includes(key)))
}

/** Calls one hook and records it. */
class Recorder {
  readonly #hook: AnyReplayableHook
  readonly #replayId: string
  readonly #options: z.output<typeof schema>
  readonly #ids: Ids

  constructor(hook: AnyReplayableHook, replayId: string, options: z.output<typeof schema>) {
    this.#hook = hook
    this.#replayId = replayId
    this.#options = options
    this.#ids = options.ids ?? createIds()
  }

  call(ctx: HookContext): unknown {
    const record = this.#begin(ctx)
    let value: unknown
    try {
      value = (this.#hook as { handler: (ctx: HookContext) => unknown }).handler(ctx)
    } catch (thrown) {
      record?.(() => failureOf(thrown))
      throw thrown
    }
    if (!isPromise(value)) {
      record?.(() => this.#outcomeOf(value, ctx))
      return value
    }
    // A thenable may do its work anew each time somebody waits for it.
    const promise = Promise.resolve(value)
    if (record !== undefined) this.#recordLater(promise, ctx, record)
    return promise
  }

  #recordLater(promise: Promise<unknown>, ctx: HookContext, record: (outcome: () => RecordedOutcome) => void): void {
    const { signal } = ctx
    const giveUp = () => {
      record(() => failureOf(signal.reason, 'RUN_ABORTED'))
    }
    const settled = (outcome: () => RecordedOutcome) => {
      if (signal.aborted) return
      signal.removeEventListener('abort', giveUp)
      record(outcome)
    }
    if (signal.aborted) {
      giveUp()
      return
    }
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(
      (value) => {
        settled(() => this.#outcomeOf(value, ctx))
      },
      (thrown: unknown) => {
        settled(() => failureOf(thrown))
      },
    )
  }

  #outcomeOf(value: unknown, { data, point }: HookContext): RecordedOutcome {
    return isObserver(this.#hook, point) ? outcomeOf(undefined, data) : outcomeOf(value, data)
  }

  /** Notes what the hook is called with; gives what ends the record, or undefined when there is none. */
  #begin(ctx: HookContext): ((outcome: () => RecordedOutcome) => void) | undefined {
    const { clock, onExecution } = this.#options
    return this.#try(() => {
      if (this.#hook.isReplayable?.() === false) return undefined
      const context = textOfContext(this.#hook, ctx)
      const { correlationId, point } = ctx
      const at = clock.now()
      return (outcome) => {
        this.#try(() => {
          const durationMs = clock.now() - at
          const told = onExecution(
            freezeJson({
              version: 1,
              replayId: this.#replayId,
              executionId: this.#ids.next(),
              correlationId,
              point,
              context,
              ...outcome(),
              durationMs,
              at,
            }),
          )
          if (isPromise(told))
            Promise.resolve(told).catch((error: unknown) => {
              this.#tell(error)
            })
        })
      }
    })
  }

  #try<T>(work: () => T | undefined): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#tell(error)
      return undefined
    }
  }

  #tell(error: unknown): void {
    try {
      this.#options.onError?.(error)
    } catch {
      // Recording never changes what a hook does.
    }
  }
}
