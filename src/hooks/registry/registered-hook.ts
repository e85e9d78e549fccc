/** A hook as the registry holds it, and how it comes to stand at a point. */
import { equalJson } from '../../json.ts'
import type { Breaker, BreakerFactory, BreakerSettings } from '../../ports/breaker.ts'
import { compileComposite, kindOfComposite } from '../compose/composite.ts'
import { localsKeysOf } from '../compose/locals-keys.ts'
import type { HookHandler } from '../context.ts'
import { assertFailure, assertHandler, isComposite } from '../hook.ts'
import type { Composite, ParsedHookOptions } from '../hook.ts'
import type { HookKind } from '../points/point.ts'
import { Link } from './link.ts'
import type { LinkHook } from './link.ts'
import type { Slot } from './slot.ts'
import { failsClosed, makeBreaker, matcherOf } from './unit.ts'
import type { Unit } from './unit.ts'

/** What a hook calls: a function or a composite. */
export type AnyHandler = HookHandler | Composite

/** What a registered hook is made from. */
export interface HookSource {
  readonly registered: number
  readonly handler: unknown
  readonly options: ParsedHookOptions
  /** Its globs: points defined later that match one are its points too. */
  readonly globs: readonly string[]
  /** Narrows the hook to certain components, besides `match`. */
  readonly only: Unit['matches']
  /** The hook whose after part this is. */
  readonly unwindsFrom: RegisteredHook | undefined
  /** Whether another hook at one of its points has this name. */
  readonly isTaken: (name: string) => boolean
}

/** A breaker of a hook, and what it was made for. */
interface HookBreaker {
  readonly settings: BreakerSettings
  /** The deadline of a guard, from which on it is slow. */
  readonly forMs: number | undefined
  readonly breaker: Breaker | undefined
}

/** A registered hook. */
export class RegisteredHook implements LinkHook {
  readonly id: string
  readonly name: string
  /** Registration number: 1, 2, 3 … */
  readonly registered: number
  readonly options: ParsedHookOptions
  readonly globs: readonly string[]
  readonly unwindsFrom: RegisteredHook | undefined
  /** The kind it was registered as; undefined: by the point. */
  readonly kind: HookKind | undefined
  /** The hook at each of its points. */
  readonly links: Link[] = []
  enabled = true
  /** Taken away: unregistered, aborted, or called once. */
  removed = false
  /** Lets go of its signal. */
  stopListening: () => void = () => undefined
  readonly #handler: HookHandler | undefined
  readonly #composite: Composite | undefined
  readonly #matches: Unit['matches']
  readonly #breakers: HookBreaker[] = []

  constructor({ registered, handler, options, globs, only, unwindsFrom, isTaken }: HookSource) {
    const where = options.name === undefined ? 'A hook without a name' : `Hook "${options.name}"`
    this.#composite = isComposite(handler) ? handler : undefined
    if (this.#composite === undefined) {
      assertHandler(handler, where)
      this.#handler = handler
    }
    this.id = `hook-${String(registered)}`
    this.name = options.name ?? automaticName(handler, registered, isTaken)
    this.registered = registered
    this.options = options
    this.globs = globs
    this.kind = this.#composite === undefined ? options.kind : kindOfComposite(this.#composite, options.kind, where)
    assertFailure(this.kind, options.onFailure, where)
    this.unwindsFrom = unwindsFrom
    const byMatch = matcherOf(options.match)
    this.#matches =
      only === undefined || byMatch === undefined
        ? (only ?? byMatch)
        : (component) => only(component) && byMatch(component)
  }

  /** The hook as it stands at a point. */
  linkTo(slot: Slot, makeBreakerOf: BreakerFactory): Link {
    const { options, name } = this
    const { settings, definition } = slot
    const kind = this.kind ?? (definition.decisions.length === 0 ? 'observe' : 'transform')
    const timeoutMs = options.timeoutMs ?? settings.timeoutMs
    const closed = failsClosed(kind, options)
    return new Link({
      hook: this,
      slot,
      kind,
      handler: this.#handler,
      composite:
        this.#composite &&
        compileComposite(
          this.#composite,
          { name, kind, failsClosed: closed, timeoutMs, localsKeyOf: localsKeysOf(this.unwindsFrom ?? this) },
          makeBreakerOf,
        ),
      failsClosed: closed,
      matches: this.#matches,
      timeoutMs,
      breaker: this.#breakerFor(kind, timeoutMs, options.breaker ?? settings.breaker, makeBreakerOf),
      beforePart: this.unwindsFrom && partFor(slot, this.unwindsFrom),
    })
  }

  /** One breaker a hook, unless its points give it different settings. */
  #breakerFor(
    kind: HookKind,
    timeoutMs: number,
    settings: ParsedHookOptions['breaker'],
    factory: BreakerFactory,
  ): Breaker | undefined {
    if (settings === undefined || settings === false) return undefined
    const forMs = kind === 'guard' ? timeoutMs : undefined
    const known = this.#breakers.find((each) => each.forMs === forMs && equalJson(each.settings, settings))
    if (known !== undefined) return known.breaker
    const breaker = makeBreaker(settings, kind, timeoutMs, factory)
    this.#breakers.push({ settings, forMs, breaker })
    return breaker
  }
}

function automaticName(handler: unknown, registered: number, isTaken: HookSource['isTaken']): string {
  const name = typeof handler === 'function' && handler.name !== '' ? handler.name : 'hook'
  let number = registered
  while (isTaken(`${name}#${String(number)}`)) number++
  return `${name}#${String(number)}`
}

/** The before part that an after part at this point belongs to: that of the same component, else the first. */
function partFor(slot: Slot, before: RegisteredHook): Link | undefined {
  return before.links.find((link) => link.slot.definition.component === slot.definition.component) ?? before.links[0]
}
