/**
 * The chart of a workflow while it runs: starts its steps as operations, passes the gates between them, and knows what it
 * came to. What only one pattern does stands in the file of that pattern.
 */
import { HookchartError, toErrorData, toHookchartError } from '../../src/errors.ts'
import type { GateData } from '../../src/hooks/change.ts'
import type { StepInfo } from '../../src/hooks/context.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import type { Passed } from '../../src/hooks/executor/fire.ts'
import type { PassEnd } from '../../src/hooks/executor/stages.ts'
import { drive, wait } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import { redirectLimit } from '../../src/hooks/operation/ending.ts'
import { passGate } from '../../src/hooks/operation/gate.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import type { EffectCall as ChartCall, RunEffect } from '../../machines/compiled/run-options.ts'
import type { Run } from '../../machines/compiled/run.ts'
import type { StepScope } from '../../machines/call.ts'
import type { GateInput, StepInput } from '../../machines/workflow/effects.ts'
import type { LaneOutcome, LanesContext } from '../../machines/workflow/lane.ts'
import type { Step } from '../../machines/workflow/tree.ts'
import type { AnyStateMachine, EventObject } from 'xstate'
import type { Lane } from './lane-run.ts'
import type { PatternFields } from './pattern-fields.ts'
import type { StateData } from './shared-state.ts'
import { StartedSteps } from './started-steps.ts'
import { failureAt } from './step-failure.ts'
import type { StepPlace } from './step-place.ts'
import { StepRun } from './step-operation.ts'
import { startStep } from './step-start.ts'

/** What a pattern came to. */
export type PatternEnd =
  | { readonly status: 'completed' | 'partial'; readonly output: unknown }
  | { readonly status: 'failed' | 'cancelled'; readonly error: HookchartError }

/** What an effect of a chart tells it. */
export type Told = LaneOutcome<string> | { readonly type: string; readonly note?: object }

type Outcome = Told

/** See the head of this file. */
export abstract class PatternRun {
  protected readonly fields: PatternFields
  protected readonly lanes = new Map<string, Lane>()
  /** What is to be undone if it does not complete. */
  readonly started = new StartedSteps()
  /** What is left of the state when it ends. */
  state: StateData
  #run: Run<AnyStateMachine> | undefined
  #error: HookchartError | undefined
  #hasEnded = false

  constructor(fields: PatternFields) {
    this.fields = fields
    this.state = fields.state
  }

  /** What the chart of the pattern invokes besides steps and gates. */
  protected abstract readonly effects: Readonly<Record<string, (call: ChartCall) => Flow<Told> | Told>>
  /** What it gives when it has completed. */
  protected abstract outputOf(context: LanesContext): unknown
  /** What was reached so far: for the error of a run that was not completed. */
  abstract progress(): Readonly<Record<string, unknown>>
  /** A gate that only this pattern has. */
  protected decide({ point }: GateInput): Flow<Told> {
    throw new HookchartError('UNKNOWN_POINT', `${this.name} has no gate at ${point}.`)
  }

  /** However it ends. */
  protected onEnd(_why: 'completed' | 'failed' | 'cancelled' | 'timed_out'): void {
    // Most patterns have nothing to give back.
  }

