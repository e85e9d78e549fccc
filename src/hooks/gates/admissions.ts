/**
 * Which events come back from a gate. Known by the object that was sent, never by anything written in it, so that nobody
 * can forge one; an event that was taken is an ordinary one again.
 */
import type { MachineActor, MachineEvent } from './actor-logic.ts'

interface Admission {
  readonly machine: MachineActor
  readonly gate: string
  /** False once its state was left. */
  live: boolean
}

/** See the head of this file. */
export class Admissions {
  readonly #byEvent = new WeakMap<object, Admission>()
  readonly #byMachine = new WeakMap<object, Set<Admission>>()

  /** The event as the machine gets it back. */
  admit(machine: MachineActor, gate: string, event: MachineEvent): MachineEvent {
    const admission: Admission = { machine, gate, live: true }
    const admitted = { ...event }
    this.#byEvent.set(admitted, admission)
    const all = this.#byMachine.get(machine) ?? new Set()
    this.#byMachine.set(machine, all.add(admission))
    return admitted
  }

  isFresh(event: object): boolean {
    return !this.#byEvent.has(event)
  }

  isAdmitted(event: object, gate: string): boolean {
    const admission = this.#byEvent.get(event)
    return admission?.live === true && admission.gate === gate
  }

  /** Whether an event was let through, but too late. */
  isStale(event: object): boolean {
    return this.#byEvent.get(event)?.live === false
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
