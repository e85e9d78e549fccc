/** `createHooks`: a registry and an executor of hooks, without a system. */
import * as z from 'zod'
import { HookchartError } from '../errors.ts'
import { parseOptions } from '../options.ts'
import type { BreakerFactory } from '../ports/breaker.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import { createIds } from '../ports/ids.ts'
import type { Ids } from '../ports/ids.ts'
import type { Journal } from '../ports/journal.ts'
import { createMemoryJournal } from '../ports/memory-journal.ts'
import { nodeHash } from '../ports/node/hash.ts'
import type { HookHandle, Hooks } from './api.ts'
import { CounterBreaker } from './breaker.ts'
import type { ComponentInfo, PointArg } from './context.ts'
import { parseExecutorOptions } from './executor-options.ts'
import type { ExecutorOptions } from './executor-options.ts'
import { Approvals } from './executor/approvals.ts'
import { Deadlines } from './executor/deadlines.ts'
import type { Kernel, TraceLevel } from './executor/kernel.ts'
import { NO_TARGETS } from './executor/operation.ts'
import { OverheadBudget } from './executor/overhead.ts'
import { ResultCache } from './executor/result-cache.ts'
import { PointFirer } from './executor/run-point.ts'
import { RunningOperations } from './executor/running.ts'
import { Time } from './executor/time.ts'
import { bindGates } from './gates/bind.ts'
import { wrap } from './operation/wrap.ts'
import { isPointDefinition } from './points/point.ts'
import type { PointDefinition } from './points/point.ts'
import {
  assertComponent,
  assertFiring,
  assertPoint,
  assertSwitch,
  definedHooksOf,
  hooksOf as givenHooksOf,
  partsOf,
} from './registry/arguments.ts'
import { explain } from './registry/explain.ts'
import { listHooks } from './registry/listing.ts'
import type { RegisteredHook } from './registry/registered-hook.ts'
import { Registry } from './registry/registry.ts'
import type { Registration } from './registry/registry.ts'
import { statsOf } from './stats.ts'

/** Options of {@link createHooks}. */
export interface CreateHooksOptions {
  /** Default the clock of the machine. */
  readonly clock?: Clock
  readonly ids?: Ids
  /** Default a memory journal, and none with `trace: 'off'`. */
  readonly journal?: Journal
  /** full (default): every hook. decisions: hooks that decided, changed something or failed. off: nothing. */
  readonly trace?: TraceLevel
  /** Entries of one trace; what is over is cut and counted. Default 10,000. */
  readonly maxTraceEntries?: number
  readonly executor?: ExecutorOptions
  /** Points of your own, declared from the start. */
  readonly points?: readonly PointDefinition[]
}

function port<T>(...methods: string[]) {
  return z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
    `expected an object with ${methods.join(', ')}`,
  )
}

/** The options as parts of a schema, which systems take as well. */
export const hooksShape = {
  clock: port<Clock>('now', 'setTimeout', 'clearTimeout').optional(),
  ids: port<Ids>('next').optional(),
  journal: port<Journal>('open', 'append', 'read', 'runs').optional(),
  trace: z.enum(['full', 'decisions', 'off']).default('full'),
  maxTraceEntries: z.int().positive().default(10_000),
  executor: z.unknown().optional(),
  points: z.array(z.custom<PointDefinition>(isPointDefinition, 'expected what definePoint gives')).default([]),
}

const schema = z.strictObject(hooksShape)

/**
 * Makes a registry and an executor of hooks.
 *
 * Everything is optional. Data is checked, copied and frozen at every gate when NODE_ENV is `development` or `test`
 * at this call; otherwise hooks see the caller's own objects, which they must not change.
 *
 * @throws INVALID_OPTIONS, DUPLICATE_POINT
 * @example
 * ```ts
 * import { createHooks, hook } from 'hookchart/hooks'
 * await using hooks = createHooks()
 * hooks.register('BeforeToolExecution', (ctx) => hook.modified({ input: String(ctx.data.input).trim() }), { name: 'trim' })
 * hooks.register('BeforeToolExecution', (ctx) => (ctx.data.input === '' ? hook.cancel('nothing to say') : undefined), { name: 'not_empty', kind: 'guard' })
 * const greet = hooks.wrap({ name: 'greet', before: 'BeforeToolExecution' }, (name: string) => `Hello ${name}`)
 * console.assert((await greet('  Ann ')).output === 'Hello Ann')
 * console.assert((await greet('  ')).error?.code === 'HOOK_CANCELLED')
 * ```
 */
export function createHooks(options: CreateHooksOptions = {}): Hooks {
  return hooksWith(parseOptions(schema, options, 'createHooks'))
}

/** Makes them of options that were checked. */
export function hooksWith({ points, executor, ...given }: z.output<typeof schema>): Hooks {
  const kernel = createKernel({ ...given, settingsOf: parseExecutorOptions(executor) })
  for (const point of points) kernel.registry.points.declare(point)
  return hooksOf(kernel)
}

