/** A subscription: its own bounded buffer, what happens when that is full, and the handing on to its handler. */
import { HookchartError } from '../errors.ts'
import { whenAborted } from '../hooks/abort-signals.ts'
import { CounterBreaker } from '../hooks/breaker.ts'
import { Blocked } from './blocked.ts'
import type { Control, OfSubscription } from './control.ts'
import { copyCounts, noCounts } from './counts.ts'
import type { Counts, DropReason } from './counts.ts'
import { wouldDeadlock } from './deadlock.ts'
import type { Drained } from './deadlock.ts'
import { Delivery } from './delivery.ts'
import type { DeliveryHost, EventHandler } from './delivery.ts'
import type { Metrics } from './metrics.ts'
import type { Pattern } from './pattern.ts'
import { Pending } from './pending.ts'
import { isExpired } from './posting.ts'
import type { Posting } from './posting.ts'
import { Pressure } from './pressure.ts'
import type { SubscriptionStats } from './stats.ts'
import type { SubscriptionSettings } from './subscription-options.ts'

/** What a subscription needs of its bus. */
export interface SubscriptionHost extends DeliveryHost {
  readonly control: Control
  readonly metrics: Metrics
  now(): number
  /** Drains it in a microtask. */
  schedule(subscription: BusSubscription): void
  /** It has ended; `late` counts what ends after it. */
  left(subscription: BusSubscription): Counts
  /** It has less to do than before. */
  eased(): void
}

/** Who publishes, as far as an overflow concerns it. */
export interface Publisher {
  /** The delivery from whose handler it comes, if that is known. */
  readonly delivery: Delivery | undefined
  /** The id of the event that is its cause. */
  readonly causeId: string | undefined
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number | undefined
}

/** What a publisher is told by a subscription that has no room: an error, or a promise to wait for. */
export type Refusal = HookchartError | Promise<void>

const OUTCOME = { unsubscribed: 'the subscription ended', stopped: 'the bus was stopped' } as const

/** See the head of this file. */
export class BusSubscription implements Drained {
  readonly id: string
  readonly pattern: Pattern
  readonly handler: EventHandler
  readonly settings: SubscriptionSettings
  readonly concurrency: number
  readonly running = new Set<Delivery>()
  readonly pending = new Pending()
  /** Events that may be handed on: one more with each that is asked for; Infinity for those with a handler. */
  credits: number
  /** Whether it waits for its turn in a microtask. */
  scheduled = false
  closed = false
  /** Whether somebody reads it who must ask for each event. */
  isRead = false
  // What every event needs stands here: a thousand subscriptions do not fit a cache if each is spread over ten objects.
  readonly #bufferSize: number
  readonly #highWaterMark: number
  readonly #batched: boolean
  #published = 0
  #delivered = 0
  #handled = 0
  #maxPending = 0
  #draining = false
  /** The breaker has a say: it is not closed. */
  #cutOff = false
  /** The generation of the breaker. */
  #permit = 0
  /** The rarer counts. */
  readonly #counts = noCounts()
  /** Called when it has ended. */
  onClose: (() => void) | undefined
  readonly #host: SubscriptionHost
  readonly #blocked: Blocked
  readonly #pressure: Pressure
  readonly #breaker: CounterBreaker | undefined
  readonly #label: OfSubscription
  #late: Counts | undefined
  #release: () => void = () => undefined

  constructor(
    host: SubscriptionHost,
    id: string,
    pattern: Pattern,
    handler: EventHandler,
    settings: SubscriptionSettings,
    credits = Infinity,
  ) {
    this.#host = host
    this.id = id
    this.pattern = pattern
    this.handler = handler
    this.settings = settings
    this.concurrency = settings.concurrency
    this.#bufferSize = settings.bufferSize
    this.#highWaterMark = settings.highWaterMark
    this.#batched = settings.delivery === 'batched'
    this.credits = credits
    this.#label = { subscription: id, name: settings.name ?? pattern.text, pattern: pattern.text }
    this.#blocked = new Blocked(host.deadlines)
    this.#pressure = new Pressure({ high: settings.highWaterMark, low: settings.lowWaterMark }, (type) => {
      const { bufferSize, overflow } = settings
      host.control.tell({ type, ...this.#label, pending: this.pending.size, bufferSize, overflow })
    })
    if (settings.breaker !== undefined) {
      this.#breaker = new CounterBreaker(settings.breaker, { ...NO_TIMERS, now: () => host.now() }, (state) => {
        this.#cutOff = state !== 'closed'
        this.#permit = (this.#breaker as CounterBreaker).permit()
        host.control.tell({ type: 'breaker_changed', ...this.#label, state })
      })
    }
  }

