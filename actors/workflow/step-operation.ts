/** One execution of a step: its draft of the state, what it runs, and its retries. */
import { toHookchartError } from '../../src/errors.ts'
import type { HookchartError } from '../../src/errors.ts'
import type { Operation, Target, Targets } from '../../src/hooks/executor/operation.ts'
import type { GateData } from '../../src/hooks/change.ts'
import type { StepInfo, WorkflowInfo } from '../../src/hooks/context.ts'
import { andThen, drive, wait } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import { wasGivenUp } from '../../src/hooks/operation/effect.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import { cancelled } from '../../src/hooks/operation/ending.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { BodyFields } from '../../src/hooks/operation/executable.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import { passGate } from '../../src/hooks/operation/gate.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { GateOutcome } from '../../machines/operation/operation-context.ts'
import { backoffMs } from '../../machines/retry.ts'
import type { RetryPolicy } from '../../machines/retry.ts'
import type { Step } from '../../machines/workflow/tree.ts'
import { ChartedOperation } from '../operation/charted-operation.ts'
import type { Charted } from '../operation/charted-operation.ts'
import type { Host } from '../system/host.ts'
import type { Lane } from './lane-run.ts'
import type { RunControl } from './run-control.ts'
import type { StepPlace } from './step-place.ts'
import type { StartedSteps, StepExecution } from './started-steps.ts'
import { carryOver, changesBetween, changesOf, withKey, withoutDrafts } from './shared-state.ts'
import type { StateChange, StateData } from './shared-state.ts'
import { stepCallOf } from './step-call.ts'

/** What a step has of its own, however often it runs. */
export interface ChartedStep extends Charted {
  readonly step: Step
  readonly host: Host
  readonly retry: RetryPolicy | undefined
  readonly stateChange: Gate
  readonly sharedData: Gate
}

/** One run of a step: where it stands, and what comes of it beside its result. */
export class StepRun implements StepExecution {
  readonly index: number
  readonly place: StepPlace
  hasRun = false
  error: HookchartError | undefined
  readonly lane: Lane
  readonly workflow: WorkflowInfo
  readonly control: RunControl
  /** What was started in the run of the workflow. */
  readonly started: StartedSteps
  /** The step that a hook sent the workflow to instead. */
  jump: { readonly target: string; readonly value: unknown } | undefined
  /** The state as the step leaves it. */
  state: StateData
  /** A workflow in it was partial. */
  isPartial = false

  constructor(
    lane: Lane,
    index: number,
    place: StepPlace,
    workflow: WorkflowInfo,
    control: RunControl,
    started: StartedSteps,
  ) {
    this.lane = lane
    this.index = index
    this.place = place
    this.workflow = workflow
    this.control = control
    this.started = started
    this.state = lane.state
  }
}

/** What a workflow that runs as a step has of the one round it. */
const runs = new WeakMap<Operation, StepRun>()

/** The run of the step in which an operation runs, if it is one. */
export function stepRunAbove(operation: Operation): StepRun | undefined {
  return operation.above && runs.get(operation.above)
}

/** See the head of this file. */
export class StepOperation extends ChartedOperation {
  readonly #step: ChartedStep
  readonly #run: StepRun
  readonly #startedAt: number
  /** What its effect goes on with: it must have ended when the step ends. */
  #child: Promise<unknown> | undefined

