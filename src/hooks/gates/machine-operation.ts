/** An operation whose gates are passed by a machine, one after another, instead of by `hooks.wrap`. */
import { HookchartError } from '../../errors.ts'
import { copyJson, isPlainObject } from '../../json.ts'
import type { GateData } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import { CONTINUE_DECISION } from '../decision.ts'
import type { Decision } from '../decision.ts'
import type { Kernel } from '../executor/kernel.ts'
import { Operation } from '../executor/operation.ts'
import type { GateRules } from '../executor/pass.ts'
import { Run } from '../executor/run.ts'
import { decisionOf, stopped } from '../executor/run-point.ts'
import { drive, isPromise, wait } from '../flow.ts'
import type { Flow, Maybe } from '../flow.ts'
import { MAX_ATTEMPTS_TOTAL } from '../operation/work.ts'
import { passGate } from '../operation/gate.ts'
import { Patience } from '../operation/patience.ts'
import { checkByPoint } from '../points/schema.ts'
import type { Slot } from '../registry/slot.ts'

/** A decision with the data behind the gate, whatever was decided: what guards have seen, and the machine's own to keep. */
export type Handed = Decision & { readonly data: GateData }

/** How often an effect was started, when hooks ask for it again and the operation does not outlive that; JSON. */
export interface Attempts {
  readonly count: number
  /** The smallest limit that was asked for; none when there is none. */
  readonly limit?: number
  /** Repeated starts in all. */
  readonly retries: number
}

type Retry = Extract<Decision, { readonly type: 'retry' }>

/** See the head of this file. */
export class MachineOperation {
  /** How many redirects led to it. */
  readonly redirects: number
  readonly #kernel: Kernel
  readonly #operation: Operation
  #attemptLimit = Infinity
  #ended = false

  /** `earlier`: what was counted when its effect was asked for again. */
  constructor(
    kernel: Kernel,
    component: ComponentInfo,
    metadata: Readonly<Record<string, unknown>>,
    redirects = 0,
    earlier?: Attempts,
  ) {
    const id = kernel.ids.next()
    const run = new Run(kernel, id, id, false, kernel.journal)
    this.redirects = redirects
    this.#kernel = kernel
    this.#operation = new Operation({
      id,
      run,
      component,
      metadata,
      redirects,
      targets: { find: () => undefined, names: () => [] },
    })
    if (earlier === undefined) return
    this.#operation.attempts = earlier.count
    run.retries = earlier.retries
    this.#attemptLimit = earlier.limit ?? Infinity
  }

  get attempts(): Attempts {
    const { attempts: count, run } = this.#operation
    return { count, retries: run.retries, ...(this.#attemptLimit < Infinity && { limit: this.#attemptLimit }) }
  }

  /** The machine starts what the operation is about. */
  startEffect(): void {
    this.#operation.attempts++
  }

  /**
   * Passes the gate of a point. A retry of a gate before something passes it again; any other decision is the machine's
   * to act on, once the journal has it. A retry of the effect comes when it is due, if the operation counts its starts.
   * Where the input is the payload of an event, it stays an object. Throws what makes a pass fail.
   */
  pass(slot: Slot, data: GateData, isEvent = false): Maybe<Handed> {
    const decision = drive(this.#pass(slot, data, rulesOf(slot, isEvent)))
    if (!isPromise(decision)) return decision
    // What has to be waited for is ended by `hooks.stop()`.
    const { running } = this.#kernel
    running.add(this.#operation)
    return decision.finally(() => {
      running.delete(this.#operation)
    })
  }

  abort(reason: unknown): void {
    this.#operation.abort(reason)
  }

  /** Nothing more will be passed. Whoever acted on a decision knows from the pass that the journal had it. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    const { run, component } = this.#operation
    try {
      const ending = run.end(component)
      if (isPromise(ending)) ending.catch(() => undefined)
    } catch {
      // Nobody is left to be told.
    }
  }

  *#pass(slot: Slot, given: GateData, rules: GateRules): Flow<Handed> {
    const { id: point, phase } = slot.definition
    const kernel = this.#kernel
    const operation = this.#operation
    const { run, component } = operation
    let data = given
    let limit = Infinity
    for (let pass = 1; ; pass++) {
      if (kernel.stopped) throw stopped(point)
      const chain = slot.chainFor(component)
      if (chain === null) return { ...CONTINUE_DECISION, data }
      const passed = yield* wait(passGate(kernel, operation, chain, data, rules))
      const decision = passed === undefined ? CONTINUE_DECISION : decisionOf(passed)
      const behind = passed?.data ?? data
      if (decision.type === 'retry' && (phase === 'before' || operation.attempts > 0)) {
        limit = Math.min(limit, decision.maxAttempts)
        if (phase !== 'before') limit = this.#attemptLimit = Math.min(limit, this.#attemptLimit)
        const left = yield* this.#wait(point, decision, limit, phase === 'before' ? pass : operation.attempts)
        if (left !== undefined) return { ...left, data: behind }
        data = behind
        if (phase === 'before') continue
      }
      yield* wait(run.commit(component))
      return handed(decision, kernel.checked ? copyJson(behind) : behind)
    }
  }

  /** Waits before another pass or attempt; gives a decision when there is nothing to wait for any more. */
  *#wait(point: string, decision: Retry, limit: number, count: number): Flow<Decision | undefined> {
    const { run } = this.#operation
    if (count >= limit) throw exhausted(point, decision.hook, limit)
    if (run.retries + 1 >= MAX_ATTEMPTS_TOTAL) throw exhausted(point, decision.hook, MAX_ATTEMPTS_TOTAL)
    run.retries++
    const slept = yield* new Patience(this.#kernel, this.#operation, Infinity).sleep(decision.delayMs)
    if (slept === 'done') return undefined
    return { type: 'cancel', code: 'RUN_ABORTED', reason: 'the gate was left', data: decision.data }
  }
}

function rulesOf({ definition: { schema } }: Slot, isEvent: boolean): GateRules {
  const check = schema && checkByPoint(schema)
  if (!isEvent) return { checkData: check }
  return {
    checkData: (data) =>
      isPlainObject((data as GateData)['input'])
        ? check?.(data)
        : '"input" is the payload of an event and must stay an object',
  }
}

/** Hooks get their values frozen; what the machine gets is its own. */
function handed(decision: Decision, data: GateData): Handed {
  const own = decision.type === 'replace' ? { ...decision, value: copyJson(decision.value) } : decision
  return { ...own, data }
}

function exhausted(point: string, hook: string, limit: number): HookchartError {
  return new HookchartError(
    'ATTEMPTS_EXHAUSTED',
    `Hook "${hook}" at ${point} asked for another attempt after ${String(limit)} of ${String(limit)}.`,
    { details: { hook, point, limit } },
  )
}
