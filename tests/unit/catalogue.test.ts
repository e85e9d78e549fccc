import { catalogue, createHooks } from 'hookchart/hooks'
import type { PointDefinition } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { PHASE_DECISIONS } from '../../src/hooks/points/point.ts'
import type { PointShapes } from '../../src/hooks/points/shapes.ts'

const points = Object.entries(catalogue) as [string, PointDefinition][]

/** Every shape of data there is; the type checker holds the list complete. */
const shapes: Record<keyof PointShapes, true> = {
  InputData: true,
  OutputData: true,
  FailureData: true,
  SettledData: true,
  ToolData: true,
  ToolInputData: true,
  ToolOutputData: true,
  ToolFailureData: true,
  ToolLimitsData: true,
  ToolQueryData: true,
  ToolsFoundData: true,
  AgentCommandData: true,
  AgentStateData: true,
  ModelRequestData: true,
  ModelAnswerData: true,
  ModelFailureData: true,
  StageTransitionData: true,
  WorkflowEndData: true,
  ConditionData: true,
  BranchData: true,
  IterationData: true,
  IterationResultData: true,
  LoopEndData: true,
  ForkData: true,
  JoinData: true,
  ArrivalData: true,
  CheckpointData: true,
  ChainInputData: true,
  ChainResultData: true,
  ChainFailureData: true,
  ChainComponentData: true,
  ChainOutputData: true,
  StateAccessData: true,
  StateReadData: true,
  StateValueData: true,
  StateChangeData: true,
  StateConflictData: true,
  StateMigrationData: true,
  SystemData: true,
  ConfigurationData: true,
  ResourceLimitData: true,
  SecurityData: true,
  SessionData: true,
  EventData: true,
  EventPublishedData: true,
  EventFailureData: true,
  ThresholdData: true,
}

describe('every point', () => {
  test.each(points)('%s is complete and frozen', (id, point) => {
    expect(point.id).toBe(id)
    expect(id).toMatch(/^(?:[A-Z][a-z]+)+$/)
    expect(point.doc).toMatch(/^[A-Z].{10,}\.$/)
    expect(point.firedBy).not.toBe('')
    expect(point.schema).toBeUndefined()
    expect(shapes).toHaveProperty(point.shape)
    expect(Object.isFrozen(point) && Object.isFrozen(point.aliases)).toBe(true)
  })

  test.each(points)('%s allows no more than its phase knows, each decision once', (_, { decisions, phase }) => {
    expect(PHASE_DECISIONS[phase]).toEqual(expect.arrayContaining([...decisions]))
    expect(new Set(decisions).size).toBe(decisions.length)
  })

  test.each(points)(
    '%s lets nothing be written where nothing may be modified, and something where it may',
    (_, point) => {
      if (!point.decisions.includes('modified')) return
      expect(point.writable?.length).toBeGreaterThan(0)
    },
  )

  test('the table cannot be changed', () => {
    expect(Object.isFrozen(catalogue)).toBe(true)
  })

  test('every shape of data is that of some point', () => {
    expect(new Set(points.map(([, { shape }]) => shape))).toEqual(new Set(Object.keys(shapes)))
  })
})

