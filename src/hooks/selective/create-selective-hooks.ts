/** `createSelectiveHooks`: hooks that are made when they are first called, and only while their features are on. */
import { nameOf } from '../../errors.ts'
import { parseOptions } from '../../options.ts'
import { whenAborted } from '../abort-signals.ts'
import type { HookHandle, Hooks } from '../api.ts'
import type { HookContext, HookHandler, PointArg } from '../context.ts'
import { assertHandler } from '../hook.ts'
import type { HookOptions } from '../hook.ts'
import { createFeatures } from './features.ts'
import type { Features } from './features.ts'
import type { HookFactory, HookInstance } from './instance.ts'
import { Instances } from './instances.ts'
import type { MemoryEstimate } from './instances.ts'
import { hookSchema, optionsSchema } from './options.ts'
import type { SelectiveHookOptions, SelectiveHooksOptions } from './options.ts'
import { SelectiveHook } from './selective-hook.ts'
import { statsOf } from './stats.ts'
import type { Entry, SelectiveHooksStats } from './stats.ts'

/** What {@link createSelectiveHooks} gives. */
export interface SelectiveHooks {
  /**
   * Registers a hook by its factory. The hook's options stand here, not in what the factory makes. The handle's
   * `enable` and `disable` come on top of the features: the hook runs when it is enabled and all its features are on.
   * Throws UNKNOWN_FEATURE, and what `hooks.register` throws.
   */
  register<const Point extends PointArg>(
    points: Point | readonly Point[],
    factory: HookFactory<Point>,
    options?: SelectiveHookOptions<Point>,
  ): HookHandle
  readonly features: Features
  stats(): SelectiveHooksStats
  /** Disposes of all instances, those in use when their calls end; the next call of a hook makes another. */
  clear(): void
  /** The sum of what live instances declare of their size, and how many declare nothing. Never a guess. */
  memoryEstimate(): MemoryEstimate
}

/**
 * Registers factories of hooks in existing hooks: each hook is made at its first call, and only called while the
 * features that it needs are on.
 *
 * A hook whose feature is off is disabled in the registry: its point costs nothing for it. At most `maxInstances`
 * instances live; the one that was called longest ago goes first, never one in use by a call that runs, and its
 * `[Symbol.dispose]` or `dispose` is called. The next call makes another. A factory is part of the call: it may be
 * async, its time counts for the deadline, and when it throws the hook fails by its kind and the next call tries again.
 * Calls that come while an async factory is at work share what it makes.
 *
 * @throws INVALID_OPTIONS, UNKNOWN_FEATURE, FEATURE_CYCLE (with the smallest cycle in `details.features`), UNKNOWN_POINT
 * @example
 * ```ts
 * import { createHooks, createSelectiveHooks, hook } from 'hookchart/hooks'
 * const hooks = createHooks()
 * const selective = createSelectiveHooks(hooks, { features: { privacy: {}, redaction: { dependsOn: ['privacy'] } } })
 * let made = 0
 * selective.register(
 *   'BeforeToolExecution',
 *   () => {
 *     made++
 *     const secret = /sk-[0-9a-f]+/g // think of a model or a large table
 *     return { handler: (ctx) => hook.modified({ input: String(ctx.data.input).replace(secret, '***') }), sizeBytes: 200 }
 *   },
 *   { name: 'redactor', features: ['redaction'] },
 * )
 * const say = hooks.wrap({ name: 'say', before: 'BeforeToolExecution' }, (text: string) => text)
 * console.assert((await say('my key is sk-12ab')).output === 'my key is sk-12ab' && made === 0)
 * console.assert(selective.features.enable('redaction').join() === 'privacy,redaction')
 * console.assert((await say('my key is sk-12ab')).output === 'my key is ***' && made === 1)
 * console.assert(selective.memoryEstimate().knownBytes === 200)
 * ```
 */
export function createSelectiveHooks(hooks: Hooks, options: SelectiveHooksOptions = {}): SelectiveHooks {
  const where = 'createSelectiveHooks'
  const {
    features: declared,
    defaultFeatures,
    maxInstances,
    preloadPoints,
    onDispose,
  } = parseOptions(optionsSchema, options, where)
  const preloaded = new Set(preloadPoints.map((point) => hooks.explain(point).point))
  const instances = new Instances(maxInstances, onDispose)
  const entries = new Set<Entry>()
  const features = createFeatures(
    {
      features: { core: {}, ...declared },
      defaults: defaultFeatures,
      onChange: () => {
        for (const entry of entries) apply(entry)
      },
    },
    where,
  )

  /** Brings a hook in line with its handle and its features. */
  const apply = (entry: Entry) => {
    const on = entry.wanted && entry.features.every((name) => features.isEnabled(name))
    if (on !== entry.enabled) {
      entry.enabled = on
      if (on) entry.handle.enable()
      else entry.handle.disable()
    }
    if (on && entry.preloads) entry.hook.preload()
  }

  const register = (points: unknown, factory: unknown, given: unknown): HookHandle => {
    const hookWhere = `Hook ${nameOf((given as { name?: unknown } | undefined)?.name)}`
    const { features: needed = defaultFeatures, ...hookOptions } = parseOptions(hookSchema, given, hookWhere)
    for (const name of needed) features.isEnabled(name)
    assertHandler(factory, hookWhere)
    const hook = new SelectiveHook(factory as unknown as () => HookInstance, instances)
    const { once, signal } = hookOptions as HookOptions
    const handler = (ctx: HookContext) => {
      if (once === true) strike()
      return hook.call(ctx, once === true)
    }
    // An automatic name comes from the function's.
    Object.defineProperty(handler, 'name', { value: factory.name })
    const handle = hooks.register(points as string, handler as HookHandler, hookOptions)
    hook.name = handle.name
    const preloads = handle.points.some((point) => preloaded.has(point))
    const entry: Entry = { hook, handle, features: needed, preloads, wanted: true, enabled: true }
    entries.add(entry)
    let stopListening: () => void = () => undefined
    const strike = () => {
      stopListening()
      entries.delete(entry)
    }
    const forget = () => {
      strike()
      hook.retire()
    }
    // With its signal the registry lets go of the hook by itself.
    if (signal !== undefined) stopListening = whenAborted(signal, forget)
    apply(entry)
    return handleOf(entry, apply, forget)
  }

  return {
    register: (points, factory, hookOptions = {}) => register(points, factory, hookOptions),
    features,
    stats: () => statsOf(entries, instances, features),
    clear: () => {
      instances.clear()
    },
    memoryEstimate: () => instances.memoryEstimate(),
  }
}

function handleOf(entry: Entry, apply: (entry: Entry) => void, forget: () => void): HookHandle {
  const { handle } = entry
  const unregister = () => {
    const wasThere = handle.unregister()
    forget()
    return wasThere
  }
  const want = (wanted: boolean) => {
    entry.wanted = wanted
    apply(entry)
  }
  return {
    id: handle.id,
    name: handle.name,
    get points() {
      return handle.points
    },
    unregister,
    enable: () => {
      want(true)
    },
    disable: () => {
      want(false)
    },
    [Symbol.dispose]: unregister,
  }
}
