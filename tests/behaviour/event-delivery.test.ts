/** How events reach their handlers: order, turns, failures, endings. */
import { getEventListeners } from 'node:events'
import { createEventBus } from 'hookchart/events'
import type { EventHandler, SubscribeOptions } from 'hookchart/events'
import { describe, expect, test } from 'vitest'
import { busOf, keeping, waiting } from '../support/events.ts'
import { hangs } from '../support/kernel.ts'
import { errorOf, rejectionOf } from '../support/refusal.ts'

describe('an event', () => {
  test('has an envelope, with a sequence that has no gaps', async () => {
    const { clock, events } = busOf({ source: 'shop' })
    const kept = keeping()
    events.subscribe('**', kept.handler)
    await clock.advance(1_500)
    void events.publish('order.paid', { cents: 700 })
    expect(() => events.publish('order.paid', new Date(0))).toThrow()
    void events.publish('order.sent', undefined, {
      ...{ correlationId: 'c', source: 'store', target: 'ann', tags: ['a'], priority: 3, ttlMs: '5s', language: 'lua' },
    })
    await clock.settle()
    const same = { timestamp: 1_500, schemaVersion: '1.0' }
    expect(kept.seen).toEqual([
      {
        ...{ id: 'event-1', type: 'order.paid', data: { cents: 700 }, sequence: 0, language: 'native', ...same },
        metadata: { correlationId: 'event-1', tags: [], priority: 0, source: 'shop' },
      },
      {
        ...{ id: 'event-2', type: 'order.sent', data: null, sequence: 1, language: 'lua', ...same },
        metadata: { correlationId: 'c', tags: ['a'], priority: 3, source: 'store', target: 'ann', ttlMs: 5_000 },
      },
    ])
    expect(JSON.parse(JSON.stringify(kept.seen))).toEqual(kept.seen)
  })

  test('is what it was when it was published, whatever its publisher does with the data later', async () => {
    const { clock, events } = busOf()
    const kept = keeping()
    events.subscribe('**', kept.handler)
    const data = { cents: 700 }
    void events.publish('order.paid', data)
    data.cents = 0
    await clock.settle()
    expect(kept.data).toEqual([{ cents: 700 }])
    expect(Object.isFrozen(kept.seen[0]?.data)).toBe(true)
  })

  test.each([
    ['', 'it is empty'],
    ['.', 'segment 1 is empty'],
    ['a.', 'segment 2 is empty'],
    ['a.*', 'stars are for patterns'],
    ['a b', 'white space'],
    ['a\n', 'white space'],
    ['a.\u0000', 'cannot be printed'],
    ['\ud800', 'cannot be printed'],
    ['a'.repeat(501), 'longer than 500 characters'],
    [undefined, 'not a text'],
    [7, 'not a text'],
  ])('of type %j is refused: %s', (type, why) => {
    const error = errorOf(() => createEventBus().publish(type as string))
    expect(error.code).toBe('EVENT_TYPE_INVALID')
    expect(error.message).toContain(why)
  })

  test.each([
    [new Map(), 'is an instance of Map'],
    [{ at: new Date(0) }, 'at "at" is an instance of Date'],
    [{ n: [1, NaN] }, 'at "n.1" is NaN'],
    [() => 1, 'is a function'],
    [1n, 'is a bigint'],
  ])('with data that is not JSON is refused, in production too', (data, why) => {
    const before = process.env['NODE_ENV']
    for (const mode of ['test', 'production']) {
      process.env['NODE_ENV'] = mode
      const error = errorOf(() => createEventBus().publish('a', data))
      expect(error.code).toBe('DATA_NOT_JSON')
      expect(error.message).toContain(why)
    }
    process.env['NODE_ENV'] = before
  })

  test('whose data is a cycle is refused', () => {
    const data: Record<string, unknown> = {}
    data['self'] = data
    expect(errorOf(() => createEventBus().publish('a', data)).code).toBe('DATA_NOT_JSON')
  })
})

