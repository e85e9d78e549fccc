/** `createShedding`: counters for operations, and the machine that judges them, told once a window. */
import { createActor } from 'xstate'
import type { ActorRefFrom, StateValueFrom } from 'xstate'
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import { sheddingDefaults as judgingDefaults } from '../../src/hooks/shedding.ts'
import { isPlainObject } from '../../src/json.ts'
import { parseOptions } from '../../src/options.ts'
import { sheddingMachine } from './shedding-machine.ts'
import { someSettingsSchema, spentBy } from './shedding-window.ts'
import type { SheddingSettings } from './shedding-window.ts'

/**
 * The settings that `createShedding` has unless you say otherwise: windows of 100 operations of 1 ms or more; a piece of
 * work comes back when it fits under 80 % of the budget, and is tried again after 10 windows, then 20, up to 160.
 *
 * @example
 * ```ts
 * import { sheddingDefaults } from 'hookchart/machines'
 * console.assert(sheddingDefaults.budget === 0.05 && sheddingDefaults.windowOperations === 100)
 * ```
 */
export const sheddingDefaults: SheddingSettings = {
  budget: 0.05,
  windowOperations: 100,
  shortestMs: 1,
  ...judgingDefaults,
}

/** Settings over {@link sheddingDefaults}. */
export type CreateSheddingOptions = Partial<SheddingSettings>

/** How a piece of work is shed. */
export interface SheddableOptions {
  /** The lowest is shed first, among equals the last that was added. Default 0. */
  readonly criticality?: number
  /** Counts towards the budget and is never shed. Default false. */
  readonly isKept?: boolean
}

/** How shedding stands. */
export interface SheddingStats {
  /** What the work took in the last full window, as a ratio of the operations' own time; 0 before there was one. */
  readonly share: number
  /** Operations in the window so far. */
  readonly operations: number
  /** What is left out. */
  readonly shed: readonly string[]
}

/** Work that operations carry with them, left out while it takes more than its share. */
export interface Shedding {
  /** within: all of it runs. over: too much, and nothing may be left out. shedding: some is left out. */
  readonly state: StateValueFrom<typeof sheddingMachine>
  /** The machine, running. It is told of members and of full windows. */
  readonly actor: ActorRefFrom<typeof sheddingMachine>
  /**
   * Adds a piece of work.
   *
   * @throws INVALID_OPTIONS also when there is one of this id
   */
  add(id: string, options?: SheddableOptions): void
  /** Takes a piece of work away; what it took in this window still counts. */
  remove(id: string): void
  /** Whether a piece of work is left out now. */
  isShed(id: string): boolean
  /**
   * An operation has ended: what it took itself, and what each piece of work took, in ms; default nothing. Ids that are not
   * there are passed over, and what is no finite time counts as nothing.
   *
   * @throws INVALID_OPTIONS
   */
  count(ownMs: number, spentMs?: Readonly<Record<string, number>>): void
  /** How it stands. */
  stats(): SheddingStats
  /** Ends the actor; nothing is left out from then on, and nothing counted. */
  [Symbol.dispose](): void
}

const spentSchema = z.record(z.string(), z.unknown())

const memberSchema = z.strictObject({ criticality: z.number().optional(), isKept: z.boolean().optional() })

/**
 * Makes a budget for optional work. Operations say what they took themselves and what the work took; over the budget the
 * least critical work is left out until the rest fits, and it comes back, one piece a window, when it would fit.
 *
 * @throws INVALID_OPTIONS
 * @example
 * ```ts
 * import { createShedding } from 'hookchart/machines'
 * const shedding = createShedding({ budget: 0.1, windowOperations: 2 })
 * shedding.add('audit', { criticality: 5 })
 * shedding.add('metrics')
 * for (let i = 0; i < 2; i++) shedding.count(100, { audit: 5, metrics: 10 })
 * console.assert(shedding.isShed('metrics') && !shedding.isShed('audit'))
 * ```
 */
export function createShedding(options: CreateSheddingOptions = {}): Shedding {
  const given = parseOptions(someSettingsSchema, options, 'createShedding')
  return new MachineShedding({ ...sheddingDefaults, ...given } as SheddingSettings)
}

class MachineShedding implements Shedding {
  readonly actor: ActorRefFrom<typeof sheddingMachine>
  readonly #settings: SheddingSettings
  /** What each member took in this window. */
  readonly #spentMs = new Map<string, number>()
  #shed = new Set<string>()
  #ownMs = 0
  #operations = 0
  #ended = false

  constructor(settings: SheddingSettings) {
    this.#settings = settings
    this.actor = createActor(sheddingMachine, { input: settings })
    // A machine that has failed sheds no more than it did; whoever watches it is told.
    this.actor.subscribe({ error: () => undefined })
    this.actor.start()
  }

  get state(): Shedding['state'] {
    return this.actor.getSnapshot().value
  }

  add(id: string, options: SheddableOptions = {}): void {
    const { criticality = 0, isKept = false } = parseOptions(memberSchema, options, `shedding.add("${id}")`)
    if (this.#ended) return
    if (this.#spentMs.has(id)) {
      const message = `shedding.add: "${id}" is there already. Choose another id, or remove that one first.`
      throw new HookchartError('INVALID_OPTIONS', message, { details: { id } })
    }
    this.#spentMs.set(id, 0)
    this.actor.send({ type: 'ADD', id, criticality, isKept })
  }

  remove(id: string): void {
    const spentMs = this.#spentMs.get(id)
    if (spentMs === undefined) return
    this.#spentMs.delete(id)
    this.#shed.delete(id)
    this.actor.send({ type: 'REMOVE', id, spentMs })
  }

  isShed(id: string): boolean {
    return this.#shed.has(id)
  }

  count(ownMs: number, spentMs: Readonly<Record<string, number>> = {}): void {
    if (!isPlainObject(spentMs)) parseOptions(spentSchema, spentMs, 'shedding.count: spentMs')
    if (this.#ended || !(ownMs >= this.#settings.shortestMs) || ownMs === Infinity) return
    for (const [id, before] of this.#spentMs) this.#spentMs.set(id, before + spentBy(id, spentMs))
    this.#ownMs += ownMs
    if (++this.#operations >= this.#settings.windowOperations) this.#tellWindow()
  }

  stats(): SheddingStats {
    const { share } = this.actor.getSnapshot().context
    return { share, operations: this.#operations, shed: [...this.#shed] }
  }

  [Symbol.dispose](): void {
    this.#ended = true
    this.#shed.clear()
    this.#spentMs.clear()
    this.actor.stop()
  }

  #tellWindow(): void {
    this.actor.send({ type: 'WINDOW', ownMs: this.#ownMs, spentMs: Object.fromEntries(this.#spentMs) })
    this.#shed = new Set(this.actor.getSnapshot().context.shed.map(({ id }) => id))
    this.#ownMs = 0
    this.#operations = 0
    for (const id of this.#spentMs.keys()) this.#spentMs.set(id, 0)
  }
}