describe('names', () => {
  test('no two points share one', () => {
    const owners = new Map<string, string>()
    for (const [id, { aliases }] of points) {
      for (const name of [id, ...aliases]) {
        expect(owners.get(name), `${name} of ${id}`).toBeUndefined()
        owners.set(name, id)
      }
    }
  })

  test.each(points)('%s is reached by its id and each alias', (id, { aliases }) => {
    const hooks = createHooks()
    for (const name of [id, ...aliases]) expect(hooks.explain(name).point).toBe(id)
  })

  test.each<[keyof typeof catalogue, string[]]>([
    ['BeforeToolExecution', ['before_tool_execution', 'tool:before_tool_execution', 'tool:before_execution']],
    ['ToolError', ['tool_error', 'tool:tool_error', 'tool:error']],
    [
      'ToolValidation',
      [
        'tool_validation',
        'tool_parameter_validation',
        'tool:tool_validation',
        'tool:validation',
        'tool:tool_parameter_validation',
      ],
    ],
    [
      'BeforeWorkflowStage',
      [
        'before_workflow_stage',
        'before_step',
        'workflow:before_workflow_stage',
        'workflow:before_stage',
        'workflow:before_step',
      ],
    ],
    ['AgentPaused', ['agent_paused', 'agent:agent_paused', 'agent:paused']],
    ['ParallelFork', ['parallel_fork', 'workflow:parallel_fork']],
    ['OperationSettled', ['operation_settled', 'operation:operation_settled', 'operation:settled']],
    ['CpuUsageHigh', ['cpu_usage_high', 'performance:cpu_usage_high']],
  ])('%s is also called %j', (id, aliases) => {
    expect(catalogue[id].aliases).toEqual(aliases)
  })

  test.each<[string, keyof typeof catalogue]>([
    ['tool_security_check', 'ToolSecurityCheck'],
    ['tool_resource_allocated', 'ToolResourceAllocated'],
    ['tool_resource_released', 'ToolResourceReleased'],
    ['tool_timeout', 'ToolTimeout'],
    ['before_agent_terminate', 'BeforeAgentTerminate'],
    ['agent_recovering', 'AgentRecovering'],
    ['workflow_start', 'BeforeWorkflowStart'],
    ['before_start', 'BeforeWorkflowStart'],
    ['after_step', 'AfterWorkflowStage'],
    ['on_step_error', 'WorkflowStepError'],
    ['workflow_step_boundary', 'WorkflowStageTransition'],
    ['workflow_state_change', 'WorkflowStateChange'],
    ['workflow_shared_data', 'WorkflowSharedData'],
    ['workflow_complete', 'AfterWorkflowComplete'],
    ['after_complete', 'AfterWorkflowComplete'],
    ['on_error', 'WorkflowError'],
    ['workflow:before_start', 'BeforeWorkflowStart'],
    ['workflow:after_complete', 'AfterWorkflowComplete'],
    ['workflow:on_step_error', 'WorkflowStepError'],
  ])('%s is %s, as the contract has it', (alias, id) => {
    expect(catalogue[id].aliases).toContain(alias)
  })
})

describe('decisions of special points, as the contract has them', () => {
  test.each<[keyof typeof catalogue, readonly string[], readonly string[] | undefined]>([
    ['ToolValidation', ['modified', 'replace', 'cancel', 'suspend'], ['input']],
    ['ToolSecurityCheck', ['cancel', 'suspend'], undefined],
    ['ToolResourceAllocated', ['modified', 'cancel'], ['limits']],
    ['WorkflowStageTransition', ['redirect', 'cancel', 'suspend', 'modified'], ['input']],
    ['ConditionEvaluation', ['replace', 'cancel'], undefined],
    ['BranchSelection', ['redirect', 'cancel'], undefined],
    ['LoopIterationStart', ['modified', 'cancel', 'suspend'], ['value']],
    ['LoopIterationComplete', ['modified', 'replace', 'cancel'], ['output']],
    ['ParallelFork', ['modified', 'cancel', 'suspend'], ['concurrency']],
    ['ParallelJoin', ['modified', 'replace', 'cancel'], ['output']],
    ['WorkflowStateChange', ['modified', 'cancel'], ['value']],
    ['BeforeStateWrite', ['modified', 'cancel'], ['value']],
    ['BeforeStateRead', ['modified', 'replace', 'cancel'], ['key']],
    ['AfterStateRead', ['modified', 'replace', 'cancel'], ['output']],
    ['BeforeToolExecution', PHASE_DECISIONS.before, ['input']],
    ['AfterToolExecution', PHASE_DECISIONS.after, ['output']],
    ['ToolError', PHASE_DECISIONS.error, ['error']],
    ['ToolTimeout', PHASE_DECISIONS.error, ['error']],
  ])('%s: %j', (id, decisions, writable) => {
    expect(catalogue[id].decisions).toEqual(decisions)
    if (writable !== undefined) expect(catalogue[id].writable).toEqual(writable)
  })

  test.each<keyof typeof catalogue>([
    'LoopTermination',
    'WorkflowSharedData',
    'ParallelSynchronization',
    'AgentPaused',
    'AgentResumed',
    'AgentRecovering',
    'OperationSettled',
    'SessionStart',
    'PerformanceThresholdExceeded',
    'SystemStartup',
  ])('%s is for observers only', (id) => {
    expect(catalogue[id]).toMatchObject({ phase: 'notify', decisions: [] })
  })

  test('the phases know what the contract says', () => {
    expect(PHASE_DECISIONS).toEqual({
      before: ['modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'cache', 'suspend'],
      after: ['modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'suspend'],
      error: ['modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'suspend'],
      notify: [],
    })
  })
})

test('what nothing fires yet says so', () => {
  expect(catalogue.SessionStart.firedBy).toBe('pending')
  expect(catalogue.BeforeWorkflowStage.firedBy).toBe('workflows.execute, before each step')
  expect(catalogue.OperationSettled.firedBy).toContain('hooks.wrap')
  expect(catalogue.PerformanceThresholdExceeded.firedBy).toContain('overhead budget')
})
