/** The components of a chain: options as they are written, and what the definition holds. */
import * as z from 'zod'
import type { Duration } from '../../src/duration.ts'
import { HookchartError, nameOf } from '../../src/errors.ts'
import type { ErrorData } from '../../src/errors.ts'
import { copyJson, findJsonFlaw, freezeJson } from '../../src/json.ts'
import { parseOptions } from '../../src/options.ts'
import type { AgentDefinition } from '../agent/definition.ts'
import type { Callers, CompensateCall, ToolCall } from '../call.ts'
import { functionSchema, isSealed, keySchema } from '../definition.ts'
import { textOrObject } from '../text-or-object.ts'
import type { ToolDefinition } from '../tool/define-tool.ts'
import { timeoutSchema } from '../workflow/options.ts'
import type { WorkflowDefinition } from '../workflow/tree.ts'

/** What a component's `input` function is called with. */
export interface ChainScope<Input = unknown, Results = Readonly<Record<string, unknown>>> {
  /** The input of the chain. */
  readonly input: Input
  /** The outputs of the components that have completed, by id. */
  readonly results: Partial<Results>
  readonly metadata: Readonly<Record<string, unknown>>
  readonly correlationId: string
}

/** What a fallback is called with. */
export interface FallbackCall extends ToolCall, Callers {
  /** Why the component failed. */
  readonly error: ErrorData
  /** The outputs of the components that have completed, by id. */
  readonly results: Readonly<Record<string, unknown>>
}

/** What the failure of a component does. `compensate` undoes all that has started, then fails the chain. */
export type ChainErrorPolicy<Output = unknown> =
  | 'fail'
  /** What depends on it, directly or not, is not run; the rest is. */
  | 'skip_dependants'
  | 'compensate'
  /** Its output instead: JSON, or a function that gives it. */
  | { readonly fallback: Output | ((call: FallbackCall) => Output | PromiseLike<Output>) }

/** What all components of a chain take besides what they are. Strict: an unknown key is refused. */
export interface ChainComponentOptions<Id extends string = string, Output = unknown> {
  /** What it is called in this chain; default its name. */
  readonly id?: Id
  /** The ids of those that must have settled before it starts; default none. */
  readonly after?: readonly string[]
  /** Default `fail`. */
  readonly onError?: ChainErrorPolicy<Output>
  /** Undoes it when the chain is compensated. */
  readonly compensate?: (call: CompensateCall<never, Output>) => unknown
  /** How long it may take, `false` for as long as it likes. Default 30 s; for a workflow no limit but its own. */
  readonly timeoutMs?: Duration | false
}

/** A component of a chain in the object form: exactly one of `tool`, `agent` and `workflow`. */
export interface ChainComponentEntry<Input = unknown> extends ChainComponentOptions {
  readonly tool?: ToolDefinition
  readonly agent?: AgentDefinition
  readonly workflow?: WorkflowDefinition
  /** Makes its input; default the input of the chain. */
  readonly input?: (scope: ChainScope<Input>) => unknown
}

/** A component of a chain. Frozen. */
export interface ChainComponent {
  readonly id: string
  readonly type: 'tool' | 'agent' | 'workflow'
  readonly component: ToolDefinition | AgentDefinition | WorkflowDefinition
  /** The ids of its dependencies, each once, in the order given. */
  readonly after: readonly string[]
  readonly input: ((scope: ChainScope<never>) => unknown) | undefined
  readonly onError: ChainErrorPolicy
  readonly compensate: ((call: CompensateCall<never, never>) => unknown) | undefined
  /** Undefined: no limit of its own. */
  readonly timeoutMs: number | undefined
}

/** Whether the failure of a component, or of what stands in for it, fails its chain. */
export function failsChain({ onError }: Pick<ChainComponent, 'onError'>, isFallback = false): boolean {
  return onError !== 'skip_dependants' && (isFallback || typeof onError !== 'object')
}

const TYPES = ['tool', 'agent', 'workflow'] as const

/** The reference system's `max_component_execution_time`. */
const DEFAULT_TIMEOUT_MS = 30_000

const fallbackSchema = z.unknown().superRefine((value, ctx) => {
  const flaw = typeof value === 'function' ? undefined : findJsonFlaw(value)
  if (flaw === undefined) return
  const where = flaw.path === '' ? 'it' : `"${flaw.path}"`
  ctx.addIssue({ code: 'custom', message: `expected JSON or a function, but ${where} ${flaw.problem}` })
})

const schema = z.strictObject({
  id: keySchema.optional(),
  after: z.array(keySchema).optional(),
  input: functionSchema<NonNullable<ChainComponent['input']>>().optional(),
  onError: textOrObject(
    z.enum(['fail', 'skip_dependants', 'compensate'], {
      error: "expected 'fail', 'skip_dependants', 'compensate' or { fallback }",
    }),
    z
      .strictObject({ fallback: fallbackSchema })
      .transform(({ fallback }) => Object.freeze({ fallback: freezeJson(copyJson(fallback)) })),
  ).optional(),
  compensate: functionSchema<NonNullable<ChainComponent['compensate']>>().optional(),
  timeoutMs: timeoutSchema.optional(),
})

/** Checks a component of the object form, which says itself what it is. */
export function parseEntry(given: unknown, where: string): ChainComponent {
  const { tool, agent, workflow, ...options } = parseOptions(z.looseObject({}), given, where)
  const parts = { tool, agent, workflow }
  const [type, ...others] = TYPES.filter((each) => parts[each] !== undefined)
  if (type === undefined || others.length > 0) {
    const named = [type, ...others].filter((each) => each !== undefined).join(' and ')
    const problem = `a component has ${named === '' ? 'no tool, agent or workflow' : named}`
    throw refusal(where, 'components', problem, `Give it one of ${TYPES.join(', ')}.`)
  }
  return parseComponent(type, parts[type], options, where)
}

/** Checks one component. Whether others that it names are there is for the whole chain to tell. */
export function parseComponent(
  type: ChainComponent['type'],
  component: unknown,
  options: unknown,
  where: string,
): ChainComponent {
  if (!isSealed(component, type)) {
    const maker = { tool: 'defineTool', agent: 'defineAgent', workflow: 'sequential, conditional, loop or parallel' }[
      type
    ]
    throw refusal(where, type, `the ${type} is ${nameOf(component)}`, `Give what ${maker} gave.`)
  }
  const parsed = parseOptions(schema, options ?? {}, where)
  const defined = component as ChainComponent['component']
  const { timeoutMs = type === 'workflow' ? false : DEFAULT_TIMEOUT_MS } = parsed
  return Object.freeze({
    id: parsed.id ?? defined.name,
    type,
    component: defined,
    after: Object.freeze([...new Set(parsed.after)]),
    input: parsed.input,
    onError: parsed.onError ?? 'fail',
    compensate: parsed.compensate,
    timeoutMs: timeoutMs === false ? undefined : timeoutMs,
  })
}

/** The error for a component that cannot be. */
export function refusal(
  where: string,
  path: string,
  problem: string,
  advice: string,
): HookchartError<'INVALID_OPTIONS'> {
  return new HookchartError('INVALID_OPTIONS', `${where}: ${problem}. ${advice}`, {
    details: { where, flaws: [{ path, problem }] },
  })
}
