/**
 * The overhead budget: hooks may cost a share of the time that the operations they serve take themselves. Over it,
 * observers and transforms that fail open are left out, least critical first, until hooks are back under it; guards never.
 */
import type { MeterMark } from '../monitor.ts'
import type { Link } from '../registry/link.ts'
import type { Slot } from '../registry/slot.ts'
import { forgetGone, judgeWindow, sheddingDefaults } from '../shedding.ts'
import type { Sheddable, SheddingRecord } from '../shedding.ts'
import type { GateUse } from './operation.ts'

/** Operations that are judged together. */
const WINDOW = 100

/** Operations that take less are not counted: any hook is a large share of nothing. */
const SHORTEST_MS = 1

/** How a budget stands. */
export interface OverheadStats {
  /** The budget as a ratio of the operations' own time. */
  readonly budget: number
  /** The ratio of the last full window; 0 before there was one. */
  readonly share: number
  /** Operations in the window so far. */
  readonly operations: number
  /** Hooks that are left out, with their points. */
  readonly shed: readonly { readonly hook: string; readonly point: string }[]
}

/** Told when hooks were shed or came back. */
export type OverheadListener = (share: number, budget: number, hooks: readonly string[]) => void

/** Slots that share a budget. */
class Group {
  hookMs = 0
  ownMs = 0
  operations = 0
  share = 0
  record: SheddingRecord<Link> = { shed: [], trials: [] }
  /** How far each hook's meter had come when the window began. */
  readonly #marks = new Map<Link, MeterMark>()

  /** The hooks of the slots that may be shed, with what each took in this window. */
  candidates(slots: readonly Slot[]): Sheddable<Link>[] {
    return slots.flatMap((slot) => {
      slot.countPasses()
      return slot.links.filter(isSheddable).map((link) => ({
        id: link,
        criticality: link.hook.options.criticality,
        registered: link.registered,
        costMs: link.meter.costSince(this.#marks.get(link)),
      }))
    })
  }

  startWindow(slots: readonly Slot[]): void {
    this.hookMs = 0
    this.ownMs = 0
    this.operations = 0
    this.#marks.clear()
    for (const slot of slots) {
      slot.countPasses()
      for (const link of slot.links) this.#marks.set(link, link.meter.mark())
    }
  }
}

/** Watches what hooks cost, and sheds. */
export class OverheadBudget {
  readonly #slots: () => readonly Slot[]
  readonly #onChange: OverheadListener
  readonly #groups = new Map<number, Group>()
  /** Own time of all operations that passed a point with hooks. */
  readonly #operationMs = new Map<Slot, number>()

  constructor(slots: () => readonly Slot[], onChange: OverheadListener) {
    this.#slots = slots
    this.#onChange = onChange
  }

  /** An operation has ended: what it took itself, and what hooks took at each point. */
  count(ownMs: number, gates: readonly GateUse[]): void {
    for (const { slot } of gates) this.#operationMs.set(slot, this.operationMs(slot) + ownMs)
    if (ownMs < SHORTEST_MS) return
    const spent = new Map<number, number>()
    for (const { slot, hookMs } of gates) {
      const { overheadBudget } = slot.settings
      if (overheadBudget !== false) spent.set(overheadBudget, (spent.get(overheadBudget) ?? 0) + hookMs)
    }
    // Groups that have shed all their hooks must see the operations pass, or they would never restore them.
    for (const [budget, group] of this.#groups)
      if (group.record.shed.length > 0 && !spent.has(budget)) spent.set(budget, 0)
    for (const [budget, ms] of spent) this.#countIn(budget, ownMs, ms)
  }

  /** The own time of all operations that passed a point with hooks. */
  operationMs(slot: Slot): number {
    return this.#operationMs.get(slot) ?? 0
  }

  stats(): OverheadStats[] {
    return [...this.#groups].map(([budget, { share, operations, record }]) => ({
      budget,
      share,
      operations,
      shed: record.shed.map(({ id }) => ({ hook: id.name, point: id.slot.definition.id })),
    }))
  }

  #countIn(budget: number, ownMs: number, hookMs: number): void {
    let group = this.#groups.get(budget)
    if (group === undefined) {
      group = new Group()
      this.#groups.set(budget, group)
    }
    group.ownMs += ownMs
    group.hookMs += hookMs
    if (++group.operations >= WINDOW) this.#judge(budget, group)
  }

  #judge(budget: number, group: Group): void {
    const slots = this.#slots().filter(({ settings }) => settings.overheadBudget === budget)
    const { share, changed, ...record } = judgeWindow(
      forgetGone(group.record, ({ hook }) => hook.removed),
      { spentMs: group.hookMs, ownMs: group.ownMs, candidates: () => group.candidates(slots) },
      { ...sheddingDefaults, budget },
    )
    group.share = share
    group.record = record
    group.startWindow(slots)
    if (changed.length === 0) return
    // Whatever changes was left out before, or is now.
    for (const link of changed) link.shed = !link.shed
    for (const { slot } of changed) slot.invalidate()
    this.#onChange(
      share,
      budget,
      changed.map(({ name }) => name),
    )
  }
}

function isSheddable({ kind, failsClosed, shed }: Link): boolean {
  return !shed && kind !== 'guard' && !failsClosed
}