describe('delivery', () => {
  test('batched: when the publisher has returned; sync: before', async () => {
    const { clock, events } = busOf()
    const [batched, sync] = [keeping(), keeping()]
    events.subscribe('a', batched.handler)
    events.subscribe('a', sync.handler, { delivery: 'sync' })
    void events.publish('a', 1)
    expect([batched.data, sync.data]).toEqual([[], [1]])
    await clock.settle()
    expect([batched.data, sync.data]).toEqual([[1], [1]])
  })

  test('sync: what a handler publishes comes behind what it was called for, for everybody', () => {
    const { events } = busOf()
    const [first, second] = [keeping(), keeping()]
    events.subscribe(
      '**',
      (event, call) => {
        void first.handler(event, call)
        if (event.type === 'a') void events.publish('b')
      },
      { delivery: 'sync' },
    )
    events.subscribe('**', second.handler, { delivery: 'sync' })
    void events.publish('a')
    expect(first.seen.map(({ type }) => type)).toEqual(['a', 'b'])
    expect(second.seen.map(({ type }) => type)).toEqual(['a', 'b'])
  })

  test('of async handlers: one after another, unless concurrency says more', async () => {
    const { clock, events } = busOf()
    const [one, two] = [waiting(), waiting()]
    events.subscribe('a', one.handler)
    const subscription = events.subscribe('a', two.handler, { concurrency: 2 })
    for (let i = 0; i < 4; i++) void events.publish('a', i)
    await clock.settle()
    expect([one.data, two.data]).toEqual([[0], [0, 1]])
    expect(subscription.stats()).toMatchObject({ running: 2, pending: 2, delivered: 2, handled: 0 })
    one.end()
    two.end()
    await clock.settle()
    expect([one.data, two.data]).toEqual([
      [0, 1],
      [0, 1, 2],
    ])
  })

  test('goes to those who subscribed by the time of the publish, each once, in their order', async () => {
    const { clock, events } = busOf()
    const order: string[] = []
    events.subscribe('a.**', () => order.push('first'))
    events.subscribe('*', () => order.push('second'))
    events.subscribe('b', () => order.push('never'))
    void events.publish('a.b')
    events.subscribe('a.b', () => order.push('late'))
    await clock.settle()
    expect(order).toEqual(['first', 'second'])
    void events.publish('a.b')
    await clock.settle()
    expect(order).toEqual(['first', 'second', 'first', 'second', 'late'])
  })
})

describe('unsubscribe', () => {
  test('inside its own handler: nothing more comes, and what waited is counted', async () => {
    const { clock, events } = busOf()
    const kept = keeping()
    const subscription = events.subscribe('a', (event, call) => {
      void kept.handler(event, call)
      expect(subscription.unsubscribe()).toBe(true)
    })
    for (let i = 0; i < 3; i++) void events.publish('a', i)
    await clock.settle()
    expect(kept.data).toEqual([0])
    expect(subscription.unsubscribe()).toBe(false)
    expect(subscription.stats()).toMatchObject({ published: 3, handled: 1, pending: 0, dropped: { unsubscribed: 2 } })
    expect(events.stats().deliveries).toMatchObject({ published: 3, handled: 1, dropped: { unsubscribed: 2 } })
  })

  test('inside the handler of another: that other has its event no more', () => {
    const { events } = busOf()
    const kept = keeping()
    events.subscribe('a', () => second.unsubscribe(), { delivery: 'sync' })
    const second = events.subscribe('a', kept.handler, { delivery: 'sync' })
    void events.publish('a')
    expect(kept.data).toEqual([])
  })

  test.each<[string, (subscription: Disposable, controller: AbortController) => void]>([
    ['by using', (subscription) => subscription[Symbol.dispose]()],
    ['by its signal', (_, controller) => controller.abort()],
  ])('%s', async (_, end) => {
    const { clock, events } = busOf()
    const kept = keeping()
    const controller = new AbortController()
    const subscription = events.subscribe('a', kept.handler, { signal: controller.signal })
    void events.publish('a')
    end(subscription, controller)
    void events.publish('a')
    await clock.settle()
    expect(kept.data).toEqual([])
    expect(events.stats().subscriptions).toEqual([])
  })

  test('with a signal that is aborted already: it never begins', () => {
    const { events } = busOf()
    const kept = keeping()
    events.subscribe('a', kept.handler, { signal: AbortSignal.abort(), delivery: 'sync' })
    void events.publish('a')
    expect(kept.data).toEqual([])
  })

  test('while its handler runs: the handler is told, and how it ends still counts', async () => {
    const { clock, events } = busOf()
    const slow = waiting()
    const signals: AbortSignal[] = []
    const subscription = events.subscribe('a', (event, call) => {
      signals.push(call.signal)
      return slow.handler(event, call)
    })
    void events.publish('a')
    await clock.settle()
    subscription.unsubscribe()
    expect(signals[0]?.aborted).toBe(true)
    slow.end()
    await clock.settle()
    expect(subscription.stats()).toMatchObject({ handled: 1, running: 0 })
    expect(events.stats().deliveries.handled).toBe(1)
  })
})

