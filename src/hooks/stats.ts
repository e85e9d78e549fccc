/** What `hooks.stats` gives: how many hooks there are, and what they do and cost. */
import type { BreakerSnapshot } from '../ports/breaker.ts'
import type { Language } from './context.ts'
import type { Kernel } from './executor/kernel.ts'
import type { OverheadStats } from './executor/overhead.ts'
import type { HookStats } from './monitor.ts'

/** Figures of all hooks. */
export interface HooksStats {
  readonly hooks: number
  /** Hooks at each point that has any. */
  readonly byPoint: Readonly<Record<string, number>>
  readonly byLanguage: Readonly<Partial<Record<Language, number>>>
  /** A line for each hook at each of its points. */
  readonly perHook: readonly HookStats[]
  /** The breaker of each hook at each of its points. */
  readonly breakers: readonly (BreakerSnapshot & { readonly hook: string; readonly point: string })[]
  readonly overhead: readonly OverheadStats[]
  /** Async observers that still run. */
  readonly observing: number
  /** Approvals that are pending. */
  readonly pending: number
}

/** Collects the figures. */
export function statsOf({ registry, overhead, time, observing, approvals }: Kernel): HooksStats {
  const slots = registry.points.all.filter(({ links }) => links.length > 0)
  const byLanguage: Partial<Record<Language, number>> = {}
  for (const { options } of registry.hooks) byLanguage[options.language] = (byLanguage[options.language] ?? 0) + 1
  const at = time.now()
  for (const slot of slots) slot.countPasses()
  return {
    hooks: registry.hooks.length,
    byPoint: Object.fromEntries(slots.map(({ definition, links }) => [definition.id, links.length])),
    byLanguage,
    perHook: slots.flatMap((slot) =>
      slot.links.map(({ name, meter }) => meter.stats(name, slot.definition.id, overhead.operationMs(slot), at)),
    ),
    breakers: slots.flatMap(({ definition, links }) =>
      links.flatMap(({ name, breaker }) =>
        breaker === undefined ? [] : [{ hook: name, point: definition.id, ...breaker.snapshot() }],
      ),
    ),
    overhead: overhead.stats(),
    observing: observing.size,
    pending: approvals.pending().length,
  }
}
