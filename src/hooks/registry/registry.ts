/** The registry: which hooks there are, at which points, and in which order. It runs nothing. */
import { HookchartError, nameOf } from '../../errors.ts'
import type { BreakerFactory } from '../../ports/breaker.ts'
import { whenAborted } from '../abort-signals.ts'
import type { PointSettings } from '../executor-options.ts'
import { parseHookOptions } from '../hook.ts'
import type { HookKind } from '../points/point.ts'
import { orderHooks } from '../order.ts'
import { matchesGlob } from '../points/glob.ts'
import { assertPoints } from './arguments.ts'
import { Points } from './points.ts'
import { RegisteredHook } from './registered-hook.ts'
import { isConstrained } from './link.ts'
import type { Link, LinkHook, LinkSlot } from './link.ts'
import type { Slot } from './slot.ts'
import type { Unit } from './unit.ts'

/** A hook to register. */
export interface Registration {
  readonly points: unknown
  readonly handler: unknown
  readonly options: unknown
  /** Narrows the hook to certain components, besides `match`. */
  readonly only?: Unit['matches']
  /** The hook whose after part this is. */
  readonly unwindsFrom?: RegisteredHook
}

/** The hooks of one `createHooks` or system. */
export class Registry {
  readonly points: Points
  readonly #makeBreaker: BreakerFactory
  readonly #hooks: RegisteredHook[] = []
  #registered = 0

  constructor(settingsOf: (id: string, aliases: readonly string[]) => PointSettings, makeBreaker: BreakerFactory) {
    this.#makeBreaker = makeBreaker
    this.points = new Points(settingsOf, (slot) => {
      this.#joinByGlob(slot)
    })
  }

