/** The model of a model agent and what it may spend, as options. Nothing here calls a model. */
import * as z from 'zod'
import { functionSchema } from '../definition.ts'

/**
 * A language model, by its shape: one of the AI SDK fits, and so does a fake.
 * What its functions take and give is between the model and the runner.
 */
export interface LanguageModel {
  readonly specificationVersion: string
  readonly provider: string
  readonly modelId: string
  doGenerate(options: never): PromiseLike<unknown>
  doStream(options: never): PromiseLike<unknown>
}

/** A model, or `provider/model`, which the system's `models` resolves. */
export type ModelOption = LanguageModel | `${string}/${string}`

/** What one call of a model used, for {@link Budget.costOf}. */
export interface ModelUsage {
  /** `provider/model`. */
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
}

/** What one execution of a model agent may spend; what is absent is not limited. At least one limit is given. */
export interface Budget {
  readonly maxInputTokens?: number
  readonly maxOutputTokens?: number
  /** Input and output together. */
  readonly maxTokens?: number
  readonly maxToolCalls?: number
  /** In the currency of `costOf`, which it needs: there is no price table here. */
  readonly maxCost?: number
  /** What a call cost, in a currency of your choice. */
  readonly costOf?: (usage: ModelUsage) => number
}

const COUNTED = ['maxInputTokens', 'maxOutputTokens', 'maxTokens', 'maxToolCalls', 'maxCost'] as const

const countSchema = z.int().positive()

/** The option `budget`. */
export const budgetSchema = z
  .strictObject({
    maxInputTokens: countSchema.optional(),
    maxOutputTokens: countSchema.optional(),
    maxTokens: countSchema.optional(),
    maxToolCalls: z.int().nonnegative().optional(),
    maxCost: z.number().positive().optional(),
    costOf: functionSchema<(usage: ModelUsage) => number>().optional(),
  })
  .refine((budget) => COUNTED.some((limit) => budget[limit] !== undefined), {
    error: `expected at least one of ${COUNTED.join(', ')}`,
  })
  .refine(({ maxCost, costOf }) => (maxCost === undefined) === (costOf === undefined), {
    path: ['costOf'],
    error: 'expected maxCost and costOf together: the one needs the other',
  })
  .transform((budget) => Object.freeze(budget) as Budget)

const PROVIDER_AND_MODEL = /^[^\s/]+\/\S+$/

/** The option `model`. */
export const modelSchema = z.custom<ModelOption>(
  (value) => (typeof value === 'string' ? PROVIDER_AND_MODEL.test(value) : isLanguageModel(value)),
  "expected 'provider/model', or a language model with provider, modelId, doGenerate and doStream",
)

/** Whether a value has the shape of a language model. */
export function isLanguageModel(value: unknown): value is LanguageModel {
  if (typeof value !== 'object' || value === null) return false
  const { provider, modelId, doGenerate, doStream } = value as Partial<LanguageModel>
  return (
    typeof provider === 'string' &&
    typeof modelId === 'string' &&
    typeof doGenerate === 'function' &&
    typeof doStream === 'function'
  )
}
