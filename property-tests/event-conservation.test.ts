/**
 * Nothing is lost without a count, and nothing comes out of turn, under any interleaving of publishes, slow and failing
 * handlers, unsubscribes and the time.
 */
import fc from 'fast-check'
import * as real from 'hookchart/events'
import type { EventSubscription, Overflow, SubscriptionStats, UniversalEvent } from 'hookchart/events'
import { createTestClock } from 'hookchart/testing'
import { expect } from 'vitest'
import { testLawOf } from './support/law.ts'
import { drain } from './support/run.ts'

type Events = typeof real

const TYPES = ['a', 'b', 'a.b'] as const
const PATTERNS = ['a', '*', 'a.*', '**'] as const

const plan = fc.record({
  pattern: fc.constantFrom(...PATTERNS),
  overflow: fc.constantFrom<Overflow>('drop_oldest', 'drop_newest', 'block', 'reject'),
  bufferSize: fc.integer({ min: 1, max: 4 }),
  delivery: fc.constantFrom('batched' as const, 'sync' as const),
  concurrency: fc.integer({ min: 1, max: 2 }),
  timeoutMs: fc.constantFrom(false as const, 30),
  breaker: fc.constantFrom(false as const, { failureThreshold: 2, openMs: 20 }),
  /** What its handler does with the events, one after another. */
  outcomes: fc.array(fc.constantFrom('ok', 'throw', 'later', 'later', 'reject', 'hang', 'publish', 'leave'), {
    minLength: 1,
    maxLength: 8,
  }),
})

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      type: fc.constantFrom(...TYPES),
      priority: fc.constantFrom(0, 0, 0, -1, 1),
      ttlMs: fc.constantFrom(undefined, undefined, 15),
      timeoutMs: fc.constantFrom(undefined, 10),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('subscribe' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(5, 15, 30) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('let' as const) }) },
)

const scenario = fc.record({
  plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
  steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
  stops: fc.boolean(),
})

/** One subscription, and what its handler has seen. */
interface Watched {
  readonly subscription: EventSubscription
  readonly bufferSize: number
  readonly seen: UniversalEvent[]
  /** How many it had seen when it ended. */
  endedAfter: number | undefined
}

function accounted({ published, delivered, dropped, expired, pending, waiting }: SubscriptionStats): void {
  const drops = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  expect({ published }).toEqual({ published: delivered + drops + expired + pending + waiting })
}

const law = ({ createEventBus }: Events) =>
  fc.asyncProperty(scenario, fc.scheduler(), async ({ plans, steps, stops }, scheduler) => {
    const clock = createTestClock()
    const events = createEventBus({ clock, drainTimeoutMs: 50, maxDepth: 3 })
    const watched: Watched[] = []
    const unsubscribe = (which: Watched) => {
      which.subscription.unsubscribe()
      which.endedAfter ??= which.seen.length
    }
    const publish = (type: string, options?: Parameters<typeof events.publish>[2]) => {
      try {
        events.publish(type, null, options)?.catch(() => {})
      } catch {
        // It is counted.
      }
    }
    const subscribe = ({ pattern, outcomes, ...options }: (typeof plans)[number]) => {
      const seen: UniversalEvent[] = []
      const subscription = events.subscribe(
        pattern,
        (event, call) => {
          const outcome = outcomes[seen.push(event) % outcomes.length]
          switch (outcome) {
            case 'throw':
              throw new Error('boom')
            case 'later':
              return scheduler.schedule(Promise.resolve(), 'handled')
            case 'reject':
              return scheduler.schedule(Promise.resolve(), 'failed').then(() => Promise.reject(new Error('boom')))
            case 'hang':
              return new Promise<void>(() => {})
            case 'publish':
              return scheduler.schedule(Promise.resolve(), 'publishes').then(() => call.publish('b'))
            case 'leave':
              unsubscribe(one)
              return
            default:
              return
          }
        },
        options,
      )
      const one: Watched = { subscription, bufferSize: options.bufferSize, seen, endedAfter: undefined }
      watched.push(one)
    }
    const check = () => {
      const all = events.stats()
      const sum = { published: 0, delivered: 0, handled: 0, failed: 0, expired: 0 }
      for (const { subscription, bufferSize, seen, endedAfter } of watched) {
        const stats = subscription.stats()
        accounted(stats)
        expect(Math.max(stats.pending, stats.maxPending)).toBeLessThanOrEqual(bufferSize)
        expect(stats.delivered).toBe(stats.handled + stats.failed + stats.running)
        expect(stats.delivered).toBe(seen.length)
        if (endedAfter !== undefined) {
          expect(seen).toHaveLength(endedAfter)
          expect([stats.pending, stats.waiting]).toEqual([0, 0])
        }
        for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += stats[key]
      }
      expect(all.deliveries).toMatchObject(sum)
    }

    for (const each of plans) subscribe(each)
    for (const each of steps) {
      if (each.do === 'publish') {
        const { type, priority, ttlMs, timeoutMs } = each
        publish(type, {
          priority,
          ...(ttlMs !== undefined && { ttlMs }),
          ...(timeoutMs !== undefined && { timeoutMs }),
        })
      } else if (each.do === 'unsubscribe') unsubscribe(watched[each.which % watched.length]!)
      else if (each.do === 'subscribe') subscribe(plans[each.which % plans.length]!)
      else if (each.do === 'advance') await clock.advanceSteps(each.ms)
      else if (scheduler.count() > 0) await scheduler.waitNext(1)
      check()
    }
    if (stops) {
      const stopped = events.stop()
      await clock.advanceSteps(50)
      await stopped
      for (const one of watched) one.endedAfter ??= one.seen.length
      expect(events.stats()).toMatchObject({ pending: 0, waiting: 0, running: 0, subscriptions: [] })
      expect(clock.timers).toBe(0)
    }
    await drain(clock, scheduler)
    check()
    for (const { seen } of watched) {
      // Within one priority, in the order of publishing; no event twice.
      for (const priority of [-1, 0, 1]) {
        const order = seen.filter(({ metadata }) => metadata.priority === priority).map(({ sequence }) => sequence)
        expect(order).toEqual([...new Set(order)].sort((a, b) => a - b))
      }
    }
  })

