/** A call of a model as an operation: its gates, and what it gives as its hooks see it. */
import * as z from 'zod'
import { operationMachine } from '../operation/operation-machine.ts'
import type { OperationGates } from '../operation/operation-states.ts'

/** The gates of every call of a model. */
export const modelGates = {
  before: [{ state: 'before', point: 'BeforeModelCall' }],
  after: 'AfterModelCall',
  error: 'ModelError',
} as const satisfies OperationGates

/**
 * The machine of a call of a model: an operation with gates of its own.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { modelCallMachine } from 'hookchart/machines'
 * console.assert(toMermaid(modelCallMachine).includes('executing'))
 * ```
 */
export const modelCallMachine = operationMachine('modelCall', modelGates)

/** The tokens of one call. */
export interface CallTokens {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
}

const metadata = { providerMetadata: z.record(z.string(), z.unknown()).optional() }
const partSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string(), ...metadata }),
  z.object({ type: z.literal('reasoning'), text: z.string(), ...metadata }),
  z.object({
    ...{ type: z.literal('tool-call'), toolCallId: z.string(), toolName: z.string(), input: z.string() },
    ...{ providerExecuted: z.boolean().optional(), ...metadata },
  }),
])

/** A part of an answer. */
export type ContentPart = z.output<typeof partSchema>

/** An answer; a text alone is short for one that says it, for hooks that put something in its place. */
export const answerSchema = z.preprocess(
  (given) => (typeof given === 'string' ? { content: [{ type: 'text', text: given }] } : given),
  z.object({ content: z.array(partSchema), finishReason: z.string().optional() }),
)

const resultSchema = z.object({
  content: z.array(z.object({ type: z.string() }).loose()),
  finishReason: z.union([z.string(), z.object({ unified: z.string() }).transform(({ unified }) => unified)]).optional(),
  usage: z.looseObject({}).optional(),
})

const KNOWN: readonly string[] = ['text', 'reasoning', 'tool-call']

/** What `doGenerate` of a model gave, as an answer and its tokens. Parts that no agent can use, such as sources, are left out. */
export function parseResult(given: unknown): { readonly answer: unknown; readonly tokens: CallTokens } {
  const { content, finishReason, usage } = resultSchema.parse(given)
  const inputTokens = countOf(usage?.['inputTokens'])
  const outputTokens = countOf(usage?.['outputTokens'])
  return {
    answer: {
      content: content.filter(({ type }) => KNOWN.includes(type)),
      ...(finishReason !== undefined && { finishReason }),
    },
    tokens: { inputTokens, outputTokens, totalTokens: countOf(usage?.['totalTokens']) || inputTokens + outputTokens },
  }
}

/** A number of tokens: as such in the second version of the AI SDK's models, within an object in the third. */
function countOf(given: unknown): number {
  const count = typeof given === 'object' && given !== null ? (given as { readonly total?: unknown }).total : given
  return typeof count === 'number' && Number.isFinite(count) ? count : 0
}