describe('a handler that fails', () => {
  const failures: [string, EventHandler][] = [
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    [
      'throws what is no error',
      () => {
        throw 'boom'
      },
    ],
  ]

  test.each(failures)('and %s hurts no other, and not its publisher', async (_, handler) => {
    const { clock, events, told } = busOf()
    const kept = keeping()
    const subscription = events.subscribe('a', handler, { name: 'bad', delivery: 'sync' })
    events.subscribe('a', kept.handler, { delivery: 'sync' })
    expect(events.publish('a')).toBeUndefined()
    await clock.settle()
    expect(kept.seen).toHaveLength(1)
    expect(subscription.stats()).toMatchObject({ delivered: 1, handled: 0, failed: 1, running: 0 })
    expect(told).toMatchObject([
      {
        type: 'handler_failed',
        name: 'bad',
        event: 'event-1',
        eventType: 'a',
        error: { code: 'EFFECT_FAILED', message: 'boom' },
      },
    ])
  })

  test('does not stop the events behind', async () => {
    const { clock, events } = busOf()
    const slow = waiting()
    events.subscribe('a', slow.handler)
    for (let i = 0; i < 2; i++) void events.publish('a', i)
    await clock.settle()
    slow.end(new Error('boom'))
    await clock.settle()
    expect(slow.data).toEqual([0, 1])
  })

  test('by never settling is given up at its deadline; the next event has its turn, and what comes late is ignored', async () => {
    const { clock, events, told } = busOf()
    const slow = waiting()
    const subscription = events.subscribe('a', slow.handler, { timeoutMs: '1s' })
    for (let i = 0; i < 2; i++) void events.publish('a', i)
    await clock.settle()
    await clock.advance(999)
    expect(slow.data).toEqual([0])
    await clock.advance(1)
    expect(slow.data).toEqual([0, 1])
    expect(told).toMatchObject([{ type: 'handler_failed', error: { code: 'EVENT_HANDLER_TIMED_OUT' } }])
    slow.end()
    await clock.settle()
    expect(subscription.stats()).toMatchObject({ failed: 1, handled: 0, running: 1 })
    slow.end()
    await clock.settle()
    expect(subscription.stats()).toMatchObject({ failed: 1, handled: 1, running: 0 })
  })

  test('keeps failing: it is cut off, tried again, and let in again', async () => {
    const { clock, events, told } = busOf()
    const state = { broken: true, calls: 0 }
    const breaker = { failureThreshold: 2, successThreshold: 1, openMs: 100 }
    const subscription = events.subscribe(
      'a',
      () => {
        state.calls++
        if (state.broken) throw new Error('boom')
      },
      { breaker },
    )
    for (let i = 0; i < 5; i++) void events.publish('a')
    await clock.settle()
    expect(state.calls).toBe(2)
    expect(subscription.stats()).toMatchObject({ failed: 2, breaker: 'open', dropped: { breaker_open: 3 } })
    await clock.advance(100)
    state.broken = false
    void events.publish('a')
    await clock.settle()
    expect(state.calls).toBe(3)
    expect(subscription.stats()).toMatchObject({ handled: 1, breaker: 'closed' })
    const changes = told.flatMap((event) => (event.type === 'breaker_changed' ? [event.state] : []))
    expect(changes).toEqual(['open', 'halfOpen', 'closed'])
    expect(told).toContainEqual(expect.objectContaining({ type: 'dropped', reason: 'breaker_open', count: 3 }))
  })
})

