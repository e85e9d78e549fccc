/**
 * The one logic of timers. XState forgets its own (`after`, delayed events) when a machine is restored; of this one the
 * snapshot holds when it is due, so that it waits on for what remains, in whichever process that is.
 */
import type { ActorLogic, AnyActorRef, EventObject, Snapshot } from 'xstate'
import type { Duration } from '../../src/duration.ts'
import { nextEffectId, resumeEffectId } from '../../src/effect-ids.ts'
import { systemClock } from '../../src/ports/clock.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { cancelScheduled, parentOf, schedule } from '../compiled/xstate-internals.ts'
import { dueAtOf, leftAfter, waitOf } from './timer-time.ts'

/** What a timer is given. */
export interface TimerInput {
  /** How long it waits from when it is invoked; 0 is as soon as possible. */
  readonly delayMs: Duration
}

/** What a timer gives when it is done. */
export interface TimerOutput {
  /** How long after its time it is; more than a moment where nobody ran the machine when it was due. */
  readonly lateMs: number
}

/** Where a timer stands; JSON. */
export type TimerSnapshot = Snapshot<TimerOutput> & {
  /** Until it has ended. */
  readonly input: unknown
  /** The source that the machine names. */
  readonly name: string
  /** See `EffectCall`. */
  readonly effectId: string
  /** When it is done, by the clock of the actor. */
  readonly dueAt: number
}

const TICK = 'hookchart.timer.tick'

interface Tick extends EventObject {
  readonly waitedMs: number
  /** What was left when the wait began. */
  readonly leftMs: number
}

/** What {@link timer} is. A name, so that the types of machines that use it can be written down. */
export interface TimerLogic extends ActorLogic<TimerSnapshot, EventObject, TimerInput> {
  readonly config?: undefined
}

/**
 * A delay that survives a restore: invoke it where you would write `after`.
 *
 * It is done once, `delayMs` after it was invoked, and is gone when its state is left. The persisted snapshot holds when it is
 * due; an actor or a run that is restored from it waits for what remains, and takes what is overdue at once. Time is that of
 * the `clock` of the actor or run; where that has no `now()`, the clock of the computer tells the time. Waits may be longer
 * than the 24.8 days of the platform's timers.
 *
 * @throws INVALID_INPUT fails the invoke when `delayMs` is no duration
 * @example
 * ```ts
 * import { timer } from 'hookchart/machines'
 * import { createTestClock } from 'hookchart/testing'
 * import { createActor, setup } from 'xstate'
 * const offer = setup({ actors: { timer } }).createMachine({
 *   initial: 'open',
 *   states: {
 *     open: { invoke: { id: 'closing', src: 'timer', input: { delayMs: '1s' }, onDone: 'closed' } },
 *     closed: {},
 *   },
 * })
 * const clock = createTestClock()
 * const first = createActor(offer, { clock }).start()
 * await clock.advance(400)
 * const snapshot = JSON.parse(JSON.stringify(first.getPersistedSnapshot())) as never
 * first.stop()
 *
 * const second = createActor(offer, { clock, snapshot }).start()
 * await clock.advance(599)
 * console.assert(second.getSnapshot().value === 'open')
 * await clock.advance(1)
 * console.assert(second.getSnapshot().value === 'closed')
 * ```
 */
export const timer: TimerLogic = {
  getInitialSnapshot: ({ self }, input) => ({
    ...{ status: 'active', output: undefined, error: undefined, input },
    ...{ name: nameOf(self), effectId: nextEffectId(self), dueAt: dueAtOf(self.id, input, nowOf(self)) },
  }),
  start: ({ status, dueAt }, { self }) => {
    if (status === 'active') arm(self, dueAt - nowOf(self))
  },
  transition: (snapshot, event, { self }) => {
    if (snapshot.status !== 'active') return snapshot
    switch (event.type) {
      case TICK: {
        const lateMs = nowOf(self) - snapshot.dueAt
        const { waitedMs, leftMs: before } = event as Tick
        const leftMs = leftAfter(waitedMs, before, lateMs)
        if (leftMs > 0) {
          arm(self, leftMs)
          return snapshot
        }
        return { ...snapshot, status: 'done', output: { lateMs: Math.max(0, lateMs) }, input: undefined }
      }
      case 'xstate.stop':
        disarm(self)
        return { ...snapshot, status: 'stopped', input: undefined }
      default:
        return snapshot
    }
  },
  restoreSnapshot: (snapshot, { self }) => {
    const restored = snapshot as TimerSnapshot
    if (restored.status !== 'active') return restored
    resumeEffectId(self, restored.effectId)
    // An effect that stood in its place has not written down when it is due.
    const { input, name, effectId } = restored
    const dueAt = (restored.dueAt as number | undefined) ?? dueAtOf(self.id, input, nowOf(self))
    return { ...{ status: 'active', output: undefined, error: undefined, input }, name, effectId, dueAt }
  },
  getPersistedSnapshot: (snapshot) => snapshot,
}

/** In whose name each timer is set: when that one ends, even by what it throws, XState clears what it has set. */
const owners = new WeakMap<AnyActorRef, AnyActorRef>()

const timerIdOf = ({ sessionId }: AnyActorRef) => `hookchart.timer.${sessionId}`

function arm(self: AnyActorRef, leftMs: number): void {
  const owner = parentOf(self) ?? self
  owners.set(self, owner)
  // What is rounded down would be too early.
  const waitedMs = waitOf(hasTime(clockOf(self)) ? leftMs : Math.ceil(leftMs))
  const tick: Tick = { type: TICK, waitedMs, leftMs }
  schedule(self.system, owner, self, tick, waitedMs, timerIdOf(self))
}

function disarm(self: AnyActorRef): void {
  const owner = owners.get(self)
  if (owner !== undefined) cancelScheduled(self.system, owner, timerIdOf(self))
}

const clockOf = (self: AnyActorRef) => (self as unknown as { readonly clock: Omit<Clock, 'now'> }).clock
const hasTime = (clock: Omit<Clock, 'now'>): clock is Clock => typeof (clock as Partial<Clock>).now === 'function'

function nowOf(self: AnyActorRef): number {
  const clock = clockOf(self)
  return hasTime(clock) ? clock.now() : systemClock.now()
}

function nameOf({ src }: AnyActorRef): string {
  return typeof src === 'string' ? src : 'timer'
}
