/** A tool, or an agent that is one, as a model is told of it. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import { isPlainObject } from '../../src/json.ts'
import type { AgentTool } from './definition.ts'

/** What a model may call. */
export interface ToolOffer {
  readonly tool: AgentTool
  /** As language models of the AI SDK are told of a function. */
  readonly spec: object
  /** The input of the tool from the arguments that the model wrote. */
  readonly inputOf: (written: unknown) => unknown
}

/** Models write an object; what is none stands in it under this name. */
const WRAPPED = 'input'

/** What a model writes for an agent that does not say what it takes. */
const TEXT = { type: 'string', description: 'What it is asked, in words.' }

/** Offers a tool to a model. Throws INVALID_OPTIONS when nobody knows the JSON Schema of its input. */
export function offerOf(tool: AgentTool, where: string): ToolOffer {
  const { name, description } = tool
  const schema = schemaOf(tool, where)
  const isWrapped = typeof schema['type'] === 'string' && schema['type'] !== 'object'
  const { $schema: _, ...inner } = schema
  const wrapped = { type: 'object', properties: { [WRAPPED]: inner }, required: [WRAPPED], additionalProperties: false }
  return {
    tool,
    spec: {
      ...{ type: 'function', name },
      ...(description !== '' && { description }),
      inputSchema: isWrapped ? wrapped : schema,
    },
    inputOf: (written) => (isWrapped && isPlainObject(written) ? written[WRAPPED] : written),
  }
}

function schemaOf(tool: AgentTool, where: string): Readonly<Record<string, unknown>> {
  if (tool.input === undefined) return TEXT
  const schema = (tool.type === 'tool' ? tool.inputJsonSchema : undefined) ?? jsonSchemaOf(tool.input)
  if (schema !== undefined) return schema
  const { type, name } = tool
  const remedy =
    type === 'tool' ? 'Give the tool an inputJsonSchema.' : 'Take a schema that has one, such as those of zod.'
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: the input schema of ${type} "${name}" gives no JSON Schema, which models need. ${remedy}`,
    { details: { where, tool: name } },
  )
}

interface JsonSchemaSource {
  readonly jsonSchema?: { input(options: { readonly target: string }): Record<string, unknown> }
}

/** The JSON Schema of what a schema takes; undefined when it cannot tell. */
export function jsonSchemaOf(schema: StandardSchemaV1): Record<string, unknown> | undefined {
  try {
    const { jsonSchema } = schema['~standard'] as JsonSchemaSource
    if (jsonSchema !== undefined) return jsonSchema.input({ target: 'draft-07' })
    return '_zod' in schema
      ? z.toJSONSchema(schema as unknown as z.ZodType, { io: 'input', target: 'draft-7' })
      : undefined
  } catch {
    return undefined
  }
}
