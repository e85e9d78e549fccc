/** A parallel workflow while it runs: slots, deadlines of branches, and the join. */
import { HookchartError } from '../../src/errors.ts'
import type { Flow } from '../../src/hooks/flow.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import { OperationDeadline } from '../../src/hooks/operation/operation-deadline.ts'
import type { EffectCall as ChartCall } from '../../machines/compiled/run-options.ts'
import type { BranchInput, GateInput } from '../../machines/workflow/effects.ts'
import type { LanesContext } from '../../machines/workflow/lane.ts'
import type { BranchTimedOut } from '../../machines/workflow/parallel-context.ts'
import type { ParallelBranch, ParallelWorkflow } from '../../machines/workflow/tree.ts'
import { Slots } from '../tool/slots.ts'
import type { Place } from '../tool/slots.ts'
import { branchesFailed } from './branch-ends.ts'
import { Lane } from './lane-run.ts'
import { PatternRun } from './pattern-run.ts'
import type { Told } from './pattern-run.ts'
import { conflictError, conflictsOf, joinStates } from './state-join.ts'

/** See the head of this file. */
export class ParallelRun extends PatternRun {
  protected readonly effects = {
    slot: (call: ChartCall) => this.#slot(call),
    arrive: ({ input }: ChartCall) => this.#arrive(input as BranchInput),
    join: () => this.#join(),
  }
  /** The whole, for gates outside the branches. */
  readonly #whole = new Lane('', [], this.fields.state, this.fields.results)
  readonly #places = new Map<string, Place>()
  readonly #deadlines = new Map<string, OperationDeadline>()
  /** Outputs of branches that have completed. */
  readonly #outputs = new Map<string, unknown>()
  readonly #statuses = new Map<string, string>()
  /** As what the gates of branches are passed that have not arrived. */
  readonly #parts = new Map<string, Operation>()
  /** The end of a branch for which others are stopped has been told. */
  #causeTold: Promise<void> | undefined
  #slots: Slots | undefined
  #output: unknown

