/** The bus itself: the way of an event from its publisher into the buffers of its subscriptions. */
import { HookchartError, nameOf, toErrorData } from '../errors.ts'
import { Deadlines } from '../hooks/executor/deadlines.ts'
import type { Deadline } from '../hooks/executor/deadlines.ts'
import { Time } from '../hooks/executor/time.ts'
import { drive, isPromise } from '../hooks/flow.ts'
import type { Flow, Maybe } from '../hooks/flow.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { Hooks } from '../hooks/api.ts'
import { Control } from './control.ts'
import { addCounts, copyCounts, noCounts } from './counts.ts'
import type { Counts, RefusalReason } from './counts.ts'
import type { Delivery, EventHandler, FailureEnd } from './delivery.ts'
import { assertEventData, makeEvent, ROOT } from './envelope.ts'
import type { Lineage, Stamp } from './envelope.ts'
import { EventGates } from './event-gates.ts'
import type { Published } from './event-gates.ts'
import { Metrics } from './metrics.ts'
import { parsePattern } from './pattern.ts'
import type { Posting } from './posting.ts'
import { NO_OPTIONS, readPublishOptions } from './publish-options.ts'
import type { GivenOptions, PublishOptions } from './publish-options.ts'
import { Routes } from './routes.ts'
import type { Route } from './routes.ts'
import type { EventBusStats } from './stats.ts'
import { BusSubscription, stopped } from './subscription.ts'
import type { Publisher, Refusal, SubscriptionHost } from './subscription.ts'
import type { SubscriptionSettings } from './subscription-options.ts'
import { streamOf } from './stream/event-stream.ts'
import type { EventStream } from './stream/event-stream.ts'
import { SubscriptionSource, timersOn } from './stream/source.ts'
import type { Timers } from './stream/source.ts'
import { TokenBucket } from './token-bucket.ts'
import type { UniversalEvent } from './universal-event.ts'

/** What a bus is made of. */
export interface BusParts extends Stamp {
  readonly clock: Clock
  readonly ids: Ids
  readonly hooks: Hooks | undefined
  readonly maxDepth: number
  readonly rateLimit:
    { readonly ratePerSecond: number; readonly burst: number; readonly whenExceeded: 'drop' | 'reject' } | undefined
  /** undefined: never. */
  readonly statsIntervalMs: number | undefined
  readonly drainTimeoutMs: number
}

/** One publish: what it says of itself, and where it comes from. */
interface Draft {
  readonly given: GivenOptions
  readonly delivery: Delivery | undefined
  readonly lineage: Lineage
}

/** See the head of this file. */
export class Bus implements SubscriptionHost {
  current: Delivery | undefined
  readonly deadlines: Deadlines
  readonly control: Control
  readonly metrics: Metrics
  readonly timers: Timers
  readonly #parts: BusParts
  readonly #time: Time
  readonly #routes: Routes
  readonly #gates: EventGates | undefined
  readonly #bucket: TokenBucket | undefined
  readonly #refused: Record<RefusalReason, number> = { rate_limited: 0, cancelled: 0, replaced: 0, loop: 0 }
  /** What became of the events of subscriptions that have ended. */
  readonly #past = noCounts()
  #sequence = 0
  #subscribed = 0
  /** The depth of the event whose hooks run in this turn; -1: none do. */
  #gateDepth = -1
  /** Publishes that wait for their hooks. */
  #emitting = 0
  #limited = false
  #due: BusSubscription[] = []
  #idle: (() => void)[] = []
  #stats: Deadline | undefined
  #stopping: Promise<void> | undefined
  #ended = false

