/** What a run records besides its gates: operations, effects, and what came late. Small objects; text is made when somebody reads it. */
import type { HookchartError } from '../../errors.ts'
import type { RecordContent } from '../../ports/journal.ts'
import type { ComponentInfo } from '../context.ts'
import type { TraceCause, TraceLine, TraceOutcome } from '../trace.ts'
import type { RunRecord } from './run.ts'

/** An operation: what everything in it belongs to. */
export class OperationRecord implements RunRecord {
  readonly cause: TraceCause | undefined
  readonly id: string
  readonly component: ComponentInfo
  readonly at: number
  readonly parentId: string | undefined
  status = 'running'
  durationMs = 0
  error: HookchartError | undefined

  constructor(
    id: string,
    component: ComponentInfo,
    at: number,
    cause: TraceCause | undefined,
    parentId: string | undefined,
  ) {
    this.id = id
    this.component = component
    this.at = at
    this.cause = cause
    this.parentId = parentId
  }

  lines(): readonly TraceLine[] {
    const { at, component, status, durationMs, error } = this
    const outcome =
      status === 'failed' || status === 'timed_out' ? status : error?.code === 'RUN_ABORTED' ? 'aborted' : 'ok'
    return [
      {
        at,
        point: null,
        component: component.name,
        hook: null,
        kind: 'operation',
        type: status,
        durationMs,
        outcome,
        ...(error !== undefined && { message: error.message, code: error.code }),
        parent: null,
      },
    ]
  }

  toRecord(): RecordContent {
    const { id, component, at, parentId } = this
    return { type: 'operation', at, operation: id, component, ...(parentId !== undefined && { parent: parentId }) }
  }
}

/** One start of an effect. */
export class EffectRecord implements RunRecord {
  readonly cause: TraceCause
  readonly operationId: string
  readonly component: ComponentInfo
  readonly attempt: number
  readonly idempotencyKey: string
  readonly at: number
  status = 'started'
  durationMs = 0
  error: HookchartError | undefined

  constructor(operation: OperationRecord, attempt: number, idempotencyKey: string, at: number) {
    this.cause = under(operation)
    this.operationId = operation.id
    this.component = operation.component
    this.attempt = attempt
    this.idempotencyKey = idempotencyKey
    this.at = at
  }

  lines(): readonly TraceLine[] {
    const { at, component, attempt, status, durationMs, error } = this
    const outcome: TraceOutcome =
      status === 'failed' || status === 'timed_out' || status === 'aborted'
        ? status
        : status === 'started'
          ? 'pending'
          : 'ok'
    return [
      {
        at,
        point: null,
        component: component.name,
        hook: null,
        kind: 'effect',
        type: status,
        durationMs,
        outcome,
        attempt,
        ...(error !== undefined && { message: error.message, code: error.code }),
        parent: null,
      },
    ]
  }

  toRecord(): RecordContent {
    const { at, operationId, component, attempt, idempotencyKey } = this
    return { type: 'effect', at, operation: operationId, component, attempt, idempotencyKey }
  }
}

/** How a start of an effect ended; for the journal, which has written the start by then. */
export class EffectSettledRecord implements RunRecord {
  readonly cause: TraceCause
  readonly #effect: EffectRecord

  constructor(effect: EffectRecord) {
    this.cause = effect.cause
    this.#effect = effect
  }

  lines(): readonly TraceLine[] {
    return []
  }

  toRecord(): RecordContent {
    const { at, operationId, attempt, status, durationMs, error } = this.#effect
    return {
      type: 'effect_settled',
      at: at + durationMs,
      operation: operationId,
      attempt,
      status,
      ...(error !== undefined && { error: error.toJSON() }),
    }
  }
}

/** How an operation ended; for the journal. */
export class SettledRecord implements RunRecord {
  readonly cause: TraceCause
  readonly #operation: OperationRecord
  readonly #at: number

  constructor(operation: OperationRecord, at: number) {
    this.cause = under(operation)
    this.#operation = operation
    this.#at = at
  }

  lines(): readonly TraceLine[] {
    return []
  }

  toRecord(): RecordContent {
    const { id, status, error } = this.#operation
    return {
      type: 'settled',
      at: this.#at,
      operation: id,
      status,
      ...(error !== undefined && { error: error.toJSON() }),
    }
  }
}

/** Something that came after it could matter: the late result of an abandoned hook or effect. */
export class LateRecord implements RunRecord {
  readonly cause: TraceCause | undefined
  readonly #line: Omit<TraceLine, 'outcome' | 'parent'>
  readonly #operationId: string

  constructor(cause: TraceCause | undefined, operationId: string, line: Omit<TraceLine, 'outcome' | 'parent'>) {
    this.cause = cause
    this.#operationId = operationId
    this.#line = line
  }

  lines(): readonly TraceLine[] {
    return [{ ...this.#line, outcome: 'late', parent: null }]
  }

  toRecord(): RecordContent {
    const { at, point, hook, kind, type } = this.#line
    return { type: 'late', at, operation: this.#operationId, point, hook, kind, result: type }
  }
}

/** What happens right under a record. */
export function under(record: RunRecord): TraceCause {
  return { record, line: () => 0 }
}
