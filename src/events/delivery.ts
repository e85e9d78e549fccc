/** One event in the hands of one handler: the call, its attempts, its deadline and how it ends. */
import { HookchartError, toHookchartError } from '../errors.ts'
import type { Deadline, Deadlines } from '../hooks/executor/deadlines.ts'
import { isPromise } from '../hooks/flow.ts'
import type { Maybe } from '../hooks/flow.ts'
import type { Posting } from './posting.ts'
import type { PublishOptions } from './publish-options.ts'
import type { UniversalEvent } from './universal-event.ts'

/** What a handler is called with besides the event. */
export interface EventCall {
  /** The id of the subscription. */
  readonly subscription: string
  /** 1, and one more for each retry that a hook at EventHandlerError asks for. */
  readonly attempt: number
  /** Aborted at the deadline of the handler, and when the subscription or the bus ends. */
  readonly signal: AbortSignal
  /**
   * Publishes with this event as the cause: same correlation, one deeper. Before its first `await` a handler may publish
   * with the bus as well; after it, only this knows the cause, and can tell a deadlock or a loop.
   */
  readonly publish: (type: string, data?: unknown, options?: Omit<PublishOptions, 'cause'>) => undefined | Promise<void>
}

/** Handles an event. What it returns is ignored, but a promise is waited for. */
export type EventHandler<Data = unknown> = (event: UniversalEvent<Data>, call: EventCall) => unknown

/** What hooks make of a failure: it stands, it was recovered, or the handler is to be called again. */
export type FailureEnd =
  | { readonly type: 'failed'; readonly error: HookchartError }
  | { readonly type: 'recovered' }
  | { readonly type: 'retry'; readonly delayMs: number }

/** The subscription, as a delivery knows it. */
export interface Deliverer {
  readonly id: string
  readonly name: string
  readonly handler: EventHandler
  readonly timeoutMs: number | undefined
  readonly closed: boolean
  /** It is not over with the return of the handler. */
  goesOn(delivery: Delivery): void
  /** Its last; with an error, it failed for good. */
  ended(delivery: Delivery, error?: HookchartError): void
}

/** The bus, as a delivery knows it. */
export interface DeliveryHost {
  /** Whose handler is running in this turn. */
  current: Delivery | undefined
  readonly deadlines: Deadlines
  publishFrom(
    delivery: Delivery,
    type: string,
    data: unknown,
    options: Omit<PublishOptions, 'cause'> | undefined,
  ): undefined | Promise<void>
  /** Asks the hooks; never throws or rejects. */
  failed(delivery: Delivery, error: HookchartError): Maybe<FailureEnd>
}

/** Calls a handler with an event until it has ended, once. */
export class Delivery implements EventCall {
  readonly posting: Posting
  readonly deliverer: Deliverer
  /** The generation of the breaker that admitted it. */
  readonly permit: number
  attempt = 0
  /** The subscriptions for whose room it waits with what it publishes; undefined: none. */
  waitsFor: Deliverer[] | undefined
  readonly #host: DeliveryHost
  #controller: AbortController | undefined
  #abortedBy: HookchartError | undefined
  #deadline: Deadline | undefined
  /** The failure after which it waits to be called again. */
  #retried: HookchartError | undefined
  /** Its subscription knows that it goes on after its handler has returned. */
  #goesOn = false
  /** How many calls have begun or were given up: what another comes to is too late. */
  #calls = 0

  constructor(host: DeliveryHost, deliverer: Deliverer, posting: Posting, permit: number) {
    this.#host = host
    this.deliverer = deliverer
    this.posting = posting
    this.permit = permit
  }

  get subscription(): string {
    return this.deliverer.id
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortedBy !== undefined) this.#controller.abort(this.#abortedBy)
    }
    return this.#controller.signal
  }

  /** Made when it is read, so that it can be taken out of the call. */
  get publish(): EventCall['publish'] {
    return (type, data, options) => this.#host.publishFrom(this, type, data, options)
  }

  start(): void {
    const host = this.#host
    this.attempt++
    const call = ++this.#calls
    const outer = host.current
    host.current = this
    let returned: unknown
    try {
      returned = this.deliverer.handler(this.posting.event, this)
    } catch (error) {
      host.current = outer
      this.#failed(error)
      return
    }
    host.current = outer
    if (returned === undefined || !isPromise(returned)) this.deliverer.ended(this)
    else this.#wait(returned, call)
  }

  /** Its subscription has ended: the handler is told by its signal, and how it ends still counts. */
  abort(reason: HookchartError): void {
    this.#abortedBy = reason
    this.#controller?.abort(reason)
    this.#disarm()
    if (this.#retried !== undefined) this.#giveUp(this.#retried)
  }

  #wait(returned: PromiseLike<unknown>, call: number): void {
    const { deliverer } = this
    const { timeoutMs } = deliverer
    this.#goOn()
    if (timeoutMs !== undefined && !deliverer.closed) {
      this.#deadline = this.#host.deadlines.arm(timeoutMs, () => {
        this.#expire(timeoutMs)
      })
    }
    Promise.resolve(returned).then(
      () => {
        if (call !== this.#calls) return
        this.#disarm()
        deliverer.ended(this)
      },
      (error: unknown) => {
        if (call !== this.#calls) return
        this.#disarm()
        this.#failed(error)
      },
    )
  }

  #expire(timeoutMs: number): void {
    const { id, type } = this.posting.event
    const { id: subscription } = this.deliverer
    const error = new HookchartError(
      'EVENT_HANDLER_TIMED_OUT',
      `The handler of subscription "${this.deliverer.name}" did not settle within ${String(timeoutMs)} ms for "${type}". Obey call.signal, or raise timeoutMs.`,
      { details: { subscription, event: id, type, timeoutMs } },
    )
    this.#calls++
    this.#controller?.abort(error)
    // A retry gets a signal of its own.
    this.#controller = undefined
    this.#failed(error)
  }

  #failed(thrown: unknown): void {
    const error = toHookchartError(thrown)
    const decided = this.#host.failed(this, error)
    if (!isPromise(decided)) {
      this.#decide(decided, error)
      return
    }
    this.#goOn()
    void decided.then((end) => {
      this.#decide(end, error)
    })
  }

  #decide(end: FailureEnd, error: HookchartError): void {
    if (end.type === 'recovered') this.deliverer.ended(this)
    else if (end.type === 'failed') this.#giveUp(end.error)
    else if (this.deliverer.closed) this.#giveUp(error)
    else this.#retry(end.delayMs, error)
  }

  #retry(afterMs: number, error: HookchartError): void {
    const { deadlines } = this.#host
    this.#goOn()
    this.#retried = error
    deadlines.hold()
    this.#deadline = deadlines.arm(afterMs, () => {
      deadlines.release()
      this.#retried = undefined
      if (this.deliverer.closed) this.#giveUp(error)
      else this.start()
    })
  }

  #giveUp(error: HookchartError): void {
    if (this.#retried !== undefined) this.#host.deadlines.release()
    this.#retried = undefined
    this.deliverer.ended(this, error)
  }

  #goOn(): void {
    if (this.#goesOn) return
    this.#goesOn = true
    this.deliverer.goesOn(this)
  }

  #disarm(): void {
    if (this.#deadline !== undefined) this.#host.deadlines.disarm(this.#deadline)
    this.#deadline = undefined
  }
}
