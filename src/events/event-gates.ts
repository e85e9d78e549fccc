/** The hooks round events: what they decide before an event is published, after it, and when a handler has failed. */
import { HookchartError } from '../errors.ts'
import type { ErrorData } from '../errors.ts'
import type { Hooks } from '../hooks/api.ts'
import type { ComponentInfo } from '../hooks/context.ts'
import { kernelOf } from '../hooks/create-hooks.ts'
import type { Decision } from '../hooks/decision.ts'
import type { Kernel } from '../hooks/executor/kernel.ts'
import { wait } from '../hooks/flow.ts'
import type { Flow, Maybe } from '../hooks/flow.ts'
import type { Slot } from '../hooks/registry/slot.ts'
import { assertEventType } from './event-type.ts'

/** Attempts that hooks may ask for, whatever they say. */
const MOST_ATTEMPTS = 100

const MOST_REDIRECTS = 8

type EventPoint = 'BeforeEventEmit' | 'AfterEventEmit' | 'EventHandlerError'

/** Who an event is of, for its hooks. */
export interface Firing {
  readonly component: ComponentInfo
  readonly correlationId: string | undefined
  /** What `publish(…, { parent: ctx })` reads from the context of a hook. */
  readonly metadata: { readonly eventDepth: number }
  readonly signal: AbortSignal | undefined
}

/** What was published, as the hooks at AfterEventEmit see it. */
export interface Published {
  readonly id: string
  readonly sequence: number
  /** How many subscriptions it matched. */
  readonly subscriptions: number
}

/** What a publish does between its gates. */
export interface Emission {
  type: string
  data: unknown
  firing(type: string): Firing
  /** Publishes once; undefined: there were too many. Throws what the publisher is told. */
  publish(type: string, data: unknown): Maybe<Published | undefined>
  refused(reason: 'cancelled' | 'replaced'): void
}

/** Runs something while what is published in it counts as that deep. */
export type Within = <T>(depth: number, work: () => T) => T

/** The three points, and whether anybody is there. */
export class EventGates {
  readonly #hooks: Hooks
  readonly #within: Within
  readonly #kernel: Kernel
  readonly #before: Slot
  readonly #after: Slot
  readonly #error: Slot

  constructor(hooks: Hooks, within: Within) {
    this.#hooks = hooks
    this.#within = within
    this.#kernel = kernelOf(hooks)
    const { points } = this.#kernel.registry
    this.#before = points.slot('BeforeEventEmit')
    this.#after = points.slot('AfterEventEmit')
    this.#error = points.slot('EventHandlerError')
  }

  /** Whether hooks have a say when an event of this component is published. */
  isHooked(component: ComponentInfo): boolean {
    return this.#before.chainFor(component) !== null || this.#after.chainFor(component) !== null
  }

  hearsFailures(component: ComponentInfo): boolean {
    return this.#error.chainFor(component) !== null
  }

  /** Publishes an event through its gates. */
  *emit(emission: Emission): Flow<void> {
    let redirects = 0
    for (;;) {
      const entered = yield* this.#enter(emission)
      if (entered.type === 'redirect') {
        if (++redirects > MOST_REDIRECTS) throw redirectLimit(emission.type)
        this.#redirect(emission, entered.target, emission.data)
        continue
      }
      let output: unknown
      if (entered.type === 'replace') {
        emission.refused('replaced')
        output = entered.value
      } else {
        output = yield* wait(emission.publish(emission.type, emission.data))
        if (output === undefined) return
        entered.remember(output)
      }
      const target = yield* this.#leave(emission, output)
      if (target === undefined) return
      if (++redirects > MOST_REDIRECTS) throw redirectLimit(emission.type)
      this.#redirect(emission, target.target, target.output)
    }
  }

  /** What hooks make of the failure of a handler. */
  *failed(firing: Firing, input: unknown, error: ErrorData, attempt: number): Flow<FailureDecision> {
    const type = firing.component.name
    const decision = yield* this.#run('EventHandlerError', { input, error, type }, firing)
    switch (decision.type) {
      case 'replace':
        return { type: 'recovered' }
      case 'redirect':
        return { type: 'redirect', target: decision.target }
      case 'retry':
        if (attempt < Math.min(decision.maxAttempts, MOST_ATTEMPTS)) return { type: 'retry', delayMs: decision.delayMs }
        return { type: 'failed', error }
      case 'modified':
        return { type: 'failed', error: (decision.data as { error: ErrorData }).error }
      default:
        return { type: 'failed', error }
    }
  }

