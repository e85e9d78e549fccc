/** One pass of one gate, while it goes on. */
import type { GateData } from '../change.ts'
import type { CacheNote } from '../decision.ts'
import type { Maybe } from '../flow.ts'
import type { Chain } from '../registry/slot.ts'
import type { Unit } from '../registry/unit.ts'
import type { TraceCause } from '../trace.ts'
import type { Kernel } from './kernel.ts'
import type { Operation } from './operation.ts'
import { LateRecord } from './records.ts'
import type { GateRecord } from './gate-record.ts'
import type { Outcome } from './outcome.ts'
import type { Scope } from './scope.ts'

/** A check of data or of a value: what is wrong with it, undefined for nothing. */
export type Check = (value: unknown) => string | undefined | Promise<string | undefined>

/** What a gate checks and knows beyond its point. */
export interface GateRules {
  /** Checks the data after each change. */
  readonly checkData?: Check | undefined
  /** What schemas make of changed data, for everybody to see; undefined when it stays as it is. */
  readonly settled?: ((data: GateData) => Maybe<GateData | undefined>) | undefined
  /** Checks a value that replaces the result. */
  readonly checkValue?: Check | undefined
  /** A change that cannot be accepted fails the operation, whatever the hook's kind: a tool must never run on less than its hooks meant. */
  readonly invalidChangeFails?: boolean
  /** The operation has ended: whatever is decided is ignored, and nobody is asked. */
  readonly isOver?: boolean
  /** Aborted when nobody needs the decision any more, though the operation goes on: what was asked is withdrawn. */
  readonly signal?: AbortSignal
  /** A redirect's target must exist. */
  readonly followsRedirects?: boolean
  /** Looks a result up in the cache. */
  readonly lookUp?: (note: CacheNote, data: GateData) => { readonly value: unknown } | undefined
}

/** What a call that a fast path began has come to so far. Abandoned: its promise did not settle before its deadline. */
export type Begun = (
  { readonly value: unknown } | { readonly thrown: unknown } | { readonly abandoned: PromiseLike<unknown> }
) & {
  /** When it was called, if it had to be waited for. */
  readonly since?: number
  /** What its breaker gave it. */
  readonly permit?: number | undefined
}

/** Where a pass begins: at its first hook, or at the one that a fast path could not finish. */
export interface PassStart {
  readonly index: number
  readonly begun?: Begun
  /** Transforms have had their say in an earlier pass; only guards are asked. */
  readonly guardsOnly?: boolean
  /** Time that hooks have taken already. */
  readonly spentMs?: number
}

/** See the head of this file. */
export class Pass {
  readonly kernel: Kernel
  readonly chain: Chain
  readonly operation: Operation
  readonly rules: GateRules
  readonly scope: Scope
  readonly record: GateRecord | undefined
  readonly outcomes: Outcome[] = []
  /** The guard whose answer brought what the others are asked about now: it has decided. */
  exempt: Unit | undefined = undefined
  /** A guard has refused already: nobody is asked any more. */
  refused = false
  /** Time that synchronous observers took. */
  observersMs = 0

  constructor(
    kernel: Kernel,
    chain: Chain,
    operation: Operation,
    rules: GateRules,
    scope: Scope,
    record: GateRecord | undefined,
  ) {
    this.kernel = kernel
    this.chain = chain
    this.operation = operation
    this.rules = rules
    this.scope = scope
    this.record = record
    this.refused = rules.isOver === true
    if (record !== undefined) record.outcomes = this.outcomes
  }

  get point(): string {
    return this.chain.slot.definition.id
  }

  /** Records what an abandoned hook, or an observer nobody waited for, came to after it could matter. */
  recordLate({ name, kind }: Unit, type: string, cause: TraceCause | undefined): void {
    const { id, run, component } = this.operation
    const at = this.kernel.time.now()
    run.record(
      new LateRecord(cause, id, {
        at,
        point: this.point,
        component: component.name,
        hook: name,
        kind,
        type,
        durationMs: 0,
      }),
    )
  }
}
