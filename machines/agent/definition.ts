/** What an agent is as a definition: the options and types that function agents and model agents share. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import type { AgentCall, CallTarget } from '../call.ts'
import {
  assertUnique,
  componentNameSchema,
  componentOf,
  describe,
  describedShape,
  isSealed,
  textsSchema,
} from '../definition.ts'
import type { DefinedComponent, Described } from '../definition.ts'
import type { RetryPolicy } from '../retry.ts'
import { standardSchema } from '../schema.ts'
import type { ToolDefinition } from '../tool/define-tool.ts'
import type { Budget, ModelOption } from './model.ts'

/** What all agents take besides their work. */
export interface AgentOptions<Name extends string, Input extends StandardSchemaV1 | undefined> {
  /** What it is called by; unique in a system. No `*`, which is for globs. */
  readonly name: Name
  readonly description?: string
  /** Any Standard Schema. Hooks see and change the raw input; the agent gets the parsed one. Default: any input. */
  readonly input?: Input
  /**
   * The tools it works with, as definitions or as names that the system knows; default none. An agent is a tool too: it is
   * executed as a child, with all of its gates. A name is that of a tool, or else of an agent.
   */
  readonly tools?: readonly (AgentTool | string)[]
  /** What it can do, for `discover`; default nothing. */
  readonly capabilities?: readonly string[]
  /** What kind of agent it is; default `custom`. */
  readonly category?: string
  readonly tags?: readonly string[]
  /** Default `1.0.0`. */
  readonly version?: string
  /** Whether the next execution after a failure recovers first; default true. */
  readonly autoRecover?: boolean
  /** How many recoveries may fail one after another, from 0; a healthy execution begins anew. Default 3. */
  readonly maxRecoveryAttempts?: number
  /** How many commands may wait; one more is refused. Default what the system says. */
  readonly maxQueue?: number
  /** How long one execution may take; default no limit but that of who calls. */
  readonly timeoutMs?: Duration
  /**
   * How long its initialisation may take; default 30 s. That is the time in which the model of its `'provider/model'` is made.
   * With a function, or a model that is given as such, there is nothing to wait for.
   */
  readonly initializeTimeoutMs?: Duration
  /** How long its termination may take, which waits until its function, or what its model was asked, has really ended; default 10 s. */
  readonly terminateTimeoutMs?: Duration
  /** How long any other change of its state may take; default 5 s. */
  readonly transitionTimeoutMs?: Duration
}

/** What all agents are. */
interface AgentFields<Input, Output, Name extends string> extends CallTarget<'agent', Input, Output, Name>, Described {
  /** What hooks see; see `hooks.for`, which takes the definition as well. */
  readonly component: DefinedComponent<Input, Output>
  readonly input: StandardSchemaV1<Input, unknown> | undefined
  readonly output: StandardSchemaV1<unknown, Output> | undefined
  readonly tools: readonly (AgentTool | string)[]
  readonly capabilities: readonly string[]
  readonly category: string
  readonly autoRecover: boolean
  readonly maxRecoveryAttempts: number
  /** Undefined: what the system says. */
  readonly maxQueue: number | undefined
  /** Undefined: no limit of its own. */
  readonly timeoutMs: number | undefined
  readonly initializeTimeoutMs: number
  readonly terminateTimeoutMs: number
  readonly transitionTimeoutMs: number
}

/** An agent whose work is a function. Frozen; all defaults are filled in. */
export interface FunctionAgentDefinition<
  Input = unknown,
  Output = unknown,
  Name extends string = string,
> extends AgentFields<Input, Output, Name> {
  readonly kind: 'function'
  readonly execute: (call: AgentCall<never>) => unknown
}

/** An agent whose work a language model does. Frozen; all defaults are filled in. */
export interface ModelAgentDefinition<
  Input = unknown,
  Output = unknown,
  Name extends string = string,
> extends AgentFields<Input, Output, Name> {
  readonly kind: 'model'
  readonly model: ModelOption
  readonly instructions: string
  readonly maxTurns: number
  /** Undefined: no limit. */
  readonly budget: Budget | undefined
  /** Of each call of the model. */
  readonly retry: RetryPolicy
}

/** An agent: what `defineAgent` gives. `Input` is the raw input. */
export type AgentDefinition<Input = unknown, Output = unknown, Name extends string = string> =
  FunctionAgentDefinition<Input, Output, Name> | ModelAgentDefinition<Input, Output, Name>

/** What an agent may work with. */
export type AgentTool = ToolDefinition | AgentDefinition

const EXPECTED_TOOL = 'expected what defineTool or defineAgent gave, or the name of a tool or an agent'

const toolSchema = z.union(
  [
    componentNameSchema,
    z.custom<AgentTool>((value) => isSealed(value, 'tool') || isSealed(value, 'agent'), EXPECTED_TOOL),
  ],
  { error: EXPECTED_TOOL },
)

/** The options of all agents as a schema. */
export const agentShape = {
  ...describedShape,
  name: componentNameSchema,
  input: standardSchema.optional(),
  output: standardSchema.optional(),
  tools: z.array(toolSchema).optional(),
  capabilities: textsSchema.optional(),
  category: componentNameSchema.optional(),
  autoRecover: z.boolean().optional(),
  maxRecoveryAttempts: z.int().min(0).max(1_000).optional(),
  maxQueue: z.int().positive().optional(),
  timeoutMs: positiveDurationSchema.optional(),
  initializeTimeoutMs: positiveDurationSchema.optional(),
  terminateTimeoutMs: positiveDurationSchema.optional(),
  transitionTimeoutMs: positiveDurationSchema.optional(),
}

/** The numbers of the reference system: its recoveries, initialisation, termination and transition times. */
const DEFAULTS = {
  maxRecoveryAttempts: 3,
  initializeTimeoutMs: 30_000,
  terminateTimeoutMs: 10_000,
  transitionTimeoutMs: 5_000,
} as const

/** What all agents are, from parsed options. */
export function agentFields(
  given: z.output<z.ZodObject<typeof agentShape>>,
  where: string,
): AgentFields<unknown, unknown, string> {
  const { name, tools = [], capabilities = [] } = given
  assertUnique(
    tools.map((tool) => (typeof tool === 'string' ? tool : tool.name)),
    'tools',
    where,
  )
  return {
    ...describe(given),
    type: 'agent',
    name,
    component: componentOf('agent', name),
    input: given.input,
    output: given.output,
    tools: Object.freeze([...tools]),
    capabilities: Object.freeze([...capabilities]),
    category: given.category ?? 'custom',
    autoRecover: given.autoRecover ?? true,
    maxRecoveryAttempts: given.maxRecoveryAttempts ?? DEFAULTS.maxRecoveryAttempts,
    maxQueue: given.maxQueue,
    timeoutMs: given.timeoutMs,
    initializeTimeoutMs: given.initializeTimeoutMs ?? DEFAULTS.initializeTimeoutMs,
    terminateTimeoutMs: given.terminateTimeoutMs ?? DEFAULTS.terminateTimeoutMs,
    transitionTimeoutMs: given.transitionTimeoutMs ?? DEFAULTS.transitionTimeoutMs,
  }
}