  constructor(fields: BodyFields, step: ChartedStep, run: StepRun) {
    super(
      fields,
      step,
      run.started.noting(step.step, run, (input, call) => this.#execute(input, call)),
    )
    const { timeoutMs, name } = step.step
    if (timeoutMs !== undefined) this.work.patience.atMost(timeoutMs)
    if (step.retry !== undefined) this.work.limitAttempts(step.retry.maxAttempts)
    fields.operation.title = () => `Step "${name}" of ${run.workflow.name}`
    this.#step = step
    this.#run = run
    this.#startedAt = fields.kernel.time.now()
    fields.operation.whereabouts = (data) => ({ workflow: run.workflow, step: this.#infoAt(data) })
    if (step.step.type === 'workflow') runs.set(fields.operation, run)
  }

  override *run(): Flow<Ending> {
    try {
      return yield* super.run()
    } finally {
      if (this.#child !== undefined) yield this.#child
    }
  }

  // Key by key: on Node 20 an object that is put together of others costs a microsecond.
  #infoAt({ input, output, error }: GateData): StepInfo {
    const { name, type, metadata } = this.#step.step
    const { index, lane } = this.#run
    const info: { -readonly [Key in keyof StepInfo]: StepInfo[Key] } = {
      name,
      index,
      type,
      action: 'run',
      input,
      metadata,
    }
    if (output !== undefined) info.output = output
    if (error !== undefined) info.error = error as NonNullable<StepInfo['error']>
    if (output !== undefined || error !== undefined) info.durationMs = this.work.kernel.time.now() - this.#startedAt
    const nextStep = lane.steps[index + 1]?.name
    if (nextStep !== undefined) info.nextStep = nextStep
    return info
  }

  /** Hooks see the state as the step leaves it; what they change holds whatever becomes of the step. */
  override gate(point: string): Maybe<GateOutcome> {
    const { operation } = this.work
    const run = this.#run
    const before = run.state
    operation.state = before
    return andThen(super.gate(point), (outcome) => {
      run.lane.adopt(before, operation.state)
      run.state = carryOver(before, operation.state, run.state)
      return outcome
    })
  }

  /** A declared retry comes into play where hooks leave the failure as it is. */
  protected override *failure(gate: Gate): Flow<GateOutcome> {
    const outcome = yield* super.failure(gate)
    const { retry } = this.#step
    const { attempts } = this.work.operation
    if (outcome.type !== 'continue' || retry === undefined || this.isMisfit) return outcome
    const { maxAttempts, backoff } = retry
    if (attempts >= maxAttempts) return outcome
    return this.repeat(gate, {
      type: 'retry',
      hook: `retry of ${this.#step.step.name}`,
      delayMs: backoffMs(backoff, attempts),
      maxAttempts,
    })
  }

  #execute(input: unknown, call: EffectCall): unknown {
    const { lane } = this.#run
    const { step, host } = this.#step
    this.#run.state = lane.state
    this.#run.hasRun = step.type === 'run'
    if (step.type !== 'run') {
      const ended = this.#executeComponent(step, input, call)
      this.#child = ended.catch(() => undefined)
      return ended
    }
    const base = lane.state
    const own = stepCallOf(call)
    own.lend(input, host, lane)
    return andThen(step.execute(own as never), (value) => {
      const { draft } = own
      if (draft === undefined) return value
      const given = withoutDrafts(value)
      return andThen(drive(this.#change(base, changesOf(base, draft, step.name), call)), () => given)
    })
  }

  async #executeComponent(step: Exclude<Step, { type: 'run' }>, given: unknown, call: EffectCall): Promise<unknown> {
    const { lane } = this.#run
    const { metadata, correlationId } = call
    const scope = { input: given, state: lane.state, results: lane.outputs, metadata, correlationId }
    const input: unknown = step.mapInput === undefined ? given : await step.mapInput(scope as never)
    const component =
      step.type === 'tool'
        ? { type: 'tools' as const, it: step.tool }
        : step.type === 'agent'
          ? { type: 'agents' as const, it: step.agent }
          : { type: 'workflows' as const, it: step.workflow }
    const callers = this.#step.host.callersFor(call)
    const result: RunResult = await callers[component.type].execute(component.it as string, input, {
      signal: call.signal,
    })
    this.#run.hasRun = result.attempts > 0
    if (result.status !== 'completed' && result.status !== 'partial') throw toHookchartError(result.error)
    this.#run.isPartial = result.status === 'partial'
    if (step.type === 'workflow') {
      const base = lane.state
      await drive(this.#change(base, changesBetween(base, result.state ?? {}, step.name), call))
    }
    return result.output
  }

  /** Each change passes its gate; only then the state is the step's. What comes when the step has been given up changes nothing. */
  *#change(base: StateData, changes: readonly StateChange[], call: EffectCall): Flow<void> {
    const { work } = this
    const { operation, kernel } = work
    const { stateChange, sharedData } = this.#step
    let state = base
    for (const change of changes) {
      if (wasGivenUp(call)) return
      const { key, previous } = change
      let { value } = change
      const about = { key, scope: 'workflow', value, ...(previous !== undefined && { previous }) }
      const before = this.#run.state
      operation.state = before
      const goOn = operation.standStill()
      const passed = yield* wait(work.passWith(stateChange, about))
      goOn()
      if (wasGivenUp(call)) return
      if (passed !== undefined) {
        this.#run.lane.adopt(before, passed.state)
        this.#run.state = carryOver(before, passed.state, before)
        state = carryOver(before, passed.state, state)
        const { end } = passed
        if (end.type === 'cancel')
          throw (cancelled(operation, stateChange.slot, end, 'completed') as { error: Error }).error
        if (end.type === 'fail') throw end.error
        value = passed.data['value']
      }
      state = withKey(state, key, value)
      const chain = work.chainAt(sharedData)
      const access = value === undefined ? 'delete' : 'write'
      if (chain !== null) void passGate(kernel, operation, chain, { key, scope: 'workflow', access }, {})
    }
    if (!wasGivenUp(call)) this.#run.state = state
  }
}

/** What hooks at a step may be sent to: the steps of its list, then whatever the system has. */
export class StepTargets implements Targets {
  readonly #run: StepRun
  readonly #others: Targets

  constructor(run: StepRun, others: Targets) {
    this.#run = run
    this.#others = others
  }

  find(type: 'tool' | 'agent' | 'workflow' | undefined, name: string): Target | undefined {
    const run = this.#run
    if (type !== undefined || !run.lane.steps.some((step) => step.name === name)) return this.#others.find(type, name)
    return (value) => {
      run.jump = { target: name, value }
      return JUMPED
    }
  }

  names(): string[] {
    return [...this.#run.lane.steps.map(({ name }) => name), ...this.#others.names()]
  }
}

/** A jump is no operation: what it leads to runs when the step has settled. */
const JUMPED: RunResult = {
  ...{ status: 'completed', id: '', correlationId: '', durationMs: 0, attempts: 0, trace: [], metadata: {} },
}
