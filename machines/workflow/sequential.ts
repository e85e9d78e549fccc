/** `sequential`: steps one after another, as they are described. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import { seal } from '../definition.ts'
import type { SchemaOutput } from '../schema.ts'
import type { FirstInput, Fitting, LastOutput, WorkflowInput, WorkflowOutput } from './fitting.ts'
import { onErrorSchema, placeOf, stepsOf, stepsSchema, workflowFields, workflowShape } from './options.ts'
import type { ErrorPolicyOption, WorkflowOptions } from './options.ts'
import type { SequentialWorkflow, Step } from './tree.ts'

/** What {@link sequential} takes. Strict: an unknown key is refused. */
export interface SequentialOptions<
  Name extends string,
  Steps extends readonly Step[],
  Input extends StandardSchemaV1 | undefined,
  Output extends StandardSchemaV1 | undefined,
> extends WorkflowOptions<Name, Input, Output> {
  /** At least one; names are unique. */
  readonly steps: Steps & Fitting<Steps, SchemaOutput<Input>>
  /** Default `fail_fast`. With `continue` a run with failed steps is `partial`. */
  readonly onError?: ErrorPolicyOption
}

const schema = z.strictObject({ ...workflowShape, steps: stepsSchema, onError: onErrorSchema.optional() })

/**
 * Describes a workflow of steps one after another. Each step gets the output of the one before, the first the input; the output
 * is that of the last. Steps that do not fit each other are a type error, as far as their types are known.
 *
 * @throws INVALID_OPTIONS, DUPLICATE_NAME
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { sequential, step } from 'hookchart'
 * const report = sequential({
 *   name: 'report',
 *   input: z.object({ text: z.string() }),
 *   steps: [
 *     step.run('trim', ({ input }: { input: { text: string } }) => input.text.trim()),
 *     step.run('count', ({ input }: { input: string }) => input.length),
 *   ],
 *   onError: { retry: { maxAttempts: 2, backoff: 100 } },
 * })
 * console.assert(report.pattern === 'sequential' && report.timeoutMs === 300_000)
 * ```
 */
export function sequential<
  const Name extends string,
  const Steps extends readonly Step[],
  Input extends StandardSchemaV1 | undefined = undefined,
  Output extends StandardSchemaV1 | undefined = undefined,
>(
  options: SequentialOptions<Name, Steps, Input, Output>,
): SequentialWorkflow<WorkflowInput<Input, FirstInput<Steps>>, WorkflowOutput<Output, LastOutput<Steps>>, Name>
export function sequential(options: object): SequentialWorkflow {
  const where = placeOf('sequential', options)
  const given = parseOptions(schema, options, where)
  return seal('workflow', {
    ...workflowFields(given),
    pattern: 'sequential' as const,
    steps: stepsOf(given.steps, where),
    onError: given.onError ?? 'fail_fast',
  })
}
