/** What a system has ready for a workflow: its chart and the charts of its steps, compiled once, and the gates. */
import type { AnyStateMachine } from 'xstate'
import { HookchartError } from '../../src/errors.ts'
import type { GateRules } from '../../src/hooks/executor/pass.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import { compile } from '../../machines/compiled/compile.ts'
import type { CompiledLogic } from '../../machines/compiled/compile.ts'
import type { RetryPolicy } from '../../machines/retry.ts'
import type { Step, WorkflowDefinition } from '../../machines/workflow/tree.ts'
import {
  sequentialStepGates,
  stepGates,
  workflowGates,
  workflowMachine,
} from '../../machines/workflow/workflow-machine.ts'
import { gatesAt, hookedAt } from '../operation/gates-at.ts'
import type { Charted } from '../operation/charted-operation.ts'
import { operationOrder } from '../../machines/operation/operation-order.ts'
import { assertToolsKnown } from '../agent/known-tools.ts'
import type { Host } from '../system/host.ts'
import { LazyStepCall } from './step-call.ts'
import { compensationStarter } from './step-compensation.ts'
import type { CompensationStarter } from './step-compensation.ts'
import type { ChartedStep } from './step-operation.ts'

/** See the head of this file. */
export interface WorkflowParts {
  readonly host: Host
  readonly definition: WorkflowDefinition
  /** The operation round the pattern. */
  readonly whole: Charted
  readonly pattern: CompiledLogic<AnyStateMachine>
  /** By the points that only patterns fire. */
  readonly gates: ReadonlyMap<string, Gate>
  stepOf(step: Step): ChartedStep
  /** What undoes its steps. */
  readonly compensationOf: CompensationStarter
}

/** The points that patterns fire by themselves, on the operation of the workflow. */
const PATTERN_POINTS = [
  'WorkflowStageTransition',
  'WorkflowSharedData',
  'ConditionEvaluation',
  'BranchSelection',
  'LoopIterationStart',
  'LoopIterationComplete',
  'LoopTermination',
  'ParallelFork',
  'ParallelJoin',
  'ParallelSynchronization',
  'StateConflict',
]

const pointsOf = ({ before, after, error }: typeof workflowGates | typeof stepGates | typeof sequentialStepGates) => [
  ...before.map(({ point }) => point),
  ...[after, error],
]

/** Makes what a workflow needs to run in a system. Throws UNKNOWN_COMPONENT for steps that the system cannot run. */
export function workflowParts(host: Host, definition: WorkflowDefinition): WorkflowParts {
  assertStepsKnown(host, definition, definition.name)
  const { kernel, targets } = host
  const { component, input, output } = definition
  const ofWhole = gatesAt(kernel, { component, input, output }, pointsOf(workflowGates))
  const plain = { component, input: undefined, output: undefined }
  const gates = new Map(
    [...gatesAt(kernel, plain, PATTERN_POINTS)].map(([point, gate]) => [
      point,
      { ...gate, rules: rulesAt(gate, definition) },
    ]),
  )
  const isHooked = hookedAt(gates, component)
  const steps = new WeakMap<Step, ChartedStep>()
  return {
    host,
    definition,
    gates,
    compensationOf: compensationStarter(host, definition),
    whole: {
      ...{ component, targets, input, output, gates: ofWhole, data: {}, effect: () => undefined },
      before: ofWhole.get('BeforeWorkflowStart'),
      after: ofWhole.get('AfterWorkflowComplete'),
      error: ofWhole.get('WorkflowError'),
      order: operationOrder(workflowGates, hookedAt(ofWhole, component)),
    },
    pattern: compile(workflowMachine(definition) as unknown as AnyStateMachine, {
      guards: {
        hooked: (_: unknown, { point }: { readonly point: string }) => isHooked(point),
      } as object,
    }),
    stepOf(step) {
      let charted = steps.get(step)
      if (charted === undefined) steps.set(step, (charted = chartedStep(host, definition, step)))
      return charted
    },
  }
}