  /** Runs it; never rejects. */
  start(): Promise<PatternEnd> {
    const { parts, input } = this.fields
    return new Promise((resolve) => {
      const effects: Record<string, RunEffect> = {
        step: (call) => this.#step(call),
        gate: (call) => this.#settling(() => this.#gate(call)),
      }
      for (const [src, effect] of Object.entries(this.effects))
        effects[src] = (call) => this.#settling(() => effect(call))
      this.#run = parts.pattern.run({
        ...({ input: { input } } as object),
        effects,
        onEnd: (run) => {
          if (run.status === 'stopped') return
          const end = this.#endOf(run)
          this.#end(end.status === 'partial' ? 'completed' : end.status)
          resolve(end)
        },
      })
    })
  }

  /** Stops it: what runs in it is aborted. */
  stop(why: 'cancelled' | 'timed_out'): void {
    this.#run?.stop()
    this.#end(why)
  }

  /** Whatever was started has ended. */
  async settled(): Promise<void> {
    for (const { pending } of this.lanes.values()) await pending
  }

  #end(why: 'completed' | 'failed' | 'cancelled' | 'timed_out'): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.onEnd(why)
  }

  #endOf(run: Run<AnyStateMachine>): PatternEnd {
    if (run.status === 'error') return { status: 'failed', error: toHookchartError(run.error) }
    const status = run.value as 'completed' | 'partial' | 'failed' | 'cancelled'
    const context = run.context as LanesContext
    if (status === 'completed' || status === 'partial') return { status, output: this.outputOf(context) }
    const error = this.errorOf(context) ?? new HookchartError('EFFECT_FAILED', `${this.name} failed.`)
    return { status, error }
  }

  /** Why it did not complete. */
  protected errorOf(_context: LanesContext): HookchartError | undefined {
    return this.#error
  }

  protected get name(): string {
    return this.fields.parts.definition.name
  }

  protected send(event: EventObject): void {
    this.#run?.send(event)
  }

  protected lane(name: string): Lane {
    let lane = this.lanes.get(name)
    if (lane === undefined) this.lanes.set(name, (lane = this.makeLane(name)))
    return lane
  }

  protected abstract makeLane(name: string): Lane

  /** Where the steps of a lane run now. */
  protected placeOf({ name }: Lane): StepPlace {
    return { branch: name }
  }

  /** What functions that only look are called with. */
  protected scopeOf(lane: Pick<Lane, 'state' | 'outputs'>): StepScope {
    const { input, call } = this.fields
    const { metadata, correlationId } = call
    return { input, state: lane.state, results: lane.outputs, metadata, correlationId }
  }

  /** It ends early. */
  protected fails(thrown: unknown, type: 'failed' | 'refused' = 'failed'): LaneOutcome<'failed' | 'refused'> {
    this.#error = toHookchartError(thrown)
    return { type, note: { error: toErrorData(this.#error) } }
  }

  /** What is thrown on the way fails it. */
  #settling(work: () => Flow<Told> | Told): Maybe<Told> {
    try {
      const told = work()
      const value = 'type' in told ? told : drive(told)
      return value instanceof Promise ? value.catch((error: unknown) => this.fails(error)) : value
    } catch (error) {
      return this.fails(error)
    }
  }

  #step(call: ChartCall): Maybe<LaneOutcome> {
    const { lane: name, index, value } = call.input as StepInput
    const lane = this.lane(name)
    const { control, work } = this.fields
    let outcome: Maybe<LaneOutcome>
    try {
      const paused = control.boundary(work.operation, call)
      outcome =
        paused === undefined
          ? this.#runStep(lane, index, value, call)
          : paused.then(() => this.#runStep(lane, index, value, call))
    } catch (error) {
      outcome = lane.fails(toHookchartError(error))
    }
    if (!(outcome instanceof Promise)) return this.#noting(lane, index, outcome, call)
    const pending = outcome
      .catch((error: unknown) => lane.fails(toHookchartError(error)))
      .then((each) => this.#noting(lane, index, each, call))
    lane.pending = pending
    return pending
  }

  /** Why a step has failed is why the workflow does, unless something comes between. */
  #noting(lane: Lane, index: number, outcome: LaneOutcome, call: ChartCall): LaneOutcome {
    const { type } = outcome
    this.fields.control.stepped(call)
    if (lane.error === undefined || (type !== 'failed' && type !== 'refused')) return outcome
    const step = (lane.steps[index] as Step).name
    lane.endedAt = step
    this.#error = failureAt({ workflow: this.fields.workflow, step, place: this.placeOf(lane), type }, lane.error)
    return outcome
  }

  #runStep(lane: Lane, index: number, value: unknown, chart: ChartCall): Maybe<LaneOutcome> {
    if (chart.isStopped) return { type: 'refused' }
    const { workflow, control } = this.fields
    const run = new StepRun(lane, index, this.placeOf(lane), workflow, control, this.started)
    return startStep(this.fields, run, value, chart)
  }

  *#gate(call: ChartCall): Flow<Outcome> {
    const input = call.input as GateInput
    if (input.point !== 'WorkflowStageTransition') return yield* this.decide(input)
    const lane = this.lane(input.lane)
    const index = input.index as number
    const [step, next] = lane.steps.slice(index, index + 2) as [Lane['steps'][number], Lane['steps'][number]]
    const info: StepInfo = {
      ...{ name: step.name, index, type: step.type, action: 'run', input: undefined, metadata: step.metadata },
      ...(lane.ended.get(step.name) === 'completed' && { output: input.value }),
      nextStep: next.name,
    }
    const data = { input: input.value, from: step.name, next: next.name }
    const passed = yield* this.pass(input.point, data, lane, info)
    // Its branch was stopped meanwhile.
    if (call.isStopped) return { type: 'refused' }
    if (passed === undefined) return { type: 'completed' }
    const { end } = passed
    const value = passed.data['input']
    if (end.type === 'continue') return { type: 'completed', note: { value } }
    if (end.type !== 'redirect') return this.ended(input.point, end, lane)
    const target = lane.steps.findIndex(({ name }) => name === end.target)
    if (target === -1) throw this.unknownTarget(input.point, end, lane.steps, 'step')
    const { slot } = this.#gateAt(input.point)
    const { maxRedirects } = slot.settings
    if (target <= index && lane.jumpsBack >= maxRedirects) {
      const limit = redirectLimit(this.fields.work.operation, slot, end.hook, maxRedirects)
      if ('error' in limit) throw limit.error
    }
    return lane.jumpTo(end.target, index, value)
  }

  protected unknownTarget(
    point: string,
    { target, hook }: { readonly target: string; readonly hook: string },
    among: readonly { readonly name: string }[],
    what: string,
  ): HookchartError {
    const known = among.map(({ name }) => name)
    return new HookchartError(
      'UNKNOWN_TARGET',
      `${this.name} was sent by hook "${hook}" at ${point} to "${target}", which is no ${what} of it. It knows ${known.join(', ')}.`,
      { details: { target, hook, point, known } },
    )
  }

  #gateAt(point: string): Gate {
    return this.fields.parts.gates.get(point) as Gate
  }

  /** Whether somebody is hooked to a point. */
  protected isHooked(point: string): boolean {
    return this.fields.work.chainAt(this.#gateAt(point)) !== null
  }

  /** As what the gates of a lane are passed. */
  protected operationOf(_: Lane): Operation {
    return this.fields.work.operation
  }

  /** Passes a gate of the workflow itself; deadlines stand still while it decides. */
  protected *pass(point: string, data: GateData, lane: Lane, step?: StepInfo): Flow<Passed | undefined> {
    const { work, workflow } = this.fields
    const gate = this.#gateAt(point)
    const chain = work.chainAt(gate)
    if (chain === null) return undefined
    const operation = this.operationOf(lane)
    const before = lane.state
    operation.state = before
    operation.whereabouts = () => (step === undefined ? { workflow } : { workflow, step })
    const goOn = work.operation.standStill()
    try {
      const passed = yield* wait(passGate(work.kernel, operation, chain, data, gate.rules))
      if (passed !== undefined) lane.adopt(before, passed.state)
      return passed
    } finally {
      goOn()
    }
  }

  /** Tells observers; nobody waits for them. */
  protected tell(point: string, data: GateData, state: StateData): void {
    const { work, workflow } = this.fields
    const { kernel, operation } = work
    const chain = work.chainAt(this.#gateAt(point))
    if (chain === null) return
    operation.state = state
    operation.whereabouts = () => ({ workflow })
    void passGate(kernel, operation, chain, data, {})
  }

  protected onRead(lane: Lane): (key: string) => void {
    return (key) => {
      this.tell('WorkflowSharedData', { key, scope: 'workflow', access: 'read' }, lane.state)
    }
  }

  /** What ends the workflow at one of its gates. */
  protected ended(point: string, end: PassEnd, lane: Lane, hasRun = false): LaneOutcome<'failed' | 'refused'> {
    const { slot } = this.#gateAt(point)
    const ending = this.fields.work.endAt(slot, end as never, hasRun ? 'completed' : undefined, undefined)
    if (!('error' in ending))
      throw new HookchartError('HOOK_DECISION_NOT_ALLOWED', `${point} does not take ${end.type}.`)
    const type = ending.status === 'cancelled' ? 'refused' : 'failed'
    const outcome = lane.fails(ending.error, type)
    this.fails(ending.error, type)
    return outcome
  }
}
