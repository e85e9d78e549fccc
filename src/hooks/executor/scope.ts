/**
 * What the hooks of a stage work on: the data as changed so far and what was noted. A gate has one; the children of a
 * parallel composite or a vote get a copy each, so that none sees what another proposes.
 */
import type { Change, GateData } from '../change.ts'
import type { Proposal } from '../context.ts'
import type { CacheNote } from '../decision.ts'
import { changeContext } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
import type { Stopwatch } from './patterns/stopwatch.ts'

/** The working copy of a stage. */
export class Scope {
  data: GateData
  state: Readonly<Record<string, unknown>>
  proposal: Proposal | undefined
  cache: CacheNote | undefined
  /** Accepted in this scope, in order. */
  readonly changes: Change[] = []
  /** Somebody returned a change, be it one that changes nothing. */
  modified = false
  /** What hooks of this scope set in workflow state. */
  statePatch: Readonly<Record<string, unknown>> | undefined
  /** Time that its hooks may still take. */
  leftMs: number
  /** A hook here may make the pass wait: ask somebody, run a fork. Where several results meet it may not. */
  waits: boolean
  /** Runs while hooks of the parallel composite that this is in are at work: not while they wait for people. */
  work: Stopwatch | undefined
  #ctx: PassContext

  constructor(ctx: PassContext, data: GateData, leftMs: number, waits: boolean) {
    this.#ctx = ctx
    this.data = data
    this.state = ctx.state
    this.proposal = ctx.proposal
    this.leftMs = leftMs
    this.waits = waits
  }

  /** The context for the next hook; another one when anything in it has changed. */
  get ctx(): PassContext {
    const { data, state, proposal } = this
    if (this.#ctx.data !== data || this.#ctx.state !== state || this.#ctx.proposal !== proposal) {
      this.#ctx = changeContext(this.#ctx, data, proposal, state)
    }
    return this.#ctx
  }

  /** The hook got a context of its own; the next may have it too. */
  set ctx(ctx: PassContext) {
    this.#ctx = ctx
  }

  accept(change: Change): void {
    this.modified = true
    if (change.patches.length === 0) return
    this.changes.push(change)
    this.data = change.data
  }

  setState(patch: Readonly<Record<string, unknown>>): void {
    this.statePatch = { ...this.statePatch, ...patch }
    this.state = Object.freeze({ ...this.state, ...patch })
  }

  /** A copy for a hook whose result will meet others. */
  fork(): Scope {
    const ctx = changeContext(this.ctx, this.data, this.proposal, this.state)
    const copy = new Scope(ctx, this.data, this.leftMs, false)
    copy.work = this.work
    return copy
  }

  /** Takes over what a copy accepted. */
  adopt({ changes, modified, statePatch, cache }: Scope, { withChanges = true } = {}): void {
    if (withChanges) for (const change of changes) this.accept(change)
    this.modified ||= modified
    if (statePatch !== undefined) this.setState(statePatch)
    this.cache ??= cache
  }
}
