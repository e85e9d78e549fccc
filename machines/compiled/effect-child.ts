/** What a run does by itself for an invoked source: a function in the place of an actor, one small record. */
import type { AnyActorRef, EventObject } from 'xstate'
import { countEffect, effectIdOf, resumeCount } from '../../src/effect-ids.ts'
import type { EffectCounts } from '../../src/effect-ids.ts'
import type { EffectSnapshot } from '../effect/effect-logic.ts'
import type { EffectHost } from './host.ts'
import type { EffectCall, RunEffect } from './run-options.ts'
import { unsupported } from './unsupported.ts'
import { ChildFace } from './xstate-internals.ts'

/** Where it stands, but for what never changes. */
interface Standing {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output: unknown
  readonly error: unknown
  readonly input: unknown
}

/** Looks like the actor that `fromPromise` would have made, in its snapshot as in its events. */
export class EffectChild extends ChildFace implements EffectCall {
  readonly id: string
  readonly src: string
  isRunning = false
  readonly #effect: RunEffect
  #snapshot: Standing
  /** The how many-th child of this id it is. */
  readonly #count: number
  readonly #parent: AnyActorRef
  #controller: AbortController | undefined
  #onStop: Set<() => void> | undefined

  // One by one: on Node 20 an object that is put together of others costs a microsecond.
  constructor(
    id: string,
    src: string,
    effect: RunEffect,
    parent: AnyActorRef,
    count: number,
    snapshot: Standing,
    syncSnapshot: boolean,
  ) {
    super(parent, syncSnapshot)
    this.#parent = parent
    this.#count = count
    this.id = id
    this.src = src
    this.#effect = effect
    this.#snapshot = snapshot
  }

  get input(): unknown {
    return this.#snapshot.input
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#snapshot.status === 'stopped') this.#controller.abort()
    return this.#controller.signal
  }

  get isStopped(): boolean {
    return this.#snapshot.status === 'stopped'
  }

  onStop(listener: () => void): () => void {
    if (this.isStopped) {
      listener()
      return () => undefined
    }
    const listeners = (this.#onStop ??= new Set())
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  get effectId(): string {
    return effectIdOf(this.#parent as never, this.id, this.#count)
  }

  get sessionId(): string {
    return this.id
  }

  get ref(): this {
    return this
  }

  start(): void {
    if (this.isRunning || this.#snapshot.status !== 'active') return
    this.isRunning = true
    let result: unknown
    try {
      result = this.#effect(this)
    } catch (error) {
      this.#fail(error)
      return
    }
    Promise.resolve(result).then(
      (output) => {
        this.#succeed(output)
      },
      (error: unknown) => {
        this.#fail(error)
      },
    )
    if (this._syncSnapshot)
      this.tell({ type: `xstate.snapshot.${this.id}`, snapshot: this.getSnapshot() } as EventObject)
  }

  sendBack(event: EventObject): void {
    if (this.#snapshot.status !== 'stopped') this.tell(event)
  }

  /** A function takes no events. */
  send(_event: EventObject): void {
    // Nothing: as a promise actor.
  }

  stop(): void {
    if (this.#snapshot.status !== 'active') return
    this.#end({ status: 'stopped' })
    this.#controller?.abort()
    const listeners = this.#onStop
    this.#onStop = undefined
    for (const listener of listeners ?? []) listener()
  }

  getSnapshot(): EffectSnapshot {
    return { ...this.#snapshot, name: this.src, effectId: this.effectId } as EffectSnapshot
  }

  getPersistedSnapshot(): EffectSnapshot {
    return this.getSnapshot()
  }

  toJSON(): object {
    return { xstate$$type: 1, id: this.id }
  }

  subscribe(): never {
    throw unsupported(this.src, this.id, 'subscribing to an effect of a run')
  }

  on(): never {
    throw unsupported(this.src, this.id, 'listening to an effect of a run')
  }

  #succeed(output: unknown): void {
    if (this.#snapshot.status !== 'active') return
    this.#end({ status: 'done', output })
    const event = { type: endsOf(this.id).done, output, actorId: this.id }
    this.tell(event)
  }

  #fail(error: unknown): void {
    if (this.#snapshot.status !== 'active') return
    this.#end({ status: 'error', error })
    const event = { type: endsOf(this.id).error, error, actorId: this.id }
    this.tell(event)
  }

  #end(end: Pick<EffectSnapshot, 'status'> & Partial<EffectSnapshot>): void {
    this.isRunning = false
    const { status, output, error } = end
    this.#snapshot = { status, output, error, input: undefined }
  }
}

interface Ends {
  readonly done: string
  readonly error: string
}

const MOST = 1000
const ends = new Map<string, Ends>()

/** The types of the events that tell how a child ended: a text that is put together anew is compared anew, letter by letter. */
function endsOf(id: string): Ends {
  let known = ends.get(id)
  if (known !== undefined) return known
  if (ends.size >= MOST) ends.clear()
  known = { done: `xstate.done.actor.${id}`, error: `xstate.error.actor.${id}` }
  ends.set(id, known)
  return known
}

/** The effects of one run. */
export class Effects implements EffectHost {
  readonly #effects: Readonly<Record<string, RunEffect>>
  readonly #parent: AnyActorRef
  readonly #defer: (effect: () => void) => void
  /** How many of each child id there have been. */
  readonly counts: EffectCounts = new Map()
  #made = 0

  constructor(effects: Readonly<Record<string, RunEffect>>, parent: AnyActorRef, defer: (effect: () => void) => void) {
    this.#effects = effects
    this.#parent = parent
    this.#defer = defer
  }

  has(src: unknown): src is string {
    return typeof src === 'string' && Object.hasOwn(this.#effects, src)
  }

  create(src: string, id: string | undefined, input: unknown, syncSnapshot: boolean): AnyActorRef {
    const name = id ?? `effect-${String(this.#made++)}`
    const standing = { status: 'active', output: undefined, error: undefined, input } as const
    const child = this.#make(src, name, countEffect(this.counts, name), standing, syncSnapshot)
    this.#defer(() => {
      ;(child as unknown as EffectChild).start()
    })
    return child
  }

  /** One that went on before; it begins anew when the run starts, under the same id. */
  restore(src: string, id: string, snapshot: unknown, syncSnapshot: boolean): AnyActorRef {
    const { status, output, error, input, effectId } = snapshot as EffectSnapshot
    resumeCount(this.counts, id, effectId)
    return this.#make(src, id, this.counts.get(id) ?? 1, { status, output, error, input }, syncSnapshot)
  }

  #make(src: string, id: string, count: number, standing: Standing, syncSnapshot: boolean): AnyActorRef {
    const effect = this.#effects[src] as RunEffect
    return new EffectChild(id, src, effect, this.#parent, count, standing, syncSnapshot) as unknown as AnyActorRef
  }

  stop(child: AnyActorRef): boolean {
    if (!(child instanceof EffectChild)) return false
    // What it was about to send comes first, as in XState; what never began just does not.
    if (!child.isRunning) child.stop()
    else
      this.#defer(() => {
        child.stop()
      })
    return true
  }
}
