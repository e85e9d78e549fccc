/** The points of a registry: the catalogue's and those that users declare, by all their names. */
import { HookchartError } from '../../errors.ts'
import type { PointArg } from '../context.ts'
import type { PointSettings } from '../executor-options.ts'
import { catalogue } from '../points/catalogue.ts'
import { isGlob, matchesGlob } from '../points/glob.ts'
import { isPointDefinition } from '../points/point.ts'
import type { PointDefinition } from '../points/point.ts'
import { unknownPoint } from '../points/unknown-point.ts'
import { Slot } from './slot.ts'

const NO_GLOBS: readonly string[] = []

/** The slots of a registry. */
export class Points {
  readonly #settingsOf: (id: string, aliases: readonly string[]) => PointSettings
  /** By id and by every alias. */
  readonly #byName = new Map<string, Slot>()
  readonly #slots: Slot[] = []
  readonly #onDeclared: (slot: Slot) => void
  #enabled = true

  constructor(settingsOf: Points['settingsFor'], onDeclared: (slot: Slot) => void) {
    this.#settingsOf = settingsOf
    this.#onDeclared = onDeclared
    for (const definition of Object.values(catalogue) as PointDefinition[]) this.#add(definition)
  }

  get all(): readonly Slot[] {
    return this.#slots
  }

  /** Turns all points on or off, those that are declared later too. */
  set enabled(on: boolean) {
    this.#enabled = on
    for (const slot of this.#slots) slot.enabled = on
  }

  settingsFor(id: string, aliases: readonly string[]): PointSettings {
    return this.#settingsOf(id, aliases)
  }

  /** Whether there is a point of this id or alias. */
  has(point: string): boolean {
    return this.#byName.has(point)
  }

  /** The slot of one point, by id, alias or definition; a definition is declared with it. */
  slot(point: PointArg): Slot {
    if (typeof point === 'string') return this.#byName.get(point) ?? this.#unknown(point)
    if (!isPointDefinition(point)) return this.#unknown(point)
    const slot = this.#byName.get(point.id)
    if (slot === undefined) return this.declare(point)
    if (slot.definition !== point && !sameDefinition(slot.definition, point)) throw duplicatePoint(point)
    return slot
  }

  /** Adds a point of a user. Hooks with a glob that matches it are there from now on; if they cannot be ordered, it is refused. */
  declare(definition: PointDefinition): Slot {
    const known = this.#byName.get(definition.id)
    if (known !== undefined) {
      if (sameDefinition(known.definition, definition)) return known
      throw duplicatePoint(definition)
    }
    const slot = this.#add(definition)
    try {
      this.#onDeclared(slot)
    } catch (error) {
      this.forget(this.#slots.length - 1)
      throw error
    }
    return slot
  }

  /** Takes back all but the first points, which stay; gives those that are gone. */
  forget(stay: number): Slot[] {
    const gone = this.#slots.splice(stay)
    for (const { definition } of gone) this.#byName.delete(definition.id)
    return gone
  }

  /** The slots that a hook's points stand for: ids and definitions each one, globs all that match. */
  resolve(points: PointArg | readonly PointArg[]): {
    readonly slots: readonly Slot[]
    readonly named: readonly Slot[]
    readonly globs: readonly string[]
  } {
    if (!Array.isArray(points) && !(typeof points === 'string' && isGlob(points))) {
      const only = [this.slot(points as PointArg)]
      return { slots: only, named: only, globs: NO_GLOBS }
    }
    const list: readonly PointArg[] = Array.isArray(points) ? (points as readonly PointArg[]) : [points]
    if (list.length === 0) this.#unknown('')
    const named: Slot[] = []
    const globs: string[] = []
    for (const point of list) {
      if (typeof point !== 'string' || !isGlob(point)) {
        const slot = this.slot(point)
        if (!named.includes(slot)) named.push(slot)
      } else if (this.#slots.some((slot) => matchesGlob(point, slot.definition.id))) globs.push(point)
      else this.#unknown(point)
    }
    const slots = this.#slots.filter(
      (slot) => named.includes(slot) || globs.some((glob) => matchesGlob(glob, slot.definition.id)),
    )
    return { slots, named, globs }
  }

  #unknown(point: unknown): never {
    throw unknownPoint(
      point,
      this.#slots.map((slot) => slot.definition.id),
    )
  }

  #add(definition: PointDefinition): Slot {
    const slot = new Slot(definition, this.#settingsOf(definition.id, definition.aliases))
    if (!this.#enabled) slot.enabled = false
    this.#slots.push(slot)
    for (const name of [definition.id, ...definition.aliases]) this.#byName.set(name, slot)
    return slot
  }
}

function sameDefinition(a: PointDefinition, b: PointDefinition): boolean {
  return (
    a === b ||
    (a.id === b.id && a.phase === b.phase && a.schema === b.schema && a.decisions.join() === b.decisions.join())
  )
}

function duplicatePoint({ id }: PointDefinition): HookchartError {
  return new HookchartError(
    'DUPLICATE_POINT',
    `The point "${id}" is declared already, with another phase, schema or decisions.`,
    {
      details: { point: id },
    },
  )
}
