/** What `ctx.data` holds at the shipped points, by the name of its shape. All of it JSON. */
import type { ErrorData } from '../../errors.ts'

/** What a hook at a tool point is told of the tool. */
export interface ToolInfo {
  readonly name: string
  readonly description: string
  readonly category: string
  /** safe < restricted < privileged */
  readonly level: 'safe' | 'restricted' | 'privileged'
  readonly tags: readonly string[]
}

/** What a hook at a chain point is told of the chain. */
export interface ChainInfo {
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Which chain it is; absent where a function of yours stands behind the point. */
export interface OfChain {
  readonly chain?: ChainInfo
}

/** What a hook is told of a component of a chain. */
export interface ChainComponentInfo extends OfChain {
  /** The id of the component in its chain. */
  readonly id: string
  /** run: itself. fallback: what stands in for it. compensate: what undoes it. */
  readonly action: 'run' | 'fallback' | 'compensate'
}

/** Before an effect: what it will be given. `undefined` is allowed. */
export interface InputData<Input = unknown> {
  readonly input: Input
}

/** After an effect: what it was given and what it gave. */
export interface OutputData<Input = unknown, Output = unknown> extends InputData<Input> {
  readonly output: Output
}

/** After a failure: what was given and what went wrong. */
export interface FailureData<Input = unknown> extends InputData<Input> {
  readonly error: ErrorData
}

/** How an operation ended. */
export interface SettledData {
  readonly input: unknown
  readonly output?: unknown
  readonly error?: ErrorData
  readonly status: 'completed' | 'partial' | 'failed' | 'cancelled' | 'timed_out' | 'redirected'
  readonly attempts: number
  readonly durationMs: number
}

/** How a workflow ends; what hooks say counts for the first two. */
export type WorkflowEnding = 'completed' | 'partial' | 'failed' | 'cancelled' | 'timed_out' | 'redirected'

/** An access to state: global, of a workflow, of a step, or in a space of its own. */
export interface StateKey {
  readonly key: string
  readonly scope: string
}

/** The data of the catalogue's points; the catalogue names them. */
export interface PointShapes {
  InputData: InputData
  OutputData: OutputData
  FailureData: FailureData
  SettledData: SettledData

  ToolData: { readonly tool: ToolInfo }
  ToolInputData: InputData & { readonly tool: ToolInfo }
  ToolOutputData: OutputData & { readonly tool: ToolInfo }
  ToolFailureData: FailureData & { readonly tool: ToolInfo }
  ToolLimitsData: { readonly tool: ToolInfo; readonly limits: Readonly<Record<string, number | undefined>> }
  ToolQueryData: InputData<ToolQuery>
  ToolsFoundData: OutputData<ToolQuery, readonly string[]>

  AgentCommandData: InputData & { readonly command: string; readonly state: string }
  AgentStateData: OutputData & { readonly command: string; readonly state: string }
  ModelRequestData: InputData & { readonly model: string }
  ModelAnswerData: OutputData & { readonly model: string }
  ModelFailureData: FailureData & { readonly model: string }

  /** `input` is what the next step is given. */
  StageTransitionData: InputData & { readonly from: string; readonly next: string }
  /** `output` is there when the workflow has one. */
  WorkflowEndData: OutputData & { readonly status: WorkflowEnding; readonly error?: ErrorData }
  ConditionData: InputData & { readonly branch: string; readonly index: number }
  BranchData: InputData & { readonly branch: string; readonly isDefault: boolean }
  /** `iteration` counts from 0. */
  IterationData: { readonly value: unknown; readonly iteration: number }
  IterationResultData: { readonly value: unknown; readonly iteration: number; readonly output: unknown }
  /** `iterations` that came to their end, also those that failed and were passed over. */
  LoopEndData: { readonly reason: string; readonly iterations: number }
  ForkData: InputData & { readonly branches: readonly string[]; readonly concurrency: number }
  /** The outputs stand in declaration order. */
  JoinData: OutputData & { readonly branches: readonly string[] }
  ArrivalData: { readonly branch: string; readonly status: string }
  CheckpointData: { readonly checkpoint: string }
  ChainInputData: InputData & OfChain
  ChainResultData: OutputData & OfChain
  ChainFailureData: FailureData & OfChain
  ChainComponentData: InputData & ChainComponentInfo
  ChainOutputData: OutputData & ChainComponentInfo

  StateAccessData: StateKey & { readonly access: 'read' | 'write' | 'delete' | 'list' }
  StateReadData: StateKey
  StateValueData: StateKey & { readonly output: unknown }
  StateChangeData: StateKey & { readonly value: unknown; readonly previous?: unknown }
  StateConflictData: { readonly key: string; readonly branches: readonly string[] }
  StateMigrationData: { readonly name: string; readonly from: string; readonly to: string }

  SystemData: { readonly system: string }
  ConfigurationData: { readonly key: string; readonly value: unknown; readonly previous?: unknown }
  ResourceLimitData: { readonly resource: string; readonly limit: number; readonly used: number }
  SecurityData: { readonly violation: string; readonly required?: string; readonly allowed?: string }
  SessionData: { readonly session: string }
  EventData: InputData & { readonly type: string }
  EventPublishedData: OutputData & { readonly type: string }
  EventFailureData: FailureData & { readonly type: string }
  ThresholdData: {
    readonly metric: string
    readonly value: number
    readonly threshold: number
    /** Hooks that were shed or restored for it. */
    readonly hooks: readonly string[]
  }
}

/** What a search for tools asks for. */
export interface ToolQuery {
  readonly capability?: string
  readonly category?: string
  readonly tag?: string
}
