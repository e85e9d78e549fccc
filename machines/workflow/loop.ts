/** `loop`: the same steps again and again, as they are described. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { durationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { parseOptions } from '../../src/options.ts'
import { seal } from '../definition.ts'
import type { SchemaOutput } from '../schema.ts'
import type { Fitting, LastOutput, WorkflowInput, WorkflowOutput } from './fitting.ts'
import { aggregationSchema, parseBreak, parseIterator } from './iteration.ts'
import type { BreakOption, LoopAggregation, LoopIteratorOptions, LoopScope, ValueOf } from './iteration.ts'
import { onErrorSchema, placeOf, stepsOf, stepsSchema, workflowFields, workflowShape } from './options.ts'
import type { ErrorPolicyOption, WorkflowOptions } from './options.ts'
import type { LoopWorkflow, Step } from './tree.ts'

/** What {@link loop} takes. Strict: an unknown key is refused. */
export interface LoopOptions<
  Name extends string,
  Iterator extends LoopIteratorOptions<SchemaOutput<Input>>,
  Body extends readonly Step[],
  Aggregation extends LoopAggregation,
  Input extends StandardSchemaV1 | undefined,
  Output extends StandardSchemaV1 | undefined,
> extends WorkflowOptions<Name, Input, Output> {
  /** What the loop goes over: `range`, `collection`, `while` or `until`. */
  readonly iterator: Iterator
  /** At least one step; names are unique. The first is given the value of the iteration. */
  readonly body: Body & Fitting<Body, ValueOf<Iterator>>
  /** The loop ends before the body of the first iteration for which one of them holds. Default none. */
  readonly breakConditions?: readonly BreakOption<LoopScope<ValueOf<Iterator>, SchemaOutput<Input>>>[]
  /** What is kept of the outputs; default `collect_all`. */
  readonly aggregation?: Aggregation
  /** The wait between two iterations, behind the tests that may end the loop; default none. */
  readonly iterationDelayMs?: Duration
  /** What a failed step does to the loop; default `fail_fast`. `continue` goes on with the next iteration. */
  readonly onError?: ErrorPolicyOption
}

/** What a loop gives: a list of outputs, the last one, or nothing. */
export type LoopOutput<Body, Aggregation> = Aggregation extends 'none'
  ? undefined
  : Aggregation extends 'last_only'
    ? LastOutput<Body> | undefined
    : LastOutput<Body>[]

const schema = z.strictObject({
  ...workflowShape,
  iterator: z.unknown().optional(),
  body: stepsSchema,
  breakConditions: z.array(z.unknown()).optional(),
  aggregation: aggregationSchema.optional(),
  iterationDelayMs: durationSchema.optional(),
  onError: onErrorSchema.optional(),
})

/**
 * Describes a workflow that runs the same steps for each number of a range, each value of a collection, or as long as a condition
 * says. The body is given the value, and sees it as `state.loop = { index, value, iteration }`; `$iteration` counts from 0.
 *
 * Break conditions are tested before the body; expressions are those of {@link parseExpression}. The output is what `aggregation`
 * keeps of the outputs of the last steps, in order.
 *
 * @throws INVALID_OPTIONS, DUPLICATE_NAME, EXPRESSION_INVALID with the position
 * @example
 * ```ts
 * import { loop, step } from 'hookchart'
 * const squares = loop({
 *   name: 'squares',
 *   iterator: { range: { start: 1, end: 100 } },
 *   body: [step.run('square', ({ input }: { input: number }) => input ** 2)],
 *   breakConditions: ['$iteration >= 5', ({ value }) => value > 50],
 *   aggregation: { type: 'last_n', n: 3 },
 * })
 * console.assert(squares.iterator.type === 'range' && squares.breakConditions.length === 2)
 * ```
 */
export function loop<
  const Name extends string,
  Iterator extends LoopIteratorOptions<SchemaOutput<Input>>,
  const Body extends readonly Step[],
  const Aggregation extends LoopAggregation = 'collect_all',
  Input extends StandardSchemaV1 | undefined = undefined,
  Output extends StandardSchemaV1 | undefined = undefined,
>(
  options: LoopOptions<Name, Iterator, Body, Aggregation, Input, Output>,
): LoopWorkflow<WorkflowInput<Input, unknown>, WorkflowOutput<Output, LoopOutput<Body, Aggregation>>, Name>
export function loop(options: object): LoopWorkflow {
  const where = placeOf('loop', options)
  const given = parseOptions(schema, options, where)
  const { breakConditions = [] } = given
  return seal('workflow', {
    ...workflowFields(given),
    pattern: 'loop' as const,
    iterator: parseIterator(given.iterator, where),
    body: stepsOf(given.body, where),
    breakConditions: Object.freeze(
      breakConditions.map((each, i) => parseBreak(each, `${where}: "breakConditions.${String(i)}"`)),
    ),
    aggregation: given.aggregation ?? 'collect_all',
    iterationDelayMs: given.iterationDelayMs ?? 0,
    onError: given.onError ?? 'fail_fast',
  })
}
