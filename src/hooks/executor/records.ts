/** What a run records: operations, gates with their hooks, effects. Small objects; text is made when somebody reads it. */
import type { HookchartError } from '../../errors.ts'
import type { RecordContent } from '../../ports/journal.ts'
import type { Change } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import type { Chain } from '../registry/slot.ts'
import type { Unit } from '../registry/unit.ts'
import type { TraceCause, TraceLine, TraceOutcome } from '../trace.ts'
import type { Run, RunRecord } from './run.ts'

/** What one hook did in one pass; filled in as it goes. */
export interface Outcome {
  readonly unit: Unit
  at: number
  durationMs: number
  outcome: TraceOutcome
  /** The type of its result. */
  type: string
  message: string | undefined
  error: HookchartError | undefined
  /** It failed because it returned a change that cannot be accepted. */
  invalidChange: boolean
  change: Change | undefined
  /** Of the children of a composite, in declaration order. */
  children: Outcome[] | undefined
}

/** How a gate pass ended, for its record. */
export interface GateEnd {
  readonly type: string
  readonly hook: string | undefined
  readonly message: string | undefined
  readonly code: string | undefined
}

/** One pass of one gate. */
export class GateRecord implements RunRecord {
  readonly cause: TraceCause | undefined
  readonly chain: Chain
  readonly operationId: string
  readonly component: ComponentInfo
  readonly gatePass: number
  readonly at: number
  endedAt: number
  /** Undefined as long as every hook did nothing but continue. */
  outcomes: Outcome[] | undefined = undefined
  end: GateEnd | undefined = undefined
  /** Only hooks that decided, failed or changed something. */
  readonly decisionsOnly: boolean

  constructor(
    cause: TraceCause | undefined,
    chain: Chain,
    operationId: string,
    component: ComponentInfo,
    gatePass: number,
    at: number,
    decisionsOnly: boolean,
  ) {
    this.cause = cause
    this.chain = chain
    this.operationId = operationId
    this.component = component
    this.gatePass = gatePass
    this.at = at
    this.endedAt = at
    this.decisionsOnly = decisionsOnly
  }

  /** The line of a hook in this record: what it starts belongs there. */
  lineOf(unit: Unit): number {
    const at = this.#all().findIndex(([outcome]) => outcome.unit === unit)
    return at === -1 ? 0 : at + 1
  }

  lines(): readonly TraceLine[] {
    const gate = {
      at: this.at,
      point: this.chain.slot.definition.id,
      component: this.component.name,
      hook: null,
      kind: 'gate' as const,
      type: this.end?.type ?? 'continue',
      durationMs: this.endedAt - this.at,
      outcome: this.end?.code === 'RUN_ABORTED' ? ('aborted' as const) : ('ok' as const),
      ...(this.end?.message !== undefined && { message: this.end.message }),
      ...(this.end?.code !== undefined && { code: this.end.code }),
      parent: null,
    }
    return [gate, ...this.#all().map(([outcome, parent]) => this.#lineFor(outcome, parent))]
  }

  toRecord(): RecordContent {
    return {
      type: 'gate',
      at: this.at,
      operation: this.operationId,
      point: this.chain.slot.definition.id,
      component: this.component,
      gatePass: this.gatePass,
      decision: this.end?.type ?? 'continue',
      ...(this.end?.hook !== undefined && { hook: this.end.hook }),
      hooks: this.#all().map(([outcome, parent]) => this.#lineFor(outcome, parent)),
    }
  }

  /** All outcomes with the line that each belongs to, composites in front of their children. */
  #all(): [Outcome, number][] {
    const { links, shed } = this.chain
    const top = this.outcomes ?? links.map((link) => continued(link, this))
    const listed: [Outcome, number][] = []
    const list = (outcome: Outcome, parent: number) => {
      if (this.decisionsOnly && isQuiet(outcome)) return
      listed.push([outcome, parent])
      const line = listed.length
      for (const child of outcome.children ?? []) list(child, line)
    }
    for (const outcome of top) list(outcome, 0)
    for (const link of shed)
      list(
        {
          ...continued(link, this),
          outcome: 'skipped',
          type: 'skipped',
          message: 'shed: hooks cost more than their budget',
        },
        0,
      )
    return listed
  }

  #lineFor({ unit, at, durationMs, outcome, type, message, error, change }: Outcome, parent: number): TraceLine {
    const text = error?.message ?? message
    return {
      at,
      point: this.chain.slot.definition.id,
      component: this.component.name,
      hook: unit.name,
      kind: unit.kind,
      type,
      durationMs,
      outcome,
      ...(change !== undefined &&
        change.patches.length > 0 && { patches: change.patches, inversePatches: change.inversePatches }),
      ...(text !== undefined && { message: text }),
      ...(error !== undefined && { code: error.code }),
      parent,
    }
  }
}

/** An outcome before anything has happened. */
export function newOutcome(unit: Unit, at: number): Outcome {
  return {
    unit,
    at,
    durationMs: 0,
    outcome: 'not_run',
    type: 'not_run',
    message: undefined,
    error: undefined,
    invalidChange: false,
    change: undefined,
    children: undefined,
  }
}

function continued(unit: Unit, { at, endedAt, chain }: GateRecord): Outcome {
  const type = unit.kind === 'observe' ? 'observe' : 'continue'
  // The time of a pass is known, its parts are not; a lone hook has it all.
  return { ...newOutcome(unit, at), outcome: 'ok', type, durationMs: chain.links.length === 1 ? endedAt - at : 0 }
}

function isQuiet({ type, outcome, change, children }: Outcome): boolean {
  const idle = type === 'continue' || type === 'skipped' || type === 'observe' || type === 'not_run'
  return (
    idle && outcome !== 'failed' && outcome !== 'timed_out' && change === undefined && (children ?? []).every(isQuiet)
  )
}

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

/** Records what nobody waits for any more, as long as its run goes on. */
export function recordLate(run: Run, record: LateRecord): void {
  run.record(record)
}
