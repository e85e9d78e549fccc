/** A hook at one point: what the executor calls there, and what the order there sees. */
import type { PointSettings } from '../executor-options.ts'
import type { ParsedHookOptions } from '../hook.ts'
import { HookMeter } from '../monitor.ts'
import type { Ordered } from '../order.ts'
import type { HookKind, PointDefinition } from '../points/point.ts'
import type { Unit } from './unit.ts'

/** What a link knows of its hook: all of it but how it is made. */
export interface LinkHook {
  readonly id: string
  readonly name: string
  readonly registered: number
  readonly options: ParsedHookOptions
  /** The kind it was registered as; undefined: by the point. */
  readonly kind: HookKind | undefined
  /** The hook at each of its points. */
  readonly links: Link[]
  /** The hook whose after part it is. */
  readonly unwindsFrom: LinkHook | undefined
  enabled: boolean
  /** Taken away: unregistered, aborted, or called once. */
  removed: boolean
}

/** What a link knows of its point. */
export interface LinkSlot {
  readonly definition: PointDefinition
  readonly settings: PointSettings
  /** In the order of registration. */
  readonly links: readonly Link[]
  /** Whether constraints order some of the hooks there. */
  readonly constrained: boolean
  /** The links there in their order. */
  readonly order: readonly { readonly hook: Link }[]
  /** Points at which after parts unwind whose before parts stand here: their order follows the order here. */
  readonly unwindsAt: Set<LinkSlot>
  has(name: string): boolean
  add(link: Link): void
  remove(link: Link): void
  invalidate(): void
}

/** What a link is made of. */
export interface LinkFields extends Pick<
  Unit,
  'kind' | 'handler' | 'composite' | 'failsClosed' | 'matches' | 'timeoutMs' | 'breaker'
> {
  readonly hook: LinkHook
  readonly slot: LinkSlot
  /** The before part, when this is the after part of a pair. */
  readonly beforePart: Link | undefined
}

/** A hook at one point. A class, so that all links have one shape: the fast path reads them by the million. */
export class Link implements Unit, Ordered {
  readonly hook: LinkHook
  readonly slot: LinkSlot
  readonly name: string
  readonly kind: HookKind
  readonly priority: number
  readonly registered: number
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly handler: Unit['handler']
  readonly composite: Unit['composite']
  readonly failsClosed: boolean
  readonly when: Unit['when']
  readonly matches: Unit['matches']
  readonly timeoutMs: number
  readonly breaker: Unit['breaker']
  readonly localsKey: object
  readonly meter = new HookMeter()
  /** Left out because hooks cost more than their budget. */
  shed = false
  readonly #beforePart: Link | undefined

  constructor(fields: LinkFields) {
    const { hook } = fields
    this.hook = hook
    this.slot = fields.slot
    this.name = hook.name
    this.kind = fields.kind
    this.priority = hook.options.priority
    this.registered = hook.registered
    // The constraints of a pair place its before part; its after part unwinds.
    this.before = hook.unwindsFrom === undefined ? hook.options.before : []
    this.after = hook.unwindsFrom === undefined ? hook.options.after : []
    this.handler = fields.handler
    this.composite = fields.composite
    this.failsClosed = fields.failsClosed
    this.when = hook.options.when
    this.matches = fields.matches
    this.timeoutMs = fields.timeoutMs
    this.breaker = fields.breaker
    this.localsKey = hook.unwindsFrom ?? hook
    this.#beforePart = fields.beforePart
  }

  get unwinds(): Ordered['unwinds'] {
    const before = this.#beforePart
    return (
      before && { point: before.slot.definition.id, place: before.slot.order.findIndex(({ hook }) => hook === before) }
    )
  }
}

/** Whether a hook has an order of its own besides priority and registration. */
export function isConstrained({ before, after, unwinds }: Link): boolean {
  return before.length + after.length > 0 || unwinds !== undefined
}