  *#enter(emission: Emission): Flow<Entered> {
    for (let pass = 1; ; pass++) {
      const { type, data: input } = emission
      const firing = emission.firing(type)
      const decision = yield* this.#run('BeforeEventEmit', { input, type }, firing)
      if ('data' in decision) emission.data = (decision.data as { input: unknown }).input
      switch (decision.type) {
        case 'cancel':
          emission.refused('cancelled')
          throw refusal(decision, type, false)
        case 'replace':
          return { type: 'replace', value: decision.value }
        case 'redirect':
          return { type: 'redirect', target: decision.target }
        case 'retry':
          yield* this.#again(decision, type, pass)
          break
        case 'modified':
          return this.#cached(decision, emission, firing.component)
        case 'continue':
          return { type: 'publish', remember: nothing }
      }
    }
  }

  /** A hook noted that what is published again within a time is to be left out. */
  #cached({ cache: note }: Decision & { type: 'modified' }, { data }: Emission, component: ComponentInfo): Entered {
    if (note === undefined) return { type: 'publish', remember: nothing }
    const { cache } = this.#kernel
    const key = cache.keyOf('BeforeEventEmit', component, note, data)
    const hit = cache.get(key)
    if (hit !== undefined) return { type: 'replace', value: hit.value }
    return {
      type: 'publish',
      remember: (output) => {
        if (key !== undefined) cache.store(key, output, note.ttlMs)
      },
    }
  }

  /** Passes the gate behind; gives where else the event is to go. */
  *#leave(emission: Emission, first: unknown): Flow<{ readonly target: string; readonly output: unknown } | undefined> {
    let output = first
    for (let attempt = 1; ; attempt++) {
      const { type, data: input } = emission
      const decision = yield* this.#run('AfterEventEmit', { input, output, type }, emission.firing(type))
      switch (decision.type) {
        case 'cancel':
          throw refusal(decision, type, true)
        case 'redirect':
          return { target: decision.target, output: (decision.data as { output: unknown }).output }
        case 'retry':
          yield* this.#again(decision, type, attempt)
          output = yield* wait(emission.publish(type, input))
          break
        default:
          return undefined
      }
    }
  }

  *#run(point: EventPoint, data: object, { component, correlationId, metadata, signal }: Firing): Flow<Decision> {
    const options = {
      ...{ component, metadata },
      ...(correlationId !== undefined && { correlationId }),
      ...(signal !== undefined && { signal }),
    }
    const run = () => this.#hooks.run(point, data as never, options) as Maybe<Decision>
    return yield* wait(this.#within(metadata.eventDepth, run))
  }

  *#again({ hook, delayMs, maxAttempts }: Decision & { type: 'retry' }, type: string, count: number): Flow<void> {
    const limit = Math.min(maxAttempts, MOST_ATTEMPTS)
    if (count >= limit) {
      throw new HookchartError(
        'ATTEMPTS_EXHAUSTED',
        `Hook "${hook}" asked for another attempt to publish "${type}" after ${String(count)} of ${String(limit)}.`,
        { details: { hook, type, attempts: count, limit } },
      )
    }
    const { deadlines } = this.#kernel
    deadlines.hold()
    yield* wait(
      new Promise<void>((resolve) => {
        deadlines.arm(delayMs, () => {
          deadlines.release()
          resolve()
        })
      }),
    )
  }

  #redirect(emission: Emission, target: string, data: unknown): void {
    assertEventType(target)
    emission.type = target
    emission.data = data
  }
}

type Entered =
  | { readonly type: 'publish'; readonly remember: (output: unknown) => void }
  | { readonly type: 'replace'; readonly value: unknown }
  | { readonly type: 'redirect'; readonly target: string }

/** What hooks make of a failure, before it is done. */
export type FailureDecision =
  | { readonly type: 'failed'; readonly error: ErrorData }
  | { readonly type: 'recovered' }
  | { readonly type: 'redirect'; readonly target: string }
  | { readonly type: 'retry'; readonly delayMs: number }

const nothing = () => undefined

function refusal(decision: Decision & { type: 'cancel' }, type: string, completed: boolean): HookchartError {
  const { code, reason, hook, cause } = decision
  const what = completed ? `Event "${type}" was published, and then refused` : `Event "${type}" was not published`
  return new HookchartError(code, `${what}: ${reason}.`, {
    details: { type, reason, ...(hook !== undefined && { hook }), ...(completed && { effect: 'completed' }) },
    ...(cause !== undefined && { cause }),
  })
}

function redirectLimit(type: string): HookchartError<'REDIRECT_LIMIT'> {
  return new HookchartError(
    'REDIRECT_LIMIT',
    `Event "${type}" was redirected more than ${String(MOST_REDIRECTS)} times, so it was not published.`,
    { details: { type, limit: MOST_REDIRECTS } },
  )
}
