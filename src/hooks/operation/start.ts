/** Starting an execution and bringing it to its RunResult: run, record, abort, OperationSettled, result. */
import { toErrorData, toHookchartError } from '../../errors.ts'
import { copyJson, findJsonFlaw, freezeJson } from '../../json.ts'
import { whenAborted } from '../abort-signals.ts'
import { causeOf, isPassContext, maxDepthOf, operationOf } from '../executor/hook-context.ts'
import type { Kernel } from '../executor/kernel.ts'
import { Operation } from '../executor/operation.ts'
import type { ChildStart } from '../executor/operation.ts'
import type { GateRules } from '../executor/pass.ts'
import { OperationRecord, SettledRecord, under } from '../executor/records.ts'
import { Run } from '../executor/run.ts'
import { stopped } from '../executor/run-point.ts'
import { drive, isPromise, wait } from '../flow.ts'
import type { Flow } from '../flow.ts'
import type { RunResult } from '../run-result.ts'
import { traceOf } from '../trace.ts'
import type { TraceEntry } from '../trace.ts'
import { callOf } from './effect.ts'
import { depthLimit, failed, nestingLimit } from './ending.ts'
import type { Ending } from './ending.ts'
import type { Body, Startable } from './executable.ts'
import { passGate } from './gate.ts'
import { withTrace } from './lazy-trace.ts'
import type { ParsedExecuteOptions } from './options.ts'

/** Operations within operations; more exhausts the stack, for what never waits runs on it. */
const MAX_NESTING = 64
const NO_METADATA: Readonly<Record<string, unknown>> = Object.freeze({})
const NO_RULES: GateRules = {}
const NO_TRACE: readonly TraceEntry[] = Object.freeze([])

/** Executes; synchronously when all hooks and the effect are. */
export function execute(
  kernel: Kernel,
  what: Startable,
  input: unknown,
  options: ParsedExecuteOptions,
  childStart?: ChildStart,
): RunResult | Promise<RunResult> {
  const start = childStart ?? startUnder(kernel, options.parent)
  if ((kernel.stopped || kernel.closing) && start === undefined) throw stopped(what.component.name)
  const { onSuspend = start === undefined ? kernel.onSuspend : 'wait' } = options
  const suspension = onSuspend === 'return' ? new Suspension() : undefined
  const onSuspended = suspension?.begin ?? start?.parent.onSuspended
  const performance = new Performance(kernel, what, options, start, onSuspended)
  const result = drive(performance.run(input))
  if (!isPromise(result)) return result
  const outcome = Promise.resolve(result)
  performance.waitsFor(outcome)
  if (suspension === undefined) return outcome
  return Promise.race([outcome, suspension.begun.then((approvalId) => performance.suspendedResult(approvalId))])
}

/** The first time that an operation, or one under it, waits for an approval. */
class Suspension {
  readonly begun: Promise<string>
  begin: (approvalId: string) => void = () => undefined

  constructor() {
    this.begun = new Promise((resolve) => {
      this.begin = resolve
    })
  }
}

/** The operation that a `parent` option names. What comes from elsewhere, a copied ctx for one, lends its correlation id only. */
function startUnder(kernel: Kernel, parent: unknown): ChildStart | undefined {
  if (isPassContext(parent)) {
    const operation = operationOf(parent)
    return {
      parent: operation,
      cause: causeOf(parent),
      depth: operation.depth + 1,
      maxDepth: maxDepthOf(parent),
      redirects: 0,
      signal: parent.signal,
      timeoutMs: operation.hookLimitMs,
    }
  }
  const call = callOf(parent)
  return (
    call && {
      parent: call.operation,
      cause: call.cause,
      depth: call.operation.depth,
      maxDepth: kernel.settledSlot.settings.maxDepth,
      redirects: 0,
      signal: undefined,
      timeoutMs: call.operation.remainingMs(kernel.time.now()),
    }
  )
}

