/**
 * The one logic of effects that run as actors. Its snapshot holds which effect it is and what it was given, so that whoever
 * keeps the snapshot knows what was started; the effect itself is started when the actor is, after the step that invokes it.
 */
import type { ActorLogic, AnyActorRef, EventObject, Snapshot } from 'xstate'
import { nextEffectId, resumeEffectId } from '../../src/effect-ids.ts'
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import { parentOf } from '../compiled/xstate-internals.ts'
import type { EffectCall, RunEffect } from '../compiled/run-options.ts'

/** Where an effect stands. JSON, as far as its input and output are. */
export type EffectSnapshot = Snapshot<unknown> & {
  /** Until it has ended. */
  readonly input: unknown
  /** The source that the machine names. */
  readonly name: string
  /** See `EffectCall`. */
  readonly effectId: string
}

const RESOLVED = 'hookchart.effect.resolved'
const REJECTED = 'hookchart.effect.rejected'

type Settled = EventObject & { readonly data: unknown }

/** Makes it: in all that an actor shows it is `fromPromise` of the same function, and it is told besides which effect it is. */
export function effectLogic(name: string, effect: RunEffect): ActorLogic<EffectSnapshot, EventObject, unknown> {
  const controllers = new WeakMap<AnyActorRef, AbortController>()
  return {
    getInitialSnapshot: ({ self }, input) => ({
      ...{ status: 'active', output: undefined, error: undefined, input, name },
      effectId: nextEffectId(self),
    }),
    start: ({ status, input, effectId }, { self }) => {
      if (status !== 'active') return
      const controller = new AbortController()
      controllers.set(self, controller)
      const settle = (event: Settled) => {
        if (self.getSnapshot().status === 'active') self.send(event)
      }
      const call = new ActorCall(self, input, effectId, controller.signal)
      let result: unknown
      try {
        result = effect(call)
      } catch (error) {
        result = Promise.reject(error)
      }
      Promise.resolve(result).then(
        (data) => {
          settle({ type: RESOLVED, data })
        },
        (data: unknown) => {
          settle({ type: REJECTED, data })
        },
      )
    },
    transition: (snapshot, event, { self }) => {
      if (snapshot.status !== 'active') return snapshot
      switch (event.type) {
        case RESOLVED:
          return { ...snapshot, status: 'done', output: (event as Settled).data, input: undefined }
        case REJECTED:
          return { ...snapshot, status: 'error', error: (event as Settled).data, input: undefined }
        case 'xstate.stop':
          controllers.get(self)?.abort()
          return { ...snapshot, status: 'stopped', input: undefined }
        default:
          return snapshot
      }
    },
    restoreSnapshot: (snapshot, { self }) => {
      const restored = snapshot as EffectSnapshot
      if (restored.status === 'active') resumeEffectId(self, restored.effectId)
      return restored
    },
    getPersistedSnapshot: (snapshot) => snapshot,
  }
}

/** What an effect is told that runs as an actor. */
class ActorCall implements EffectCall {
  readonly input: unknown
  readonly effectId: string
  readonly signal: AbortSignal
  readonly #self: AnyActorRef

  constructor(self: AnyActorRef, input: unknown, effectId: string, signal: AbortSignal) {
    this.#self = self
    this.input = input
    this.effectId = effectId
    this.signal = signal
  }

  get id(): string {
    return this.#self.id
  }

  get isStopped(): boolean {
    return this.signal.aborted
  }

  onStop(listener: () => void): () => void {
    return whenAborted(this.signal, listener)
  }

  sendBack(event: EventObject): void {
    parentOf(this.#self)?.send(event)
  }
}
