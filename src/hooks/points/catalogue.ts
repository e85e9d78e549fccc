/**
 * The catalogue: the single source for the names, aliases, components, phases, decisions, data and docs of the
 * shipped hook points, and for who fires them. Everything else that knows a point knows it from here.
 */
import { PHASE_DECISIONS, sealPoint } from './point.ts'
import type { ComponentType, DecisionType, HookPhase, PhaseDecisions, PointDefinition } from './point.ts'
import type { PointShapes } from './shapes.ts'

/** A row before it gets its id: what differs from the plain point of its phase. */
interface Row<Data, Decisions extends DecisionType, Phase extends HookPhase, Writable extends string> {
  readonly component: ComponentType
  readonly phase: Phase
  readonly decisions: readonly Decisions[]
  readonly writable: readonly Writable[]
  readonly aliases: readonly string[]
  readonly firedBy: string
  readonly doc: string
  readonly shape: string
  readonly '~data'?: Data
}

interface Extra {
  readonly aliases?: readonly string[]
  /** The public call that fires the point; absent: `pending`. */
  readonly firedBy?: string
}

interface Special<Decisions extends DecisionType, Writable extends string> extends Extra {
  readonly only?: readonly Decisions[]
  readonly writable?: readonly Writable[]
}

const WRITABLE = { before: ['input'], after: ['output'], error: ['error'], notify: [] } as const

function maker<const Phase extends HookPhase>(phase: Phase) {
  return <
    Name extends keyof PointShapes,
    const Decisions extends PhaseDecisions<Phase> = PhaseDecisions<Phase>,
    const Writable extends string = (typeof WRITABLE)[Phase][number],
  >(
    component: ComponentType,
    shape: Name,
    doc: string,
    special: Special<Decisions, Writable> = {},
  ): Row<PointShapes[Name], Decisions, Phase, Writable> => ({
    component,
    phase,
    decisions: special.only ?? (PHASE_DECISIONS[phase] as readonly DecisionType[] as readonly Decisions[]),
    writable: special.writable ?? (WRITABLE[phase] as readonly string[] as readonly Writable[]),
    aliases: special.aliases ?? [],
    firedBy: special.firedBy ?? 'pending',
    doc,
    shape,
  })
}

const before = maker('before')
const after = maker('after')
const error = maker('error')
const notify = maker('notify')

const chains = { firedBy: 'system.chains.execute' }
const tools = { firedBy: 'system.tools.execute' }

