/** One execution of a tool: what its gates check beside hooks, its limits and its slot. */
import { HookchartError } from '../../src/errors.ts'
import { findJsonFlaw } from '../../src/json.ts'
import { andThen, lastly, wait } from '../../src/hooks/flow.ts'
import { drive } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import { aborted } from '../../src/hooks/operation/ending.ts'
import type { BodyFields } from '../../src/hooks/operation/executable.ts'
import type { Gate } from '../../src/hooks/operation/rules.ts'
import type { EffectOutcome, GateOutcome, WaitOutcome } from '../../machines/operation/operation-context.ts'
import type { ToolLimits } from '../../machines/tool/limits.ts'
import { ChartedOperation } from '../operation/charted-operation.ts'
import type { Charted } from '../operation/charted-operation.ts'
import type { OverLimit } from './isolated.ts'
import type { Place, Slots } from './slots.ts'

/** What a tool has of its own. */
export interface ChartedTool extends Charted {
  readonly limits: ToolLimits
  /** Absent when any number may run at once. */
  readonly slots: Slots | undefined
  /** Why the system does not let it run; undefined when it does. */
  readonly refusal: () => HookchartError | undefined
  /** Runs it, within the limits that only the place where it runs can hold. */
  readonly execute: (input: unknown, call: EffectCall, limits: ToolLimits, overLimit: OverLimit) => unknown
  /** Tells the system that a limit was hit. */
  readonly onLimit: (limit: { readonly resource: string; readonly limit: number; readonly used: number }) => void
  /** Fires the point behind which nothing is held any more. */
  readonly onReleased: (operation: Operation) => void
}

/** See the head of this file. */
export class ToolOperation extends ChartedOperation {
  readonly #tool: ChartedTool
  /** As hooks left them. */
  #limits: ToolLimits
  #place: Place | undefined

  constructor(fields: BodyFields, tool: ChartedTool) {
    const { timeoutMs = Infinity } = tool.limits
    super(fields, tool, (input, call) => this.#execute(input, call))
    this.work.patience.atMost(timeoutMs)
    this.#tool = tool
    this.#limits = tool.limits
  }

  protected override *before(gate: Gate): Flow<GateOutcome> {
    switch (gate.slot.definition.id) {
      case 'ToolSecurityCheck': {
        const outcome = yield* super.before(gate)
        const refusal = outcome.type === 'continue' ? this.#tool.refusal() : undefined
        return refusal === undefined ? outcome : this.failFinally(refusal)
      }
      case 'ToolResourceAllocated':
        return yield* this.#allocate(gate)
      default:
        return yield* super.before(gate)
    }
  }

  /** Hooks may lower limits; the rules of the gate hold that they do nothing else. */
  *#allocate(gate: Gate): Flow<GateOutcome> {
    const { work } = this
    const { data } = this.#tool
    const passed = yield* wait(work.passWith(gate, { limits: this.#limits, ...data }))
    if (passed === undefined) return { type: 'continue' }
    const { end } = passed
    if (end.type !== 'continue') return this.end(work.endAt(gate.slot, end as never, undefined, work.input))
    this.#limits = passed.data['limits'] as ToolLimits
    work.patience.atMost(this.#limits.timeoutMs ?? Infinity)
    return { type: 'continue' }
  }

  override queue(): Maybe<EffectOutcome | WaitOutcome> {
    const { slots } = this.#tool
    if (slots === undefined) return { type: 'done' }
    const { isFree } = slots
    this.#place = slots.queue()
    return isFree ? { type: 'done' } : drive(this.#standInLine(this.#place))
  }

  *#standInLine(place: Place): Flow<EffectOutcome | WaitOutcome> {
    const { queueTimeoutMs = Infinity, maxConcurrent = Infinity } = this.#limits
    const end = yield* this.work.patience.within(place.granted, queueTimeoutMs)
    if (end === 'done') return { type: 'done' }
    this.#leave()
    if (end === 'aborted') return this.end(aborted(this.work.operation))
    const waited = `waited ${String(queueTimeoutMs)} ms for one of ${String(maxConcurrent)} slots`
    return this.fail(this.#overLimit('slots', maxConcurrent, maxConcurrent, waited))
  }

  #execute(input: unknown, call: EffectCall): unknown {
    const place = this.#place
    this.#place = undefined
    // What ignores its signal still runs when the operation has ended, and has its slot until then.
    return andThen(
      lastly(
        () => this.#tool.execute(input, call, this.#limits, this.#overLimit),
        () => place?.release(),
      ),
      (output) => this.#measured(output),
    )
  }

  #measured(output: unknown): unknown {
    const { maxOutputBytes } = this.#limits
    if (maxOutputBytes === undefined || output === undefined || findJsonFlaw(output) !== undefined) return output
    const bytes = sizeOf(output, maxOutputBytes)
    if (bytes <= maxOutputBytes) return output
    throw this.#overLimit(
      'output',
      maxOutputBytes,
      bytes,
      `gave ${String(bytes)} bytes, of ${String(maxOutputBytes)} allowed`,
    )
  }

  readonly #overLimit: OverLimit = (resource, limit, used, what) => {
    this.#tool.onLimit({ resource, limit, used })
    const { name } = this.work.operation.component
    return new HookchartError('RESOURCE_LIMIT_EXCEEDED', `${name} ${what}. Raise the limit, or ask it for less.`, {
      retryable: resource === 'slots',
      details: { component: name, resource, limit, used },
    })
  }

  #leave(): void {
    this.#place?.release()
    this.#place = undefined
  }

  override release(): void {
    this.#leave()
    this.#tool.onReleased(this.work.operation)
  }

  protected override finish(): void {
    super.finish()
    this.#leave()
  }
}

/** The size of JSON as text in UTF-8. Text is not encoded to be counted where it is short enough anyway. */
function sizeOf(value: unknown, limit: number): number {
  const text = JSON.stringify(value)
  // No character takes more than three bytes a unit.
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}