interface KernelParts {
  readonly clock?: Clock | undefined
  readonly ids?: Ids | undefined
  readonly journal?: Journal | undefined
  readonly trace: TraceLevel
  readonly maxTraceEntries: number
  readonly settingsOf: ReturnType<typeof parseExecutorOptions>
}

function createKernel({
  clock = systemClock,
  ids = createIds(),
  journal,
  trace,
  maxTraceEntries,
  settingsOf,
}: KernelParts): Kernel {
  const time = new Time(clock)
  const makeBreaker: BreakerFactory = (settings) => new CounterBreaker(settings, clock)
  const registry = new Registry(settingsOf, makeBreaker)
  const overhead = new OverheadBudget(
    () => registry.points.all,
    (share, budget, hooks) => {
      if (kernel.stopped) return
      const data = { metric: 'hook_overhead', value: share, threshold: budget, hooks }
      void new PointFirer(kernel).fire(registry.points.slot('PerformanceThresholdExceeded'), data, undefined)
    },
  )
  const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[
    'NODE_ENV'
  ]
  const kernel: Kernel = {
    time,
    ids,
    hash: nodeHash,
    journal: journal ?? (trace === 'off' ? undefined : createMemoryJournal()),
    trace,
    maxTraceEntries,
    checked: environment === 'development' || environment === 'test',
    registry,
    deadlines: new Deadlines(time),
    approvals: new Approvals(time),
    cache: new ResultCache(time, nodeHash),
    overhead,
    settledSlot: registry.points.slot('OperationSettled'),
    running: new RunningOperations(),
    observing: new Set(),
    targets: NO_TARGETS,
    onSuspend: 'wait',
    stopped: false,
    closing: false,
    watch: undefined,
  }
  return kernel
}

const kernels = new WeakMap<Hooks, Kernel>()

/** The kernel of hooks that were made here. */
export function kernelOf(hooks: Hooks): Kernel {
  return kernels.get(hooks) as Kernel
}

function hooksOf(kernel: Kernel): Hooks {
  const { registry, approvals } = kernel
  const firer = new PointFirer(kernel)
  const slotOf = (point: PointArg, call: string) => {
    if (typeof point !== 'string') assertPoint(point, `hooks.${call}`)
    return registry.points.slot(point)
  }
  const register = (registration: Registration) => new RegistrationHandle(registry, [registry.register(registration)])
  const idle = async () => {
    while (kernel.observing.size > 0) await Promise.all(kernel.observing)
  }
  const stop = async () => {
    kernel.stopped = true
    for (const operation of kernel.running)
      operation.abort(new HookchartError('HOOKS_STOPPED', 'The hooks were stopped.'))
    kernel.deadlines.stop()
    await kernel.running.drained()
    await idle()
  }
  const hooks: Hooks = {
    register: (points, handler, options) => register({ points, handler, options }),
    registerAll: (list: unknown) => registry.atomically(() => givenHooksOf(list).map(register)),
    registerPair: (pair, options) => {
      const { before, after } = partsOf(pair, options)
      return registry.atomically(() => {
        const first = registry.register(before)
        return new RegistrationHandle(registry, [first, registry.register({ ...after, unwindsFrom: first })])
      })
    },
    use: (hooks) => registry.atomically(() => definedHooksOf(hooks).map(register)),
    for: (component) => {
      assertComponent(component)
      const { type, name } = component
      const only = (other: ComponentInfo) => other.name === name && other.type === type
      return { register: (points, handler, options) => register({ points, handler, options, only }) }
    },
    list: (filter) => listHooks(registry, filter),
    explain: (point) => explain(slotOf(point, 'explain')),
    stats: () => statsOf(kernel),
    setEnabled: (on, point) => {
      assertSwitch(on)
      if (point === undefined) registry.points.enabled = on
      else slotOf(point, 'setEnabled').enabled = on
    },
    run: (point, data, options) => {
      assertFiring(point, data, options)
      return firer.fire(slotOf(point, 'run'), data as never, options) as never
    },
    wrap: (options, effect) => wrap(kernel, options, effect),
    provide: () => bindGates(kernel),
    approvals,
    idle,
    stop,
    [Symbol.asyncDispose]: stop,
  }
  kernels.set(hooks, kernel)
  return hooks
}

/** One handle for a hook, or for both parts of a pair. */
class RegistrationHandle implements HookHandle {
  readonly id: string
  readonly name: string
  readonly unregister: () => boolean
  readonly enable: () => void
  readonly disable: () => void
  readonly #hooks: readonly RegisteredHook[]

  constructor(registry: Registry, hooks: readonly [RegisteredHook, ...RegisteredHook[]]) {
    const [{ id, name }] = hooks
    this.id = id
    this.name = name
    this.#hooks = hooks
    this.unregister = () => hooks.map((hook) => registry.unregister(hook)).includes(true)
    this.enable = () => {
      for (const hook of hooks) registry.setEnabled(hook, true)
    }
    this.disable = () => {
      for (const hook of hooks) registry.setEnabled(hook, false)
    }
  }

  get points(): readonly string[] {
    return this.#hooks.flatMap((hook) => hook.links.map(({ slot }) => slot.definition.id))
  }

  [Symbol.dispose](): void {
    this.unregister()
  }
}
