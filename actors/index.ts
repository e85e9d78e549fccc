/** `hookchart/actors`: what runs. */
export { createSystem } from './system/create-system.ts'
export type { CreateSystemOptions, StopSystemOptions, System } from './system/create-system.ts'
export type { SystemConfig, SystemSettings } from './system/config.ts'
export type { Inspecting, Observation, Observer } from './system/inspection.ts'
export type { StartMachineOptions } from './system/machines-in-system.ts'
export type { PerformanceOptions, Threshold } from './system/pressure.ts'
export type { StateOptions, SystemState } from './system/state.ts'
export type { StateScope } from './system/state-scope.ts'
export type { Load, LoadSampler } from '../src/ports/load.ts'
export type { ChainRun, Chains } from './system/chains.ts'
export type { Models, ModelProvider } from './agent/models.ts'
export type { AgentHandle, AgentMetrics } from './agent/handle.ts'
export type { AgentStream } from './agent/stream.ts'
export type { AgentStreamPart, DonePart, StepPart, TextPart, ToolPart } from './agent/stream-part.ts'
export type { AgentTransition } from './agent/life.ts'
export type { CommandOptions, TerminateOptions } from './agent/command-options.ts'
export type { Agents, CreateAgentOptions } from './system/agents.ts'
export type { AgentQuery } from '../machines/call.ts'
export type { Tools } from './system/tools.ts'
export type { ToolQuery } from '../src/hooks/points/shapes.ts'
export type { StartOptions, WorkflowRun, Workflows } from './system/workflows.ts'
export { createSupervisor } from './supervisor/create-supervisor.ts'
export type { Supervisor, SupervisorEnd } from './supervisor/create-supervisor.ts'
export type {
  AgentChildOptions,
  CreateSupervisorOptions,
  MachineChildOptions,
  RestartBackoffOptions,
  SupervisionOptions,
  SupervisorChildOptions,
} from './supervisor/options.ts'
export type { SupervisorState } from './supervisor/supervising.ts'
export type { SupervisedChild, SupervisorTree } from './supervisor/tree.ts'
export { createEventCorrelator } from './coordinator/event-correlator.ts'
export type {
  CorrelatedStatus,
  CorrelatedTrace,
  CorrelatedTraceFilter,
  EventCorrelator,
  EventCorrelatorOptions,
} from './coordinator/event-correlator.ts'
export type { ComponentTime, TraceAnalysis, TracedEvent, TracedOperation } from './coordinator/trace-analysis.ts'
export { createDependencyGraph } from './coordinator/dependency-graph.ts'
export type {
  Dependency,
  DependencyGraph,
  DependencyNode,
  DependencyNodeOptions,
  DependencyOptions,
  DependencyOrder,
  DependencyWarning,
} from './coordinator/dependency-graph.ts'
