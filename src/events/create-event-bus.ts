/** `createEventBus`: a bus of events, with or without hooks. */
import { HookchartError, nameOf } from '../errors.ts'
import { parseOptions } from '../options.ts'
import { systemClock } from '../ports/clock.ts'
import { createIds } from '../ports/ids.ts'
import type { EventBus, EventSubscription } from './api.ts'
import { busSchema } from './bus-options.ts'
import type { CreateEventBusOptions } from './bus-options.ts'
import { Bus } from './bus.ts'
import type { EventHandler } from './delivery.ts'
import { controlSchema, controlStream } from './stream/control-stream.ts'
import type { EventStream } from './stream/event-stream.ts'
import { streamSchema, streamSettings, subscribeSchema, subscriptionSettings } from './subscription-options.ts'
import type { BusSubscription } from './subscription.ts'

/**
 * Makes a bus of events.
 *
 * Everything is optional. Events reach subscriptions in the order of publishing, the more urgent first; each subscription
 * has a bounded buffer of its own, and whatever it does not get is counted by reason. Data is copied and frozen when
 * NODE_ENV is `development` or `test` at this call; otherwise subscribers see the publisher's own object, which neither
 * may change.
 *
 * @throws INVALID_OPTIONS
 * @example
 * ```ts
 * import { createEventBus } from 'hookchart/events'
 * await using events = createEventBus({ source: 'shop' })
 * const paid: unknown[] = []
 * const subscription = events.subscribe('order.*', (event) => paid.push(event.data))
 * void events.publish('order.paid', { cents: 700 })
 * await events.idle()
 * console.assert(paid.length === 1 && subscription.stats().handled === 1)
 * subscription.unsubscribe()
 * ```
 */
export function createEventBus(options: CreateEventBusOptions = {}): EventBus {
  const { clock = systemClock, ids = createIds(), ...given } = parseOptions(busSchema, options, 'createEventBus')
  const bus = new Bus({
    ...{ clock, ids },
    hooks: given.hooks,
    source: given.source,
    checked: isDevelopment(),
    maxDepth: given.maxDepth,
    rateLimit: given.rateLimit,
    statsIntervalMs: given.statsIntervalMs === false ? undefined : given.statsIntervalMs,
    drainTimeoutMs: given.drainTimeoutMs,
  })
  const stop = () => bus.stop()
  return {
    publish: (type, data, publishOptions) => bus.publish(type, data, publishOptions),
    subscribe: (pattern, handler, subscribeOptions) => {
      const where = `subscribe(${nameOf(pattern)})`
      assertHandler(handler, where)
      const settings = subscriptionSettings(parseOptions(subscribeSchema, subscribeOptions ?? {}, where))
      return handleOf(bus.subscribe(pattern, handler as EventHandler, settings))
    },
    stream: (pattern, streamOptions) => {
      const settings = streamSettings(parseOptions(streamSchema, streamOptions ?? {}, `stream(${nameOf(pattern)})`))
      return bus.stream(pattern, settings) as EventStream<never>
    },
    control: {
      stream: (controlOptions) => {
        const { signal } = parseOptions(controlSchema, controlOptions ?? {}, 'control.stream')
        return controlStream(bus.control, signal, bus.timers)
      },
      subscribe: (listener) => {
        assertHandler(listener, 'control.subscribe')
        const unsubscribe = bus.control.listen(listener)
        return { unsubscribe, [Symbol.dispose]: unsubscribe }
      },
    },
    stats: () => bus.stats(),
    idle: () => bus.idle(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function handleOf(subscription: BusSubscription): EventSubscription {
  const unsubscribe = () => subscription.close('unsubscribed')
  return {
    id: subscription.id,
    pattern: subscription.pattern.text,
    unsubscribe,
    stats: () => subscription.stats(),
    [Symbol.dispose]: unsubscribe,
  }
}

function assertHandler(handler: unknown, where: string): void {
  if (typeof handler === 'function') return
  throw new HookchartError('INVALID_HANDLER', `${where}: the handler is ${nameOf(handler)}, not a function.`, {
    details: { where },
  })
}

function isDevelopment(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  const environment = process?.env?.['NODE_ENV']
  return environment === 'development' || environment === 'test'
}
