/**
 * The tables of script hooks: what a script is called with, and what its answer means. Only the shapes and their
 * meaning live here; whoever runs scripts puts `adaptHook` round them.
 */
import * as z from 'zod'
import { HookchartError, nameOf } from '../errors.ts'
import { isPlainObject } from '../json.ts'
import type { HookAdapter } from './adapter.ts'
import type { AnyData, HookContext, StepInfo } from './context.ts'
import { hook } from './result.ts'
import type { HookResult, ResultExtras } from './result.ts'

/** The step in a {@link SeedTableContext}. */
export interface SeedTableStep {
  readonly name: string
  readonly index: number
  readonly type: string
  /** run: the step itself. compensate: what undoes it. */
  readonly action: 'run' | 'compensate'
  readonly input: unknown
  /** After the step only. */
  readonly output?: unknown
  /** After the step only. */
  readonly duration_ms?: number
  /** The message of its error, when it has failed. */
  readonly error?: string
  readonly metadata: Readonly<Record<string, unknown>>
  /** The name of the step behind it; absent for the last. */
  readonly next_step?: string
}

/** What a script hook is called with; read-only. */
export interface SeedTableContext {
  /** Absent outside workflows. */
  readonly workflow_id?: string
  readonly workflow_name?: string
  /** The pattern: sequential, conditional, loop or parallel. */
  readonly workflow_type?: string
  /** `before_start`, `before_step`, `after_step`, `on_step_error`, `after_complete`, `on_error`; elsewhere the id of the point. */
  readonly hook_point: string
  /** ISO 8601, UTC. */
  readonly timestamp: string
  /** Workflow state; change it with `state_updates`. */
  readonly state: Readonly<Record<string, unknown>>
  /** At points of steps only. */
  readonly step?: SeedTableStep
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What a script hook may answer. Null counts as absent: it is what scripts say for nothing. */
export interface SeedTableResult {
  /** False stops: the operation is cancelled. Default true. */
  readonly continue_execution?: boolean | null
  /** A patch of workflow state; applied before anything else acts. */
  readonly state_updates?: Readonly<Record<string, unknown>> | null
  /** True runs the step again: after 1 s, three times in all. */
  readonly retry_step?: boolean | null
  /** The name of the step to go on with. */
  readonly skip_to_step?: string | null
  /** A line for the trace, and the reason of a stop. */
  readonly message?: string | null
}

const schema = z.strictObject({
  continue_execution: orNothing(z.boolean('is neither true nor false')),
  state_updates: orNothing(z.custom<Readonly<Record<string, unknown>>>(isPlainObject, 'is not a table')),
  retry_step: orNothing(z.boolean('is neither true nor false')),
  skip_to_step: orNothing(z.string('is not a text').min(1, 'is empty')),
  message: orNothing(z.string('is not a text')),
})

function orNothing<Schema extends z.ZodType>(type: Schema) {
  return type.nullish().transform((value) => value ?? undefined)
}

/** The points that scripts know by a name of their own, and what the component is there. */
const POINTS: Readonly<Record<string, { readonly name: string; readonly of: 'workflow' | 'step' }>> = {
  BeforeWorkflowStart: { name: 'before_start', of: 'workflow' },
  BeforeWorkflowStage: { name: 'before_step', of: 'step' },
  AfterWorkflowStage: { name: 'after_step', of: 'step' },
  WorkflowStepError: { name: 'on_step_error', of: 'step' },
  AfterWorkflowComplete: { name: 'after_complete', of: 'workflow' },
  WorkflowError: { name: 'on_error', of: 'workflow' },
}

/**
 * The adapter for script hooks that answer with a table.
 *
 * A table is a patch of workflow state plus one control: `continue_execution = false` cancels, else `skip_to_step`
 * redirects, else `retry_step` retries, else the hook continues. Nothing (undefined, null) means continue. An unknown
 * key, a value of the wrong type, or anything that is no table is HOOK_INVALID_RESULT, never a silent meaning.
 *
 * Data, state and metadata in the context are the hook's own objects, not copies.
 *
 * @example
 * ```ts
 * import { adaptHook, createHooks, seedTableAdapter } from 'hookchart/hooks'
 * const hooks = createHooks()
 * const script = adaptHook(seedTableAdapter, (ctx) => ({
 *   continue_execution: ctx.hook_point !== 'before_step',
 *   state_updates: { stopped_at: ctx.timestamp },
 *   message: 'no steps today',
 * }))
 * hooks.register('workflow:before_step', script, { name: 'script', language: 'lua' })
 * const step = hooks.wrap({ name: 'fetch', before: 'BeforeWorkflowStage' }, () => 'fetched')
 * const { status, error } = await step(undefined)
 * console.assert(status === 'cancelled' && error?.details['reason'] === 'no steps today')
 * ```
 */
export const seedTableAdapter: HookAdapter<SeedTableContext, SeedTableResult | null | undefined | void> = {
  adaptContext: contextTable,
  adaptResult: resultOfTable,
}

function contextTable(ctx: HookContext): SeedTableContext {
  const known = POINTS[ctx.point]
  return {
    ...workflowOf(ctx, known?.of === 'workflow'),
    hook_point: known?.name ?? ctx.point,
    timestamp: new Date(ctx.timestamp).toISOString(),
    state: ctx.state,
    ...(ctx.step !== undefined && { step: stepTable(ctx.step, known?.of === 'step' ? ctx.data : {}) }),
    metadata: ctx.metadata,
  }
}

function workflowOf({ workflow, component }: HookContext, isComponent: boolean): Partial<SeedTableContext> {
  if (workflow !== undefined) {
    return { workflow_id: workflow.id, workflow_name: workflow.name, workflow_type: workflow.pattern }
  }
  return isComponent ? { workflow_id: component.id, workflow_name: component.name } : {}
}

/** A step with what hooks before this one have made of its data. */
function stepTable(step: StepInfo, data: AnyData): SeedTableStep {
  const { name, index, type, action, metadata } = step
  const { input, output, error } = { ...step, ...data }
  return {
    name,
    index,
    type,
    action,
    input,
    ...(output !== undefined && { output }),
    ...(step.durationMs !== undefined && { duration_ms: step.durationMs }),
    ...(error !== undefined && { error: error.message }),
    metadata,
    ...(step.nextStep !== undefined && { next_step: step.nextStep }),
  }
}

function resultOfTable(table: SeedTableResult | null | undefined | void): HookResult | undefined {
  if (table === undefined || table === null) return undefined
  if (!isPlainObject(table)) throw invalid(`${nameOf(table)} is no table`)
  const parsed = schema.safeParse(table)
  if (!parsed.success) throw invalid(flawOf(parsed.error.issues[0] as z.core.$ZodIssue))
  const { continue_execution, state_updates, retry_step, skip_to_step, message } = parsed.data
  const extras: ResultExtras = {
    ...(state_updates !== undefined && { state: state_updates }),
    ...(message !== undefined && { message }),
  }
  if (continue_execution === false) return hook.cancel(message, extras)
  if (skip_to_step !== undefined) return hook.redirect(skip_to_step, extras)
  return retry_step === true ? hook.retry({}, extras) : hook.continue(extras)
}

/** Short, for the kernel quotes at most 60 characters of it. */
function flawOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown key "${String(issue.keys[0])}"`
  return `${issue.path.join('.')} ${issue.message}`
}

function invalid(problem: string): HookchartError<'HOOK_INVALID_RESULT'> {
  return new HookchartError('HOOK_INVALID_RESULT', problem)
}
