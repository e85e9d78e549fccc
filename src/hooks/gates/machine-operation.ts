/** An operation whose gates are passed by a machine, one after another, instead of by `hooks.wrap`. */
import { HookchartError } from '../../errors.ts'
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
import { passGate } from '../operation/gate.ts'
import { Patience } from '../operation/patience.ts'
import { checkByPoint } from '../points/schema.ts'
import type { Slot } from '../registry/slot.ts'

/** See the head of this file. */
export class MachineOperation {
  readonly #kernel: Kernel
  readonly #operation: Operation

  constructor(kernel: Kernel, component: ComponentInfo, metadata: Readonly<Record<string, unknown>>) {
    const id = kernel.ids.next()
    const run = new Run(kernel, id, id, false, kernel.journal)
    this.#kernel = kernel
    this.#operation = new Operation({
      id,
      run,
      component,
      metadata,
      targets: { find: () => undefined, names: () => [] },
    })
  }

  /**
   * Passes the gate of a point. A retry of a gate before something passes it again; any other decision is the machine's
   * to act on. Throws what makes a pass fail.
   */
  pass(slot: Slot, data: GateData): Maybe<Decision> {
    const decision = drive(this.#pass(slot, data))
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

  /** Nothing more will be passed. Throws JOURNAL_FAILED. */
  end(): Maybe<void> {
    return this.#operation.run.end(this.#operation.component)
  }

  *#pass(slot: Slot, given: GateData): Flow<Decision> {
    const { id: point, phase, schema } = slot.definition
    const kernel = this.#kernel
    const operation = this.#operation
    const rules: GateRules = { checkData: schema && checkByPoint(schema) }
    let data = given
    let limit = Infinity
    for (let pass = 1; ; pass++) {
      if (kernel.stopped) throw stopped(point)
      const chain = slot.chainFor(operation.component)
      if (chain === null) return CONTINUE_DECISION
      const passed = yield* wait(passGate(kernel, operation, chain, data, rules))
      const decision = passed === undefined ? CONTINUE_DECISION : decisionOf(passed)
      if (decision.type !== 'retry' || phase !== 'before') return decision
      limit = Math.min(limit, decision.maxAttempts)
      if (pass >= limit) throw exhausted(point, decision.hook, limit)
      data = decision.data
      const slept = yield* new Patience(kernel, operation, Infinity).sleep(decision.delayMs)
      if (slept !== 'done')
        return { type: 'cancel', code: 'RUN_ABORTED', reason: 'the gate was left', data: data }
    }
  }
}

function exhausted(point: string, hook: string, limit: number): HookchartError {
  return new HookchartError(
    'ATTEMPTS_EXHAUSTED',
    `Hook "${hook}" at ${point} asked for another pass after ${String(limit)} of ${String(limit)}.`,
    { details: { hook, point, limit } },
  )
}
