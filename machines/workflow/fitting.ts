/** What the type checker knows of steps in a row: what goes in, what comes out, and where two do not fit. Types only. */
import type { SchemaInput, SchemaOutput } from '../schema.ts'
import type { Step } from './tree.ts'

/** What a step is given. */
export type StepInput<Each> = Each extends Step<infer Input> ? Input : unknown

/** What a step gives. */
export type StepOutput<Each> = Each extends Step<infer _, infer Output> ? Output : unknown

/** What the first of several steps is given. */
export type FirstInput<Steps> = Steps extends readonly [infer First, ...unknown[]] ? StepInput<First> : unknown

/** What the last of several steps gives. */
export type LastOutput<Steps> = Steps extends readonly [...unknown[], infer Last]
  ? StepOutput<Last>
  : Steps extends readonly (infer Each)[]
    ? StepOutput<Each>
    : unknown

/** Stands in the place of a step that is given something else than it takes. */
export interface DoesNotFit<Given, Taken> {
  readonly 'this step is given something else than it takes; give it a mapInput': { given: Given; taken: Taken }
}

/** Steps as they are where each takes what the one before gives; what is not known fits. */
export type Fitting<Steps, Given> = Steps extends readonly [infer First, ...infer Rest]
  ? readonly [FittingStep<First, Given>, ...Fitting<Rest, StepOutput<First>>]
  : Steps

type FittingStep<Each, Given> = unknown extends Given
  ? Each
  : [Given] extends [StepInput<Each>]
    ? Each
    : DoesNotFit<Given, StepInput<Each>>

/** Anything where the steps of all branches fit, else the branches as they would have to be. */
export type FittingBranches<Branches, Given> =
  Branches extends EachFitting<Branches, Given> ? unknown : EachFitting<Branches, Given>

type EachFitting<Branches, Given> = {
  readonly [Index in keyof Branches]: FittingBranch<Branches[Index], Given>
}

type FittingBranch<Branch, Given> = {
  readonly [Key in keyof Branch]: Key extends 'steps' ? Fitting<Branch[Key], Given> : Branch[Key]
}

/** The raw input of a workflow: what its schema takes, else what its steps need. */
export type WorkflowInput<Schema, Needed> = SchemaInput<Schema, Needed>

/** The output of a workflow: what its schema makes of it, else what its steps give. */
export type WorkflowOutput<Schema, Made> = SchemaOutput<Schema, Made>

/** What all branches need to be given. */
export type BranchesInput<Branches extends readonly unknown[]> = (
  Branches[number] extends infer Branch
    ? Branch extends { readonly steps: infer Steps }
      ? (input: FirstInput<Steps>) => void
      : never
    : never
) extends (input: infer Input) => void
  ? Input
  : unknown

/** The output of each branch, by its name. */
export type BranchesOutput<Branches extends readonly unknown[]> = {
  readonly [Branch in Branches[number] as NameOf<Branch>]: Branch extends { readonly steps: infer Steps }
    ? LastOutput<Steps>
    : unknown
}

type NameOf<Branch> = Branch extends { readonly name: infer Name extends string } ? Name : never
