/** `conditional`: branches behind conditions, as they are described. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import type { StepScope } from '../call.ts'
import { assertUnique, seal } from '../definition.ts'
import type { SchemaOutput } from '../schema.ts'
import { parseCondition } from './condition.ts'
import type { Condition } from './condition.ts'
import type {
  BranchesInput,
  BranchesOutput,
  FittingBranches,
  LastOutput,
  WorkflowInput,
  WorkflowOutput,
} from './fitting.ts'
import { branchNameSchema, placeOf, stepsOf, stepsSchema, unfit, workflowFields, workflowShape } from './options.ts'
import type { WorkflowOptions } from './options.ts'
import type { ConditionalBranch, ConditionalWorkflow, Step } from './tree.ts'

/** A branch of {@link conditional}: behind a condition, or the default one. */
export type ConditionalBranchOptions<Input = unknown> =
  | {
      readonly name: string
      /** Tested in the order of the branches, before any of them runs. */
      readonly condition: Condition<StepScope<Input>>
      readonly isDefault?: false
      readonly steps: readonly Step[]
    }
  | {
      readonly name: string
      readonly condition?: undefined
      /** It runs when no other branch matches, wherever it stands. At most one branch says so. */
      readonly isDefault: true
      readonly steps: readonly Step[]
    }

/** What {@link conditional} takes. Strict: an unknown key is refused. */
export interface ConditionalOptions<
  Name extends string,
  Branches extends readonly ConditionalBranchOptions<SchemaOutput<Input>>[],
  All extends boolean,
  Input extends StandardSchemaV1 | undefined,
  Output extends StandardSchemaV1 | undefined,
> extends WorkflowOptions<Name, Input, Output> {
  /** At least one; names are unique. */
  readonly branches: Branches & FittingBranches<Branches, SchemaOutput<Input>>
  /** Whether every branch that matches runs, in order, or the first one only. Default false. */
  readonly executeAllMatching?: All
}

/** What the branches give: that of the branch, or, when all that match run, of each that did by its name. */
export type ConditionalOutput<Branches extends readonly unknown[], All extends boolean> = All extends true
  ? Partial<BranchesOutput<Branches>>
  : OutputOfEach<Branches[number]> | NothingMatched<Branches[number]>

type OutputOfEach<Branch> = Branch extends { readonly steps: infer Steps } ? LastOutput<Steps> : never

/** Without a default branch there may be no output. */
type NothingMatched<Branch> = Extract<Branch, { readonly isDefault: true }> extends never ? undefined : never

const branchSchema = z.strictObject({
  name: branchNameSchema,
  condition: z.unknown().optional(),
  isDefault: z.boolean().optional(),
  steps: stepsSchema,
})

const schema = z.strictObject({
  ...workflowShape,
  branches: z.array(branchSchema).min(1, 'expected at least one branch'),
  executeAllMatching: z.boolean().optional(),
})

/**
 * Describes a workflow that chooses between branches. The first whose condition holds runs, or with `executeAllMatching` all
 * whose conditions hold; the default branch only when none does, wherever it stands. Each branch gets the input of the workflow.
 *
 * The output is that of the branch, undefined when none ran; with `executeAllMatching` a record by the names of the branches.
 *
 * @throws INVALID_OPTIONS, also for an unknown condition; DUPLICATE_NAME
 * @example
 * ```ts
 * import { conditional, step } from 'hookchart'
 * const answer = conditional({
 *   name: 'answer',
 *   branches: [
 *     { name: 'urgent', condition: { type: 'shared_data_equals', key: 'level', expected: 'high' }, steps: [step.run('call', () => 1)] },
 *     { name: 'other', isDefault: true, steps: [step.run('write', () => 2)] },
 *   ],
 * })
 * console.assert(answer.branches[1]?.isDefault && !answer.executeAllMatching)
 * ```
 */
export function conditional<
  const Name extends string,
  const Branches extends readonly ConditionalBranchOptions<SchemaOutput<Input>>[],
  const All extends boolean = false,
  Input extends StandardSchemaV1 | undefined = undefined,
  Output extends StandardSchemaV1 | undefined = undefined,
>(
  options: ConditionalOptions<Name, Branches, All, Input, Output>,
): ConditionalWorkflow<
  WorkflowInput<Input, BranchesInput<Branches>>,
  WorkflowOutput<Output, ConditionalOutput<Branches, All>>,
  Name
>
export function conditional(options: object): ConditionalWorkflow {
  const where = placeOf('conditional', options)
  const given = parseOptions(schema, options, where)
  const branches = given.branches.map((branch, i) => branchOf(branch, i, where))
  assertUnique(
    branches.map(({ name }) => name),
    'branches',
    where,
  )
  const defaults = branches.filter(({ isDefault }) => isDefault).map(({ name }) => `"${name}"`)
  if (defaults.length > 1) {
    throw unfit(where, 'branches', `${defaults.join(' and ')} are both the default branch`, 'Keep one of them.')
  }
  return seal('workflow', {
    ...workflowFields(given),
    pattern: 'conditional' as const,
    branches: Object.freeze(branches),
    executeAllMatching: given.executeAllMatching ?? false,
  })
}

function branchOf(given: z.output<typeof branchSchema>, index: number, where: string): ConditionalBranch {
  const { name, condition, isDefault = false } = given
  const path = `branches.${String(index)}`
  if (isDefault && condition !== undefined) {
    throw unfit(where, path, `"${name}" is the default branch and has a condition`, 'Keep one of the two.')
  }
  if (!isDefault && condition === undefined) {
    throw unfit(where, path, `"${name}" has no condition`, 'Give it one, or isDefault: true.')
  }
  const place = `${where}, branch "${name}"`
  return Object.freeze({
    name,
    condition: isDefault ? undefined : parseCondition(condition, place),
    isDefault,
    steps: stepsOf(given.steps, place),
  })
}
