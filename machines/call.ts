/** What the code of tools, agents, steps and chains is called with: the input, who calls, and how to call others. */
import type { ComponentRef } from '../src/hooks/context.ts'
import type { EffectCall } from '../src/hooks/operation/effect.ts'
import type { ExecuteOptions } from '../src/hooks/operation/options.ts'
import type { RunResult } from '../src/hooks/run-result.ts'
import type { ErrorData } from '../src/errors.ts'

/** Publishes an event on the bus of the system; gives a promise exactly when it has to wait. Data is JSON. */
export type Emit = (type: string, data?: unknown) => undefined | Promise<void>

/** Options of a call from inside an operation. Correlation and parent are those of the caller. */
export type CallOptions = Omit<ExecuteOptions, 'correlationId' | 'parent'>

/**
 * Starts tools, agents or workflows as child operations: they carry correlation, parent, depth, deadline and signal,
 * and pass all their own gates. By definition they are typed, by name they are not.
 */
export interface Caller<Type extends 'tool' | 'agent' | 'workflow'> {
  /** The output; throws the error of a run that has none. */
  call<Input, Output>(
    component: CallTarget<Type, Input, Output>,
    input: NoInfer<Input>,
    options?: CallOptions,
  ): Promise<Output>
  call(name: string, input?: unknown, options?: CallOptions): Promise<unknown>
  /** The result of the run, however it ends. */
  execute<Input, Output>(
    component: CallTarget<Type, Input, Output>,
    input: NoInfer<Input>,
    options?: CallOptions,
  ): Promise<RunResult<Output>>
  execute(name: string, input?: unknown, options?: CallOptions): Promise<RunResult>
}

/** A definition of one type, with the types of its input and output. */
export interface CallTarget<Type extends string, Input, Output, Name extends string = string> extends ComponentRef<
  Input,
  Output
> {
  readonly type: Type & ComponentRef['type']
  readonly name: Name
}

/** What agents are looked for by; all that is given must fit. */
export interface AgentQuery {
  readonly capability?: string
  readonly category?: string
  readonly tag?: string
}

/** An agent that was looked for. */
export interface FoundAgent extends CallTarget<'agent', unknown, unknown> {
  readonly description: string
  readonly capabilities: readonly string[]
  readonly category: string
  readonly tags: readonly string[]
}

/** How agents are found and called. */
export interface AgentCaller extends Caller<'agent'> {
  /** The agents that are registered and fit, in the order in which they were registered. */
  discover(query?: AgentQuery): readonly FoundAgent[]
}

/** How others are called. */
export interface Callers {
  readonly tools: Caller<'tool'>
  readonly agents: AgentCaller
  readonly workflows: Caller<'workflow'>
}

/** What the `execute` of a tool is called with. `signal` is aborted at its deadline and when its operation is aborted. */
export interface ToolCall<Input = unknown> extends EffectCall {
  /** What the input schema made of the input. */
  readonly input: Input
  readonly emit: Emit
}

/** What the `execute` of an agent is called with. */
export interface AgentCall<Input = unknown> extends ToolCall<Input>, Callers {
  /** A draft: what is set here is kept when the execution completes. JSON. */
  readonly state: Record<string, unknown>
  /** A place at which a pause may take hold; calls of tools and models are such places too. Hooks at AgentPaused are told its name. */
  readonly checkpoint: (name?: string) => Promise<void>
}

/** What the function of a step is called with. */
export interface StepCall<Input = unknown> extends ToolCall<Input>, Callers {
  /** A draft of the state of the workflow, committed with the step: `state.count = 1`. JSON. */
  readonly state: Record<string, unknown>
  /** The outputs of the steps that have completed, by name. */
  readonly results: Readonly<Record<string, unknown>>
}

/** What functions that only look are called with: a step's `mapInput`, conditions. */
export interface StepScope<Input = unknown> {
  readonly input: Input
  /** The state of the workflow. */
  readonly state: Readonly<Record<string, unknown>>
  /** The outputs of the steps that have completed, by name. */
  readonly results: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  readonly correlationId: string
}

/** What a compensation is called with, under a signal of its own. */
export interface CompensateCall<Input = unknown, Output = unknown> extends ToolCall<Input>, Callers {
  /** Absent when the effect was started and is not known to have completed. */
  readonly output?: Output
  /** Why it is not known to have completed. */
  readonly error?: ErrorData
}
