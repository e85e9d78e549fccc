/** An operation: one execution of something, as its gates and hooks see it. */
import type { Aborts } from '../abort-signals.ts'
import type { GateData } from '../change.ts'
import type { ComponentInfo, HookContext } from '../context.ts'
import type { Slot } from '../registry/slot.ts'
import type { RunResult } from '../run-result.ts'
import type { TraceCause } from '../trace.ts'
import type { OperationRecord } from './records.ts'
import type { Run } from './run.ts'

/** How a child operation is started. */
export interface ChildStart {
  readonly parent: Operation
  readonly cause: TraceCause | undefined
  /** How many operations started from hooks it will lie under. */
  readonly depth: number
  readonly maxDepth: number
  /** How many redirects led to it. */
  readonly redirects: number
  readonly signal: AbortSignal | undefined
  /** It is aborted with this too, besides its parent. */
  readonly aborts?: Aborts | undefined
  /** What the deadlines above it leave it. */
  readonly timeoutMs: number
  /** It is not aborted with its parent: what it does is to be done when that has failed. */
  readonly detached?: boolean
}

/** Something that can be run as a child operation: a redirect's, fork's or hook's target. */
export type Target = (input: unknown, start: ChildStart) => RunResult | Promise<RunResult>

/** Finds targets by type and name. */
export interface Targets {
  find(type: 'tool' | 'agent' | 'workflow' | undefined, name: string): Target | undefined
  names(): readonly string[]
}

/** Nothing can be run. */
export const NO_TARGETS: Targets = { find: () => undefined, names: () => [] }

/** What an operation is made of. */
export interface OperationFields {
  readonly id: string
  readonly run: Run
  readonly component: ComponentInfo
  readonly metadata: Readonly<Record<string, unknown>>
  readonly targets: Targets
  readonly parent?: Operation | undefined
  /** How many operations started from hooks it lies under. */
  readonly depth?: number
  /** How many redirects led to it. */
  readonly redirects?: number
  readonly record?: OperationRecord | undefined
  readonly state?: Readonly<Record<string, unknown>> | undefined
  /** Told the id of each approval that the operation, or one under it, begins to wait for. */
  readonly onSuspended?: ((approvalId: string) => void) | undefined
  /** What it has done at its points, where another goes on with it. */
  readonly gates?: GateUse[]
}

/** What hooks are told of the place of an operation in a workflow. */
export type Whereabouts = Pick<HookContext, 'step' | 'workflow'>

/** Something that runs down while an operation lasts. */
export interface Countdown {
  stop(): void
  goOn(): void
}

/** What an operation has done at one point. */
export interface GateUse {
  readonly slot: Slot
  passes: number
  /** Time that hooks took there. */
  hookMs: number
}

const NO_STATE: Readonly<Record<string, unknown>> = Object.freeze({})

/** See {@link OperationFields}. */
export class Operation {
  readonly id: string
  readonly run: Run
  readonly component: ComponentInfo
  readonly metadata: Readonly<Record<string, unknown>>
  readonly targets: Targets
  readonly parent: HookContext['parent']
  readonly depth: number
  readonly redirects: number
  readonly record: OperationRecord | undefined
  state: Readonly<Record<string, unknown>>
  /** Starts of the effect so far. */
  attempts = 0
  /** What is left of its own deadline; stands still while a gate decides. */
  leftMs = Infinity
  /** When its deadline comes, while it runs down. */
  dueAt: number | undefined
  /** What it ended for, once it is aborted. */
  aborted: { readonly reason: unknown } | undefined
  /** Tokens and costs, when models were called. JSON. */
  usage: Readonly<Record<string, unknown>> | undefined
  readonly onSuspended: ((approvalId: string) => void) | undefined
  /** What hooks are told of the workflow that it belongs to, at a gate with this data. */
  whereabouts: ((data: GateData) => Whereabouts) | undefined
  /** What it is called in what people read, where that is more than the name of its component. */
  title: (() => string) | undefined
  /** How many operations it runs under. */
  readonly nesting: number
  /** What it runs under. */
  readonly above: Operation | undefined
  /** By point; a list, because there are two or three. */
  readonly gates: GateUse[]
  readonly #above: Operation | undefined
  #questions: Map<string, number> | undefined
  #locals: Map<object, Record<string, unknown>> | undefined
  #onAbort: Set<(reason: unknown) => void> | undefined
  #countdowns: Set<Countdown> | undefined
  #standstills = 0

