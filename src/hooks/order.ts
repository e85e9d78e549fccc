/**
 * The order of the hooks of one point. Pure: the same hooks give the same order, whatever their history.
 *
 * Stages come first: transforms, guards, observers. Within a stage the hook that declares a constraint moves and the
 * one it names stays: its effective priority is its own, lowered to that of a hook named in `before`, raised to that of
 * one named in `after`; then always the smallest (effective priority, registration) goes next that nothing still holds back.
 */
import type { HookKind } from './points/point.ts'

/** A hook as the order sees it. */
export interface Ordered {
  readonly name: string
  readonly kind: HookKind
  readonly priority: number
  /** Registration number; unique. */
  readonly registered: number
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** For the after part of a pair: where its before part stands. Among parts from one point the reverse of it replaces priority. */
  readonly unwinds?: { readonly point: string; readonly place: number } | undefined
}

/** Why one hook stands right before another. */
export type OrderReason = 'stage' | 'constraint' | 'unwind' | 'priority' | 'registration'

/** A place in the order. */
export interface Place<Hook extends Ordered> {
  readonly hook: Hook
  readonly effectivePriority: number
  /** Why it stands behind the one before it; undefined for the first. */
  readonly because: OrderReason | undefined
}

/** What keeps hooks from having an order. */
export interface OrderConflict {
  readonly type: 'cycle' | 'stage'
  /** The smallest set of hooks that cannot be ordered, each before the next; a cycle ends where it begins. */
  readonly hooks: readonly string[]
}

export const STAGES: readonly HookKind[] = ['transform', 'guard', 'observe']

/** Sorts hooks, or says why that cannot be done. */
export function orderHooks<Hook extends Ordered>(hooks: readonly Hook[]): readonly Place<Hook>[] | OrderConflict {
  if (hooks.every(isFree)) {
    return placesOf(
      [...hooks].sort((a, b) => stageOf(a) - stageOf(b) || a.priority - b.priority || a.registered - b.registered),
      (hook) => hook.priority,
      new Map<Hook, Map<Hook, 'constraint' | 'unwind'>>(),
    )
  }
  const inOrder = [...hooks].sort((a, b) => a.registered - b.registered)
  const byName = new Map(inOrder.map((hook) => [hook.name, hook]))
  const effective = effectivePriorities(inOrder, byName)
  const followers = constraintsOf(inOrder, byName)
  for (const [hook, later] of followers) {
    for (const next of later.keys()) {
      if (stageOf(next) < stageOf(hook)) return { type: 'stage', hooks: [hook.name, next.name] }
    }
  }
  const priorityOf = (hook: Hook) => effective.get(hook) as number
  const sorted = sortTopologically(inOrder, followers, priorityOf)
  if (sorted.length < inOrder.length) {
    const stuck = inOrder.filter((hook) => !sorted.includes(hook))
    return { type: 'cycle', hooks: smallestCycle(stuck, followers).map(({ name }) => name) }
  }
  return placesOf(sorted, priorityOf, followers)
}

/** Constraints by names that no hook here has: they bind when one is registered. */
export function unboundConstraints(
  hooks: readonly Ordered[],
): { hook: string; constraint: 'before' | 'after'; name: string }[] {
  const names = new Set(hooks.map(({ name }) => name))
  return hooks.flatMap(({ name: hook, before, after }) => [
    ...before.filter((name) => !names.has(name)).map((name) => ({ hook, constraint: 'before' as const, name })),
    ...after.filter((name) => !names.has(name)).map((name) => ({ hook, constraint: 'after' as const, name })),
  ])
}

/** hook → hooks that must come later, and whether because of a constraint or of a pair's unwinding. */
type Followers<Hook> = Map<Hook, Map<Hook, 'constraint' | 'unwind'>>

function isFree({ before, after, unwinds }: Ordered): boolean {
  return before.length === 0 && after.length === 0 && unwinds === undefined
}

function stageOf({ kind }: Ordered): number {
  return STAGES.indexOf(kind)
}

function effectivePriorities<Hook extends Ordered>(
  hooks: readonly Hook[],
  byName: ReadonlyMap<string, Hook>,
): Map<Hook, number> {
  const effective = new Map<Hook, number>()
  const done = new Set<Hook>()
  const targetsOf = (hook: Hook, names: readonly string[]) =>
    names.flatMap((name) => {
      const target = byName.get(name)
      return target?.kind === hook.kind ? [target] : []
    })
  // Depth first without recursion: a chain of constraints may be as long as there are hooks.
  const stack: Hook[] = []
  for (const start of hooks) {
    stack.push(start)
    for (let hook = stack.at(-1); hook !== undefined; hook = stack.at(-1)) {
      if (!effective.has(hook)) {
        // Two hooks that name each other meet at the own priority of the one asked first.
        effective.set(hook, hook.priority)
        stack.push(...targetsOf(hook, [...hook.before, ...hook.after]).filter((target) => !effective.has(target)))
        continue
      }
      stack.pop()
      if (done.has(hook)) continue
      done.add(hook)
      const prioritiesOf = (names: readonly string[]) =>
        targetsOf(hook, names).map((target) => effective.get(target) as number)
      effective.set(hook, Math.max(Math.min(hook.priority, ...prioritiesOf(hook.before)), ...prioritiesOf(hook.after)))
    }
  }
  return effective
}