  get #definition(): ParallelWorkflow {
    return this.fields.parts.definition as ParallelWorkflow
  }

  #branch(name: string): ParallelBranch {
    return this.#definition.branches.find((branch) => branch.name === name) as ParallelBranch
  }

  protected makeLane(name: string): Lane {
    const { state, outputs, ended } = this.#whole
    return new Lane(name, this.#branch(name).steps, state, { outputs, ended })
  }

  /** Each branch sees its own state, and what stops it ends the gates in it. */
  protected override operationOf({ name }: Lane): Operation {
    const { operation } = this.fields.work
    if (name === '') return operation
    let part = this.#parts.get(name)
    if (part === undefined) this.#parts.set(name, (part = operation.part()))
    return part
  }

  protected outputOf(): unknown {
    return this.#output
  }

  /** In declaration order. */
  get #names(): string[] {
    return this.#definition.branches.map(({ name }) => name)
  }

  /** What is known of branches, by name, in declaration order. */
  #inOrder(known: ReadonlyMap<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(this.#names.filter((name) => known.has(name)).map((name) => [name, known.get(name)]))
  }

  progress(): Readonly<Record<string, unknown>> {
    return { branches: this.#inOrder(this.#statuses), results: this.#inOrder(this.#outputs) }
  }

  protected override onEnd(): void {
    this.state = this.#whole.state
    for (const deadline of this.#deadlines.values()) deadline.cancel()
    for (const place of this.#places.values()) place.release()
  }

  protected override *decide({ point }: GateInput): Flow<Told> {
    const lane = this.#whole
    const { input } = this.fields
    const { maxConcurrency } = this.#definition
    if (point === 'ParallelFork') {
      const passed = yield* this.pass(point, { input, branches: this.#names, concurrency: maxConcurrency }, lane)
      if (passed === undefined) return { type: 'completed' }
      if (passed.end.type !== 'continue') return this.ended(point, passed.end, lane)
      return { type: 'completed', note: { concurrency: passed.data['concurrency'] } }
    }
    const joined = this.#names.filter((name) => this.#outputs.has(name))
    const passed = yield* this.pass(point, { input, output: this.#output, branches: joined }, lane)
    if (passed === undefined) return { type: 'completed' }
    const { end } = passed
    if (end.type === 'continue') this.#output = passed.data['output']
    else if (end.type === 'replace') this.#output = end.value
    else return this.ended(point, end, lane, true)
    this.state = lane.state
    return { type: 'completed' }
  }

  *#slot(call: ChartCall): Flow<Told> {
    const { branch, concurrency } = call.input as BranchInput
    this.#slots ??= new Slots(concurrency)
    const place = this.#slots.queue()
    this.#places.set(branch, place)
    // One that is stopped while it waits leaves the line.
    call.onStop(() => {
      place.release()
    })
    yield place.granted
    const { timeoutMs } = this.#branch(branch)
    if (timeoutMs !== undefined && !call.isStopped) this.#startDeadline(branch, timeoutMs)
    return { type: 'done' }
  }

  #startDeadline(branch: string, timeoutMs: number): void {
    const { kernel, operation } = this.fields.work
    const expire = () => {
      const message = `Branch "${branch}" of ${this.name} did not end within ${String(timeoutMs)} ms.`
      this.lane(branch).error = new HookchartError('OPERATION_TIMED_OUT', message, {
        retryable: true,
        details: { component: this.name, branch, timeoutMs },
      })
      const event: BranchTimedOut = { type: 'BRANCH_TIMED_OUT', branch }
      this.send(event)
    }
    this.#deadlines.set(branch, new OperationDeadline(kernel, operation, timeoutMs, expire))
  }

  /** A branch has ended, or was stopped: nothing of it runs any more when it arrives. */
  *#arrive({ branch, status, output }: BranchInput): Flow<Told> {
    const lane = this.lane(branch)
    this.#deadlines.get(branch)?.cancel()
    this.#deadlines.delete(branch)
    this.#parts.get(branch)?.abort(new Error(`branch "${branch}" has ended`))
    const isStopped = status === 'cancelled' && lane.error === undefined
    const told = isStopped ? undefined : this.#tellsFirst()
    if (lane.pending !== undefined) yield lane.pending
    // One that was stopped while it was queued has nothing to wait for but what it was stopped for.
    if (isStopped && this.#causeTold !== undefined) yield this.#causeTold
    this.#places.get(branch)?.release()
    this.#statuses.set(branch, status)
    if (status === 'completed') this.#outputs.set(branch, output)
    this.tell('ParallelSynchronization', { branch, status }, lane.state)
    told?.()
    return { type: 'done' }
  }

  /** Those that are stopped for it are told of behind it; gives what says that it was told. */
  #tellsFirst(): () => void {
    let told: () => void = () => undefined
    this.#causeTold = new Promise((resolve) => {
      told = resolve
    })
    return told
  }

  #join(): Told {
    const { branches, mergeState } = this.#definition
    const base = this.#whole.state
    const joining = branches
      .filter(({ name }) => this.#statuses.get(name) === 'completed')
      .map(({ name }) => ({ branch: name, state: this.lane(name).state }))
    this.#output = this.#inOrder(this.#outputs)
    const conflicts = conflictsOf(base, joining)
    for (const { path, changes } of conflicts) {
      this.tell('StateConflict', { key: path.join('.'), branches: changes.map(({ branch }) => branch) }, base)
    }
    if (conflicts.length > 0 && mergeState === undefined) throw conflictError(this.name, conflicts)
    this.#whole.state = joinStates(base, joining, mergeState)
    return { type: 'completed' }
  }

  protected override errorOf(context: LanesContext): HookchartError | undefined {
    const notReached = this.#output === undefined ? this.#failure() : undefined
    return notReached ?? super.errorOf(context)
  }

  #failure(): HookchartError | undefined {
    const ends = this.#names
      .filter((name) => this.#statuses.get(name) !== 'completed')
      .map((branch) => {
        const { error, endedAt: step } = this.lane(branch)
        return { branch, status: this.#statuses.get(branch) ?? 'cancelled', error, step }
      })
    return branchesFailed(this.fields.workflow, ends, this.progress())
  }
}
