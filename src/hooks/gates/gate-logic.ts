/**
 * One pass of a gate as an actor: a gate that is a state of a machine invokes it. Its output is the decision. It is
 * persisted as what it was given, so that a restored one passes the gate again.
 */
import { nextEffectId, resumeEffectId } from '../../effect-ids.ts'
import { HookchartError } from '../../errors.ts'
import type { GateData } from '../change.ts'
import { STOP } from './actor-logic.ts'
import type { Logic, LogicScope, LogicSnapshot, MachineActor, MachineEvent } from './actor-logic.ts'
import type { Attempts, Handed, MachineOperation } from './machine-operation.ts'
import { Retries } from './retries.ts'
import { whenDecided } from './when-decided.ts'
import type { Ended } from './when-decided.ts'

/** What a gate that is a state passes. */
export interface GateInput {
  readonly point: string
  /** The name of the component that hooks see: the machine's. */
  readonly component: string
  readonly data: GateData
  /** The event that led to the gate. */
  readonly event: MachineEvent
  /** The decisions that it has routes for. */
  readonly routes: readonly string[]
}

/** What a gate that is a state has come to. */
export type GateOutput = Handed & {
  /** The event that led to the gate. */
  readonly event: MachineEvent
}

/** Where a pass stands. */
export type GateSnapshot = LogicSnapshot & {
  readonly input: GateInput
  /** Its point. */
  readonly name: string
  /** Which pass of the machine it is; a restored one is the same. */
  readonly effectId: string
  /** Of the effect before it, when an earlier pass has asked for that again. */
  readonly attempts?: Attempts
}

/** Says to the actor itself that its pass has ended; what it has come to is not in it, so that nobody can forge it. */
const DECIDED: MachineEvent = Object.freeze({ type: 'hookchart.decided' })

/** Passes gates that are states, and knows which of their decisions nothing has overtaken. */
export class GateStates {
  readonly logic: Logic<GateSnapshot, GateInput>
  readonly #begin: (input: GateInput, earlier: Attempts | undefined) => PointPass
  readonly #ended = new WeakMap<MachineActor, Ended>()
  readonly #running = new WeakMap<MachineActor, MachineOperation>()
  /** Left before their passes had ended. */
  readonly #stopped = new WeakSet<MachineActor>()
  /** The outputs that may still be acted on, by what tells the machine of them. */
  readonly #live = new WeakMap<object, string>()
  /** By machine and gate, the last of them. */
  readonly #last = new WeakMap<object, Map<string, GateOutput>>()

  readonly #retries = new Retries()

  constructor(begin: (input: GateInput, earlier: Attempts | undefined) => PointPass) {
    this.#begin = begin
    this.logic = {
      getInitialSnapshot: ({ self }, input) => {
        this.#retire(self)
        const attempts = this.#retries.take(self, input.event)
        return {
          ...{ status: 'active', output: undefined, error: undefined, input, name: input.point },
          effectId: nextEffectId(self),
          ...(attempts !== undefined && { attempts }),
        }
      },
      restoreSnapshot: (snapshot, { self }) => {
        const restored = snapshot as GateSnapshot
        resumeEffectId(self, restored.effectId)
        return restored
      },
      getPersistedSnapshot: (snapshot) => snapshot,
      start: (snapshot, scope) => {
        if (snapshot.status === 'active') this.#start(snapshot, scope)
      },
      transition: (snapshot, event, scope) => this.#transition(snapshot, event, scope),
    }
  }

  /** Whether what an event says was decided by the gate it names, is of a type, was not taken yet and overtaken by nothing. */
  isDecided(event: MachineEvent, type: string): boolean {
    const { output } = event as { readonly output?: GateOutput }
    return typeof output === 'object' && this.#live.get(output) === event.type && output.type === type
  }

  /** A machine acts on a decision: nobody does again. */
  take(event: object): void {
    const { output } = event as { readonly output?: unknown }
    if (typeof output === 'object' && output !== null) this.#live.delete(output)
  }

  /** The gate is entered anew: what it had decided before is history. */
  #retire({ _parent: machine, id }: MachineActor): void {
    const last = machine && this.#last.get(machine)?.get(id)
    if (last !== undefined) this.#live.delete(last)
  }

  #start({ input, attempts }: GateSnapshot, { self }: LogicScope): void {
    const end = (ended: Ended) => {
      if (this.#stopped.has(self)) return
      this.#ended.set(self, ended)
      const asked = 'decision' in ended && ended.decision.type === 'retry' ? this.#running.get(self) : undefined
      if (asked === undefined) self.send(DECIDED)
      else {
        this.#retries.expect(self, asked.attempts, () => {
          self.send(DECIDED)
        })
      }
    }
    whenDecided(() => {
      const { operation, pass } = this.#begin(input, attempts)
      if (operation !== undefined) this.#running.set(self, operation)
      return pass()
    }, end)
  }

  #transition(snapshot: GateSnapshot, { type }: MachineEvent, { self }: LogicScope): GateSnapshot {
    const { input, name, effectId } = snapshot
    const it = { input, name, effectId }
    if (type === STOP) {
      this.#stopped.add(self)
      this.#running
        .get(self)
        ?.abort(new HookchartError('RUN_ABORTED', `${input.component} has left the gate of ${input.point}.`))
      return { ...it, status: 'stopped', output: undefined, error: undefined }
    }
    const ended = this.#ended.get(self)
    if (type !== DECIDED.type || ended === undefined || snapshot.status !== 'active') return snapshot
    if ('error' in ended) return { ...it, status: 'error', output: undefined, error: ended.error }
    const output: GateOutput = { ...ended.decision, event: input.event }
    this.#live.set(output, `xstate.done.actor.${self.id}`)
    const machine = self._parent
    if (machine !== undefined) {
      const last = this.#last.get(machine) ?? new Map<string, GateOutput>()
      this.#last.set(machine, last.set(self.id, output))
    }
    return { ...it, status: 'done', output, error: undefined }
  }
}

/** A pass that can be begun once. Nothing to abort where there is no hook. */
export interface PointPass {
  readonly operation: MachineOperation | undefined
  readonly pass: () => Handed | Promise<Handed>
}
