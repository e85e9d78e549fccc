/** `hookchart/machines`: the statecharts, and what runs them. */
export { breakerMachine } from './breaker/breaker-machine.ts'
export { createBreaker } from './breaker/create-breaker.ts'
export { createShedding, sheddingDefaults } from './shedding/create-shedding.ts'
export { sheddingMachine } from './shedding/shedding-machine.ts'
export { breakerPresets } from '../src/hooks/breaker.ts'
export type { BreakerContext, BreakerEvent } from './breaker/breaker-machine.ts'
export type { CircuitBreaker, CreateBreakerOptions } from './breaker/create-breaker.ts'
export type { CreateSheddingOptions, SheddableOptions, Shedding, SheddingStats } from './shedding/create-shedding.ts'
export type { SheddingContext, SheddingEvent, SheddingMember, SheddingSettings } from './shedding/shedding-window.ts'
export { approvalMachine } from './approval/approval-machine.ts'
export type {
  ApprovalAnswer,
  ApprovalContext,
  ApprovalEvent,
  ApprovalInput,
  ApprovalOutput,
  RefusalCode,
} from './approval/approval-context.ts'
export { toolMachine } from './tool/tool-machine.ts'
export { operationMachine } from './operation/operation-machine.ts'
export { operationOrder } from './operation/operation-order.ts'
export type { OperationMoves, OperationOrder } from './operation/operation-order.ts'
export type {
  EffectOutcome,
  GateOutcome,
  LookupOutcome,
  OperationContext,
  OperationInput,
  Outcome,
  WaitOutcome,
} from './operation/operation-context.ts'
export type { OperationGate, OperationGates } from './operation/operation-states.ts'
export { defineTool } from './tool/define-tool.ts'
export { toolLimitPresets } from './tool/limits.ts'
export type {
  DefineToolOptions,
  SecurityLevel,
  ToolAnnotations,
  ToolDefinition,
  ToolPermissions,
} from './tool/define-tool.ts'
export type { ToolIsolation, ToolLimitOptions, ToolLimitPreset, ToolLimits } from './tool/limits.ts'
export { agentMachine } from './agent/agent-machine.ts'
export type { AgentContext, AgentEvent, AgentInput, AgentLimits, ExecutionEnd } from './agent/agent-context.ts'
export { modelLoopMachine } from './agent/model-loop-machine.ts'
export type {
  ModelLimits,
  ModelLoopContext,
  ModelLoopInput,
  ModelSpending,
  ToolRequest,
} from './agent/model-loop-context.ts'
export { modelCallMachine } from './agent/model-call.ts'
export { agentEdges } from './agent/life.ts'
export type { AgentCommand, LifeState } from './agent/life.ts'
export { defineAgent } from './agent/define-agent.ts'
export type { DefineFunctionAgentOptions, DefineModelAgentOptions } from './agent/define-agent.ts'
export type {
  AgentDefinition,
  AgentOptions,
  AgentTool,
  FunctionAgentDefinition,
  ModelAgentDefinition,
} from './agent/definition.ts'
export type { Budget, LanguageModel, ModelOption, ModelUsage } from './agent/model.ts'
export { step } from './workflow/step.ts'
export type { StepBuilder, StepOptions, StepOptionsWithInput } from './workflow/step-builder.ts'
export { sequential } from './workflow/sequential.ts'
export type { SequentialOptions } from './workflow/sequential.ts'
export { conditional } from './workflow/conditional.ts'
export type { ConditionalBranchOptions, ConditionalOptions, ConditionalOutput } from './workflow/conditional.ts'
export { loop } from './workflow/loop.ts'
export type { LoopOptions, LoopOutput } from './workflow/loop.ts'
export { parallel } from './workflow/parallel.ts'
export type { ParallelBranchOptions, ParallelOptions, ParallelOutput } from './workflow/parallel.ts'
export type { ErrorPolicyOption, WorkflowOptions } from './workflow/options.ts'
export type {
  AgentStep,
  ConditionalBranch,
  ConditionalWorkflow,
  ErrorPolicy,
  LoopWorkflow,
  MapInput,
  ParallelBranch,
  ParallelWorkflow,
  RunStep,
  SequentialWorkflow,
  Step,
  ToolStep,
  WorkflowDefinition,
  WorkflowStep,
} from './workflow/tree.ts'
export type { Condition, ConditionData, ConditionFunction } from './workflow/condition.ts'
export type {
  BreakOption,
  LoopAggregation,
  LoopBreak,
  LoopCondition,
  LoopConditionOption,
  LoopIterator,
  LoopIteratorOptions,
  LoopScope,
  Values,
  ValueOf,
} from './workflow/iteration.ts'
export type { JoinPolicy, MergeState, StateConflictInfo } from './workflow/join.ts'
export type {
  BranchesInput,
  BranchesOutput,
  DoesNotFit,
  FirstInput,
  Fitting,
  FittingBranches,
  LastOutput,
  StepInput,
  StepOutput,
  WorkflowInput,
  WorkflowOutput,
} from './workflow/fitting.ts'
export { sequentialMachine } from './workflow/sequential-machine.ts'
export { conditionalMachine } from './workflow/conditional-machine.ts'
export type { ConditionalContext } from './workflow/conditional-machine.ts'
export { loopMachine } from './workflow/loop-machine.ts'
export type { LoopContext } from './workflow/loop-machine.ts'
export { parallelMachine } from './workflow/parallel-machine.ts'
export type { BranchTimedOut, ParallelContext } from './workflow/parallel-context.ts'
export { sequentialStepMachine, stepMachine, workflowMachine } from './workflow/workflow-machine.ts'
export type { LaneStatus } from './workflow/effects.ts'
export type { LaneContext, LanesContext } from './workflow/lane.ts'
export type { WorkflowMachineInput } from './workflow/workflow-ends.ts'
export { parseExpression } from './workflow/expression-parser.ts'
export { evaluateExpression, formatExpression } from './workflow/expression.ts'
export type { ComparisonOperator, Expression, ExpressionScope, ExpressionVariable } from './workflow/expression.ts'
export { chainMachine } from './chain/chain-machine.ts'
export type { ChainPlan } from './chain/chain-machine.ts'
export type {
  ChainComponentState,
  ChainComponentStatus,
  ChainContext,
  ChainEvent,
  ChainInput,
  ChainOutcome,
  ChainOutput,
} from './chain/chain-context.ts'
export { supervisorMachine } from './supervisor/supervisor-machine.ts'
export type {
  ChildExit,
  ChildState,
  ChildStatus,
  StartOutcome,
  StopOutcome,
  SupervisorContext,
  SupervisorEvent,
  SupervisorInput,
  SupervisorOutput,
  SupervisorStrategy,
} from './supervisor/supervisor-context.ts'
export type { ExitKind, RestartBackoff, RestartPolicy } from './supervisor/restart.ts'
export { defineChain } from './chain/define-chain.ts'
export type {
  AddComponent,
  ChainDefinition,
  DefineChainOptions,
  MappedChainOptions,
  PlainChainOptions,
} from './chain/define-chain.ts'
export type {
  ChainComponent,
  ChainComponentEntry,
  ChainComponentOptions,
  ChainErrorPolicy,
  ChainScope,
  FallbackCall,
} from './chain/component.ts'
export type {
  AgentCall,
  AgentCaller,
  AgentQuery,
  Caller,
  Callers,
  CallOptions,
  CallTarget,
  CompensateCall,
  Emit,
  FoundAgent,
  StepCall,
  StepScope,
  ToolCall,
} from './call.ts'
export type { DefinedComponent, DefinitionType, Described } from './definition.ts'
export type { Backoff, RetryOptions, RetryPolicy } from './retry.ts'
export type { Eventually, SchemaInput, SchemaOutput, Work } from './schema.ts'
export { gate } from './gates/gate.ts'
export { gates } from './gates/unbound.ts'
export { hooked } from './gates/hooked.ts'
export { unhooked } from './gates/unhooked.ts'
export type { GateEvent, GateOptions, GateRoute, GateRoutes, GateState } from './gates/gate.ts'
export type { HookedEvent, HookedMachine, HookedSpec } from './gates/hooked.ts'
export type { UnhookedGuard, UnhookedOptions } from './gates/unhooked.ts'
export { compile } from './compiled/compile.ts'
export type { CompiledLogic } from './compiled/compile.ts'
export { timer } from './effect/timer-logic.ts'
export type { TimerInput, TimerLogic, TimerOutput, TimerSnapshot } from './effect/timer-logic.ts'
export type { EffectCall, RunArguments, RunEffect, RunOptions } from './compiled/run-options.ts'
export type { Run, ToActorOptions } from './compiled/run.ts'
