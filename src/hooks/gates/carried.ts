/** The operations of a machine between its gates: before an event that was let through is taken, and then until the gate after it. */
import type { MachineEvent } from './actor-logic.ts'
import type { MachineOperation } from './machine-operation.ts'

/** An operation on its way to the gate after a transition. */
export interface Carried {
  readonly operation: MachineOperation
  /** The event that first led there, if it is not the one that is let through now. */
  readonly cause?: MachineEvent | undefined
}

/** See the head of this file. */
export class CarriedOperations {
  /** By the event that was let through. */
  readonly #let = new Map<MachineEvent, Carried>()
  /** By the gate after a transition that was taken. */
  readonly #taken = new Map<string, MachineOperation>()

  let(event: MachineEvent, carried: Carried): void {
    this.#let.set(event, carried)
  }

  /** The transition was taken. */
  claim(event: MachineEvent): Carried | undefined {
    const carried = this.#let.get(event)
    this.#let.delete(event)
    carried?.operation.startEffect()
    return carried
  }

  /** The event will never be taken. */
  drop(event: MachineEvent): void {
    this.#let.get(event)?.operation.end()
    this.#let.delete(event)
  }

  dropAll(isLost: (event: MachineEvent) => boolean): void {
    for (const event of this.#let.keys()) if (isLost(event)) this.drop(event)
  }

  behind(gate: string): MachineOperation | undefined {
    return this.#taken.get(gate)
  }

  /** What waits for a gate after a transition now; what did so before waits no longer. */
  keep(gate: string, operation: MachineOperation | undefined): void {
    const before = this.#taken.get(gate)
    if (before !== operation) before?.end()
    if (operation === undefined) this.#taken.delete(gate)
    else this.#taken.set(gate, operation)
  }

  /** Takes out what waits for a gate, to be carried on. */
  release(gate: string): void {
    this.#taken.delete(gate)
  }

  endBehind(isLeft: (gate: string) => boolean): void {
    for (const gate of this.#taken.keys()) if (isLeft(gate)) this.keep(gate, undefined)
  }
}
