/** The record of one pass of one gate, with its hooks. */
import type { RecordContent } from '../../ports/journal.ts'
import type { ComponentInfo } from '../context.ts'
import type { Chain } from '../registry/slot.ts'
import type { Unit } from '../registry/unit.ts'
import type { TraceCause, TraceLine } from '../trace.ts'
import { quietOutcome } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { RunRecord } from './run.ts'

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

function continued(unit: Unit, { at, endedAt, chain }: GateRecord): Outcome {
  // The time of a pass is known, its parts are not; a lone hook has it all.
  return quietOutcome(unit, at, chain.links.length === 1 ? endedAt - at : 0)
}

function isQuiet({ type, outcome, change, children }: Outcome): boolean {
  const idle = type === 'continue' || type === 'skipped' || type === 'observe' || type === 'not_run'
  return (
    idle && outcome !== 'failed' && outcome !== 'timed_out' && change === undefined && (children ?? []).every(isQuiet)
  )
}