/** One operation from its start to its result. */
class Performance {
  readonly #kernel: Kernel
  readonly #what: Startable
  readonly #options: ParsedExecuteOptions
  readonly #start: ChildStart | undefined
  readonly #operation: Operation
  readonly #startedAt: number
  /** Nothing of this registry started it. */
  readonly #isRoot: boolean

  constructor(
    kernel: Kernel,
    what: Startable,
    options: ParsedExecuteOptions,
    start: ChildStart | undefined,
    onSuspended: ((approvalId: string) => void) | undefined,
  ) {
    const id = kernel.ids.next()
    const parent = start?.parent
    this.#kernel = kernel
    this.#what = what
    this.#options = options
    this.#start = start
    this.#startedAt = kernel.time.now()
    // What is started when its run has ended is a run of its own, for the trace of that is handed out.
    this.#isRoot = parent?.run.owner !== kernel || parent.run.ended
    const foreign = (options.parent as { correlationId?: string } | undefined)?.correlationId
    const run = this.#isRoot
      ? openRun(kernel, id, options.correlationId ?? parent?.run.correlationId ?? foreign ?? id)
      : (parent as Operation).run
    const cause = this.#isRoot ? undefined : start?.cause
    const record = run.recording
      ? new OperationRecord(id, what.component, this.#startedAt, cause, parent?.id)
      : undefined
    if (record !== undefined) run.record(record)
    this.#operation = new Operation({
      id,
      run,
      component: what.component,
      metadata:
        options.metadata === undefined ? (parent?.metadata ?? NO_METADATA) : freezeJson(copyJson(options.metadata)),
      targets: what.targets,
      parent,
      depth: start?.depth ?? 0,
      redirects: start?.redirects ?? 0,
      record,
      // A redirect's target goes on with the state that led to it.
      state: start !== undefined && start.redirects > 0 ? start.parent.state : undefined,
      onSuspended,
    })
  }

  *run(input: unknown): Flow<RunResult> {
    const { timeoutMs = Infinity, idempotencyKey } = this.#options
    const limitMs = Math.min(timeoutMs, this.#start?.timeoutMs ?? Infinity)
    const operation = this.#operation
    const { watch } = this.#kernel
    if (this.#isRoot) watch?.begun()
    const release = this.#obeyAborts()
    const execution = this.#what.begin({
      kernel: this.#kernel,
      operation,
      input,
      timeoutMs: limitMs,
      idempotencyKey: idempotencyKey ?? operation.id,
    })
    // Now it knows where in a workflow it stands.
    if (watch?.isOn === true) watch.started(operation)
    try {
      let ending: Ending
      try {
        ending = this.#tooDeep() ?? (yield* execution.run())
      } catch (error) {
        ending = failed(toHookchartError(error))
      }
      this.#settle(execution, ending)
      const outcome = ending.status === 'redirected' ? yield* this.#redirect(ending) : ending
      if (!this.#isRoot) return this.#result(outcome)
      try {
        const written = operation.run.end(operation.component)
        if (isPromise(written)) yield written
        return this.#result(outcome)
      } catch (error) {
        return this.#result(failed(toHookchartError(error)) as Outcome)
      }
    } finally {
      release()
    }
  }

  /** Whoever answers an approval gets what the run comes to. */
  waitsFor(outcome: Promise<RunResult>): void {
    if (this.#isRoot) this.#operation.run.outcome = outcome
  }

  suspendedResult(approvalId: string): RunResult {
    // Spreading makes the trace now: what the run does later is not for this result.
    return { ...this.#result({ status: 'suspended' }), approvalId }
  }

  #tooDeep(): Ending | undefined {
    const start = this.#start
    if (start !== undefined && start.depth > start.maxDepth) return depthLimit(this.#operation, start.maxDepth)
    return this.#operation.nesting > MAX_NESTING ? nestingLimit(this.#operation, MAX_NESTING) : undefined
  }

  /** Records the end and fires OperationSettled: last, once, on every ending. */
  #settle(execution: Body, ending: Ending): void {
    const operation = this.#operation
    const durationMs = this.#elapsedMs()
    const { record, run, component } = operation
    const error = 'error' in ending ? ending.error : undefined
    if (record !== undefined) {
      record.status = ending.status
      record.durationMs = durationMs
      record.error = error
      run.record(new SettledRecord(record, this.#kernel.time.coarse()))
    }
    const { settledSlot, overhead, watch } = this.#kernel
    watch?.settled(operation, ending.status, durationMs, error)
    const chain = settledSlot.chainFor(component)
    if (chain !== null) {
      const data = {
        status: ending.status,
        ...json('input', execution.input),
        ...('output' in ending && json('output', ending.output)),
        ...(error !== undefined && { error: toErrorData(error) }),
        attempts: operation.attempts,
        durationMs,
      }
      // The point takes observers only, and nobody waits for those.
      void passGate(this.#kernel, operation, chain, data, NO_RULES)
    }
    overhead.count(execution.effectMs, operation.gates)
  }

  #elapsedMs(): number {
    return this.#kernel.time.now() - this.#startedAt
  }

  *#redirect({ target, input }: Extract<Ending, { status: 'redirected' }>): Flow<Outcome> {
    const operation = this.#operation
    const { depth, redirects, record, hookLimitMs: timeoutMs } = operation
    const start: ChildStart = {
      parent: operation,
      cause: record && under(record),
      // No deeper than what it takes the place of, which was not too deep.
      depth,
      maxDepth: Infinity,
      redirects: redirects + 1,
      signal: undefined,
      timeoutMs,
    }
    try {
      return yield* wait(target(input, start))
    } catch (error) {
      return { status: 'failed', error: toHookchartError(error) }
    }
  }

  /** Aborts the operation with whatever it depends on; gives what ends that. */
  #obeyAborts(): () => void {
    const operation = this.#operation
    const { running } = this.#kernel
    running.add(operation)
    const done = () => {
      running.delete(operation)
    }
    if (this.#options.signal === undefined && this.#start === undefined) return done
    const stops: (() => void)[] = []
    for (const signal of [this.#options.signal, this.#start?.signal]) {
      if (signal === undefined) continue
      stops.push(
        whenAborted(signal, () => {
          operation.abort(signal.reason)
        }),
      )
    }
    const abort = (reason: unknown) => {
      operation.abort(reason)
    }
    const aborts = this.#start?.aborts
    if (aborts !== undefined) stops.push(aborts.onAbort(abort))
    const parent = this.#start?.parent
    if (parent !== undefined && this.#start?.detached !== true) {
      stops.push(parent.onAbort(abort))
    }
    return () => {
      done()
      for (const stop of stops) stop()
    }
  }

  #result({ status, output, error, state, attempts = 0, ...outcome }: Outcome): RunResult {
    const durationMs = this.#elapsedMs()
    const operation = this.#operation
    // What a target has used that runs in the same run is counted here as well.
    const usage = operation.usage ?? outcome.usage
    const { id, run, record } = operation
    const finalState = state ?? (Object.keys(operation.state).length > 0 ? operation.state : undefined)
    const result = {
      status,
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
      id,
      correlationId: run.correlationId,
      durationMs,
      attempts: operation.attempts + attempts,
      ...(finalState !== undefined && { state: finalState }),
      ...(usage !== undefined && { usage }),
      metadata: operation.metadata,
    }
    if (run.records === undefined || record === undefined) return Object.assign(result, { trace: NO_TRACE })
    const { records } = run
    const recorded = records.length
    return withTrace(result, () => traceOf(records.slice(0, recorded), record, this.#kernel.maxTraceEntries))
  }
}

/** How an operation ended; for a redirected one, how its target did, with the attempts that took. */
type Outcome = Pick<RunResult, 'status' | 'output' | 'error' | 'state' | 'usage'> & { readonly attempts?: number }

function openRun(kernel: Kernel, id: string, correlationId: string): Run {
  return new Run(kernel, id, correlationId, kernel.trace !== 'off', kernel.journal)
}

/** A field of an observed ending; what is not JSON is left out, for an observer must not change how an operation ends. */
function json(key: string, value: unknown): Record<string, unknown> {
  return findJsonFlaw(value) === undefined ? { [key]: value } : {}
}
