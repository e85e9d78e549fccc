/** What the executor calls: a hook at a point, or a child of a composite there. */
import type { Breaker, BreakerFactory, BreakerSettings } from '../../ports/breaker.ts'
import type { Pattern } from '../compose/pattern.ts'
import type { ComponentInfo, HookContext, HookHandler } from '../context.ts'
import type { ComponentMatch, ParsedHookOptions } from '../hook.ts'
import type { HookKind } from '../points/point.ts'
import { matchesGlob } from '../points/glob.ts'

/** Something callable with everything that protects the call. */
export interface Unit {
  /** Children stand behind the name of their composite: `checks/size`. */
  readonly name: string
  readonly kind: HookKind
  /** Undefined for a composite. */
  readonly handler: HookHandler | undefined
  readonly composite: CompositeUnit | undefined
  /** A failure refuses instead of being skipped. */
  readonly failsClosed: boolean
  readonly when: ((ctx: HookContext) => boolean) | undefined
  readonly matches: ((component: ComponentInfo) => boolean) | undefined
  readonly timeoutMs: number
  readonly breaker: Breaker | undefined
  /** What `ctx.locals` hangs on: one for a hook at all its points, and for both parts of a pair. */
  readonly localsKey: object
  /** Of a child: the paths that it says it may change. */
  readonly writes?: readonly string[] | undefined
  /** Of a child: also a guard may skip, for its composite counts or passes over those who do. */
  readonly mayAbstain?: boolean
}

/** A composite ready to run. */
export interface CompositeUnit {
  readonly pattern: Pattern
  readonly children: readonly Unit[]
}

/** The predicate of `match`. */
export function matcherOf(match: ComponentMatch | undefined): Unit['matches'] {
  if (match === undefined) return undefined
  const { component, type } = match
  return (target) =>
    (component === undefined || matchesGlob(component, target.name)) &&
    (type === undefined || matchesGlob(type, target.type))
}

/** Whether hooks of these options refuse when they fail. */
export function failsClosed(kind: HookKind, options: Pick<ParsedHookOptions, 'onFailure'>): boolean {
  return kind === 'guard' || (kind === 'transform' && options.onFailure === 'closed')
}

/** The breaker of a hook. For a guard slowness counts only from its own deadline: a slow guard must not turn into a refusing one. */
export function makeBreaker(
  settings: BreakerSettings | false,
  kind: HookKind,
  timeoutMs: number,
  factory: BreakerFactory,
): Breaker | undefined {
  if (settings === false) return undefined
  return factory(kind === 'guard' ? { ...settings, slowCallMs: Math.max(settings.slowCallMs, timeoutMs) } : settings)
}
