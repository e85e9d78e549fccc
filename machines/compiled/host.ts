/** Who takes the actions of a machine: an actor of XState, or a flat run. */
import type { AnyActorRef, EventObject } from 'xstate'
import type { Chart } from './create-chart.ts'
import type { Position } from './position.ts'
import type { RunningScope } from './xstate-internals.ts'

export interface Host {
  /** What XState's own actions work on. */
  readonly scope: RunningScope
  /** Whether `act` does it now. */
  readonly isRunning: boolean
  /** Does it now, or, of a machine that has not begun yet, when it begins. */
  act(effect: () => void): void
  /** Does it when the macrostep is over. */
  defer(effect: () => void): void
  /** What actions are told. */
  actionArgs(context: object, event: EventObject): object
  /** What assignments are told besides: how to spawn. */
  assignArgs(context: object, event: EventObject, spawn: unknown): object
  /** What makes outputs and inputs is told. */
  valueArgs(context: object, event: EventObject): object
  schedule(event: EventObject, delayMs: number, id: string | undefined): void
  cancel(id: string): void
  emit(event: EventObject): void
  /** What it runs by itself; all else is an actor of XState. */
  readonly effects: EffectHost | undefined
}

/** A host that runs some sources by itself. */
export interface EffectHost {
  has(src: unknown): src is string
  create(src: string, id: string | undefined, input: unknown, syncSnapshot: boolean): AnyActorRef
  /** Stops a child that it runs by itself; false for others. */
  stop(child: AnyActorRef): boolean
}

/** What actions work on in a macrostep. */
export interface Turn {
  readonly chart: Chart
  readonly host: Host
  readonly at: Position
  /** Events raised in this macrostep. */
  readonly queue: EventObject[]
}