const rows = {
  BeforeAgentInit: before('agent', 'AgentCommandData', 'An agent is about to initialise.', {
    firedBy: 'agent.initialize, and the first execution of an agent',
  }),
  AfterAgentInit: after('agent', 'AgentStateData', 'An agent has initialised; not on later arrivals in ready.', {
    firedBy: 'agent.initialize, and the first execution of an agent',
  }),
  BeforeAgentExecution: before(
    'agent',
    'InputData',
    'An agent is about to execute; once an execution, not on resume.',
    {
      firedBy: 'agent.execute and agents.execute',
    },
  ),
  AfterAgentExecution: after('agent', 'OutputData', 'An execution has completed.', {
    firedBy: 'agent.execute and agents.execute, when the execution has completed',
  }),
  AgentError: error('agent', 'FailureData', 'An execution has failed.', {
    firedBy: 'agent.execute and agents.execute, when the execution has failed; agent.fail',
  }),
  BeforeAgentShutdown: before('agent', 'AgentCommandData', 'An agent is about to shut down.', {
    firedBy: 'agent.terminate, unless forced',
  }),
  AfterAgentShutdown: after('agent', 'AgentStateData', 'An agent has shut down.', {
    firedBy: 'agent.terminate',
  }),
  AgentPaused: notify('agent', 'AgentCommandData', 'An agent has paused.', {
    firedBy: 'agent.pause',
  }),
  AgentResumed: notify('agent', 'AgentCommandData', 'An agent has resumed.', {
    firedBy: 'agent.resume',
  }),
  BeforeAgentTerminate: before('agent', 'AgentCommandData', 'An agent is about to terminate; a cancel refuses.', {
    firedBy: 'agent.terminate, unless forced',
  }),
  AgentRecovering: notify('agent', 'AgentCommandData', 'An agent recovers from an error.', {
    firedBy: 'agent.recover, and an execution after an error',
  }),

  BeforeModelCall: before('model', 'ModelRequestData', 'A model is about to be called.', {
    firedBy: 'an execution of a model agent',
  }),
  AfterModelCall: after('model', 'ModelAnswerData', 'A model has answered.', {
    firedBy: 'an execution of a model agent, when the model has answered',
  }),
  ModelError: error('model', 'ModelFailureData', 'A model call has failed.', {
    firedBy: 'an execution of a model agent, when the call has failed',
  }),

  BeforeToolDiscovery: before('tool', 'ToolQueryData', 'A search for tools is about to run.', {
    firedBy: 'system.tools.discover',
  }),
  AfterToolDiscovery: after('tool', 'ToolsFoundData', 'A search for tools has found its tools.', {
    firedBy: 'system.tools.discover',
  }),
  ToolValidation: before(
    'tool',
    'ToolInputData',
    'The input of a tool has been parsed; changed input is parsed again.',
    {
      ...tools,
      aliases: ['tool_parameter_validation'],
      only: ['modified', 'replace', 'cancel', 'suspend'],
    },
  ),
  ToolSecurityCheck: before(
    'tool',
    'ToolInputData',
    'The security level of a tool is checked; hooks may refuse, never widen.',
    {
      ...tools,
      only: ['cancel', 'suspend'],
    },
  ),
  ToolResourceAllocated: before('tool', 'ToolLimitsData', 'The limits of a tool call are set; hooks may lower them.', {
    ...tools,
    only: ['modified', 'cancel'],
    writable: ['limits'],
  }),
  BeforeToolExecution: before('tool', 'ToolInputData', 'A tool is about to run.', tools),
  AfterToolExecution: after('tool', 'ToolOutputData', 'A tool has run.', tools),
  ToolError: error('tool', 'ToolFailureData', 'A tool has failed.', tools),
  ToolTimeout: error('tool', 'ToolFailureData', 'A tool has reached its deadline.', tools),
  ToolResourceReleased: notify('tool', 'ToolData', 'The limits and slots of a tool call have been given back.', tools),

  BeforeWorkflowStart: before('workflow', 'InputData', 'A workflow is about to start.', {
    aliases: ['workflow_start', 'before_start'],
    firedBy: 'workflows.execute, before the first step',
  }),
  BeforeWorkflowStage: before('workflow', 'InputData', 'A step is about to run.', {
    aliases: ['before_step'],
    firedBy: 'workflows.execute, before each step',
  }),
  AfterWorkflowStage: after('workflow', 'OutputData', 'A step has run.', {
    aliases: ['after_step'],
    firedBy: 'workflows.execute, after each step that completed',
  }),
  WorkflowStepError: error('workflow', 'FailureData', 'A step has failed.', {
    aliases: ['on_step_error'],
    firedBy: 'workflows.execute, after each attempt of a step that failed or timed out',
  }),
  WorkflowStageTransition: before(
    'workflow',
    'StageTransitionData',
    'Between two steps; a jump back counts as a redirect.',
    {
      aliases: ['workflow_step_boundary'],
      only: ['redirect', 'cancel', 'suspend', 'modified'],
      firedBy: 'workflows.execute, between two steps',
    },
  ),
  WorkflowStateChange: before(
    'workflow',
    'StateChangeData',
    'Shared state is about to change; a cancel fails the step.',
    {
      only: ['modified', 'cancel'],
      writable: ['value'],
      firedBy: 'workflows.execute, for each key of the state that a step has changed, before AfterWorkflowStage',
    },
  ),
  WorkflowSharedData: notify('workflow', 'StateAccessData', 'Shared state was accessed.', {
    firedBy:
      'workflows.execute, for each key that a step has written, and each that a condition as data or an expression reads',
  }),
  WorkflowCheckpoint: notify('workflow', 'CheckpointData', 'A point of a run was saved.'),
  WorkflowRollback: notify('workflow', 'CheckpointData', 'A run was taken back to a saved point.'),
  AfterWorkflowComplete: after(
    'workflow',
    'WorkflowEndData',
    'A workflow has ended, however it did; decides only when completed or partial.',
    {
      aliases: ['workflow_complete', 'after_complete'],
      firedBy: 'workflows.execute, at the end, however it ends; before OperationSettled',
    },
  ),
  WorkflowError: error('workflow', 'FailureData', 'A workflow has failed.', {
    aliases: ['on_error'],
    firedBy: 'workflows.execute, when it failed or timed out',
  }),
  SequentialStepStart: before('workflow', 'InputData', 'A step of a sequence is about to run.', {
    firedBy: 'workflows.execute of a sequence, before BeforeWorkflowStage',
  }),
  SequentialStepComplete: after('workflow', 'OutputData', 'A step of a sequence has run.', {
    firedBy: 'workflows.execute of a sequence, after AfterWorkflowStage',
  }),
  ConditionEvaluation: before(
    'workflow',
    'ConditionData',
    'A condition is about to be evaluated; a replacement is its value.',
    {
      only: ['replace', 'cancel'],
      firedBy: 'workflows.execute of a conditional workflow, before each condition that is tested',
    },
  ),
  BranchSelection: before('workflow', 'BranchData', 'A branch is about to be taken, the default branch too.', {
    only: ['redirect', 'cancel'],
    firedBy: 'workflows.execute of a conditional workflow, before each branch that is taken',
  }),
  LoopIterationStart: before('workflow', 'IterationData', 'An iteration is about to run; a cancel ends the loop.', {
    only: ['modified', 'cancel', 'suspend'],
    writable: ['value'],
    firedBy: 'workflows.execute of a loop, behind the break conditions, before the body',
  }),
  LoopIterationComplete: after('workflow', 'IterationResultData', 'An iteration has run.', {
    only: ['modified', 'replace', 'cancel'],
    firedBy: 'workflows.execute of a loop, after a body that completed',
  }),
  LoopTermination: notify('workflow', 'LoopEndData', 'A loop has ended.', {
    firedBy: 'workflows.execute of a loop, at its end, however it ends',
  }),
  ParallelFork: before('workflow', 'ForkData', 'Branches are about to start; hooks may lower the concurrency.', {
    only: ['modified', 'cancel', 'suspend'],
    writable: ['concurrency'],
    firedBy: 'workflows.execute of a parallel workflow, before the branches',
  }),
  ParallelJoin: after('workflow', 'JoinData', 'All branches have arrived.', {
    only: ['modified', 'replace', 'cancel'],
    firedBy: 'workflows.execute of a parallel workflow, when the join is reached',
  }),
  ParallelSynchronization: notify('workflow', 'ArrivalData', 'A branch has arrived at the join.', {
    firedBy: 'workflows.execute of a parallel workflow, once a branch, when it has ended or was stopped',
  }),

  BeforeChain: before('chain', 'ChainInputData', 'A chain is about to start.', chains),
  BeforeChainComponent: before(
    'chain',
    'ChainComponentData',
    'A component of a chain is about to run, or to be undone.',
    chains,
  ),
  AfterChainComponent: after(
    'chain',
    'ChainOutputData',
    'A component of a chain, or its fallback, has run, or it was undone.',
    chains,
  ),
  AfterChain: after('chain', 'ChainResultData', 'A chain has completed, all of it or in part.', chains),
  ChainError: error('chain', 'ChainFailureData', 'A chain has failed, and was undone as far as it says.', chains),

  BeforeStateRead: before('state', 'StateReadData', 'State is about to be read.', {
    only: ['modified', 'replace', 'cancel'],
    writable: ['key'],
    firedBy: 'system.state.get, and list with the key `*`',
  }),
  AfterStateRead: after('state', 'StateValueData', 'State has been read.', {
    only: ['modified', 'replace', 'cancel'],
    firedBy: 'system.state.get, and list with the key `*`',
  }),
  BeforeStateWrite: before('state', 'StateChangeData', 'State is about to be written; a cancel refuses.', {
    only: ['modified', 'cancel'],
    writable: ['value'],
    firedBy: 'system.state.set and delete',
  }),
  AfterStateWrite: after(
    'state',
    'StateChangeData',
    'State has been written; what hooks make of the value is what the caller gets.',
    {
      only: ['modified', 'replace', 'cancel', 'fork', 'suspend'],
      writable: ['value'],
      firedBy: 'system.state.set and delete',
    },
  ),
  StateConflict: notify('state', 'StateConflictData', 'Two branches have changed one key.', {
    firedBy: 'workflows.execute of a parallel workflow, at the join, before ParallelJoin',
  }),
  StateMigration: notify('state', 'StateMigrationData', 'Stored state was brought to another version.'),

  SystemStartup: notify('system', 'SystemData', 'The first agent of a system was made; once a system.', {
    firedBy: 'agents.create and agents.execute, for the first agent of a system',
  }),
  SystemShutdown: notify('system', 'SystemData', 'A system stops.', {
    firedBy: 'system.stop, when what ran has ended or its time is over',
  }),
  ConfigurationChange: notify('system', 'ConfigurationData', 'A setting was changed.', {
    firedBy: 'system.config.set, when the value is another one',
  }),
  ResourceLimitExceeded: notify('system', 'ResourceLimitData', 'A limit was hit.', {
    firedBy:
      'any execution, when a tool hits one of its limits, a model its budget, a run its limit of attempts, redirects or depth, or an agent that of its queue',
  }),
  SecurityViolation: notify('system', 'SecurityData', 'Something was refused for security.', {
    firedBy: 'system.tools.execute, when a tool has a higher level than the system allows',
  }),

  SessionStart: notify('session', 'SessionData', 'A session has started.'),
  SessionEnd: notify('session', 'SessionData', 'A session has ended.'),
  SessionCheckpoint: notify('session', 'SessionData', 'A session was checkpointed.'),
  SessionRestore: notify('session', 'SessionData', 'A session was restored.'),
  SessionSave: notify('session', 'SessionData', 'A session was saved.'),

  BeforeEventEmit: before('event', 'EventData', 'An event is about to be published.', {
    firedBy: 'system.events.publish',
  }),
  AfterEventEmit: after(
    'event',
    'EventPublishedData',
    'An event was published, and every subscription has it that takes it.',
    { firedBy: 'system.events.publish, when the event was published' },
  ),
  EventHandlerError: error('event', 'EventFailureData', 'The handler of an event has failed.', {
    firedBy: 'system.events.subscribe, when the handler throws, rejects or does not settle in time',
  }),

  PerformanceThresholdExceeded: notify(
    'performance',
    'ThresholdData',
    'Hooks cost more than their overhead budget, or are back under it.',
    {
      firedBy: 'hooks.wrap and any execution in a system, when the overhead budget sheds or restores a hook',
    },
  ),
  MemoryUsageHigh: notify('performance', 'ThresholdData', 'Memory use is over its threshold.', {
    firedBy: 'any execution in a system, while it runs and the share of memory rises to its threshold',
  }),
  CpuUsageHigh: notify('performance', 'ThresholdData', 'CPU use is over its threshold.', {
    firedBy: 'any execution in a system, while it runs and the share of the processors rises to its threshold',
  }),

  OperationSettled: notify('operation', 'SettledData', 'Last, once, on every ending of every operation.', {
    firedBy: 'hooks.wrap and any execution in a system, at the end of every operation',
  }),
}

