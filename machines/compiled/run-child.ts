/** A child that a run has by itself, without an actor: one small record that looks like the actor it stands for. */
import type { AnyActorRef, EventObject } from 'xstate'
import { effectIdOf } from '../../src/effect-ids.ts'
import type { EffectSnapshot } from '../effect/effect-logic.ts'
import { unsupported } from './unsupported.ts'
import { ChildFace } from './xstate-internals.ts'

/** Where it stands, but for what never changes. */
export interface Standing {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output: unknown
  readonly error: unknown
  readonly input: unknown
}

/** What is the same of all of them. */
export abstract class RunChild extends ChildFace {
  readonly id: string
  readonly src: string
  isRunning = false
  protected standing: Standing
  /** The how many-th child of this id it is. */
  readonly #count: number
  readonly #parent: AnyActorRef
  #mayStart = true
  /** How many events came before it was started. */
  #waiting = 0

  // One by one: on Node 20 an object that is put together of others costs a microsecond.
  constructor(id: string, src: string, parent: AnyActorRef, count: number, standing: Standing, syncSnapshot: boolean) {
    super(parent, syncSnapshot)
    this.#parent = parent
    this.#count = count
    this.id = id
    this.src = src
    this.standing = standing
  }

  abstract getSnapshot(): EffectSnapshot
  /** Starts what it stands for. */
  protected abstract begin(): void
  /** Stops what it stands for. */
  protected abstract release(): void

  start(): void {
    if (!this.#mayStart) return
    this.#mayStart = false
    const { status, error } = this.standing
    if (status === 'active') {
      this.isRunning = true
      this.begin()
    } else if (status === 'error') this.#tellError(error)
  }

  stop(): void {
    // One that was never started still looks as if it might: as an actor.
    this.#mayStart = false
    if (!this.isRunning) return
    this.end('stopped')
    this.release()
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

  /** It takes no events; as an actor does, it goes on and shows itself again. */
  send(_event: EventObject): void {
    if (this.isRunning) this.#tellSnapshot()
    else this.#waiting++
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

  protected succeed(output: unknown): void {
    if (this.standing.status !== 'active') return
    this.end('done', output)
    const event = { type: endsOf(this.id).done, output, actorId: this.id }
    this.tell(event)
  }

  protected fail(error: unknown): void {
    if (this.standing.status !== 'active') return
    this.end('error', undefined, error)
    this.#tellError(error)
  }

  protected end(status: Standing['status'], output?: unknown, error?: unknown): void {
    this.isRunning = false
    this.standing = { status, output, error, input: undefined }
  }

  /** Tells who asks for snapshots, as an actor does when it starts and with each event that leaves it going on. */
  protected show(): void {
    for (this.#waiting++; this.#waiting > 0; this.#waiting--) this.#tellSnapshot()
  }

  #tellError(error: unknown): void {
    const event = { type: endsOf(this.id).error, error, actorId: this.id }
    this.tell(event)
  }

  #tellSnapshot(): void {
    if (this._syncSnapshot && this.isRunning)
      this.tell({ type: `xstate.snapshot.${this.id}`, snapshot: this.getSnapshot() } as EventObject)
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