const SUBSCRIPTION = 'src/events/subscription.ts'

testLawOf<Events>(
  real,
  'src/events/index.ts',
  'what is published is delivered in order, or counted by reason, or still there',
  law,
  [
    {
      name: 'what waits when a subscription ends is not counted',
      file: SUBSCRIPTION,
      from: 'this.#drop(reason, left + this.#blocked.releaseAll(error))',
      to: 'this.#blocked.releaseAll(error)',
    },
    {
      name: 'publishers that wait when it ends are not counted',
      file: SUBSCRIPTION,
      from: 'left + this.#blocked.releaseAll(error)',
      to: '(this.#blocked.releaseAll(error), left)',
    },
    {
      name: 'what has expired is not counted',
      file: SUBSCRIPTION,
      from: 'isExpired(posting, this.#host.now())) {\n        this.#expired(1)',
      to: 'isExpired(posting, this.#host.now())) {',
    },
    {
      name: 'what the breaker keeps away is not counted',
      file: SUBSCRIPTION,
      from: "this.#drop('breaker_open')",
      to: '',
    },
    {
      name: 'a publisher that gives up is not counted',
      file: SUBSCRIPTION,
      from: 'this.#drop(reason)\n      return reason',
      to: 'return reason',
    },
    {
      name: 'a handler that ends late counts twice',
      file: 'src/events/delivery.ts',
      from: 'if (call !== this.#calls) return\n        this.#disarm()\n        deliverer.ended(this)',
      to: 'this.#disarm()\n        deliverer.ended(this)',
    },
    {
      name: 'more handlers at once than may',
      file: SUBSCRIPTION,
      from: 'goesOn(delivery: Delivery): void {\n    this.running.add(delivery)',
      to: 'goesOn(delivery: Delivery): void {\n    if (this.running.size === 0) this.running.add(delivery)',
    },
    {
      name: 'events come after the end',
      file: SUBSCRIPTION,
      from: 'const left = this.pending.size\n    this.pending.clear()',
      to: 'const left = this.pending.size',
    },
    {
      name: 'blocked publishers are let in over the bound',
      file: SUBSCRIPTION,
      from: "case 'block':\n        return this.#block(posting, publisher)",
      to: "case 'block':\n        this.pending.push(posting)\n        return undefined",
    },
    {
      name: 'what ends after the subscription is not summed up',
      file: SUBSCRIPTION,
      from: 'if (ok) this.#late.handled++\n    else this.#late.failed++',
      to: '',
    },
  ],
  { numRuns: 200 },
)
