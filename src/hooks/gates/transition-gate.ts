/** What the gates of transitions are described by, and what waits at them. */
import type { MachineEvent } from './actor-logic.ts'

/** A gate of a transition; JSON. */
export interface TransitionGate {
  readonly point: string
  /** before: the event waits. after: the end of the target's invoke waits. entered: nothing waits. */
  readonly at: 'before' | 'after' | 'entered'
  /** The id of the state that must not be left while something waits. */
  readonly source: string
  /** Whether its transitions have gates after them. */
  readonly after?: boolean
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
  /** The event with which the transition was taken that the gate is behind. */
  readonly cause?: MachineEvent
}
