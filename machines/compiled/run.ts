/** A flat run, as its owner sees it. */
import type {
  Actor,
  ActorOptions,
  AnyStateMachine,
  ContextFrom,
  EventFromLogic,
  OutputFrom,
  Snapshot,
  SnapshotFrom,
} from 'xstate'

/** What `toActor` takes. */
export interface ToActorOptions<Machine extends AnyStateMachine> {
  /** Gets each inspection event, from the making of the actor on. */
  readonly inspect?: NonNullable<ActorOptions<Machine>['inspect']>
}

/**
 * A machine that runs without an actor: one small record, changed by `send`.
 *
 * Events that come while one is being taken wait for their turn. After the end all events are ignored.
 */
export interface Run<Machine extends AnyStateMachine> {
  readonly id: string
  /** The snapshot that an actor would have; made when it is read. */
  readonly snapshot: SnapshotFrom<Machine>
  readonly value: SnapshotFrom<Machine>['value']
  readonly context: ContextFrom<Machine>
  /** `active` until it is `done`, has failed (`error`) or was `stopped`. */
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  /** The output, when it is done. */
  readonly output: OutputFrom<Machine> | undefined
  /** Why it failed. Nobody else is told but `onEnd`: `send` does not throw it. */
  readonly error: unknown
  /**
   * Takes an event, with all that follows from it at once.
   *
   * @throws INVALID_INPUT for something without a type
   */
  send(event: EventFromLogic<Machine>): void
  /** What `run` and `createActor` take as `snapshot`. JSON, when context and outputs are. Of what waits it holds each `timer`. */
  getPersistedSnapshot(): Snapshot<unknown>
  /**
   * Makes it an actor of XState, to be watched: subscribed to, inspected, put in a system. The actor takes over, with children and
   * timers as they are; from then on the run shows the actor and hands events on to it. The actor has started. A second
   * call gives the same one.
   *
   * @throws INVALID_INPUT while an event is being taken, thus by an action
   */
  toActor(options?: ToActorOptions<Machine>): Actor<Machine>
  /** Stops it, its children and its timers. */
  stop(): void
  /** The same as `stop`. */
  [Symbol.dispose](): void
}