  /** In the order of registration. */
  get hooks(): readonly RegisteredHook[] {
    return [...this.#hooks]
  }

  /** Registers a hook at its points. Throws, with nothing changed, when anything about it is wrong. */
  register(registration: Registration): RegisteredHook {
    return this.atomically(() => this.#register(registration))
  }

  #register({ points, handler, options, only, unwindsFrom }: Registration): RegisteredHook {
    const where = labelOf(options)
    const parsed = parseHookOptions(options, where)
    assertPoints(points, where)
    const { slots, named, globs } = this.points.resolve(points)
    const hook = new RegisteredHook({
      registered: this.#registered + 1,
      handler,
      options: parsed,
      globs,
      only,
      unwindsFrom,
      isTaken: (name) => slots.some((slot) => slot.has(name)),
    })
    const own = slots.filter((slot) => takes(slot, hook, named.includes(slot)))
    if (own.length === 0) throw wrongKind(hook, slots[0] as Slot)
    const links = own.map((slot) => hook.linkTo(slot, this.#makeBreaker))
    for (const link of links) assertFits(link)
    for (const link of links) join(link)
    try {
      for (const link of links) assertUnwinding(link)
    } catch (error) {
      for (const link of links) leave(link)
      throw error
    }
    this.#hooks.push(hook)
    this.#registered++
    this.#obeySignal(hook)
    return hook
  }

  /** Takes a hook away; false when it is gone already. Passes that have begun finish with it. */
  unregister(hook: LinkHook): boolean {
    const index = this.#hooks.findLastIndex((each) => each === hook)
    const [known] = index === -1 ? [] : this.#hooks.splice(index, 1)
    if (known === undefined) return false
    known.removed = true
    known.stopListening()
    for (const link of known.links) leave(link)
    return true
  }

  setEnabled(hook: LinkHook, enabled: boolean): void {
    hook.enabled = enabled
    for (const { slot } of hook.links) slot.invalidate()
  }

  /** Does all of it, or, when something throws, leaves hooks and points as they were. */
  atomically<T>(work: () => T): T {
    const before = this.#registered
    const declared = this.points.all.length
    try {
      return work()
    } catch (error) {
      for (const hook of this.hooks) if (hook.registered > before) this.unregister(hook)
      for (const slot of this.points.forget(declared)) for (const link of slot.links) unlink(link)
      this.#registered = before
      throw error
    }
  }

  /** Hooks join a new point one by one; should one not fit, none of them has. */
  #joinByGlob(slot: Slot): void {
    const joined: Link[] = []
    try {
      for (const hook of this.hooks) {
        if (!hook.globs.some((glob) => matchesGlob(glob, slot.definition.id)) || !takes(slot, hook, false)) continue
        const link = hook.linkTo(slot, this.#makeBreaker)
        assertFits(link)
        join(link)
        joined.push(link)
      }
    } catch (error) {
      for (const link of joined) unlink(link)
      throw error
    }
  }

  #obeySignal(hook: RegisteredHook): void {
    const { signal } = hook.options
    if (signal === undefined) return
    hook.stopListening = whenAborted(signal, () => {
      this.unregister(hook)
    })
  }
}

/** How a hook is called in errors before it has a name. */
function labelOf(options: unknown): string {
  const name = (options as { name?: unknown } | null | undefined)?.name
  return name === undefined ? 'A hook without a name' : `Hook ${nameOf(name)}`
}

/** Whether a hook can stand at a point. A glob passes over points that take no hook of its kind; a point named outright refuses. */
function takes(slot: Slot, hook: RegisteredHook, named: boolean): boolean {
  const fits = slot.definition.decisions.length > 0 || hook.kind === undefined || hook.kind === 'observe'
  if (!fits && named) throw wrongKind(hook, slot)
  return fits
}

function wrongKind({ name, kind }: RegisteredHook, slot: Slot): HookchartError {
  const point = slot.definition.id
  return new HookchartError(
    'HOOK_KIND',
    `Hook "${name}" is a ${kind as HookKind}, but ${point} is observe only. Register it with kind "observe".`,
    {
      details: { hook: name, kind, point },
    },
  )
}

/** Refuses a hook that has the name of another at its point, or cannot be ordered among them. */
function assertFits(link: Link): void {
  const { slot, name, hook } = link
  const point = slot.definition.id
  if (slot.has(name)) {
    throw new HookchartError(
      'DUPLICATE_HOOK',
      `There is a hook "${name}" at ${point} already. Choose another name, or unregister that one first.`,
      {
        details: { hook: name, point },
      },
    )
  }
  for (const before of hook.unwindsFrom?.links ?? []) {
    if (!unwindsInto(slot, before.slot)) continue
    const points = [before.slot.definition.id, point]
    throw new HookchartError(
      'HOOK_ORDER_CYCLE',
      `The pair "${name}" goes from ${points.join(' to ')}, but other pairs unwind from there to here.`,
      {
        details: { hook: name, point, points },
      },
    )
  }
  if (slot.constrained || isConstrained(link)) assertOrder(name, slot, [...slot.links, link])
}

/** A hook among before parts can turn the order in which pairs unwind; that must close no cycle elsewhere. */
function assertUnwinding({ name, slot }: Link): void {
  for (const after of slot.unwindsAt) assertOrder(name, after, after.links)
}

/** Whether the order at one point depends, over pairs, on the order at another. */
function unwindsInto(from: LinkSlot, to: LinkSlot): boolean {
  return from === to || [...from.unwindsAt].some((next) => unwindsInto(next, to))
}

function assertOrder(name: string, slot: LinkSlot, links: readonly Link[]): void {
  const order = orderHooks(links)
  if (!('type' in order)) return
  const point = slot.definition.id
  const chain = order.hooks.join(' → ')
  const [code, why] =
    order.type === 'cycle'
      ? (['HOOK_ORDER_CYCLE', 'is a cycle. Drop one of these constraints.'] as const)
      : (['HOOK_ORDER_STAGE', 'goes against the stages: transforms run first, then guards, then observers.'] as const)
  throw new HookchartError(code, `Hook "${name}" cannot be ordered at ${point}: ${chain} ${why}`, {
    details: { hook: name, point, hooks: order.hooks },
  })
}

/** Takes a hook from one of its points. Its pairs unwind from there to here no longer, unless others still do. */
function leave(link: Link): void {
  const { hook, slot } = link
  slot.remove(link)
  for (const { slot: from } of hook.unwindsFrom?.links ?? []) {
    const unwinds = (other: Link) => other.hook.unwindsFrom?.links.some((before) => before.slot === from) ?? false
    if (!slot.links.some(unwinds)) from.unwindsAt.delete(slot)
  }
}

/** Takes a hook from a point that it joined by a glob, and that is gone. */
function unlink(link: Link): void {
  leave(link)
  const { links } = link.hook
  links.splice(links.indexOf(link), 1)
}

function join(link: Link): void {
  link.slot.add(link)
  link.hook.links.push(link)
  for (const before of link.hook.unwindsFrom?.links ?? []) before.slot.unwindsAt.add(link.slot)
}