  get name(): string {
    return this.#label.name
  }

  get timeoutMs(): number | undefined {
    return this.settings.timeoutMs
  }

  /** What became of its events so far. */
  get counts(): Counts {
    return {
      ...copyCounts(this.#counts),
      published: this.#published,
      delivered: this.#delivered,
      handled: this.#handled,
    }
  }

  /** Publishers that wait for room. */
  get waiting(): number {
    return this.#blocked.size
  }

  /** Whether it will do something by itself, or somebody is still at it. */
  get busy(): boolean {
    return this.running.size > 0 || (this.pending.size > 0 && this.credits > 0)
  }

  /** Ends when a signal is aborted. */
  obey(signal: AbortSignal): void {
    this.#release = whenAborted(signal, () => {
      this.close('unsubscribed')
    })
  }

  /** Takes an event, or does what its strategy says. */
  offer(posting: Posting, publisher: Publisher | undefined): Refusal | undefined {
    if (this.closed) return undefined
    this.#published++
    if (this.pending.size >= this.#bufferSize && !this.#makesRoom()) return this.#overflow(posting, publisher)
    this.#push(posting)
    return undefined
  }

  /** Hands on what it may. */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    while (this.running.size < this.concurrency && this.credits > 0) {
      const posting = this.pending.shift()
      if (posting === undefined) break
      this.#fell()
      if (posting.expiresAt !== Infinity && isExpired(posting, this.#host.now())) {
        this.#expired(1)
      } else if (this.#cutOff && this.#breaker?.tryAcquire() === false) {
        this.#drop('breaker_open')
      } else {
        this.#delivered++
        this.credits--
        new Delivery(this.#host, this, posting, this.#permit).start()
      }
    }
    this.#draining = false
    this.#host.eased()
  }

  /** Ends it; nothing is handed on from now on, what waits is dropped, and what runs is aborted. False when it has ended already. */
  close(reason: 'unsubscribed' | 'stopped'): boolean {
    if (this.closed) return false
    this.closed = true
    this.#release()
    const left = this.pending.size
    this.pending.clear()
    // Publishers that waited for room wait for nobody now; their events were for this one in vain.
    const error = reason === 'stopped' ? stopped('The event was not taken: the bus was stopped.') : undefined
    this.#drop(reason, left + this.#blocked.releaseAll(error))
    this.#late = this.#host.left(this)
    const why = new HookchartError('RUN_ABORTED', `The handling of an event was aborted: ${OUTCOME[reason]}.`)
    for (const delivery of this.running) delivery.abort(why)
    this.onClose?.()
    this.#host.eased()
    return true
  }

  goesOn(delivery: Delivery): void {
    this.running.add(delivery)
  }

  ended(delivery: Delivery, error?: HookchartError): void {
    const ok = error === undefined
    this.#count(ok)
    if (!ok) this.#tellFailure(delivery, error)
    this.#host.metrics.ended(delivery.posting.at, ok)
    if (!ok) this.#breaker?.failure(0, delivery.permit)
    else if (this.#cutOff) this.#breaker?.success(0, delivery.permit)
    if (!this.running.delete(delivery)) return
    if (this.pending.size > 0 && !this.closed) this.drain()
    else this.#host.eased()
  }

  stats(): SubscriptionStats {
    const { subscription: id, name, pattern } = this.#label
    return {
      ...{ id, name, pattern, bufferSize: this.#bufferSize },
      ...this.counts,
      ...{ pending: this.pending.size, waiting: this.waiting, running: this.running.size },
      maxPending: this.#maxPending,
      pressure: this.#pressure.level,
      breaker: this.#breaker?.state,
    }
  }

  #push(posting: Posting): void {
    this.pending.push(posting)
    const { size } = this.pending
    if (size > this.#maxPending) this.#maxPending = size
    if (size >= this.#highWaterMark) this.#pressure.rose(size)
    if (this.#batched && !this.scheduled && !this.#draining) this.#host.schedule(this)
  }

  /** What has expired makes room, whatever the strategy. */
  #makesRoom(): boolean {
    if (!this.pending.hasMortal) return false
    const removed = this.pending.removeExpired(this.#host.now())
    if (removed === 0) return false
    this.#expired(removed)
    this.#fell()
    return this.pending.size < this.#bufferSize
  }

  #overflow(posting: Posting, publisher: Publisher | undefined): Refusal | undefined {
    this.#pressure.overflowed()
    switch (this.settings.overflow) {
      case 'drop_oldest':
        if (posting.priority <= this.pending.leastUrgent) this.#replace('oldest', posting)
        this.#drop('drop_oldest')
        return undefined
      case 'drop_newest':
        if (posting.priority < this.pending.leastUrgent) this.#replace('newest', posting)
        this.#drop('drop_newest')
        return undefined
      case 'reject':
        this.#drop('rejected')
        return this.#error('EVENT_REJECTED', posting, 'it is full. Publish more slowly, or give it a larger bufferSize')
      case 'block':
        return this.#block(posting, publisher)
    }
  }

  #replace(which: 'oldest' | 'newest', posting: Posting): void {
    this.pending.takeLeastUrgent(which)
    this.#push(posting)
  }

  #block(posting: Posting, publisher: Publisher | undefined): Refusal {
    const delivery = publisher?.delivery ?? this.#handlerOf(publisher?.causeId)
    if (delivery !== undefined && wouldDeadlock(this, delivery)) {
      this.#drop('deadlock')
      const todo = 'Its handler would wait for itself. Give it a larger bufferSize, or do not publish to it from there'
      return this.#error('EVENT_DEADLOCK', posting, `it is full. ${todo}`)
    }
    const ownMs = this.settings.blockTimeoutMs
    const timeoutMs = Math.min(ownMs, publisher?.timeoutMs ?? ownMs)
    const wait = this.#blocked.wait(posting, { timeoutMs, signal: publisher?.signal }, (reason) => {
      this.#drop(reason)
      return reason === 'aborted'
        ? this.#error('RUN_ABORTED', posting, 'the signal of the publisher was aborted while it waited for room')
        : this.#error('EVENT_BLOCKED', posting, `it had no room within ${String(timeoutMs)} ms. Its handler may hang`)
    })
    if (delivery === undefined) return wait
    delivery.waitsFor = [...(delivery.waitsFor ?? []), this]
    return wait.finally(() => {
      delivery.waitsFor?.splice(delivery.waitsFor.indexOf(this), 1)
    })
  }

  /** The delivery here of the event that caused another. */
  #handlerOf(causeId: string | undefined): Delivery | undefined {
    if (causeId === undefined) return undefined
    for (const delivery of this.running) if (delivery.posting.event.id === causeId) return delivery
    return undefined
  }

  /** There is room: whoever has waited longest may have it. */
  #fell(): void {
    while (this.#blocked.size > 0 && this.pending.size < this.#bufferSize) {
      this.#push(this.#blocked.take() as Posting)
    }
    this.#pressure.fell(this.pending.size)
  }

  #error<Code extends 'EVENT_REJECTED' | 'EVENT_DEADLOCK' | 'EVENT_BLOCKED' | 'RUN_ABORTED'>(
    code: Code,
    { event: { id, type, sequence } }: Posting,
    why: string,
  ): HookchartError<Code> {
    const { subscription, name, pattern } = this.#label
    return new HookchartError(code, `Event "${type}" was not taken by subscription "${name}": ${why}.`, {
      retryable: code === 'EVENT_REJECTED' || code === 'EVENT_BLOCKED',
      details: { event: id, type, sequence, subscription, name, pattern },
    })
  }

  #drop(reason: DropReason, count = 1): void {
    if (count === 0) return
    this.#counts.dropped[reason] += count
    const { control } = this.#host
    if (control.listened) control.add(`${this.id} ${reason}`, { type: 'dropped', ...this.#label, reason, count })
  }

  #expired(count: number): void {
    this.#counts.expired += count
    const { control } = this.#host
    if (control.listened)
      control.add(`${this.id} expired`, { type: 'dropped', ...this.#label, reason: 'expired', count })
  }

  #count(ok: boolean): void {
    if (ok) this.#handled++
    else this.#counts.failed++
    if (this.#late === undefined) return
    if (ok) this.#late.handled++
    else this.#late.failed++
  }

  #tellFailure({ posting: { event } }: Delivery, error: HookchartError): void {
    const { control } = this.#host
    if (!control.listened) return
    const { id, type } = event
    control.tell({ type: 'handler_failed', ...this.#label, event: id, eventType: type, error: error.toJSON() })
  }
}

/** A breaker of counters sets none. */
const NO_TIMERS = { setTimeout: () => undefined, clearTimeout: () => undefined }

/** Refuses what comes after the end of the bus. */
export function stopped(message: string): HookchartError<'EVENTS_STOPPED'> {
  return new HookchartError('EVENTS_STOPPED', message)
}
