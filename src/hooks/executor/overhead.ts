/**
 * The overhead budget: hooks may cost a share of the time that the operations they serve take themselves. Over it,
 * observers and transforms that fail open are left out, least critical first, until hooks are back under it; guards never.
 */
import type { MeterMark } from '../monitor.ts'
import type { Link } from '../registry/link.ts'
import type { Slot } from '../registry/slot.ts'
import type { GateUse } from './operation.ts'

/** Operations that are judged together. */
const WINDOW = 100

/** Operations that take less are not counted: any hook is a large share of nothing. */
const SHORTEST_MS = 1

/** A hook comes back when its last cost fits under this much of the budget. */
const RESTORE_RATIO = 0.8

/** A hook that would not fit is tried again after this many windows, twice as many each further time, up to the cap. */
const FIRST_TRIAL = 10
const LAST_TRIAL = 160

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

interface Shed {
  readonly link: Link
  /** What it cost when it was shed, as a ratio. */
  readonly cost: number
  readonly trialEvery: number
  windows: number
}

/** Slots that share a budget. */
class Group {
  hookMs = 0
  ownMs = 0
  operations = 0
  share = 0
  shed: Shed[] = []
  /** How many windows each hook waited for its last trial. */
  readonly trials = new Map<Link, number>()
  /** How far each hook's meter had come when the window began. */
  readonly #marks = new Map<Link, MeterMark>()

  /** What each hook of the slots took in this window. */
  costs(slots: readonly Slot[]): Map<Link, number> {
    const costs = new Map<Link, number>()
    for (const slot of slots) {
      slot.countPasses()
      for (const link of slot.links) costs.set(link, link.meter.costSince(this.#marks.get(link)))
    }
    return costs
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
    for (const [budget, group] of this.#groups) if (group.shed.length > 0 && !spent.has(budget)) spent.set(budget, 0)
    for (const [budget, ms] of spent) this.#countIn(budget, ownMs, ms)
  }

  /** The own time of all operations that passed a point with hooks. */
  operationMs(slot: Slot): number {
    return this.#operationMs.get(slot) ?? 0
  }

  stats(): OverheadStats[] {
    return [...this.#groups].map(([budget, { share, operations, shed }]) => ({
      budget,
      share,
      operations,
      shed: shed.map(({ link }) => ({ hook: link.name, point: link.slot.definition.id })),
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
    group.share = group.hookMs / group.ownMs
    group.shed = group.shed.filter(({ link }) => !link.hook.removed)
    const changed = group.share > budget ? this.#shed(budget, group, slots) : this.#restore(budget, group)
    group.startWindow(slots)
    if (changed.length === 0) return
    for (const { slot } of changed) slot.invalidate()
    this.#onChange(
      group.share,
      budget,
      changed.map(({ name }) => name),
    )
  }

  #shed(budget: number, group: Group, slots: readonly Slot[]): Link[] {
    const costs = group.costs(slots)
    let excessMs = group.hookMs - budget * group.ownMs
    const shed: Link[] = []
    for (const link of [...costs.keys()].filter(isSheddable).sort(leastCriticalFirst)) {
      const cost = costs.get(link) ?? 0
      if (excessMs <= 0 || cost <= 0) continue
      excessMs -= cost
      link.shed = true
      const trialEvery = Math.min((group.trials.get(link) ?? FIRST_TRIAL / 2) * 2, LAST_TRIAL)
      group.shed.push({ link, cost: cost / group.ownMs, trialEvery, windows: 0 })
      shed.push(link)
    }
    return shed
  }

  #restore(budget: number, group: Group): Link[] {
    for (const each of group.shed) each.windows++
    const [first] = group.shed.toSorted((a, b) => -leastCriticalFirst(a.link, b.link))
    if (first === undefined) return []
    const { link, cost, windows, trialEvery } = first
    const fits = group.share + cost <= budget * RESTORE_RATIO
    if (!fits && windows < trialEvery) return []
    link.shed = false
    group.shed = group.shed.filter((each) => each !== first)
    if (fits) group.trials.delete(link)
    else group.trials.set(link, trialEvery)
    return [link]
  }
}

function isSheddable({ kind, failsClosed, shed }: Link): boolean {
  return !shed && kind !== 'guard' && !failsClosed
}

function leastCriticalFirst(a: Link, b: Link): number {
  return a.hook.options.criticality - b.hook.options.criticality || b.registered - a.registered
}
