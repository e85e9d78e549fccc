/** The hooks of a registry as users see them: the interface that `createHooks` gives, and a system's `hooks`. */
import type { ComponentInfo, DataAt, HookContext, HookHandler, PointArg } from './context.ts'
import type { Decision } from './decision.ts'
import type { ApprovalsApi } from './executor/approvals.ts'
import type { FireOptions } from './executor/run-point.ts'
import type { AnyComposite, AnyHookDefinition, Composite, HookOptions } from './hook.ts'
import type { Effect } from './operation/effect.ts'
import type { Wrapped, WrapOptions } from './operation/wrap.ts'
import type { Explanation } from './registry/explain.ts'
import type { HookFilter, HookInfo } from './registry/listing.ts'
import type { HooksStats } from './stats.ts'

/** A registered hook, in the hands of who registered it. */
export interface HookHandle {
  readonly id: string
  readonly name: string
  /** The ids of its points; points defined later that match its globs are added. */
  readonly points: readonly string[]
  /** Takes it away; false when it is gone already. Passes that have begun finish with it. */
  unregister(): boolean
  enable(): void
  disable(): void
  [Symbol.dispose](): void
}

/** What can be registered as a hook's function. */
export type Handler<Point, Data = DataAt<Point>> = HookHandler<Point, Data> | Composite<Point> | AnyComposite

/** The points of a registration, one by one. */
type Each<Points> = Points extends readonly (infer Point)[] ? Point : Points

/** One of several hooks: points, handler, options. */
export type HookRegistration<Points = string> = readonly [
  points: Points,
  handler: Handler<Each<Points>>,
  options?: HookOptions<Each<Points>>,
]

/** Something whose hooks can be narrowed to it: a tool, an agent, a workflow, the `component` of a wrapped function. */
export interface ComponentRef<Input = unknown, Output = unknown> {
  readonly type: ComponentInfo['type']
  readonly name: string
  /** Never there; carries the types of input and output. */
  readonly '~io'?: { readonly input: Input; readonly output: Output }
}

/** The data of a point with the input and output of one component. */
export type DataFor<Point, Input, Output> = {
  readonly [Key in keyof DataAt<Point>]: Key extends 'input'
    ? Input
    : Key extends 'output'
      ? Output
      : DataAt<Point>[Key]
}

/** Registers hooks for one component only. */
export interface ComponentHooks<Input, Output> {
  register<const Point extends PointArg>(
    points: Point | readonly Point[],
    handler: Handler<NoInfer<Point>, DataFor<NoInfer<Point>, Input, Output>>,
    options?: HookOptions<NoInfer<Point>, HookContext<NoInfer<Point>, DataFor<NoInfer<Point>, Input, Output>>>,
  ): HookHandle
}

/** Hooks: registered here, run here. */
export interface Hooks {
  /**
   * Registers a hook at its points: an id, an alias, a glob over ids, a definition, or a list of these. It is one hook,
   * called once a firing. From inside a running hook it takes effect at the next gate. Throws, with nothing changed,
   * UNKNOWN_POINT, INVALID_OPTIONS, INVALID_HANDLER, DUPLICATE_HOOK, HOOK_KIND, HOOK_ORDER_CYCLE or HOOK_ORDER_STAGE.
   */
  register<const Point extends PointArg>(
    points: Point | readonly Point[],
    handler: Handler<NoInfer<Point>>,
    options?: HookOptions<NoInfer<Point>>,
  ): HookHandle
  /** Registers all of them, or, when one is refused, none. */
  registerAll(hooks: readonly AnyHookDefinition[]): HookHandle[]
  registerAll<const Points extends readonly (PointArg | readonly PointArg[])[]>(hooks: {
    readonly [Index in keyof Points]: HookRegistration<Points[Index]>
  }): HookHandle[]
  /**
   * Registers two parts of one hook that share `ctx.locals`. After parts unwind: in the reverse order of their before
   * parts. The constraints in the options place the before part.
   */
  registerPair<const Before extends PointArg, const After extends PointArg>(
    pair: {
      readonly before: readonly [points: Before | readonly Before[], handler: Handler<NoInfer<Before>>]
      readonly after: readonly [points: After | readonly After[], handler: Handler<NoInfer<After>>]
    },
    options?: HookOptions,
  ): HookHandle
  /** Registers defined hooks at the points that they name. */
  use(hooks: AnyHookDefinition | readonly AnyHookDefinition[]): HookHandle[]
  /** Registers for one component, with its types. */
  for<Input, Output>(component: ComponentRef<Input, Output>): ComponentHooks<Input, Output>
  list(filter?: HookFilter): readonly HookInfo[]
  /** The hooks of a point in order, and for each neighbour pair why. */
  explain(point: PointArg): Explanation
  stats(): HooksStats
  /** Turns all hooks on or off, or those of one point. Guards too: what is off protects nothing. */
  setEnabled(on: boolean, point?: PointArg): void
  /**
   * Fires a point and gives its decision, at once when all its hooks are synchronous. Without a hook nothing happens,
   * and the decision is the same `continue` every time. Throws UNKNOWN_POINT, POINT_DATA_INVALID, DATA_NOT_JSON.
   */
  run<const Point extends PointArg>(
    point: Point,
    data: DataAt<Point>,
    options?: FireOptions,
  ): Decision<Point> | Promise<Decision<Point>>
  /** Puts gates round a function; see {@link WrapOptions}. */
  wrap<Input, Output>(options: WrapOptions<Input, Output>, effect: Effect<Input, Output>): Wrapped<Input, Output>
  /** What suspended hooks wait for, and how to answer. */
  readonly approvals: ApprovalsApi
  /** Waits for async observers that still run. */
  idle(): Promise<void>
  /** Takes no new work, aborts what runs, waits for observers, and forgets its timers. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
