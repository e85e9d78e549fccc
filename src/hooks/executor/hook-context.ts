/**
 * The object that hooks are called with. One serves all hooks of a pass for as long as nothing in it differs between
 * them: once a hook has taken what is its own (signal, locals, run), is left running, or changed the data, the next gets
 * another. So a context costs once a pass, and yet none ever changes under a hook that has it.
 */
import type { GateData } from '../change.ts'
import type { ChildRunner, ComponentInfo, HookContext, Language, Proposal, StepInfo, WorkflowInfo } from '../context.ts'
import type { PointSettings } from '../executor-options.ts'
import type { Unit } from '../registry/unit.ts'
import type { TraceCause } from '../trace.ts'
import { findTarget, startChild } from './children.ts'
import type { Operation, Whereabouts } from './operation.ts'
import type { GateRecord } from './gate-record.ts'

/** Where a context comes from: what it needs only when a hook asks for it. */
export interface ContextSource {
  /** The operation that the point fires in; outside any, one is made. */
  operationFor(ctx: PassContext): Operation
  readonly record: GateRecord | undefined
  settingsFor(point: string): PointSettings
}

/** The context for the next hook: the same, or another if this one belongs to a hook for good. */
export let enterHook: (ctx: PassContext, unit: Unit) => PassContext
/** A context that differs from one that a hook may have seen. */
export let changeContext: (
  ctx: PassContext,
  data: GateData,
  proposal: Proposal | undefined,
  state: Readonly<Record<string, unknown>>,
) => PassContext
/** The hook goes on without anybody waiting: its context is its own from now on. */
export let leaveRunning: (ctx: PassContext) => void
/** Aborts the signal of the hook that has this context. */
export let abortHook: (ctx: PassContext, reason: unknown) => void
/** The operation of a context, made if there is none yet. */
export let operationOf: (ctx: PassContext) => Operation
/** The operation that a context was asked for, if it was. */
export let knownOperationOf: (ctx: PassContext) => Operation | undefined
/** How deep operations may be nested that are started with this context. */
export let maxDepthOf: (ctx: PassContext) => number
/** What a child operation started with this context belongs to in the trace. */
export let causeOf: (ctx: PassContext) => TraceCause | undefined
export let isPassContext: (value: unknown) => value is PassContext

/** Gives a context what hooks are told of the workflow; most have none, and no such fields. */
export function tellWhereabouts(ctx: PassContext, { step, workflow }: Whereabouts): void {
  if (step !== undefined) ctx.step = step
  if (workflow !== undefined) ctx.workflow = workflow
}

/** See {@link HookContext}. */
export class PassContext implements HookContext {
  readonly point: string
  readonly component: ComponentInfo
  readonly data: HookContext['data']
  readonly proposal: Proposal | undefined
  readonly state: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  readonly correlationId: string
  readonly operation: HookContext['operation']
  readonly language: Language
  readonly timestamp: number
  declare readonly parent?: NonNullable<HookContext['parent']>
  declare step?: StepInfo
  declare workflow?: WorkflowInfo
  readonly #source: ContextSource
  #operation: Operation | undefined
  #unit: Unit | undefined
  /** It belongs to `#unit` for good. */
  #taken = false
  #controller: AbortController | undefined

  // One parameter a field, and as few fields as can be: this is what a pass costs.
  constructor(
    source: ContextSource,
    point: string,
    component: ComponentInfo,
    data: GateData,
    proposal: Proposal | undefined,
    state: Readonly<Record<string, unknown>>,
    metadata: Readonly<Record<string, unknown>>,
    correlationId: string,
    operation: HookContext['operation'],
    timestamp: number,
    parent: HookContext['parent'],
  ) {
    this.point = point
    this.component = component
    this.data = data
    this.proposal = proposal
    this.state = state
    this.metadata = metadata
    this.correlationId = correlationId
    this.operation = operation
    this.language = 'native'
    this.timestamp = timestamp
    if (parent !== undefined) this.parent = parent
    this.#source = source
  }

  get signal(): AbortSignal {
    this.#taken = true
    if (this.#controller === undefined) {
      const controller = new AbortController()
      this.#controller = controller
      operationOf(this).onAbort((reason) => {
        controller.abort(reason)
      })
    }
    return this.#controller.signal
  }

  get locals(): Record<string, unknown> {
    this.#taken = true
    return operationOf(this).localsOf(this.#unit?.localsKey ?? this)
  }

  get run(): ChildRunner {
    this.#taken = true
    const start = (type: 'tool' | 'agent' | 'workflow') => async (name: string, input?: unknown) => {
      const operation = operationOf(this)
      const target = findTarget(operation, type, name, this.#unit?.name, this.point)
      return startChild(operation, target, input, causeOf(this), this.signal, maxDepthOf(this))
    }
    return { tool: start('tool'), agent: start('agent'), workflow: start('workflow') }
  }

  static {
    enterHook = (ctx, unit) => {
      const own = ctx.#taken ? changeContext(ctx, ctx.data, ctx.proposal, ctx.state) : ctx
      own.#unit = unit
      return own
    }
    changeContext = (ctx, data, proposal, state) => {
      const { point, component, metadata, correlationId, operation, timestamp, parent } = ctx
      const changed = new PassContext(
        ctx.#source,
        point,
        component,
        data,
        proposal,
        state,
        metadata,
        correlationId,
        operation,
        timestamp,
        parent,
      )
      changed.#operation = ctx.#operation
      tellWhereabouts(changed, ctx)
      return changed
    }
    leaveRunning = (ctx) => {
      ctx.#taken = true
    }
    abortHook = (ctx, reason) => {
      ctx.#controller?.abort(reason)
    }
    operationOf = (ctx) => (ctx.#operation ??= ctx.#source.operationFor(ctx))
    knownOperationOf = (ctx) => ctx.#operation
    maxDepthOf = (ctx) => ctx.#source.settingsFor(ctx.point).maxDepth
    causeOf = (ctx) => {
      const [record, unit] = [ctx.#source.record, ctx.#unit]
      return record && { record, line: () => (unit === undefined ? 0 : record.lineOf(unit)) }
    }
    isPassContext = (value): value is PassContext => typeof value === 'object' && value !== null && #source in value
  }
}