  constructor(fields: OperationFields) {
    this.id = fields.id
    this.run = fields.run
    this.component = fields.component
    this.metadata = fields.metadata
    this.targets = fields.targets
    this.#above = fields.parent
    this.parent = fields.parent && { id: fields.parent.id, component: fields.parent.component }
    this.above = fields.parent
    this.nesting = fields.parent === undefined ? 0 : fields.parent.nesting + 1
    this.depth = fields.depth ?? 0
    this.redirects = fields.redirects ?? 0
    this.record = fields.record
    this.state = fields.state ?? NO_STATE
    this.onSuspended = fields.onSuspended
    this.gates = fields.gates ?? []
  }

  /** What hooks and what they start may take at most: what is left of the operation. Those that deal with its timeout have their own time. */
  get hookLimitMs(): number {
    return this.leftMs > 0 ? this.leftMs : Infinity
  }

  /** What is left for whatever it starts now. */
  remainingMs(now: number): number {
    return this.dueAt === undefined ? this.hookLimitMs : Math.max(0, this.dueAt - now)
  }

  /** Whether it was started within another, directly or not. */
  isUnder(other: Operation): boolean {
    const above = this.#above
    return above !== undefined && (above === other || above.isUnder(other))
  }

  /** What it has done at a point. */
  gateAt(slot: Slot): GateUse {
    for (const gate of this.gates) if (gate.slot === slot) return gate
    const gate: GateUse = { slot, passes: 0, hookMs: 0 }
    this.gates.push(gate)
    return gate
  }

  /** Counts the questions put at a point, from 1. */
  countQuestion(point: string): number {
    this.#questions ??= new Map()
    const question = (this.#questions.get(point) ?? 0) + 1
    this.#questions.set(point, question)
    return question
  }

  localsOf(key: object): Record<string, unknown> {
    this.#locals ??= new Map()
    let locals = this.#locals.get(key)
    if (locals === undefined) this.#locals.set(key, (locals = {}))
    return locals
  }

  /** Something runs down from now on, unless everything stands still; gives what ends that. */
  countDown(countdown: Countdown): () => void {
    this.#countdowns ??= new Set()
    this.#countdowns.add(countdown)
    if (this.#standstills > 0) countdown.stop()
    return () => this.#countdowns?.delete(countdown)
  }

  /** Stops what runs down here and above, until the function that it gives is called: people are asked, or somebody has paused it. */
  standStill(): () => void {
    const goOn = this.above?.standStill()
    if (++this.#standstills === 1) for (const each of this.#countdowns ?? []) each.stop()
    return () => {
      if (--this.#standstills === 0) for (const each of this.#countdowns ?? []) each.goOn()
      goOn?.()
    }
  }

  /** The same operation for a gate behind its end, which an abort has nothing to say about any more. */
  behind(): Operation {
    const { id, run, component, metadata, targets, above: parent, depth, redirects, record, state } = this
    const copy = new Operation({ id, run, component, metadata, targets, parent, depth, redirects, record, state })
    copy.attempts = this.attempts
    copy.whereabouts = this.whereabouts
    copy.title = this.title
    this.#locals ??= new Map()
    copy.#locals = this.#locals
    return copy
  }

  /** The same operation for the gates of a part of it, which may be aborted by itself; it ends with the whole. */
  part(): Operation {
    const { id, run, component, metadata, targets, above: parent, depth, redirects, record, state } = this
    const { onSuspended, gates } = this
    const part = new Operation({
      ...{ id, run, component, metadata, targets, parent, depth, redirects, record, state },
      ...{ onSuspended, gates },
    })
    part.attempts = this.attempts
    part.leftMs = this.leftMs
    part.dueAt = this.dueAt
    this.#locals ??= new Map()
    part.#locals = this.#locals
    this.#questions ??= new Map()
    part.#questions = this.#questions
    this.onAbort((reason) => {
      part.abort(reason)
    })
    return part
  }

  /** Calls the listener when the operation is aborted, at once if it is; gives what stops that. */
  onAbort(listener: (reason: unknown) => void): () => void {
    if (this.aborted !== undefined) {
      listener(this.aborted.reason)
      return () => undefined
    }
    this.#onAbort ??= new Set()
    this.#onAbort.add(listener)
    return () => this.#onAbort?.delete(listener)
  }

  abort(reason: unknown): void {
    if (this.aborted !== undefined) return
    this.aborted = { reason }
    const listeners = this.#onAbort
    this.#onAbort = undefined
    for (const listener of listeners ?? []) listener(reason)
  }
}