function constraintsOf<Hook extends Ordered>(
  hooks: readonly Hook[],
  byName: ReadonlyMap<string, Hook>,
): Followers<Hook> {
  const followers: Followers<Hook> = new Map(hooks.map((hook) => [hook, new Map<Hook, 'constraint' | 'unwind'>()]))
  for (const hook of hooks) {
    const next = nextToUnwind(hook, hooks)
    if (next !== undefined) followers.get(hook)?.set(next, 'unwind')
  }
  for (const hook of hooks) {
    for (const name of hook.before) {
      const target = byName.get(name)
      if (target !== undefined) followers.get(hook)?.set(target, 'constraint')
    }
    for (const name of hook.after) {
      const target = byName.get(name)
      if (target !== undefined) followers.get(target)?.set(hook, 'constraint')
    }
  }
  return followers
}

/** The after part that unwinds right behind this one: of the same kind, its before part right in front. */
function nextToUnwind<Hook extends Ordered>({ kind, unwinds }: Hook, hooks: readonly Hook[]): Hook | undefined {
  if (unwinds === undefined) return undefined
  const place = ({ unwinds: other }: Hook) => (other as { place: number }).place
  return hooks
    .filter((each) => each.kind === kind && each.unwinds?.point === unwinds.point && each.unwinds.place < unwinds.place)
    .reduce<Hook | undefined>(
      (nearest, each) => (nearest === undefined || place(each) > place(nearest) ? each : nearest),
      undefined,
    )
}

/** Kahn's algorithm with the smallest free hook first. What lies on a cycle, or behind one, is missing from its result. */
function sortTopologically<Hook extends Ordered>(
  hooks: readonly Hook[],
  followers: Followers<Hook>,
  priorityOf: (hook: Hook) => number,
): Hook[] {
  const held = new Map<Hook, number>(hooks.map((hook) => [hook, 0]))
  for (const later of followers.values())
    for (const next of later.keys()) held.set(next, (held.get(next) as number) + 1)
  const compare = (a: Hook, b: Hook) =>
    stageOf(a) - stageOf(b) || priorityOf(a) - priorityOf(b) || a.registered - b.registered
  const free = hooks.filter((hook) => held.get(hook) === 0).sort(compare)
  const sorted: Hook[] = []
  for (let hook = free.shift(); hook !== undefined; hook = free.shift()) {
    sorted.push(hook)
    for (const next of followers.get(hook)?.keys() ?? []) {
      const left = (held.get(next) as number) - 1
      held.set(next, left)
      if (left === 0) insert(free, next, compare)
    }
  }
  return sorted
}

function insert<T>(sorted: T[], value: T, compare: (a: T, b: T) => number): void {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(sorted[middle] as T, value) < 0) low = middle + 1
    else high = middle
  }
  sorted.splice(low, 0, value)
}

/** The shortest cycle among hooks, by a breadth-first search from each. */
function smallestCycle<Hook extends Ordered>(hooks: readonly Hook[], followers: Followers<Hook>): readonly Hook[] {
  let smallest: Hook[] = []
  for (const start of hooks) {
    const cameFrom = new Map<Hook, Hook>()
    const queue = [start]
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      for (const next of followers.get(at)?.keys() ?? []) {
        if (next === start) {
          const path = [at]
          for (let back = cameFrom.get(at); back !== undefined; back = cameFrom.get(back)) path.unshift(back)
          if (smallest.length === 0 || path.length + 1 < smallest.length) smallest = [...path, start]
          queue.length = 0
          break
        }
        if (!cameFrom.has(next) && next !== start) {
          cameFrom.set(next, at)
          queue.push(next)
        }
      }
    }
  }
  return smallest
}

function placesOf<Hook extends Ordered>(
  sorted: readonly Hook[],
  priorityOf: (hook: Hook) => number,
  followers: Followers<Hook>,
): Place<Hook>[] {
  return sorted.map((hook, i) => {
    const previous = sorted[i - 1]
    const effectivePriority = priorityOf(hook)
    return { hook, effectivePriority, because: previous && reasonFor(previous, hook, priorityOf, followers) }
  })
}

function reasonFor<Hook extends Ordered>(
  first: Hook,
  second: Hook,
  priorityOf: (hook: Hook) => number,
  followers: Followers<Hook>,
): OrderReason {
  if (first.kind !== second.kind) return 'stage'
  const direct = followers.get(first)?.get(second)
  if (direct !== undefined) return direct
  const [left, right] = [priorityOf(first), priorityOf(second)]
  if (left < right) return 'priority'
  if (left === right && first.registered < second.registered) return 'registration'
  // It would come earlier by itself, but something in front of it was held back.
  return 'constraint'
}
