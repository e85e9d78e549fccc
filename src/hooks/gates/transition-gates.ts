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
import type { MachineOperation } from './machine-operation.ts'
import { GATE_EVENTS } from './names.ts'
import type { TransitionGatesInput, WaitingEvent } from './transition-gate.ts'

/** Where the gates stand; JSON. */
export type TransitionGatesSnapshot = LogicSnapshot & {
  readonly input: TransitionGatesInput
  readonly waiting: readonly WaitingEvent[]
  /** By the gate behind a transition: the event with which that was taken. */
  readonly causes: Readonly<Record<string, MachineEvent>>
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
        causes: {},
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

  /** A machine has not taken an event that a gate let through. */
  drop(machine: object, event: MachineEvent): void {
    this.#byMachine.get(machine)?.drop(event)
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
        if (!Object.hasOwn(snapshot.input.gates, gate)) return snapshot
        const carried = keeper.claim(gate, taken)
        if (snapshot.input.gates[gate]?.at === 'after') {
          const cause = carried?.cause ?? taken
          return { ...snapshot, causes: { ...snapshot.causes, [gate]: cause } }
        }
        if (!keeper.isHooked(gate)) {
          carried?.operation.end()
          return snapshot
        }
        return this.#wait(snapshot, { gate, event: taken }, keeper, scope, carried?.operation)
      }
      case GATE_EVENTS.left: {
        const isElsewhere = (gate: string) => keeper.sourceOf(gate) !== event['source']
        return {
          ...snapshot,
          waiting: snapshot.waiting.filter(({ gate }) => isElsewhere(gate)),
          causes: Object.fromEntries(Object.entries(snapshot.causes).filter(([gate]) => isElsewhere(gate))),
        }
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
    operation?: MachineOperation,
  ): TransitionGatesSnapshot {
    if (!Object.hasOwn(snapshot.input.gates, gate)) return snapshot
    const pass = snapshot.passes + 1
    const cause = snapshot.causes[gate]
    const waiting = { pass, gate, event, ...(cause !== undefined && { cause }) }
    scope.defer(() => {
      keeper.begin(waiting, operation)
    })
    return { ...snapshot, passes: pass, waiting: [...snapshot.waiting, waiting] }
  }
}
