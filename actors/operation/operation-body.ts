/** Runs the chart of an operation: passes its gates, starts its effect, waits, and knows what each of them came to. */
import { toErrorData, toHookchartError } from '../../src/errors.ts'
import type { ErrorData, HookchartError } from '../../src/errors.ts'
import { copyJson } from '../../src/json.ts'
import { findTarget } from '../../src/hooks/executor/children.ts'
import { hasGuards } from '../../src/hooks/executor/fire.ts'
import type { Passed } from '../../src/hooks/executor/fire.ts'
import type { PassEnd } from '../../src/hooks/executor/stages.ts'
import { andThen, drive } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import { attempt, timedOut } from '../../src/hooks/operation/effect.ts'
import type { AttemptEnd } from '../../src/hooks/operation/effect.ts'
import {
  aborted,
  cancelled,
  changedError,
  doesNotFit,
  exhausted,
  failed,
  redirectLimit,
  withEffect,
} from '../../src/hooks/operation/ending.ts'
import type { EffectState, Ending } from '../../src/hooks/operation/ending.ts'
import type { Body, BodyFields, Executable } from '../../src/hooks/operation/executable.ts'
import { MAX_ATTEMPTS_TOTAL } from '../../src/hooks/operation/execution.ts'
import { passGate } from '../../src/hooks/operation/gate.ts'
import { Patience } from '../../src/hooks/operation/patience.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import { parseBySchema, shownBySchema } from '../../src/hooks/points/schema.ts'
import type { EffectOutcome, GateOutcome, LookupOutcome, OperationContext, WaitOutcome } from '../../machines/operation/operation-context.ts'

type RetryEnd = Extract<PassEnd, { type: 'retry' }>

/** What the chart asks a gate with. */
export interface GateCall {
  readonly point: string
  readonly context: OperationContext
}

/** How a gate, a wait or an effect that ends the operation says so; the ending itself stays here, for it is not JSON. */
const DECIDED: GateOutcome = { type: 'ended', how: 'decided' }
const ABORTED = { type: 'aborted' } as const

/** What the chart of an operation runs. */
export interface ChartedOperation extends Executable {
  /** Runs the chart from an input; tells when it has ended. */
  readonly run: (input: unknown, effects: OperationEffects, onEnd: (end: OperationContext) => void) => void
}

/** What the chart of an operation invokes. */
export interface OperationEffects {
  readonly gate: (call: { readonly input: unknown }) => Maybe<GateOutcome>
  readonly lookUp: () => Maybe<LookupOutcome>
  readonly effect: () => Maybe<EffectOutcome>
  readonly wait: (call: { readonly input: unknown }) => Maybe<WaitOutcome>
}

/** See the head of this file. */
export class OperationBody implements Body {
  effectMs = 0
  readonly #fields: BodyFields
  readonly #what: ChartedOperation
  readonly #patience: Patience
  #input: unknown
  #parsed: unknown
  #guarded = false
  #ending: Ending | undefined
  #lastError: HookchartError | undefined
  #lastRetry: { readonly gate: Gate; readonly end: RetryEnd } | undefined
  #cacheKey: { readonly key: string; readonly ttlMs: number } | undefined
  #land: () => void = () => undefined

  constructor(fields: BodyFields, what: ChartedOperation) {
    this.#fields = fields
    this.#what = what
    this.#patience = new Patience(fields.kernel, fields.operation, fields.timeoutMs)
    this.#input = fields.input
  }

  get input(): unknown {
    return this.#input
  }

  *run(): Flow<Ending> {
    const { operation } = this.#fields
    if (operation.aborted !== undefined) return aborted(operation)
    const problem = yield* wait(this.#parseInput(this.#input))
    // Input that never parsed was never an input: the gates that guard its use are not passed.
    if (problem !== undefined) return failed(problem)
    try {
      const end = (yield this.#chart()) as OperationContext
      return this.#endingOf(end)
    } finally {
      this.#land()
    }
  }

  #chart(): Promise<OperationContext> {
    const effects: OperationEffects = {
      gate: ({ input }) => this.#gate(input as GateCall),
      lookUp: () => drive(this.#lookUp()),
      effect: () => this.#effect(),
      wait: ({ input }) => drive(this.#wait(input as number)),
    }
    return new Promise((resolve) => {
      this.#what.run(this.#input, effects, resolve)
    })
  }

  #endingOf({ how, output, passes, attempts, passLimit, attemptLimit }: OperationContext): Ending {
    const { operation } = this.#fields
    switch (how) {
      case 'completed':
        return { status: 'completed', output }
      case 'failed':
      case 'timed_out':
        return { status: how, error: this.#lastError ?? timedOut(operation, this.#patience.timeoutMs) }
      case 'exhausted': {
        const { gate, end } = this.#lastRetry as { gate: Gate; end: RetryEnd }
        const [count, limit] =
          operation.run.retries + 1 >= MAX_ATTEMPTS_TOTAL
            ? [MAX_ATTEMPTS_TOTAL, MAX_ATTEMPTS_TOTAL]
            : gate.slot.definition.phase === 'before'
              ? [passes, Math.min(passLimit ?? Infinity, end.maxAttempts)]
              : [attempts, Math.min(attemptLimit ?? Infinity, end.maxAttempts)]
        return exhausted(operation, gate.slot, end, limit, count, this.#lastError)
      }
      case 'decided':
        return this.#ending as Ending
      case 'aborted':
      case null:
        return aborted(operation)
    }
  }
}
