/**
 * What workflows and their steps are as definitions. One file, because each contains the other: a step may be a workflow.
 * The functions that make them stand beside it, one file a pattern.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AgentDefinition } from '../agent/definition.ts'
import type { CallTarget, CompensateCall, StepCall, StepScope } from '../call.ts'
import type { DefinedComponent, Described } from '../definition.ts'
import type { RetryPolicy } from '../retry.ts'
import type { ToolDefinition } from '../tool/define-tool.ts'
import type { Condition } from './condition.ts'
import type { LoopAggregation, LoopBreak, LoopIterator } from './iteration.ts'
import type { JoinPolicy, MergeState } from './join.ts'

/** What a failed step does to its workflow: end it, be noted and passed over, or be started again first. */
export type ErrorPolicy = 'fail_fast' | 'continue' | { readonly retry: RetryPolicy }

/** What all steps are. `Input` is what the step is given: the output of the one before, or the input of the workflow. */
interface StepFields<Input, Output> {
  readonly name: string
  /** Checks what the step is given, before `mapInput`. */
  readonly input: StandardSchemaV1<Input, unknown> | undefined
  /** Undefined: no limit of its own. */
  readonly timeoutMs: number | undefined
  /** Undefined: what the workflow's `onError` says. */
  readonly retry: RetryPolicy | undefined
  /** JSON, for hooks. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly compensate: ((call: CompensateCall<never, never>) => unknown) | undefined
  /** Never there; carries the types of input and output. */
  readonly '~io'?: { readonly input: Input; readonly output: Output }
}

/** Makes the input of a component from what the step is given. */
export type MapInput = (scope: StepScope<never>) => unknown

/** A step that executes a tool. A name is looked up in the system that runs it. */
export interface ToolStep<Input = unknown, Output = unknown> extends StepFields<Input, Output> {
  readonly type: 'tool'
  readonly tool: ToolDefinition | string
  readonly mapInput: MapInput | undefined
}

/** A step that executes an agent. A name is looked up in the system that runs it. */
export interface AgentStep<Input = unknown, Output = unknown> extends StepFields<Input, Output> {
  readonly type: 'agent'
  readonly agent: AgentDefinition | string
  readonly mapInput: MapInput | undefined
}

/** A step that executes another workflow. */
export interface WorkflowStep<Input = unknown, Output = unknown> extends StepFields<Input, Output> {
  readonly type: 'workflow'
  readonly workflow: WorkflowDefinition
  readonly mapInput: MapInput | undefined
}

/** A step that calls a function. */
export interface RunStep<Input = unknown, Output = unknown> extends StepFields<Input, Output> {
  readonly type: 'run'
  readonly execute: (call: StepCall<never>) => unknown
}

/** A step of a workflow: what the functions of `step` give. Frozen. */
export type Step<Input = unknown, Output = unknown> =
  ToolStep<Input, Output> | AgentStep<Input, Output> | WorkflowStep<Input, Output> | RunStep<Input, Output>

/** What all workflows are. */
interface WorkflowFields<Input, Output, Name extends string>
  extends CallTarget<'workflow', Input, Output, Name>, Described {
  /** What hooks see; see `hooks.for`, which takes the definition as well. */
  readonly component: DefinedComponent<Input, Output>
  readonly input: StandardSchemaV1<Input, unknown> | undefined
  readonly output: StandardSchemaV1<unknown, Output> | undefined
  /** JSON, for hooks. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Undefined: no limit of its own. */
  readonly timeoutMs: number | undefined
}

/** Steps one after another: what `sequential` gives. */
export interface SequentialWorkflow<
  Input = unknown,
  Output = unknown,
  Name extends string = string,
> extends WorkflowFields<Input, Output, Name> {
  readonly pattern: 'sequential'
  readonly steps: readonly Step[]
  readonly onError: ErrorPolicy
}

/** A branch of a conditional workflow. The default one has no condition. */
export interface ConditionalBranch {
  readonly name: string
  readonly condition: Condition<never> | undefined
  readonly isDefault: boolean
  readonly steps: readonly Step[]
}

/** One of several branches, or each that matches: what `conditional` gives. */
export interface ConditionalWorkflow<
  Input = unknown,
  Output = unknown,
  Name extends string = string,
> extends WorkflowFields<Input, Output, Name> {
  readonly pattern: 'conditional'
  readonly branches: readonly ConditionalBranch[]
  readonly executeAllMatching: boolean
}

/** The same steps again and again: what `loop` gives. */
export interface LoopWorkflow<Input = unknown, Output = unknown, Name extends string = string> extends WorkflowFields<
  Input,
  Output,
  Name
> {
  readonly pattern: 'loop'
  readonly iterator: LoopIterator
  readonly body: readonly Step[]
  readonly breakConditions: readonly LoopBreak[]
  readonly aggregation: LoopAggregation
  readonly iterationDelayMs: number
  readonly onError: ErrorPolicy
}

/** A branch of a parallel workflow. */
export interface ParallelBranch {
  readonly name: string
  readonly steps: readonly Step[]
  readonly optional: boolean
  /** Undefined: no limit of its own. */
  readonly timeoutMs: number | undefined
}

/** Several branches at once: what `parallel` gives. */
export interface ParallelWorkflow<
  Input = unknown,
  Output = unknown,
  Name extends string = string,
> extends WorkflowFields<Input, Output, Name> {
  readonly pattern: 'parallel'
  readonly branches: readonly ParallelBranch[]
  readonly maxConcurrency: number
  readonly failFast: boolean
  readonly join: JoinPolicy
  readonly mergeState: MergeState | undefined
}

/** A workflow: what `sequential`, `conditional`, `loop` and `parallel` give. Frozen; all defaults are filled in. `Input` is the raw input. */
export type WorkflowDefinition<Input = unknown, Output = unknown, Name extends string = string> =
  | SequentialWorkflow<Input, Output, Name>
  | ConditionalWorkflow<Input, Output, Name>
  | LoopWorkflow<Input, Output, Name>
  | ParallelWorkflow<Input, Output, Name>
