/** One execution of a workflow: the gates round its pattern, and that its end is told however it ends. */
import { HookchartError, toErrorData } from '../../src/errors.ts'
import type { WorkflowInfo } from '../../src/hooks/context.ts'
import { wait } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import { abortsOf } from '../../src/hooks/operation/effect.ts'
import type { AttemptEnd, EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { BodyFields } from '../../src/hooks/operation/executable.ts'
import { passGate } from '../../src/hooks/operation/gate.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import type { EffectOutcome, GateOutcome } from '../../machines/operation/operation-context.ts'
import { CompensatingOperation } from '../operation/compensating-operation.ts'
import { NOTHING_UNDONE, runCompensation, undoAll } from '../operation/compensation.ts'
import type { Undone } from '../operation/compensation.ts'
import { ConditionalRun } from './conditional-run.ts'
import { LoopRun } from './loop-run.ts'
import { NO_RESULTS } from './lane-run.ts'
import { ParallelRun } from './parallel-run.ts'
import type { PatternFields } from './pattern-fields.ts'
import type { PatternEnd, PatternRun } from './pattern-run.ts'
import { RunControl } from './run-control.ts'
import { SequentialRun } from './sequential-run.ts'
import { NO_STATE } from './shared-state.ts'
import type { StartedSteps } from './started-steps.ts'
import { stepRunAbove } from './step-operation.ts'
import type { WorkflowParts } from './workflow-parts.ts'

const PATTERNS: Readonly<Record<string, new (fields: PatternFields) => PatternRun>> = {
  sequential: SequentialRun,
  conditional: ConditionalRun,
  loop: LoopRun,
  parallel: ParallelRun,
}

/** See the head of this file. */
export class WorkflowOperation extends CompensatingOperation {
  readonly #parts: WorkflowParts
  readonly #control: RunControl
  /** Where it is the run itself that is steered, and not a workflow inside it. */
  readonly #steered: RunControl | undefined
  readonly #workflow: WorkflowInfo
  /** What hooks at the gates of the workflow are told besides input, output and error. */
  readonly #data: Record<string, unknown>
  #pattern: PatternRun | undefined
  #call: EffectCall | undefined
  #end: PatternEnd | undefined
  /** What the pattern has left of the state is that of the workflow. */
  #hasSettled = true
  /** Its end has been told by the gate that may still change it. */
  #isTold = false

  constructor(fields: BodyFields, parts: WorkflowParts, control: RunControl | undefined) {
    const { operation } = fields
    const { name, pattern, metadata, timeoutMs = Infinity } = parts.definition
    const data: Record<string, unknown> = {}
    super(fields, { ...parts.whole, data }, (input, call) => this.#execute(input, call))
    this.work.patience.atMost(timeoutMs)
    this.#parts = parts
    this.#data = data
    this.#workflow = { id: operation.id, name, pattern, metadata }
    const above = stepRunAbove(operation)
    this.#control = control ?? above?.control ?? new RunControl()
    this.#steered = control
    control?.attach(operation)
    operation.state = Object.freeze({ ...(above?.lane.state ?? NO_STATE), ...operation.state })
  }

  override *run(): Flow<Ending> {
    this.#tellWhereabouts()
    const ending = yield* super.run()
    if (!this.#hasSettled) yield this.#settle()
    if (!this.#isTold) yield* this.#tellEnd(ending)
    return ending
  }

  /** Waits until nothing of its pattern runs any more. */
  async #settle(): Promise<void> {
    const pattern = this.#pattern
    if (pattern === undefined || this.#hasSettled) return
    this.#hasSettled = true
    await pattern.settled()
    if (this.#end === undefined) this.work.operation.state = pattern.state
  }

  protected override undo(): Maybe<Undone> {
    const started = this.#pattern?.started
    return started === undefined || started.isEmpty ? NOTHING_UNDONE : this.#undo(started)
  }

  async #undo(started: StartedSteps): Promise<Undone> {
    await this.#settle()
    this.#steered?.undoes(true)
    this.#tellWhereabouts()
    const { operation } = this.work
    const { host, compensationOf } = this.#parts
    return await undoAll(
      started.list(),
      ({ id }) => id,
      async (each) => {
        const { compensate, timeoutMs } = each.step
        const startable = compensationOf(each, this.#workflow, operation.state)
        const { undoable } = each
        const call = this.#call as EffectCall
        const result = await runCompensation(host, { call, undoable, compensate, startable, timeoutMs })
        // As hooks at its gates left it.
        operation.state = result.state ?? operation.state
        return result
      },
    )
  }

  #tellWhereabouts(): void {
    this.work.operation.whereabouts = () => ({ workflow: this.#workflow })
  }

  #execute(input: unknown, call: EffectCall): Promise<unknown> {
    const { work } = this
    const above = stepRunAbove(work.operation)
    const pattern = new (PATTERNS[this.#parts.definition.pattern] as new (fields: PatternFields) => PatternRun)({
      ...{ work, call, input, parts: this.#parts, workflow: this.#workflow, control: this.#control },
      state: Object.freeze({ ...work.operation.state }),
      results: above === undefined ? NO_RESULTS : above.lane,
    })
    this.#steered?.undoes(false)
    this.#pattern = pattern
    this.#call = call
    this.#end = undefined
    this.#hasSettled = false
    const stopListening = abortsOf(call).onAbort(() => {
      pattern.stop(work.operation.aborted === undefined ? 'timed_out' : 'cancelled')
    })
    return pattern.start().then((end) => {
      stopListening()
      this.#end = end
      work.operation.state = pattern.state
      this.#tellWhereabouts()
      if ('error' in end) throw end.error
      return end.output
    })
  }

  protected override judged(end: AttemptEnd): Maybe<EffectOutcome> {
    const pattern = this.#end
    this.status = pattern?.status === 'partial' ? 'partial' : 'completed'
    if (end.type === 'failed' && pattern?.status === 'cancelled')
      return this.end({ status: 'cancelled', error: end.error })
    if (end.type !== 'timed_out' || this.#pattern === undefined) return super.judged(end)
    const { code, message, retryable, details } = end.error
    const error = new HookchartError(code, message, { retryable, details: { ...details, ...this.#pattern.progress() } })
    return super.judged({ type: 'timed_out', error })
  }

  protected override *after(gate: Gate): Flow<GateOutcome> {
    this.#data['status'] = this.status
    this.#isTold = true
    try {
      const outcome = yield* super.after(gate)
      if (outcome.type === 'again') this.#isTold = false
      return outcome
    } finally {
      Reflect.deleteProperty(this.#data, 'status')
    }
  }

  /** Behind any ending but a result: whatever hooks decide is ignored, and a suspension asks nobody. */
  *#tellEnd(ending: Ending): Flow<void> {
    const { work } = this
    const gate = this.what.gates.get('AfterWorkflowComplete') as Gate
    const chain = work.chainAt(gate)
    if (chain === null || ending.status === 'completed' || ending.status === 'partial') return
    const data = {
      ...{ input: work.input, output: undefined, status: ending.status },
      ...('error' in ending && { error: toErrorData(ending.error) }),
    }
    const behind = work.operation.behind()
    try {
      yield* wait(passGate(work.kernel, behind, chain, data, { isOver: true }))
    } catch {
      // Data that is no JSON cannot be shown; the ending stands.
    }
    work.operation.state = behind.state
  }
}
