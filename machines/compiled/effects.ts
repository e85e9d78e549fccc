/** What a run does by itself of all that its machine invokes: the effects that it was given, and timers. */
import type { AnyActorRef } from 'xstate'
import { countEffect, resumeCount } from '../../src/effect-ids.ts'
import type { EffectCounts } from '../../src/effect-ids.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { EffectSnapshot } from '../effect/effect-logic.ts'
import type { TimerSnapshot } from '../effect/timer-logic.ts'
import { EffectChild } from './effect-child.ts'
import type { EffectHost } from './host.ts'
import { RunChild } from './run-child.ts'
import type { Standing } from './run-child.ts'
import type { RunEffect } from './run-options.ts'
import { TimerChild, TimerWheel } from './timer-child.ts'

/** The effects of one run. */
export class Effects implements EffectHost {
  readonly #effects: Readonly<Record<string, RunEffect>>
  /** Sources of the machine that are timers. */
  readonly #timers: ReadonlySet<string>
  readonly #clock: Clock
  /** Most runs have no timers. */
  #wheel: TimerWheel | undefined
  readonly #parent: AnyActorRef
  readonly #defer: (effect: () => void) => void
  /** How many of each child id there have been. */
  readonly counts: EffectCounts = new Map()
  #made = 0

  constructor(
    effects: Readonly<Record<string, RunEffect>>,
    timers: ReadonlySet<string>,
    clock: Clock,
    parent: AnyActorRef,
    defer: (effect: () => void) => void,
  ) {
    this.#effects = effects
    this.#timers = timers
    this.#clock = clock
    this.#parent = parent
    this.#defer = defer
  }

  has(src: unknown): src is string {
    return typeof src === 'string' && (Object.hasOwn(this.#effects, src) || this.#timers.has(src))
  }

  create(src: string, id: string | undefined, input: unknown, syncSnapshot: boolean): AnyActorRef {
    const name = id ?? `effect-${String(this.#made++)}`
    const standing = { status: 'active', output: undefined, error: undefined, input } as const
    const child = this.#make(src, name, countEffect(this.counts, name), standing, syncSnapshot, undefined)
    this.#defer(() => {
      child.start()
    })
    return child as unknown as AnyActorRef
  }

  /** One that went on before: when the run starts an effect begins anew, under the same id; a timer waits for what remains. */
  restore(src: string, id: string, snapshot: unknown, syncSnapshot: boolean): AnyActorRef {
    const { status, output, error, input, effectId, dueAt } = snapshot as EffectSnapshot & Partial<TimerSnapshot>
    resumeCount(this.counts, id, effectId)
    const standing = { status, output, error, input }
    return this.#make(src, id, this.counts.get(id) ?? 1, standing, syncSnapshot, dueAt) as unknown as AnyActorRef
  }

  #make(
    src: string,
    id: string,
    count: number,
    standing: Standing,
    syncSnapshot: boolean,
    dueAt: number | undefined,
  ): RunChild {
    if (Object.hasOwn(this.#effects, src))
      return new EffectChild(id, src, this.#effects[src] as RunEffect, this.#parent, count, standing, syncSnapshot)
    this.#wheel ??= new TimerWheel(this.#clock)
    return new TimerChild(id, src, this.#wheel, this.#parent, count, standing, syncSnapshot, dueAt)
  }

  stop(child: AnyActorRef): boolean {
    if (!(child instanceof RunChild)) return false
    // What it was about to send comes first, as in XState; what never began just does not.
    if (!child.isRunning) child.stop()
    else
      this.#defer(() => {
        child.stop()
      })
    return true
  }

  /** The run has ended. */
  end(): void {
    this.#wheel?.clearAll()
  }
}
