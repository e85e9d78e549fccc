/** For each error code of events a public call that produces it. */
import { createEventBus, matchesPattern, parseEvent } from 'hookchart/events'
import type { CreateEventBusOptions, EventHandler, SubscribeOptions } from 'hookchart/events'
import type { HookchartError } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { hangs } from '../support/kernel.ts'
import { errorOf, rejectionOf } from '../support/refusal.ts'

const TYPE = 'order.paid'

/** A bus with one subscription that has room for one event, and never ends with the first. */
function slow(options: SubscribeOptions, handler: EventHandler = hangs, bus: CreateEventBusOptions = {}) {
  const clock = createTestClock()
  const events = createEventBus({ clock, ids: createTestIds(), ...bus })
  events.subscribe('order.*', handler, { name: 'slow', bufferSize: 1, delivery: 'sync', ...options })
  return { clock, events }
}

export const eventCalls = {
  EVENT_TYPE_INVALID: () => errorOf(() => createEventBus().publish('order..paid')),
  EVENT_PATTERN_INVALID: () => errorOf(() => matchesPattern('order.p*', TYPE)),
  EVENT_INVALID: () => errorOf(() => parseEvent({ id: '1', type: TYPE })),
  EVENT_REJECTED: () => {
    const { events } = slow({ overflow: 'reject', delivery: 'batched' })
    void events.publish(TYPE)
    return errorOf(() => events.publish(TYPE))
  },
  EVENT_BLOCKED: async () => {
    const { clock, events } = slow({ overflow: 'block', blockTimeoutMs: 50, delivery: 'batched' })
    void events.publish(TYPE)
    const blocked = rejectionOf(Promise.all([events.publish(TYPE), events.publish(TYPE)]))
    await clock.advance(50)
    return blocked
  },
  EVENT_DEADLOCK: () => {
    const errors: HookchartError[] = []
    const { events } = slow({ overflow: 'block' }, () => {
      void events.publish(TYPE)
      errors.push(errorOf(() => events.publish(TYPE)))
      return hangs()
    })
    void events.publish(TYPE)
    return errors[0]!
  },
  EVENT_LOOP: () => {
    const errors: HookchartError[] = []
    const events = createEventBus({ clock: createTestClock(), ids: createTestIds(), maxDepth: 2 })
    events.subscribe(
      'order.*',
      () => {
        try {
          void events.publish(TYPE)
        } catch (error) {
          errors.push(error as HookchartError)
        }
      },
      { delivery: 'sync' },
    )
    void events.publish(TYPE)
    return errors[0]!
  },
  EVENT_HANDLER_TIMED_OUT: async () => {
    const reasons: unknown[] = []
    const { clock, events } = slow({ timeoutMs: 50 }, (_, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason))
      return hangs()
    })
    void events.publish(TYPE)
    await clock.advance(50)
    return reasons[0] as HookchartError
  },
  EVENTS_STOPPED: async () => {
    const events = createEventBus()
    await events.stop()
    return errorOf(() => events.publish(TYPE))
  },
}
