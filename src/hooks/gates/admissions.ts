/**
 * Which events come back from a gate. Known by the object that was sent, never by anything written in it, so that nobody
 * can forge one; an event that was taken is an ordinary one again.
 */
import type { MachineActor, MachineEvent } from './actor-logic.ts'

interface Admission {
  readonly machine: MachineActor
  readonly gate: string
  /** The machine sees it for the first time: it is not a copy of an event that it was sent. */
  readonly isNew: boolean
  /** False once its state was left. */
  live: boolean
}

/** See the head of this file. */
export class Admissions {
  readonly #byEvent = new WeakMap<object, Admission>()
  readonly #byMachine = new WeakMap<object, Set<Admission>>()

  /** The event as the machine gets it back, or a new one that comes too late as well once the state is left. */
  admit(machine: MachineActor, gate: string, event: MachineEvent, isNew = false): MachineEvent {
    const admission: Admission = { machine, gate, isNew, live: true }
    const admitted = { ...event }
    this.#byEvent.set(admitted, admission)
    const all = this.#byMachine.get(machine) ?? new Set()
    this.#byMachine.set(machine, all.add(admission))
    return admitted
  }

  isFresh(event: object): boolean {
    const admission = this.#byEvent.get(event)
    return admission === undefined || (admission.isNew && admission.live)
  }

  isAdmitted(event: object, gate: string): boolean {
    const admission = this.#byEvent.get(event)
    return admission?.live === true && admission.gate === gate
  }

  /** Whether an event was let through, but too late; or, at its own gate, where no transition has taken it. */
  isStale(event: object, gate?: string): boolean {
    const admission = this.#byEvent.get(event)
    return admission !== undefined && (!admission.live || admission.gate === gate)
  }

  take(event: object): void {
    const admission = this.#byEvent.get(event)
    if (admission === undefined) return
    this.#byEvent.delete(event)
    this.#byMachine.get(admission.machine)?.delete(admission)
  }

  /** What these gates have let through and the machine has not taken yet comes too late. */
  retire(machine: object, gates: (gate: string) => boolean): void {
    const all = this.#byMachine.get(machine)
    for (const admission of all ?? []) {
      if (!gates(admission.gate)) continue
      admission.live = false
      all?.delete(admission)
    }
  }
}