  constructor(parts: BusParts) {
    const { clock, hooks, rateLimit } = parts
    this.#parts = parts
    this.#time = new Time(clock)
    this.deadlines = new Deadlines(this.#time)
    this.timers = timersOn(this.#time, this.deadlines)
    this.metrics = new Metrics(this.#time)
    this.#routes = new Routes(this.metrics)
    this.control = new Control(
      () => clock.now(),
      (listened) => {
        this.#tellStats(listened)
      },
    )
    this.#gates = hooks && new EventGates(hooks, (depth, work) => this.#within(depth, work))
    this.#bucket = rateLimit && new TokenBucket(rateLimit, this.#time.now())
  }

  now(): number {
    return this.#time.now()
  }

  publish(type: string, data: unknown, options: PublishOptions | undefined): undefined | Promise<void> {
    const { current } = this
    if (options !== undefined || current !== undefined || this.#gateDepth >= 0) {
      return this.#publishAs(type, data, readPublishOptions(options, type), current)
    }
    this.#assertRunning(type)
    const route = this.#routes.of(type)
    assertEventData(data, type)
    if (this.#gates?.isHooked(route.component) === true) return this.#emit(route, data, ROOT_DRAFT)
    const posting = this.#post(this.#parts.ids.next(), route, data, NO_OPTIONS, ROOT)
    return posting === undefined ? undefined : this.#offer(route, posting, undefined)
  }

  publishFrom(
    delivery: Delivery,
    type: string,
    data: unknown,
    options: Omit<PublishOptions, 'cause'> | undefined,
  ): undefined | Promise<void> {
    const given = { ...readPublishOptions(options, type), cause: delivery.posting.event }
    return this.#publishAs(type, data, given, delivery)
  }

  subscribe(pattern: string, handler: EventHandler, settings: SubscriptionSettings, credits?: number): BusSubscription {
    if (this.#stopping !== undefined) throw stopped(`"${pattern}" was not subscribed to: the bus was stopped.`)
    const id = `subscription-${String(++this.#subscribed)}`
    const subscription = new BusSubscription(this, id, parsePattern(pattern), handler, settings, credits)
    this.#routes.add(subscription)
    if (settings.signal !== undefined) subscription.obey(settings.signal)
    return subscription
  }

  stream(pattern: string, settings: SubscriptionSettings): EventStream<UniversalEvent> {
    const source = new SubscriptionSource((take, onClose) => {
      const subscription = this.subscribe(pattern, take, settings, 0)
      subscription.onClose = onClose
      return subscription
    })
    return streamOf(
      source,
      () => {
        source.close()
      },
      this.timers,
    )
  }

  schedule(subscription: BusSubscription): void {
    subscription.scheduled = true
    this.#due.push(subscription)
    if (this.#due.length > 1) return
    queueMicrotask(() => {
      this.#flush()
    })
  }

  left(subscription: BusSubscription): Counts {
    this.#routes.remove(subscription)
    addCounts(this.#past, subscription.counts)
    return this.#past
  }

  eased(): void {
    if (this.#idle.length === 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  failed(delivery: Delivery, error: HookchartError): Maybe<FailureEnd> {
    const { event } = delivery.posting
    const { component } = this.#routes.of(event.type)
    if (this.#gates?.hearsFailures(component) !== true) return { type: 'failed', error }
    try {
      const end = drive(this.#askAboutFailure(this.#gates, delivery, error))
      return isPromise(end) ? end.catch((): FailureEnd => ({ type: 'failed', error })) : end
    } catch {
      // Hooks that cannot be asked change nothing.
      return { type: 'failed', error }
    }
  }

  stats(): EventBusStats {
    const subscriptions = [...this.#routes.subscriptions]
    const deliveries = copyCounts(this.#past)
    for (const { counts } of subscriptions) addCounts(deliveries, counts)
    const sum = (of: (subscription: BusSubscription) => number) =>
      subscriptions.reduce((total, each) => total + of(each), 0)
    return {
      ...this.metrics.read(),
      refused: { ...this.#refused },
      deliveries,
      pending: sum(({ pending }) => pending.size),
      waiting: sum(({ waiting }) => waiting),
      running: sum(({ running }) => running.size),
      subscriptions: subscriptions.map((each) => each.stats()),
      controlDropped: this.control.dropped,
    }
  }

  async idle(): Promise<void> {
    while (this.#isBusy(false)) await this.#nextEasing()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const drain = { late: false }
    const deadline = this.deadlines.arm(this.#parts.drainTimeoutMs, () => {
      drain.late = true
      this.eased()
    })
    this.deadlines.hold()
    while (!drain.late && this.#isBusy(true)) await this.#nextEasing()
    this.deadlines.release()
    this.deadlines.disarm(deadline)
    this.#ended = true
    for (const subscription of [...this.#routes.subscriptions]) subscription.close('stopped')
    this.control.close()
    this.deadlines.stop()
  }

  /** Ends what was begun with publishing from a handler, a hook, or with options. */
  #publishAs(
    type: string,
    data: unknown,
    given: GivenOptions,
    delivery: Delivery | undefined,
  ): undefined | Promise<void> {
    this.#assertRunning(type)
    const route = this.#routes.of(type)
    const lineage = this.#lineageOf(given, delivery)
    if (lineage.depth > this.#parts.maxDepth) throw this.#loop(type, lineage)
    assertEventData(data, type)
    if (given.signal?.aborted === true) {
      const message = `Event "${type}" was not published: the signal of its publisher was aborted.`
      throw new HookchartError('RUN_ABORTED', message, { details: { type } })
    }
    const draft = { given, delivery, lineage }
    if (this.#gates?.isHooked(route.component) === true) return this.#emit(route, data, draft)
    const posting = this.#post(this.#parts.ids.next(), route, data, given, lineage)
    return posting === undefined ? undefined : this.#offer(route, posting, publisherOf(draft))
  }

  #emit(first: Route, data: unknown, draft: Draft): undefined | Promise<void> {
    const { given, lineage } = draft
    const { ids } = this.#parts
    let id: string | undefined = ids.next()
    const correlationId = given.correlationId ?? lineage.correlationId ?? id
    const flow = (this.#gates as EventGates).emit({
      type: first.type,
      data,
      firing: (type) => {
        const { component } = this.#routes.of(type)
        return { component, correlationId, metadata: { eventDepth: lineage.depth }, signal: given.signal }
      },
      publish: (type, changed) => {
        assertEventData(changed, type)
        const route = this.#routes.of(type)
        const posting = this.#post(id ?? ids.next(), route, changed, given, { ...lineage, correlationId })
        id = undefined
        if (posting === undefined) return undefined
        const { event } = posting
        const published: Published = {
          id: event.id,
          sequence: event.sequence,
          subscriptions: route.subscriptions.length,
        }
        const wait = this.#offer(route, posting, publisherOf(draft))
        return wait === undefined ? published : wait.then(() => published)
      },
      refused: (reason) => {
        this.#refuse(reason)
      },
    })
    const end = drive(flow)
    if (!isPromise(end)) return undefined
    this.#emitting++
    return end.finally(() => {
      this.#emitting--
      this.eased()
    })
  }

  /** Makes an event and gives it its place; undefined when there are too many. */
  #post(id: string, route: Route, data: unknown, given: GivenOptions, lineage: Lineage): Posting | undefined {
    if (this.#ended) throw stopped(`Event "${route.type}" was not published: the bus was stopped.`)
    const { ttlMs, priority, language } = given
    const at = ttlMs === undefined ? this.#time.coarse() : this.#time.now()
    if (this.#bucket !== undefined && !this.#mayPass(this.#bucket, at, route.type)) return undefined
    const event = makeEvent(id, route.type, data ?? null, this.#sequence++, at, given, lineage, this.#parts)
    this.metrics.published(route.counter, language, at)
    return { event, at, priority, expiresAt: ttlMs === undefined ? Infinity : event.timestamp + ttlMs }
  }

  /** Hands an event to its subscriptions, and then lets those have it that want it now. */
  #offer(
    { subscriptions, immediate }: Route,
    posting: Posting,
    publisher: Publisher | undefined,
  ): undefined | Promise<void> {
    let refusals: Refusal[] | undefined
    for (const subscription of subscriptions) {
      const refusal = subscription.offer(posting, publisher)
      if (refusal !== undefined) (refusals ??= []).push(refusal)
    }
    // Only when all have it: what their handlers publish comes behind it, for everybody.
    for (const subscription of immediate) subscription.drain()
    return refusals && settle(refusals)
  }

  #mayPass(bucket: TokenBucket, at: number, type: string): boolean {
    if (bucket.take(at)) {
      this.#limited = false
      return true
    }
    const { ratePerSecond, burst } = bucket.limit
    if (!this.#limited) this.control.tell({ type: 'rate_limit_exceeded', ratePerSecond, burst })
    this.#limited = true
    this.#refuse('rate_limited')
    if (this.#parts.rateLimit?.whenExceeded !== 'reject') return false
    throw new HookchartError(
      'EVENT_REJECTED',
      `Event "${type}" was not published: the bus takes ${String(ratePerSecond)} events a second. Publish more slowly, or raise rateLimit.`,
      { retryable: true, details: { type, reason: 'rate_limited', ratePerSecond, burst } },
    )
  }

  #lineageOf({ cause, parent, correlationId }: GivenOptions, delivery: Delivery | undefined): Lineage {
    const causing: UniversalEvent | undefined = cause ?? delivery?.posting.event
    const hookDepth = parent?.metadata['eventDepth']
    const depth = Math.max(
      causing === undefined ? -1 : (causing.metadata.depth ?? 0),
      typeof hookDepth === 'number' ? hookDepth : -1,
      this.#gateDepth,
    )
    return {
      depth: depth + 1,
      causationId: causing?.id,
      correlationId: correlationId ?? parent?.correlationId ?? causing?.metadata.correlationId,
    }
  }

  *#askAboutFailure(gates: EventGates, delivery: Delivery, error: HookchartError): Flow<FailureEnd> {
    const { id, type, data, metadata } = delivery.posting.event
    const { correlationId, depth = 0 } = metadata
    const firing = {
      component: this.#routes.of(type).component,
      correlationId,
      metadata: { eventDepth: depth, event: id, subscription: delivery.deliverer.id },
      signal: undefined,
    }
    const end = yield* gates.failed(firing, data, toErrorData(error), delivery.attempt)
    if (end.type === 'failed') {
      const { code, message, name, retryable } = end.error
      return { type: 'failed', error: new HookchartError(code, message, { name, retryable, cause: error }) }
    }
    if (end.type !== 'redirect') return end
    // Somebody may have to make room for it; the handler's place is free by then.
    const wait = this.publishFrom(delivery, end.target, data, undefined)
    if (wait !== undefined) yield wait
    return { type: 'recovered' }
  }

  #loop(type: string, { depth, correlationId }: Lineage): HookchartError<'EVENT_LOOP'> {
    const { maxDepth } = this.#parts
    this.#refuse('loop')
    return new HookchartError(
      'EVENT_LOOP',
      `Event "${type}" was not published: ${String(maxDepth)} events caused one another before it. A handler probably publishes what calls it.`,
      { details: { type, depth, maxDepth, ...(correlationId !== undefined && { correlationId }) } },
    )
  }

  #refuse(reason: RefusalReason): void {
    this.#refused[reason]++
    if (this.control.listened) this.control.add(reason, { type: 'refused', reason, count: 1 })
  }

  #within<T>(depth: number, work: () => T): T {
    const outer = this.#gateDepth
    this.#gateDepth = depth
    try {
      return work()
    } finally {
      this.#gateDepth = outer
    }
  }

  #flush(): void {
    const due = this.#due
    this.#due = []
    for (const subscription of due) {
      subscription.scheduled = false
      subscription.drain()
    }
  }

  #tellStats(listened: boolean): void {
    const { statsIntervalMs } = this.#parts
    if (this.#stats !== undefined) this.deadlines.disarm(this.#stats)
    this.#stats = undefined
    if (!listened || statsIntervalMs === undefined || this.#ended) return
    this.#stats = this.deadlines.arm(statsIntervalMs, () => {
      this.control.tell({ type: 'stats', stats: this.stats() })
      this.#tellStats(true)
    })
  }

  #isBusy(stopping: boolean): boolean {
    if (this.#emitting > 0) return true
    for (const subscription of this.#routes.subscriptions) {
      if (subscription.busy || (stopping && subscription.isRead && subscription.pending.size > 0)) return true
    }
    return false
  }

  #nextEasing(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve)
    })
  }

  #assertRunning(type: string): void {
    if (this.#stopping !== undefined) throw stopped(`Event ${nameOf(type)} was not published: the bus was stopped.`)
  }
}

const ROOT_DRAFT: Draft = { given: NO_OPTIONS, delivery: undefined, lineage: ROOT }

function publisherOf({ given, delivery }: Draft): Publisher {
  const { cause, signal, timeoutMs } = given
  return { delivery, causeId: cause?.id, signal, timeoutMs }
}

/** What the publisher is told, once all who can still take the event have taken it. */
function settle(refusals: readonly Refusal[]): Promise<void> {
  const waits = refusals.filter((refusal) => refusal instanceof Promise)
  const [error] = refusals.filter((refusal) => refusal instanceof HookchartError)
  if (waits.length === 0) throw error as HookchartError
  return Promise.allSettled(waits).then((ends) => {
    const failed = ends.find((end) => end.status === 'rejected')
    if (error !== undefined) throw error
    if (failed !== undefined) throw failed.reason
  })
}
