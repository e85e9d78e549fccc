/** `parallel`: several branches at once, as they are described. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { parseOptions } from '../../src/options.ts'
import { assertUnique, functionSchema, seal } from '../definition.ts'
import type { SchemaOutput } from '../schema.ts'
import { textOrObject } from '../text-or-object.ts'
import type { BranchesInput, BranchesOutput, FittingBranches, WorkflowInput, WorkflowOutput } from './fitting.ts'
import type { JoinPolicy, MergeState } from './join.ts'
import {
  branchNameSchema,
  PARALLEL_TIMEOUT_MS,
  placeOf,
  stepsOf,
  stepsSchema,
  unfit,
  workflowFields,
  workflowShape,
} from './options.ts'
import type { WorkflowOptions } from './options.ts'
import type { ParallelWorkflow, Step } from './tree.ts'

/** A branch of {@link parallel}. */
export interface ParallelBranchOptions {
  readonly name: string
  /** At least one; names are unique in the branch. */
  readonly steps: readonly Step[]
  /** Whether the workflow completes without it; default false. */
  readonly optional?: boolean
  /** How long the branch may take; default no limit of its own. */
  readonly timeoutMs?: Duration
}

/** What {@link parallel} takes. Strict: an unknown key is refused. */
export interface ParallelOptions<
  Name extends string,
  Branches extends readonly ParallelBranchOptions[],
  Join extends JoinPolicy,
  Input extends StandardSchemaV1 | undefined,
  Output extends StandardSchemaV1 | undefined,
> extends WorkflowOptions<Name, Input, Output> {
  /** At least one; names are unique. */
  readonly branches: Branches & FittingBranches<Branches, SchemaOutput<Input>>
  /** How many branches run at once, from 1; default 4. */
  readonly maxConcurrency?: number
  /** Whether the others are stopped as soon as the join cannot be reached any more: those that wait never start. Default true. */
  readonly failFast?: boolean
  /** How many branches must complete; the others are stopped then. Default `all`. */
  readonly join?: Join
  /** Settles what two branches changed at the same path of the state. Default none: the workflow fails. */
  readonly mergeState?: MergeState
}

/** What the branches give, by their names. A branch that need not complete may be absent. */
export type ParallelOutput<Branches extends readonly unknown[], Join> = Join extends 'all'
  ? BranchesOutput<Exclude<Branches[number], { readonly optional: true }>[]> &
      Partial<BranchesOutput<Extract<Branches[number], { readonly optional: true }>[]>>
  : Partial<BranchesOutput<Branches>>

const branchSchema = z.strictObject({
  name: branchNameSchema,
  steps: stepsSchema,
  optional: z.boolean().optional(),
  timeoutMs: positiveDurationSchema.optional(),
})

const schema = z.strictObject({
  ...workflowShape,
  branches: z.array(branchSchema).min(1, 'expected at least one branch'),
  maxConcurrency: z.int().positive().optional(),
  failFast: z.boolean().optional(),
  join: textOrObject(
    z.enum(['all', 'any'], { error: "expected 'all', 'any' or { atLeast }" }),
    z.strictObject({ atLeast: z.int().min(1) }).transform((policy) => Object.freeze(policy)),
  ).optional(),
  mergeState: functionSchema<MergeState>().optional(),
})

/** The reference system's number. */
const MAX_CONCURRENCY = 4

/**
 * Describes a workflow of branches that run at once. Each branch gets the input of the workflow and works on its own draft of the
 * state; at the join the drafts become one. The output is `{ [branch]: output }`, in the order of declaration.
 *
 * @throws INVALID_OPTIONS, also for `atLeast` beyond the number of branches; DUPLICATE_NAME
 * @example
 * ```ts
 * import { parallel, step } from 'hookchart'
 * const both = parallel({
 *   name: 'both',
 *   branches: [
 *     { name: 'one', steps: [step.run('one', () => 1)] },
 *     { name: 'two', steps: [step.run('two', () => 2)], optional: true, timeoutMs: '1s' },
 *   ],
 * })
 * console.assert(both.maxConcurrency === 4 && both.failFast && both.join === 'all')
 * ```
 */
export function parallel<
  const Name extends string,
  const Branches extends readonly ParallelBranchOptions[],
  const Join extends JoinPolicy = 'all',
  Input extends StandardSchemaV1 | undefined = undefined,
  Output extends StandardSchemaV1 | undefined = undefined,
>(
  options: ParallelOptions<Name, Branches, Join, Input, Output>,
): ParallelWorkflow<
  WorkflowInput<Input, BranchesInput<Branches>>,
  WorkflowOutput<Output, ParallelOutput<Branches, Join>>,
  Name
>
export function parallel(options: object): ParallelWorkflow {
  const where = placeOf('parallel', options)
  const given = parseOptions(schema, options, where)
  const branches = given.branches.map(({ name, steps, optional = false, timeoutMs }) =>
    Object.freeze({ name, steps: stepsOf(steps, `${where}, branch "${name}"`), optional, timeoutMs }),
  )
  assertUnique(
    branches.map(({ name }) => name),
    'branches',
    where,
  )
  const { join = 'all' } = given
  if (typeof join === 'object' && join.atLeast > branches.length) {
    const problem = `${String(join.atLeast)} of ${String(branches.length)} branches can never complete`
    throw unfit(where, 'join.atLeast', problem, `Give a number from 1 to ${String(branches.length)}.`)
  }
  return seal('workflow', {
    ...workflowFields(given, PARALLEL_TIMEOUT_MS),
    pattern: 'parallel' as const,
    branches: Object.freeze(branches),
    maxConcurrency: given.maxConcurrency ?? MAX_CONCURRENCY,
    failFast: given.failFast ?? true,
    join,
    mergeState: given.mergeState,
  })
}