function chartedStep(host: Host, definition: WorkflowDefinition, step: Step): ChartedStep {
  const { kernel } = host
  const { name, pattern, component: whole } = definition
  const component = Object.freeze({ ...whole, id: `${name}/${step.name}` })
  const of = pattern === 'sequential' ? sequentialStepGates : stepGates
  const points = [...pointsOf(of), ...('last' in of ? [of.last.point] : [])]
  const gates = gatesAt(kernel, { component, input: step.input, output: undefined }, points)
  const [stateChange, sharedData] = ['WorkflowStateChange', 'WorkflowSharedData'].map(
    (point) => gatesAt(kernel, { component, input: undefined, output: undefined }, [point]).get(point) as Gate,
  ) as [Gate, Gate]
  const onError = 'onError' in definition ? definition.onError : 'fail_fast'
  const retry: RetryPolicy | undefined = step.retry ?? (typeof onError === 'object' ? onError.retry : undefined)
  const known = hookedAt(gates, whole)
  return {
    ...{ component, host, step, retry, gates, stateChange, sharedData, targets: host.targets },
    before: gates.get('BeforeWorkflowStage'),
    after: gates.get('AfterWorkflowStage'),
    error: gates.get('WorkflowStepError'),
    ...{ input: step.input, output: undefined, data: {}, effect: () => undefined, call: LazyStepCall },
    // A retry of its own is decided behind its error gate, so that it is passed even where nobody is hooked to it.
    order: operationOrder(of, (point) => known(point) || (retry !== undefined && point === 'WorkflowStepError')),
  }
}

/** What patterns check themselves: jumps lead to steps and branches, of which only they know. */
function rulesAt({ slot, rules }: Gate, definition: WorkflowDefinition): GateRules {
  const { checkData } = rules
  switch (slot.definition.id) {
    case 'ConditionEvaluation':
      return {
        checkData,
        checkValue: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false, as conditions are'),
      }
    case 'ParallelFork':
      return { checkData: concurrencyWithin('maxConcurrency' in definition ? definition.maxConcurrency : 1) }
    default:
      return { checkData }
  }
}

function concurrencyWithin(limit: number): (data: unknown) => string | undefined {
  return (data) => {
    const { concurrency } = data as { readonly concurrency: unknown }
    const fits = Number.isInteger(concurrency) && (concurrency as number) >= 1 && (concurrency as number) <= limit
    return fits ? undefined : `"concurrency" may only get smaller: it is a whole number from 1 to ${String(limit)}`
  }
}

/** Refuses a workflow whose steps name what the system does not know, however deep they lie, or what their agents work with. */
export function assertStepsKnown(host: Host, workflow: WorkflowDefinition, where: string): void {
  const { targets } = host
  for (const step of stepsIn(workflow)) {
    const place = `${where}, step "${step.name}"`
    if (step.type === 'workflow') assertStepsKnown(host, step.workflow, place)
    if (step.type === 'agent' && typeof step.agent !== 'string') assertToolsKnown(host, step.agent, place)
    if (step.type !== 'tool' && step.type !== 'agent') continue
    const name = step.type === 'tool' ? step.tool : step.agent
    if (typeof name !== 'string' || targets.find(step.type, name) !== undefined) continue
    const known = targets.names().filter((each) => targets.find(step.type, each) !== undefined)
    const knows = known.length === 0 ? `It has no ${step.type}s.` : `It knows ${known.join(', ')}.`
    throw new HookchartError(
      'UNKNOWN_COMPONENT',
      `${place}: no ${step.type} is called "${name}" in this system. ${knows} Register it first, or give the step its definition.`,
      { details: { where: place, type: step.type, name, known } },
    )
  }
}

function stepsIn(workflow: WorkflowDefinition): readonly Step[] {
  switch (workflow.pattern) {
    case 'sequential':
      return workflow.steps
    case 'loop':
      return workflow.body
    case 'conditional':
    case 'parallel':
      return workflow.branches.flatMap(({ steps }) => steps)
  }
}
