/** A bus as its users see it: the interface that `createEventBus` gives, and a system's `events`. */
import type { ControlEvent, ControlListener } from './control.ts'
import type { EventHandler } from './delivery.ts'
import type { PublishOptions } from './publish-options.ts'
import type { EventBusStats, SubscriptionStats } from './stats.ts'
import type { EventStream } from './stream/event-stream.ts'
import type { BufferOptions, SubscribeOptions } from './subscription-options.ts'
import type { UniversalEvent } from './universal-event.ts'

/** A subscription, in the hands of who subscribed. */
export interface EventSubscription {
  readonly id: string
  readonly pattern: string
  /** Nothing is handed on once this has returned; what waits is counted as `unsubscribed`. False when it has ended already. */
  unsubscribe(): boolean
  stats(): SubscriptionStats
  [Symbol.dispose](): void
}

/** What a bus tells of itself; never part of its events. */
export interface ControlStream {
  /** Calls a function with each message, in order, in a microtask; gives what stops that. */
  subscribe(listener: ControlListener): { unsubscribe(): void; [Symbol.dispose](): void }
  /** The messages as an async iterable; at most 1,000 wait, then the oldest go and are counted in `controlDropped`. */
  stream(options?: { readonly signal?: AbortSignal }): EventStream<ControlEvent>
}

/** Events: published here, handed on to those who subscribed. */
export interface EventBus {
  /**
   * Publishes an event: hooks, rate limit, then every subscription whose pattern the type matches. Gives a promise exactly
   * when it must wait: for an async hook, or for room in a subscription with `block`. Throws, or rejects with:
   * EVENT_TYPE_INVALID, DATA_NOT_JSON, INVALID_OPTIONS; EVENT_REJECTED, EVENT_DEADLOCK, EVENT_BLOCKED or RUN_ABORTED where a
   * subscription did not take it, once all others have it; EVENT_LOOP; EVENTS_STOPPED; what the hooks decided.
   */
  publish(type: string, data?: unknown, options?: PublishOptions): undefined | Promise<void>
  /**
   * Calls a handler with the events whose type matches a pattern, in the order of publishing, the more urgent first. A
   * handler that fails or hangs hurts no other and no publisher. Throws EVENT_PATTERN_INVALID, INVALID_HANDLER,
   * INVALID_OPTIONS, EVENTS_STOPPED.
   */
  subscribe<Data = unknown>(pattern: string, handler: EventHandler<Data>, options?: SubscribeOptions): EventSubscription
  /**
   * The events of a pattern as an async iterable with operators. It subscribes at once: what is published before it is read
   * waits in its buffer. Throws EVENT_PATTERN_INVALID, INVALID_OPTIONS, EVENTS_STOPPED.
   */
  stream<Data = unknown>(pattern: string, options?: BufferOptions): EventStream<UniversalEvent<Data>>
  readonly control: ControlStream
  stats(): EventBusStats
  /** Waits until nothing is pending and nothing runs; not for streams that nobody reads. */
  idle(): Promise<void>
  /**
   * Takes no new events, lets handlers deal with what is pending, for `drainTimeoutMs` at most, and ends all subscriptions.
   * Then no timer, no listener and no buffer is left.
   */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
