/**
 * What an overhead budget decides at the end of a window: which hooks are left out, and which come back. Pure, and the
 * one implementation: the kernel asks it of its hooks, a machine of whatever it is told of.
 */

/** By what windows are judged. */
export interface SheddingSettings {
  /** What may be spent, as a ratio of the operations' own time. */
  readonly budget: number
  /** Something comes back when its last cost fits under this much of the budget, as a ratio. */
  readonly restoreRatio: number
  /** What would not fit is tried again after this many windows, twice as many each further time … */
  readonly firstTrialWindows: number
  /** … up to this many. */
  readonly lastTrialWindows: number
}

/** How the kernel judges. */
export const sheddingDefaults = {
  restoreRatio: 0.8,
  firstTrialWindows: 10,
  lastTrialWindows: 160,
} as const

/** Something that may be left out, and what it took in the window. */
export interface Sheddable<Id> {
  readonly id: Id
  /** The lowest goes first. */
  readonly criticality: number
  /** Among equals the last goes first. */
  readonly registered: number
  readonly costMs: number
}

/** Something that is left out. */
export interface ShedEntry<Id> extends Omit<Sheddable<Id>, 'costMs'> {
  /** What it cost when it was shed, as a ratio of the operations' own time. */
  readonly cost: number
  /** Windows after which it is tried, whether it fits or not. */
  readonly trialEvery: number
  /** Windows within the budget since it was shed. */
  readonly windows: number
}

/** What is known from earlier windows. */
export interface SheddingRecord<Id> {
  readonly shed: readonly ShedEntry<Id>[]
  /** How many windows those waited that came back without fitting. */
  readonly trials: readonly { readonly id: Id; readonly windows: number }[]
}

/** A window that is full. What may be left out is only asked for when it is over the budget. */
export interface SheddingWindow<Id> {
  readonly spentMs: number
  readonly ownMs: number
  readonly candidates: () => readonly Sheddable<Id>[]
}

/** What a window came to. */
export interface SheddingVerdict<Id> extends SheddingRecord<Id> {
  readonly share: number
  /** What is left out from now on, or is not any more. */
  readonly changed: readonly Id[]
}

/** Judges a window: over the budget the least critical are shed until the rest fits, within it one may come back. */
export function judgeWindow<Id>(
  record: SheddingRecord<Id>,
  window: SheddingWindow<Id>,
  settings: SheddingSettings,
): SheddingVerdict<Id> {
  const share = window.spentMs / window.ownMs
  return share > settings.budget ? shed(record, window, settings, share) : restore(record, settings, share)
}

/** What is known, without what is gone. */
export function forgetGone<Id>({ shed, trials }: SheddingRecord<Id>, isGone: (id: Id) => boolean): SheddingRecord<Id> {
  return { shed: shed.filter(({ id }) => !isGone(id)), trials: trials.filter(({ id }) => !isGone(id)) }
}

function shed<Id>(
  { shed: before, trials }: SheddingRecord<Id>,
  { spentMs, ownMs, candidates }: SheddingWindow<Id>,
  { budget, firstTrialWindows, lastTrialWindows }: SheddingSettings,
  share: number,
): SheddingVerdict<Id> {
  let excessMs = spentMs - budget * ownMs
  const entries: ShedEntry<Id>[] = []
  for (const { id, criticality, registered, costMs } of [...candidates()].sort(leastCriticalFirst)) {
    if (excessMs <= 0 || costMs <= 0) continue
    excessMs -= costMs
    const waited = trials.find((trial) => trial.id === id)?.windows
    const trialEvery = waited === undefined ? firstTrialWindows : Math.min(waited * 2, lastTrialWindows)
    entries.push({ id, criticality, registered, cost: costMs / ownMs, trialEvery, windows: 0 })
  }
  return { share, shed: [...before, ...entries], trials, changed: entries.map(({ id }) => id) }
}

/** One a window, the most critical first. */
function restore<Id>(
  { shed: before, trials }: SheddingRecord<Id>,
  { budget, restoreRatio }: SheddingSettings,
  share: number,
): SheddingVerdict<Id> {
  const waiting = before.map((entry) => ({ ...entry, windows: entry.windows + 1 }))
  const [first] = waiting.toSorted((a, b) => -leastCriticalFirst(a, b))
  if (first === undefined) return { share, shed: waiting, trials, changed: [] }
  const { id, cost, windows, trialEvery } = first
  const fits = share + cost <= budget * restoreRatio
  if (!fits && windows < trialEvery) return { share, shed: waiting, trials, changed: [] }
  const others = trials.filter((trial) => trial.id !== id)
  return {
    share,
    shed: waiting.filter((each) => each !== first),
    trials: fits ? others : [...others, { id, windows: trialEvery }],
    changed: [id],
  }
}

type Ranked = Pick<Sheddable<unknown>, 'criticality' | 'registered'>

function leastCriticalFirst(a: Ranked, b: Ranked): number {
  return a.criticality - b.criticality || b.registered - a.registered
}
