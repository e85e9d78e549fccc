/** A call of a model as an operation: one that fails for a reason that may pass is started again. */
import { toHookchartError } from '../../src/errors.ts'
import { andThen } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import { failed } from '../../src/hooks/operation/ending.ts'
import type { BodyFields } from '../../src/hooks/operation/executable.ts'
import type { Effect } from '../../src/hooks/operation/effect.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import type { GateOutcome, WaitOutcome } from '../../machines/operation/operation-context.ts'
import { backoffMs } from '../../machines/retry.ts'
import type { RetryPolicy } from '../../machines/retry.ts'
import { ChartedOperation } from '../operation/charted-operation.ts'
import type { Charted } from '../operation/charted-operation.ts'
import { retryAfterOf } from './model-errors.ts'

/** What a call of a model has of the execution that makes it. */
export interface ModelCallRules {
  readonly retry: RetryPolicy
  /** A place at which a pause of the agent may take hold. */
  readonly boundary: () => Promise<void>
}

/** See the head of this file. */
export class ModelOperation extends ChartedOperation {
  readonly #rules: ModelCallRules

  constructor(fields: BodyFields, charted: Charted, effect: Effect, rules: ModelCallRules) {
    super(fields, charted, effect)
    this.#rules = rules
  }

  /** The retry of the agent comes into play where hooks leave the failure as it is. */
  protected override *failure(gate: Gate): Flow<GateOutcome> {
    const outcome = yield* super.failure(gate)
    const { ending, work } = this
    if (outcome.type !== 'continue' || ending?.status !== 'failed' || !ending.error.retryable) return outcome
    const { maxAttempts, backoff } = this.#rules.retry
    const { attempts, component } = work.operation
    if (attempts >= maxAttempts) return outcome
    const waitMs = retryAfterOf(ending.error) ?? backoffMs(backoff, attempts)
    // To come back earlier than the server asks is of no use, and nobody is there any more when it is later.
    if (waitMs > backoff.maxDelayMs || waitMs >= work.patience.leftMs) return outcome
    return this.repeat(gate, { type: 'retry', hook: `retry of ${component.name}`, delayMs: waitMs, maxAttempts })
  }

  /** Who has paused the agent meanwhile does not see its model called. */
  override wait(): Maybe<WaitOutcome> {
    return andThen(super.wait(), async (outcome) => {
      if (outcome.type !== 'done') return outcome
      try {
        await this.#rules.boundary()
        return outcome
      } catch (error) {
        return this.end(failed(toHookchartError(error)))
      }
    })
  }
}
