/** An actor's logic as a statechart library takes it, by its shape: the kernel knows no such library. */

/** A running actor, as far as gates need it. */
export interface MachineActor {
  readonly id: string
  readonly _parent?: MachineActor | undefined
  /** Of a machine; nothing before its first step is done. */
  getSnapshot?(): { readonly children?: Readonly<Record<string, unknown>> } | undefined
  send(event: MachineEvent): void
}

/** What an actor is sent. */
export interface MachineEvent {
  readonly type: string
  readonly [key: string]: unknown
}

/** What a logic is given to act. */
export interface LogicScope {
  readonly self: MachineActor
  /** Does something once the step that goes on is done. */
  readonly defer: (work: () => void) => void
  readonly emit: (event: MachineEvent) => void
}

/** Where every snapshot stands. */
export type LogicSnapshot =
  | { readonly status: 'active' | 'stopped'; readonly output: undefined; readonly error: undefined }
  | { readonly status: 'done'; readonly output: unknown; readonly error: undefined }
  | { readonly status: 'error'; readonly output: undefined; readonly error: unknown }

/** See the head of this file. */
export interface Logic<Snapshot extends LogicSnapshot, Input> {
  transition(snapshot: Snapshot, event: MachineEvent, scope: LogicScope): Snapshot
  getInitialSnapshot(scope: LogicScope, input: Input): Snapshot
  start(snapshot: Snapshot, scope: LogicScope): void
  /** As it was persisted: what was going on starts again. */
  restoreSnapshot(snapshot: LogicSnapshot, scope: LogicScope): Snapshot
  getPersistedSnapshot(snapshot: Snapshot): Snapshot
}

/** What an actor is sent when it is stopped. */
export const STOP = 'xstate.stop'