describe('events that cause events', () => {
  test('carry their correlation and say what caused them', async () => {
    const { clock, events } = busOf()
    const kept = keeping()
    events.subscribe('c', kept.handler)
    events.subscribe('a', () => events.publish('b'))
    events.subscribe('b', async (_, { publish }) => {
      await Promise.resolve()
      await publish('c')
    })
    void events.publish('a')
    await clock.settle()
    expect(kept.seen[0]?.metadata).toMatchObject({ correlationId: 'event-1', causationId: 'event-2', depth: 2 })
  })

  test.each([
    ['in its own turn', 'sync' as const, (publish: () => unknown) => publish()],
    ['in a microtask', 'batched' as const, (publish: () => unknown) => publish()],
    ['after it has waited', 'batched' as const, (publish: () => unknown) => Promise.resolve().then(publish)],
  ])('a loop ends after sixteen, with an error for who goes on: %s', async (_, delivery, when) => {
    const { clock, events, told } = busOf()
    const depths: (number | undefined)[] = []
    events.subscribe(
      'a',
      (event, { publish }) => {
        depths.push(event.metadata.depth)
        return when(() => publish('a'))
      },
      { delivery },
    )
    void events.publish('a')
    await clock.settle()
    expect(depths).toEqual([undefined, ...Array.from({ length: 16 }, (_, i) => i + 1)])
    expect(events.stats().refused.loop).toBe(1)
    expect(told).toContainEqual(expect.objectContaining({ type: 'refused', reason: 'loop', count: 1 }))
    expect(told.flatMap((each) => (each.type === 'handler_failed' ? [each.error.code] : []))).toEqual(['EVENT_LOOP'])
  })

  test('a loop is found by cause as well', () => {
    const { events } = busOf({ maxDepth: 1 })
    const kept = keeping()
    events.subscribe('a', kept.handler, { delivery: 'sync' })
    void events.publish('a')
    void events.publish('a', null, { cause: kept.seen[0]! })
    expect(errorOf(() => events.publish('a', null, { cause: kept.seen[1]! })).code).toBe('EVENT_LOOP')
  })
})

