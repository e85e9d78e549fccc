/** Explaining a point: its hooks in order, and for each neighbour pair why. */
import type { HookKind } from '../points/point.ts'
import { unboundConstraints } from '../order.ts'
import type { OrderReason } from '../order.ts'
import type { Link } from './link.ts'
import type { Slot } from './slot.ts'
import type { Unit } from './unit.ts'

/** A hook in an explanation. */
export interface ExplainedHook {
  readonly name: string
  readonly kind: HookKind
  readonly enabled: boolean
  /** As it was registered. */
  readonly priority: number
  /** As its constraints make it. */
  readonly effectivePriority: number
  readonly failsClosed: boolean
  readonly timeoutMs: number
  /** Left out because hooks cost more than their budget. */
  readonly shed: boolean
  /** What decides at each firing whether it is called: its component, its own condition, its one call. */
  readonly conditions: readonly ('match' | 'when' | 'once')[]
}

/** Why a hook stands right behind another. */
export interface ExplainedPair {
  readonly first: string
  readonly second: string
  readonly because: OrderReason
  readonly text: string
}

/** What `hooks.explain` gives. */
export interface Explanation {
  readonly point: string
  readonly enabled: boolean
  /** In the order in which they run. */
  readonly hooks: readonly ExplainedHook[]
  readonly pairs: readonly ExplainedPair[]
  /** Constraints by names that no hook here has; they bind when one is registered. */
  readonly unbound: readonly { readonly hook: string; readonly constraint: 'before' | 'after'; readonly name: string }[]
  /** Hooks that say they change the same path. */
  readonly overlaps: readonly { readonly hooks: readonly [string, string]; readonly path: string }[]
  /** All of it as lines of text. */
  toString(): string
}

/** Explains a point. */
export function explain(slot: Slot): Explanation {
  const { order, definition } = slot
  const hooks = order.map(({ hook, effectivePriority }) => ({
    name: hook.name,
    kind: hook.kind,
    enabled: hook.hook.enabled,
    priority: hook.priority,
    effectivePriority,
    failsClosed: hook.failsClosed,
    timeoutMs: hook.timeoutMs,
    shed: hook.shed,
    conditions: conditionsOf(hook),
  }))
  const pairs = order.slice(1).map(({ hook: second, because = 'registration' }, i) => {
    const first = (order[i] as (typeof order)[number]).hook
    return {
      first: first.name,
      second: second.name,
      because,
      text: textFor(because, first.name, second.name, first.kind, second.kind),
    }
  })
  const explanation = {
    point: definition.id,
    enabled: slot.enabled,
    hooks,
    pairs,
    unbound: unboundConstraints(slot.links),
    overlaps: overlapsAt(slot),
  }
  // Not enumerable: an explanation is data, and its text only another way to look at it.
  return Object.defineProperty(explanation, 'toString', { value: () => textOf(explanation) })
}

function conditionsOf({ matches, when, hook }: Link): ExplainedHook['conditions'] {
  const conditions: ExplainedHook['conditions'][number][] = []
  if (matches !== undefined) conditions.push('match')
  if (when !== undefined) conditions.push('when')
  if (hook.options.once) conditions.push('once')
  return conditions
}

function textFor(
  because: OrderReason,
  first: string,
  second: string,
  firstKind: HookKind,
  secondKind: HookKind,
): string {
  switch (because) {
    case 'stage':
      return `${first} is a ${firstKind}, ${second} a ${secondKind}: transforms run first, then guards, then observers`
    case 'constraint':
      return `a before or after constraint holds ${second} behind ${first}`
    case 'unwind':
      return `${first} and ${second} are after parts of pairs, which unwind in reverse`
    case 'priority':
      return `${first} has the smaller priority`
    case 'registration':
      return `${first} was registered first`
  }
}

/** A path that a hook says it changes. */
interface Declared {
  readonly name: string
  readonly path: string
}

function overlapsAt({ links }: Slot): Explanation['overlaps'] {
  return [
    ...overlapsAmong(links.map(({ name, hook }) => (hook.options.writes ?? []).map((path) => ({ name, path })))),
    ...links.flatMap(overlapsInside),
  ]
}

/** Overlaps of hooks that do not see each other's changes: children of parallel composites and all below them. */
function overlapsInside({ composite }: Pick<Unit, 'composite'>): Explanation['overlaps'] {
  if (composite === undefined) return []
  const { pattern, children } = composite
  return [
    ...(pattern.type === 'parallel' ? overlapsAmong(children.map(declaredIn)) : []),
    ...children.flatMap(overlapsInside),
  ]
}

function declaredIn({ name, writes = [], composite }: Unit): readonly Declared[] {
  return [...writes.map((path) => ({ name, path })), ...(composite?.children ?? []).flatMap(declaredIn)]
}

/** Paths that one of several declares and another too. */
function overlapsAmong(all: readonly (readonly Declared[])[]): Explanation['overlaps'] {
  return all.flatMap((own, i) =>
    own.flatMap((a) =>
      all
        .slice(i + 1)
        .flat()
        .flatMap((b) => {
          const path = sharedPath(a.path, b.path)
          return path === undefined ? [] : [{ hooks: [a.name, b.name] as const, path }]
        }),
    ),
  )
}

/** The longer of two paths when one lies in the other. */
function sharedPath(a: string, b: string): string | undefined {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  return long === short || long.startsWith(`${short}.`) ? long : undefined
}

function textOf({ point, hooks, pairs, unbound, overlaps }: Omit<Explanation, 'toString'>): string {
  const lines = hooks.map(({ name, kind, enabled, effectivePriority, conditions }, i) => {
    const why = pairs[i - 1]?.text ?? 'first'
    const off = enabled ? '' : ', disabled'
    const asks = conditions.length === 0 ? '' : `, with ${conditions.join(' and ')}`
    return `  ${String(i + 1)}. ${name} (${kind}, ${String(effectivePriority)}${off}${asks}): ${why}`
  })
  return [
    point,
    ...(lines.length === 0 ? ['  no hooks'] : lines),
    ...unbound.map(
      ({ hook, constraint, name }) => `  unbound: ${hook} ${constraint} "${name}", which is not registered`,
    ),
    ...overlaps.map(({ hooks: [a, b], path }) => `  overlap: ${a} and ${b} both change ${path}`),
  ].join('\n')
}