type Rows = typeof rows

/** The canonical id of a shipped hook point. */
export type PointId = keyof Rows

/** The shipped hook points by their ids, as types. */
export type Catalogue = {
  readonly [Id in PointId]: Rows[Id] extends Row<infer Data, infer Decisions, infer Phase, infer Writable>
    ? PointDefinition<Id, Data, Decisions, Phase, Writable>
    : never
}

/**
 * The shipped hook points by their ids. `docs/hook-points.md` is made from it.
 *
 * @example
 * ```ts
 * import { catalogue } from 'hookchart/hooks'
 * console.assert(catalogue.BeforeToolExecution.phase === 'before')
 * console.assert(catalogue.AgentPaused.decisions.length === 0) // observe only
 * ```
 */
export const catalogue: Catalogue = Object.freeze(
  Object.fromEntries(
    Object.entries(rows).map(([id, row]) => [
      id,
      sealPoint({
        id,
        schema: undefined,
        ...row,
        aliases: Object.freeze(aliasesOf(id, row.component, row.aliases)),
      }),
    ]),
  ),
) as unknown as Catalogue

/** The aliases of a point: its id and its special names in snake_case, each also behind the name of its component. */
function aliasesOf(id: string, component: ComponentType, special: readonly string[]): string[] {
  const snake = id.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
  const inComponent = snake.replace(new RegExp(`(^|_)${component}(?=_)`), '').replace(/^_/, '')
  const names = new Set([snake, ...special, ...[snake, inComponent, ...special].map((name) => `${component}:${name}`)])
  return [...names]
}
