/** What the functions of `step` take and give, as types. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Duration } from '../../src/duration.ts'
import type { CallTarget, CompensateCall, StepCall, StepScope } from '../call.ts'
import type { RetryOptions } from '../retry.ts'
import type { Eventually } from '../schema.ts'
import type { AgentStep, RunStep, ToolStep, WorkflowStep } from './tree.ts'

/** What all steps take. Strict: an unknown key is refused. */
export interface StepOptions<Input = never, Output = never> {
  /** Any Standard Schema for what the step is given; `mapInput` or the function gets what it makes of it. */
  readonly input?: StandardSchemaV1
  /** How long one attempt may take, `false` for as long as it likes. Default 30 s; for a workflow no limit but its own. */
  readonly timeoutMs?: Duration | false
  /** How often it is started; default what the workflow's `onError` says. */
  readonly retry?: RetryOptions
  /** For hooks: `ctx.step.metadata`. JSON; default empty. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /**
   * Undoes the step when the workflow does not complete, if it was started; default nothing is undone. `output` is absent where the step
   * is not known to have completed. Steps are undone the last started first, each behind its own gates and under a signal of its own.
   *
   * @example
   * ```ts
   * import { createSystem, sequential, step } from 'hookchart'
   * const booked: string[] = []
   * const trip = sequential({
   *   name: 'trip',
   *   steps: [
   *     step.run('seat', () => booked.push('seat 7'), { compensate: () => booked.pop() }),
   *     step.run('pay', () => {
   *       throw new Error('no money')
   *     }),
   *   ],
   * })
   * await using system = createSystem()
   * const { status, error } = await system.workflows.execute(trip, undefined)
   * console.assert(status === 'failed' && booked.length === 0)
   * console.assert(String(error?.details['undone']) === 'seat')
   * ```
   */
  readonly compensate?: (call: CompensateCall<Input, Output>) => unknown
}

/** Options that have a schema for the input. */
export type StepOptionsWithInput<Schema extends StandardSchemaV1, Output> = Omit<
  StepOptions<StandardSchemaV1.InferOutput<Schema>, Output>,
  'input'
> & { readonly input: Schema }

/** The functions of {@link step}. */
export interface StepBuilder {
  /** Executes a tool. Without `mapInput` the tool gets what the step is given. */
  tool<Input, Output>(
    name: string,
    tool: CallTarget<'tool', Input, Output> | string,
    mapInput?: undefined,
    options?: StepOptions<NoInfer<Input>, NoInfer<Output>>,
  ): ToolStep<Input, Output>
  tool<Input, Output, Schema extends StandardSchemaV1>(
    name: string,
    tool: CallTarget<'tool', Input, Output> | string,
    mapInput: (scope: StepScope<StandardSchemaV1.InferOutput<Schema>>) => NoInfer<Input>,
    options: StepOptionsWithInput<Schema, NoInfer<Output>>,
  ): ToolStep<StandardSchemaV1.InferInput<Schema>, Output>
  tool<Input, Output, Given = unknown>(
    name: string,
    tool: CallTarget<'tool', Input, Output> | string,
    mapInput: (scope: StepScope<Given>) => NoInfer<Input>,
    options?: StepOptions<NoInfer<Given>, NoInfer<Output>>,
  ): ToolStep<Given, Output>

  /** Executes an agent. Without `mapInput` the agent gets what the step is given. */
  agent<Input, Output>(
    name: string,
    agent: CallTarget<'agent', Input, Output> | string,
    mapInput?: undefined,
    options?: StepOptions<NoInfer<Input>, NoInfer<Output>>,
  ): AgentStep<Input, Output>
  agent<Input, Output, Schema extends StandardSchemaV1>(
    name: string,
    agent: CallTarget<'agent', Input, Output> | string,
    mapInput: (scope: StepScope<StandardSchemaV1.InferOutput<Schema>>) => NoInfer<Input>,
    options: StepOptionsWithInput<Schema, NoInfer<Output>>,
  ): AgentStep<StandardSchemaV1.InferInput<Schema>, Output>
  agent<Input, Output, Given = unknown>(
    name: string,
    agent: CallTarget<'agent', Input, Output> | string,
    mapInput: (scope: StepScope<Given>) => NoInfer<Input>,
    options?: StepOptions<NoInfer<Given>, NoInfer<Output>>,
  ): AgentStep<Given, Output>

  /** Executes another workflow. Without `mapInput` the workflow gets what the step is given. */
  workflow<Input, Output>(
    name: string,
    workflow: CallTarget<'workflow', Input, Output>,
    mapInput?: undefined,
    options?: StepOptions<NoInfer<Input>, NoInfer<Output>>,
  ): WorkflowStep<Input, Output>
  workflow<Input, Output, Schema extends StandardSchemaV1>(
    name: string,
    workflow: CallTarget<'workflow', Input, Output>,
    mapInput: (scope: StepScope<StandardSchemaV1.InferOutput<Schema>>) => NoInfer<Input>,
    options: StepOptionsWithInput<Schema, NoInfer<Output>>,
  ): WorkflowStep<StandardSchemaV1.InferInput<Schema>, Output>
  workflow<Input, Output, Given = unknown>(
    name: string,
    workflow: CallTarget<'workflow', Input, Output>,
    mapInput: (scope: StepScope<Given>) => NoInfer<Input>,
    options?: StepOptions<NoInfer<Given>, NoInfer<Output>>,
  ): WorkflowStep<Given, Output>

  /** Calls a function. What it is given is typed by the schema in the options, or by the type that the function says. */
  run<Schema extends StandardSchemaV1, Output>(
    name: string,
    execute: (call: StepCall<StandardSchemaV1.InferOutput<Schema>>) => Eventually<Output>,
    options: StepOptionsWithInput<Schema, NoInfer<Output>>,
  ): RunStep<StandardSchemaV1.InferInput<Schema>, Output>
  run<Output, Given = unknown>(
    name: string,
    execute: (call: StepCall<Given>) => Eventually<Output>,
    options?: StepOptions<NoInfer<Given>, NoInfer<Output>>,
  ): RunStep<Given, Output>
}
