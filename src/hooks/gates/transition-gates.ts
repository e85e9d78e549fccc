/**
 * The gates of the transitions of a machine as one actor, which the machine's root invokes. A transition that has hooks
 * hands its event here instead of being taken; the event comes back, changed by the hooks, once they let it. What waits
 * here is persisted, so that a restored machine asks its hooks again.
 */
import type { Kernel } from '../executor/kernel.ts'
import { STOP } from './actor-logic.ts'
import type { Logic, LogicScope, LogicSnapshot, MachineActor, MachineEvent } from './actor-logic.ts'
import type { Admissions } from './admissions.ts'
import { GateKeeper } from './gate-keeper.ts'
import { GATE_EVENTS } from './names.ts'

/** A gate of a transition; JSON. */
export interface TransitionGate {
  readonly point: string
  /** before: the event waits. after: the end of the target's invoke waits. entered: nothing waits. */
  readonly at: 'before' | 'after' | 'entered'
  /** The id of the state that must not be left while something waits. */
  readonly source: string
  /** The gate after the same transition. */
  readonly after?: string
  /** What the machine is sent when the event was refused. */
  readonly refused?: string
}

/** The gates of a machine; JSON. */
export interface TransitionGatesInput {
  readonly machine: string
  readonly gates: Readonly<Record<string, TransitionGate>>
  /** The types of event that the machine takes. */
  readonly events: readonly string[]
}

/** An event that waits at a gate. */
export interface WaitingEvent {
  readonly pass: number
  readonly gate: string
  readonly event: MachineEvent
  /** The payload with which the transition was taken that the gate is behind. */
  readonly input?: unknown
}

/** Where the gates stand; JSON. */
export type TransitionGatesSnapshot = LogicSnapshot & {
  readonly input: TransitionGatesInput
  readonly waiting: readonly WaitingEvent[]
  /** By the gate behind a transition: the payload with which that was taken. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** Passes so far. */
  readonly passes: number
}

/** Passes the gates of transitions. */
export class TransitionGates {
  readonly logic: Logic<TransitionGatesSnapshot, TransitionGatesInput>
  readonly #kernel: Kernel
  readonly #admissions: Admissions
  readonly #keepers = new WeakMap<MachineActor, GateKeeper>()
  readonly #byMachine = new WeakMap<object, GateKeeper>()

  constructor(kernel: Kernel, admissions: Admissions) {
    this.#kernel = kernel
    this.#admissions = admissions
    this.logic = {
      getInitialSnapshot: (_, input) => ({
        status: 'active',
        output: undefined,
        error: undefined,
        input,
        waiting: [],
        inputs: {},
        passes: 0,
      }),
      restoreSnapshot: (snapshot) => snapshot as TransitionGatesSnapshot,
      getPersistedSnapshot: (snapshot) => snapshot,
      start: (snapshot, scope) => {
        const keeper = this.#keeperOf(snapshot, scope)
        keeper.assertPoints()
        for (const waiting of snapshot.waiting) keeper.begin(waiting)
      },
      transition: (snapshot, event, scope) => this.#transition(snapshot, event, scope),
    }
  }

  /** A machine has left a state: what waits there waits no longer. */
  leave(machine: object, source: string): void {
    this.#byMachine.get(machine)?.left(source)
  }

  #keeperOf(snapshot: TransitionGatesSnapshot, scope: LogicScope): GateKeeper {
    let keeper = this.#keepers.get(scope.self)
    if (keeper === undefined) {
      keeper = new GateKeeper(this.#kernel, this.#admissions, snapshot.input, scope)
      this.#keepers.set(scope.self, keeper)
      if (scope.self._parent !== undefined) this.#byMachine.set(scope.self._parent, keeper)
    }
    return keeper
  }

  #transition(snapshot: TransitionGatesSnapshot, event: MachineEvent, scope: LogicScope): TransitionGatesSnapshot {
    const keeper = this.#keeperOf(snapshot, scope)
    switch (event.type) {
      case STOP:
        keeper.stop()
        return { ...snapshot, status: 'stopped', output: undefined, error: undefined }
      case GATE_EVENTS.pass:
        return this.#wait(snapshot, event as never, keeper, scope)
      case GATE_EVENTS.taken: {
        const { gate, event: taken } = event as unknown as Pick<WaitingEvent, 'gate' | 'event'>
        const { type: _, ...input } = taken
        const next = { ...snapshot, inputs: { ...snapshot.inputs, [gate]: input } }
        const isEntered = snapshot.input.gates[gate]?.at === 'entered'
        return isEntered ? this.#wait(next, { gate, event: taken }, keeper, scope) : next
      }
      case GATE_EVENTS.left:
        return {
          ...snapshot,
          waiting: snapshot.waiting.filter(({ gate }) => keeper.sourceOf(gate) !== event['source']),
        }
      case GATE_EVENTS.decided: {
        const waiting = snapshot.waiting.find(({ pass }) => pass === event['pass'])
        if (waiting === undefined || !keeper.hasEnded(waiting)) return snapshot
        scope.defer(() => {
          keeper.deliver(waiting)
        })
        return { ...snapshot, waiting: snapshot.waiting.filter((each) => each !== waiting) }
      }
      default:
        return snapshot
    }
  }

  #wait(
    snapshot: TransitionGatesSnapshot,
    { gate, event }: Pick<WaitingEvent, 'gate' | 'event'>,
    keeper: GateKeeper,
    scope: LogicScope,
  ): TransitionGatesSnapshot {
    if (!Object.hasOwn(snapshot.input.gates, gate)) return snapshot
    const pass = snapshot.passes + 1
    const waiting = { pass, gate, event, ...(gate in snapshot.inputs && { input: snapshot.inputs[gate] }) }
    scope.defer(() => {
      keeper.begin(waiting)
    })
    return { ...snapshot, passes: pass, waiting: [...snapshot.waiting, waiting] }
  }
}
