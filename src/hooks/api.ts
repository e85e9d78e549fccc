/** The hooks of a registry as users see them: the interface that `createHooks` gives, and a system's `hooks`. */
import type { ComponentRef, DataAt, HookContext, HookHandler, PointArg } from './context.ts'
import type { Decision } from './decision.ts'
import type { ApprovalsApi } from './executor/approvals.ts'
import type { FireOptions } from './executor/run-point.ts'
import type { GateImplementations } from './gates/bind.ts'
import type { AnyComposite, AnyHookDefinition, Composite, HookOptions } from './hook.ts'
import type { Effect } from './operation/effect.ts'
import type { Wrapped, WrapOptions } from './operation/wrap.ts'
import type { PointDefinition } from './points/point.ts'
import type { Explanation } from './registry/explain.ts'
import type { HookFilter, HookInfo } from './registry/listing.ts'
import type { HooksStats } from './stats.ts'

export type { ComponentRef } from './context.ts'

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

/** Points that tell of a part of a component: a step, an iteration, a command. Input and output there are not its own. */
type PartPoint =
  | 'BeforeWorkflowStage'
  | 'AfterWorkflowStage'
  | 'WorkflowStepError'
  | 'WorkflowStageTransition'
  | 'SequentialStepStart'
  | 'SequentialStepComplete'
  | 'LoopIterationComplete'
  | 'BeforeChainComponent'
  | 'AfterChainComponent'
  | 'BeforeAgentInit'
  | 'AfterAgentInit'
  | 'AgentPaused'
  | 'AgentResumed'
  | 'AgentRecovering'
  | 'BeforeAgentTerminate'
  | 'BeforeAgentShutdown'
  | 'AfterAgentShutdown'

type IdOf<Point> = Point extends PointDefinition<infer Id> ? Id : Point

/** The data of a point with the input and output of one component, where they are its own. */
export type DataFor<Point, Input, Output> = Point extends unknown
  ? IdOf<Point> extends PartPoint
    ? DataAt<Point>
    : {
        readonly [Key in keyof DataAt<Point>]: Key extends 'input'
          ? Input
          : Key extends 'output'
            ? Output
            : DataAt<Point>[Key]
      }
  : never

/** Registers hooks for one component only. */
export interface ComponentHooks<Input, Output> {
  register<const Point extends PointArg>(
    points: Point | readonly Point[],
    handler: NoInfer<Handler<Point, DataFor<Point, Input, Output>>>,
    options?: NoInfer<HookOptions<Point, HookContext<Point, DataFor<Point, Input, Output>>>>,
  ): HookHandle
}

/** Hooks: registered here, run here. */
export interface Hooks {
  /**
   * Registers a hook at its points: an id, an alias, a glob over ids, a definition, or a list of these. It is one hook,
   * called once a firing. From inside a running hook it takes effect at the next gate. What it returns must be allowed at
   * every one of its points. Throws, with nothing changed, UNKNOWN_POINT, INVALID_OPTIONS, INVALID_HANDLER, DUPLICATE_HOOK, HOOK_KIND, HOOK_ORDER_CYCLE or HOOK_ORDER_STAGE.
   */
  register<const Point extends PointArg>(
    points: Point | readonly Point[],
    handler: NoInfer<Handler<Point>>,
    options?: NoInfer<HookOptions<Point>>,
  ): HookHandle
  /** Registers all of them, or, when one is refused, none. */
  registerAll(hooks: readonly AnyHookDefinition[]): HookHandle[]
  registerAll<const Points extends readonly (PointArg | readonly PointArg[])[]>(hooks: {
    readonly [Index in keyof Points]: HookRegistration<Points[Index]>
  }): HookHandle[]
  /**
   * Registers two parts of one hook that share `ctx.locals`. After parts unwind: in the reverse order of their before
   * parts. The constraints in the options place the before part. `once` is INVALID_OPTIONS: an operation that ends
   * between the parts would leave the after part to another operation.
   */
  registerPair<const Before extends PointArg, const After extends PointArg>(
    pair: {
      readonly before: readonly [points: Before | readonly Before[], handler: NoInfer<Handler<Before>>]
      readonly after: readonly [points: After | readonly After[], handler: NoInfer<Handler<After>>]
    },
    options?: HookOptions,
  ): HookHandle
  /** Registers defined hooks at the points that they name: all of them, or, when one is refused, none. */
  use(hooks: AnyHookDefinition | readonly AnyHookDefinition[]): HookHandle[]
  /** Registers for one component, with its types. */
  for<Input, Output>(component: ComponentRef<Input, Output>): ComponentHooks<Input, Output>
  list(filter?: HookFilter): readonly HookInfo[]
  /** The hooks of a point in order, and for each neighbour pair why. */
  explain(point: PointArg): Explanation
  stats(): HooksStats
  /**
   * Turns all hooks on or off, those of points declared later too, or those of one point. Guards too: what is off
   * protects nothing.
   */
  setEnabled(on: boolean, point?: PointArg): void
  /**
   * Fires a point and gives its decision, at once when all its hooks are synchronous. Without a hook nothing happens,
   * and the decision is the same `continue` every time. Throws INVALID_OPTIONS for options that do not exist and for data
   * that is no object, UNKNOWN_POINT, POINT_DATA_INVALID, DATA_NOT_JSON.
   */
  run<const Point extends PointArg>(
    point: Point,
    data: DataAt<Point>,
    options?: FireOptions,
  ): Decision<Point> | Promise<Decision<Point>>
  /** Puts gates round a function; see {@link WrapOptions}. */
  wrap<Input, Output>(options: WrapOptions<Input, Output>, effect: Effect<Input, Output>): Wrapped<Input, Output>
  /**
   * Implementations for the gates of a machine, for `machine.provide` of XState: what `gate` and `hooked` of
   * `hookchart/machines` put into a machine then runs the hooks that are registered here.
   */
  provide(): GateImplementations
  /** What suspended hooks wait for, and how to answer. */
  readonly approvals: ApprovalsApi
  /** Waits for async observers that still run. */
  idle(): Promise<void>
  /** Takes no new work, aborts what runs, waits for observers, and forgets its timers. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