describe('a handler that publishes to a full subscription with block', () => {
  const BLOCK: SubscribeOptions = { bufferSize: 1, overflow: 'block', timeoutMs: false }

  /** How the second of two publishes inside of the handler ends. */
  async function twice(options: SubscribeOptions, publishTwice: EventHandler) {
    const { clock, events } = busOf()
    const errors: unknown[] = []
    const state = { calls: 0 }
    events.subscribe(
      'a',
      async (event, call) => {
        if (state.calls++ > 0) return
        try {
          await publishTwice(event, call)
        } catch (error) {
          errors.push((error as { code?: string }).code)
        }
      },
      { ...BLOCK, ...options },
    )
    void events.publish('a')
    await clock.settle()
    return { clock, errors, events, state }
  }

  test.each<[string, EventHandler]>([
    [
      'after it has waited, with its call',
      async (_, { publish }) => {
        await Promise.resolve()
        await publish('a')
        await publish('a')
      },
    ],
  ])('gets EVENT_DEADLOCK when it is its own: %s', async (_, handler) => {
    const { errors } = await twice({}, handler)
    expect(errors).toEqual(['EVENT_DEADLOCK'])
  })

  test('gets EVENT_DEADLOCK when it says by which event it was caused', async () => {
    const { events, clock } = busOf()
    const errors: unknown[] = []
    events.subscribe(
      'a',
      async (event) => {
        await Promise.resolve()
        void events.publish('a', null, { cause: event })
        errors.push(errorOf(() => events.publish('a', null, { cause: event })).code)
      },
      BLOCK,
    )
    void events.publish('a')
    await clock.settle()
    expect(errors[0]).toBe('EVENT_DEADLOCK')
  })

  test('waits when another of its handlers can make room', async () => {
    const { errors, state } = await twice({ concurrency: 2 }, async (_, { publish }) => {
      await Promise.resolve()
      await publish('a')
      await publish('a')
      await publish('a')
    })
    expect(errors).toEqual([])
    expect(state.calls).toBe(4)
  })

  test('gets EVENT_DEADLOCK when two wait for each other', async () => {
    const { events, clock } = busOf()
    const codes: unknown[] = []
    for (const [own, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      events.subscribe(
        own,
        async (event, { publish }) => {
          if (event.data !== 'begin') return
          await Promise.resolve()
          await publish(other)
          try {
            await publish(other)
          } catch (error) {
            codes.push((error as { code: string }).code)
          }
        },
        BLOCK,
      )
    }
    void events.publish('a', 'begin')
    void events.publish('b', 'begin')
    await clock.settle()
    expect(codes).toEqual(['EVENT_DEADLOCK'])
    expect(events.stats()).toMatchObject({ running: 0, pending: 0, waiting: 0 })
  })

  test('that is not known to be its own waits for its deadline', async () => {
    const { events, clock } = busOf()
    const codes: string[] = []
    events.subscribe(
      'a',
      async (event) => {
        if (event.data !== 'begin') return
        await Promise.resolve()
        await events.publish('a')
        codes.push((await rejectionOf(events.publish('a')!)).code)
      },
      { ...BLOCK, blockTimeoutMs: '1s' },
    )
    void events.publish('a', 'begin')
    await clock.settle()
    expect(codes).toEqual([])
    await clock.advance(1_000)
    expect(codes).toEqual(['EVENT_BLOCKED'])
  })
})

describe('stop', () => {
  test('hands on what is pending, then takes no more', async () => {
    const { events } = busOf()
    const kept = keeping()
    events.subscribe('a', kept.handler)
    void events.publish('a', 1)
    const stopped = events.stop()
    expect(errorOf(() => events.publish('a')).code).toBe('EVENTS_STOPPED')
    expect(errorOf(() => events.subscribe('a', kept.handler)).code).toBe('EVENTS_STOPPED')
    expect(errorOf(() => events.stream('a')).code).toBe('EVENTS_STOPPED')
    await stopped
    expect(kept.data).toEqual([1])
    expect(events.stats().subscriptions).toEqual([])
  })

  test('waits for handlers no longer than it may, aborts them, and counts what is left', async () => {
    const { clock, events } = busOf({ drainTimeoutMs: 100 })
    const signals: AbortSignal[] = []
    events.subscribe('a', (_, { signal }) => {
      signals.push(signal)
      return hangs()
    })
    for (let i = 0; i < 3; i++) void events.publish('a')
    const state = { stopped: false }
    void events.stop().then(() => (state.stopped = true))
    await clock.advance(99)
    expect(state.stopped).toBe(false)
    await clock.advance(1)
    expect(state.stopped).toBe(true)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(events.stats().deliveries).toMatchObject({ delivered: 1, dropped: { stopped: 2 } })
    expect(clock.timers).toBe(0)
  })

  test('leaves no timer and no listener', async () => {
    const { clock, events } = busOf()
    const { signal } = new AbortController()
    events.subscribe('a', () => hangs(), { signal, timeoutMs: 50, bufferSize: 1, overflow: 'block' })
    events.stream('a', { signal })
    events.control.stream({ signal })
    for (let i = 0; i < 3; i++) void events.publish('a', i, { signal })?.catch(() => {})
    await clock.settle()
    const stopped = events.stop()
    await clock.advance(5_000)
    await stopped
    expect(clock.timers).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('comes to the same however often it is called', async () => {
    const events = createEventBus()
    await Promise.all([events.stop(), events.stop()])
    await events[Symbol.asyncDispose]()
  })
})

test('idle waits for what is pending and for what runs', async () => {
  const { clock, events } = busOf()
  const slow = waiting()
  events.subscribe('a', slow.handler)
  void events.publish('a')
  void events.publish('a')
  const state = { idle: false }
  void events.idle().then(() => (state.idle = true))
  await clock.settle()
  slow.end()
  await clock.settle()
  expect(state.idle).toBe(false)
  slow.end()
  await clock.settle()
  expect(state.idle).toBe(true)
})
