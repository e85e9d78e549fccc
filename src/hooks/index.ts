/** `hookchart/hooks`: the hook kernel alone. */
export { createHooks } from './create-hooks.ts'
export { compose } from './compose/compose.ts'
export { hook } from './result.ts'
export { defineHook } from './hook.ts'
export { definePoint } from './points/point.ts'
export { catalogue } from './points/catalogue.ts'
export { blame, redoChanges, undoChanges } from './trace.ts'
export { unwrap } from './run-result.ts'
export { breakerPresets } from './breaker.ts'
export { systemClock } from '../ports/clock.ts'
export { createIds } from '../ports/ids.ts'
export { createMemoryJournal } from '../ports/memory-journal.ts'
export { errorCodes, HookchartError, isHookchartError } from '../errors.ts'
export type { Hooks, HookHandle, HookRegistration, Handler, ComponentHooks, ComponentRef, DataFor } from './api.ts'
export type { CreateHooksOptions } from './create-hooks.ts'
export type {
  HookContext,
  HookHandler,
  HandlerReturn,
  DataAt,
  ResultAt,
  PointArg,
  ComponentInfo,
  Proposal,
  StepInfo,
  WorkflowInfo,
  ChildRunner,
  ForkOutcome,
  AnyData,
  Language,
} from './context.ts'
export type {
  AnyComposite,
  AnyHookDefinition,
  Composite,
  CompositeChild,
  HookDefinition,
  HookOptions,
  Priority,
  ComponentMatch,
} from './hook.ts'
export type { HookResult, ResultExtras, Recipe, ForkOperation, SuspendRequest } from './result.ts'
export type { Decision, CacheNote } from './decision.ts'
export type { RunResult, RunStatus } from './run-result.ts'
export type { TraceEntry, TraceOutcome } from './trace.ts'
export type { PointDefinition, HookPhase, HookKind, ComponentType, DecisionType } from './points/point.ts'
export type { Catalogue, PointId } from './points/catalogue.ts'
export type { ExecutorOptions, PointOptions } from './executor-options.ts'
export type { TraceLevel } from './executor/kernel.ts'
export type { FireOptions } from './executor/run-point.ts'
export type { ApprovalsApi, ApprovalRequest, PendingApproval } from './executor/approvals.ts'
export type { OverheadStats } from './executor/overhead.ts'
export type { Effect, EffectCall } from './operation/effect.ts'
export type { ExecuteOptions } from './operation/options.ts'
export type { GateImplementations } from './gates/bind.ts'
export type { Wrapped, WrapOptions } from './operation/wrap.ts'
export type { ParallelOptions } from './compose/parallel.ts'
export type { VotingOptions } from './compose/voting.ts'
export type { MergeChanges } from './compose/pattern.ts'
export type { Explanation, ExplainedHook, ExplainedPair } from './registry/explain.ts'
export type { HookFilter, HookInfo } from './registry/listing.ts'
export type { HooksStats } from './stats.ts'
export type { HookStats } from './monitor.ts'
export type { BreakerOption } from './breaker.ts'
export type { Breaker, BreakerSettings, BreakerSnapshot, BreakerState } from '../ports/breaker.ts'
export type { Clock } from '../ports/clock.ts'
export type { Ids } from '../ports/ids.ts'
export type { Random } from '../ports/random.ts'
export type { Hash } from '../ports/hash.ts'
export type {
  Journal,
  JournalEntry,
  JournalRecord,
  RecordContent,
  RunJournal,
  RunSummary,
  SingleEntry,
} from '../ports/journal.ts'
export type { MemoryJournal, MemoryJournalOptions } from '../ports/memory-journal.ts'
export type { ErrorCode, ErrorData, ErrorDetails, HookchartErrorOptions } from '../errors.ts'
export type { Duration } from '../duration.ts'
export { createDistributedContext, parseDistributedContext } from './distributed/distributed-context.ts'
export { propagateContext } from './distributed/propagate.ts'
export { createEnvelopes } from './distributed/envelope.ts'
export { formatTraceparent, parseTraceparent } from './distributed/traceparent.ts'
export { formatTracestate, parseTracestate } from './distributed/tracestate.ts'
export { formatBaggage, parseBaggage } from './distributed/baggage.ts'
export type {
  CreateDistributedContextOptions,
  DistributedContext,
  PropagationFlags,
  RemoteHookContext,
  RemoteResult,
  TraceHeaders,
} from './distributed/distributed-context.ts'
export type { AgentIdentity, RemoteAgent, RemoteAgentInput } from './distributed/agent.ts'
export type { PropagateContext, PropagateOptions } from './distributed/propagate.ts'
export type { RemoteResultInput } from './distributed/remote-results.ts'
export type { Envelope, Envelopes, OpenOptions } from './distributed/envelope.ts'
export type { CreateEnvelopesOptions, EnvelopeKey } from './distributed/envelope-options.ts'
export type { AllowLists } from './distributed/allow-list.ts'
export type { Traceparent } from './distributed/traceparent.ts'
export type { TracestateEntry } from './distributed/tracestate.ts'
export type { BaggageEntry, BaggageInput, BaggageProperty } from './distributed/baggage.ts'
export { adaptHook } from './adapter.ts'
export { seedTableAdapter } from './seed-table.ts'
export { createSelectiveHooks } from './selective/create-selective-hooks.ts'
export { recordHook } from './replay/record-hook.ts'
export { replayExecution } from './replay/replay-execution.ts'
export type { AdaptedHandler, HookAdapter } from './adapter.ts'
export type { SeedTableContext, SeedTableResult, SeedTableStep } from './seed-table.ts'
export type { SelectiveHooks } from './selective/create-selective-hooks.ts'
export type { FeatureInfo, FeatureOptions, Features } from './selective/features.ts'
export type { DisposedInstance, DisposeReason, MemoryEstimate } from './selective/instances.ts'
export type { SelectiveHookOptions, SelectiveHooksOptions } from './selective/options.ts'
export type { HookFactory, HookInstance, HookObject } from './selective/instance.ts'
export type { SelectiveHooksStats } from './selective/stats.ts'
export type { CompareOptions, DifferenceSeverity, ReplayDifference } from './replay/compare.ts'
export type { RecordedOutcome, RecordedResult, SerializedHookExecution } from './replay/execution.ts'
export type { RecordHookOptions } from './replay/record-hook.ts'
export type { ReplayExecutionOptions, ReplayReport } from './replay/replay-execution.ts'
export type { AnyReplayableHook, RecordedContext, ReplayableHook, ReplayPort } from './replay/replayable.ts'
