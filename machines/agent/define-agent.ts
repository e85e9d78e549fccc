/** `defineAgent`: an agent as it is described, whose work is a function or a language model's. What runs it is elsewhere. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { HookchartError, nameOf } from '../../src/errors.ts'
import { parseOptions } from '../../src/options.ts'
import type { AgentCall } from '../call.ts'
import { functionSchema, seal } from '../definition.ts'
import { retrySchema } from '../retry.ts'
import type { RetryOptions, RetryPolicy } from '../retry.ts'
import type { SchemaInput, SchemaOutput, Work } from '../schema.ts'
import { agentFields, agentShape } from './definition.ts'
import type { AgentDefinition, AgentOptions, FunctionAgentDefinition, ModelAgentDefinition } from './definition.ts'
import { budgetSchema, modelSchema } from './model.ts'
import type { Budget, ModelOption } from './model.ts'

/** What {@link defineAgent} takes for an agent whose work is a function. Strict: an unknown key is refused. */
export interface DefineFunctionAgentOptions<
  Name extends string,
  Input extends StandardSchemaV1 | undefined,
  Output extends StandardSchemaV1 | undefined,
  Result,
> extends AgentOptions<Name, Input> {
  /** Any Standard Schema for what `execute` gives; what it makes of it is the output. Default: the output is what it gives. */
  readonly output?: Output
  /** The work. May be asynchronous; obeys its signal. */
  readonly execute: Work<AgentCall<SchemaOutput<Input>>, Output, Result>
}

/** What {@link defineAgent} takes for an agent whose work a language model does. Strict: an unknown key is refused. */
export interface DefineModelAgentOptions<
  Name extends string,
  Input extends StandardSchemaV1 | undefined,
  Output extends StandardSchemaV1 | undefined,
> extends AgentOptions<Name, Input> {
  /** Any Standard Schema; the model is asked for what fits it. Default: the output is text. */
  readonly output?: Output
  /** A language model, or `'provider/model'`, which the system's `models` resolves. */
  readonly model: ModelOption
  /** What the model is told before anything else. Not empty. */
  readonly instructions: string
  /** How often the model may be called in one execution, from 1 to 1,000; default 10. */
  readonly maxTurns?: number
  /** What one execution may spend, with all that it starts; default no limit. */
  readonly budget?: Budget
  /**
   * How often a call of the model is started when it fails for a reason that may pass: three times by default, a second and two
   * seconds apart. A server that says when to come back is obeyed, unless that is later than `maxDelayMs` or the deadline.
   */
  readonly retry?: RetryOptions
}

const functionAgentSchema = z.strictObject({
  ...agentShape,
  execute: functionSchema<FunctionAgentDefinition['execute']>(),
})

const modelAgentSchema = z.strictObject({
  ...agentShape,
  model: modelSchema,
  instructions: z.string().min(1, 'expected instructions that are not empty'),
  maxTurns: z.int().min(1).max(1_000).optional(),
  budget: budgetSchema.optional(),
  retry: retrySchema.optional(),
})

const MAX_TURNS = 10
const RETRY: RetryPolicy = retrySchema.parse({})

/**
 * Describes an agent. With `execute` its work is a function; with `model` a language model does it, calling the tools until it is
 * done. Nothing runs and nothing is registered.
 *
 * A function agent without `output` gives what `execute` gives, a model agent without it gives text. A model agent
 * without `input` takes text, or JSON that is written as text.
 *
 * @throws INVALID_OPTIONS, DUPLICATE_NAME for two tools of one name
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { defineAgent, defineTool } from 'hookchart'
 * const wordCount = defineTool({
 *   name: 'word_count',
 *   description: 'counts words',
 *   input: z.object({ text: z.string() }),
 *   execute: ({ input }) => ({ words: input.text.split(' ').length }),
 * })
 * const reader = defineAgent({
 *   name: 'reader',
 *   input: z.object({ text: z.string() }),
 *   tools: [wordCount],
 *   execute: async ({ input, tools }) => tools.call(wordCount, input),
 * })
 * const writer = defineAgent({
 *   name: 'writer',
 *   model: 'openai/gpt-5',
 *   instructions: 'Write one sentence.',
 *   budget: { maxTokens: 2_000 },
 * })
 * console.assert(reader.kind === 'function' && writer.kind === 'model' && writer.maxTurns === 10)
 * ```
 */
export function defineAgent<
  const Name extends string,
  Input extends StandardSchemaV1 | undefined = undefined,
  Output extends StandardSchemaV1 | undefined = undefined,
>(
  options: DefineModelAgentOptions<Name, Input, Output>,
): ModelAgentDefinition<SchemaInput<Input>, SchemaOutput<Output, string>, Name>
export function defineAgent<
  const Name extends string,
  Result,
  Input extends StandardSchemaV1 | undefined = undefined,
  Output extends StandardSchemaV1 | undefined = undefined,
>(
  options: DefineFunctionAgentOptions<Name, Input, Output, Result>,
): FunctionAgentDefinition<SchemaInput<Input>, SchemaOutput<Output, Result>, Name>
export function defineAgent(options: object): AgentDefinition {
  const given = options as Record<string, unknown> | undefined
  const where = `defineAgent(${nameOf(given?.['name'])})`
  const isModel = given?.['model'] !== undefined
  if (isModel && given['execute'] !== undefined) {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `${where}: both "execute" and "model" are given. The work is a function's or a model's; leave one of them out.`,
      { details: { where, flaws: [{ path: 'model', problem: 'expected execute or model, not both' }] } },
    )
  }
  if (!isModel) {
    const parsed = parseOptions(functionAgentSchema, given, where)
    const definition = { ...agentFields(parsed, where), kind: 'function' as const, execute: parsed.execute }
    return seal('agent', definition)
  }
  const parsed = parseOptions(modelAgentSchema, given, where)
  const { model, instructions, maxTurns = MAX_TURNS, budget, retry = RETRY } = parsed
  const kind = 'model' as const
  return seal('agent', { ...agentFields(parsed, where), kind, model, instructions, maxTurns, budget, retry })
}
