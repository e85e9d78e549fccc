/** A hook point in a registry: the hooks there, in order, ready to run. */
import type { ComponentInfo } from '../context.ts'
import type { PointSettings } from '../executor-options.ts'
import { orderHooks } from '../order.ts'
import type { Place } from '../order.ts'
import type { PointDefinition } from '../points/point.ts'
import { isConstrained } from './link.ts'
import type { Link, LinkSlot } from './link.ts'

/** The enabled hooks of a point for one component, in order. Never changed: a pass runs the chain it began with. */
export interface Chain {
  readonly slot: Slot
  /** Transforms, then guards, then observers. */
  readonly links: readonly Link[]
  /** Where the guards begin. */
  readonly guardsFrom: number
  /** Where the observers begin. */
  readonly observersFrom: number
  /** Hooks left out because they are shed; for the trace. */
  readonly shed: readonly Link[]
  /** Every hook is a plain function without conditions: the fast path may run it. */
  readonly plain: boolean
  /** The shortest time that any of the breakers calls slow. */
  readonly slowMs: number
  /** Passes that called every hook; kept here so that a pass counts once, not once a hook. */
  passes: number
  /** Passes in all, for sampling. */
  ticks: number
  /** Passes to come that are timed hook by hook. */
  timedPasses: number
}

const MOST_CHAINS = 1_000

/** A point in a registry. */
export class Slot implements LinkSlot {
  readonly definition: PointDefinition
  readonly settings: PointSettings
  /** What the point fires for when nobody says what. */
  readonly component: ComponentInfo
  readonly unwindsAt = new Set<LinkSlot>()
  /**
   * In the order of registration. An array, also in the registry: the discarded tables of a Map that keeps losing and
   * gaining entries hold these back from the collector, which makes registering several times as slow.
   */
  readonly #links: Link[] = []
  /** Their names; an object as a dictionary, for the same reason. */
  readonly #names = Object.create(null) as Record<string, true>
  /** Links whose order is not by priority and registration alone. */
  #constrained = 0
  /** Links for certain components only. */
  #matched = 0
  #enabled = true
  #order: readonly Place<Link>[] | undefined
  /** The chain when no hook is for certain components only; undefined when it must be made. */
  #chain: Chain | null | undefined = null
  readonly #chains = new Map<string, Chain | null>()

  constructor(definition: PointDefinition, settings: PointSettings) {
    this.definition = definition
    this.settings = settings
    this.component = Object.freeze({ type: definition.component, name: definition.id, id: definition.id })
  }

  /** In the order of registration. */
  get links(): readonly Link[] {
    return [...this.#links]
  }

  /** Whether constraints order some of the hooks here. */
  get constrained(): boolean {
    return this.#constrained > 0
  }

  has(name: string): boolean {
    return name in this.#names
  }

  add(link: Link): void {
    this.#links.push(link)
    this.#names[link.name] = true
    this.#constrained += isConstrained(link) ? 1 : 0
    this.#matched += link.matches === undefined ? 0 : 1
    this.invalidate()
  }

  remove(link: Link): void {
    this.#links.splice(this.#links.lastIndexOf(link), 1)
    Reflect.deleteProperty(this.#names, link.name)
    this.#constrained -= isConstrained(link) ? 1 : 0
    this.#matched -= link.matches === undefined ? 0 : 1
    this.invalidate()
  }

  /** The hooks that run here for a component; null: none, take the transition as written. */
  chainFor(component: ComponentInfo): Chain | null {
    if (this.#matched > 0) return this.#chainOf(component)
    return this.#chain === undefined ? (this.#chain = this.#build(undefined)) : this.#chain
  }

  /** Whether no hook runs here, for any component. */
  get isFree(): boolean {
    return this.#matched === 0 ? this.chainFor(this.component) === null : this.#build(undefined) === null
  }

  get enabled(): boolean {
    return this.#enabled
  }

  set enabled(on: boolean) {
    this.#enabled = on
    this.invalidate()
  }

  /** All hooks here in their order, the disabled ones too. */
  get order(): readonly Place<Link>[] {
    this.#order ??= orderHooks(this.links) as readonly Place<Link>[]
    return this.#order
  }

  /** The hooks here, or whether they are enabled, have changed: passes that begin from now on see it. */
  invalidate(): void {
    this.countPasses()
    this.#order = undefined
    if (this.#chains.size > 0) this.#chains.clear()
    this.#chain = this.#links.length === 0 ? null : undefined
    for (const after of this.unwindsAt) after.invalidate()
  }

  /** Brings the hooks' meters up to date. */
  countPasses(): void {
    if (this.#chain) countPasses(this.#chain)
    if (this.#chains.size === 0) return
    for (const chain of this.#chains.values()) if (chain !== null) countPasses(chain)
  }

  #chainOf(component: ComponentInfo): Chain | null {
    const key = `${component.type}\n${component.name}`
    let chain = this.#chains.get(key)
    if (chain === undefined) {
      if (this.#chains.size >= MOST_CHAINS) {
        this.countPasses()
        this.#chains.clear()
      }
      chain = this.#build(component)
      this.#chains.set(key, chain)
    }
    return chain
  }

  #build(component: ComponentInfo | undefined): Chain | null {
    if (!this.#enabled) return null
    const enabled = this.order
      .map(({ hook }) => hook)
      .filter((link) => link.hook.enabled && (component === undefined || (link.matches?.(component) ?? true)))
    const links = enabled.filter((link) => !link.shed)
    if (links.length === 0) return null
    const count = (kinds: readonly string[]) => links.filter(({ kind }) => kinds.includes(kind)).length
    return {
      slot: this,
      links,
      guardsFrom: count(['transform']),
      observersFrom: count(['transform', 'guard']),
      shed: enabled.filter((link) => link.shed),
      plain: links.every(
        ({ composite, when, hook }) => composite === undefined && when === undefined && !hook.options.once,
      ),
      slowMs: Math.min(...links.map(({ breaker }) => breaker?.slowCallMs ?? Infinity)),
      passes: 0,
      ticks: 0,
      timedPasses: 0,
    }
  }
}

function countPasses(chain: Chain): void {
  for (const link of chain.links) link.meter.count += chain.passes
  for (const link of chain.shed) link.meter.skipped += chain.passes
  chain.passes = 0
}
