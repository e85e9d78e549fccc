/** What happens when a subscription is full, exactly: at its capacity, one below and one above. */
import type { Overflow, PublishOptions, SubscribeOptions } from 'hookchart/events'
import { describe, expect, test } from 'vitest'
import { busOf, keeping, waiting } from '../support/events.ts'
import { errorOf, rejectionOf } from '../support/refusal.ts'

const CAPACITY = 3

/** A subscription with room for three events, whose handler is called only when the microtask comes. */
function full(options: SubscribeOptions = {}) {
  const bus = busOf()
  const kept = keeping()
  const subscription = bus.events.subscribe('n.*', kept.handler, { name: 'n', bufferSize: CAPACITY, ...options })
  const publish = (data: unknown, more?: PublishOptions) => bus.events.publish('n.x', data, more)
  const drops = () => Object.entries(subscription.stats().dropped).filter(([, count]) => count > 0)
  return { ...bus, kept, subscription, publish, drops }
}

describe.each<Overflow>(['drop_oldest', 'drop_newest', 'block', 'reject'])('%s', (overflow) => {
  test.each([CAPACITY - 1, CAPACITY])('with %i events nothing is lost and nobody waits', async (count) => {
    const { clock, kept, publish, drops, subscription } = full({ overflow })
    for (let i = 0; i < count; i++) expect(publish(i)).toBeUndefined()
    expect(subscription.stats()).toMatchObject({ pending: count, waiting: 0 })
    await clock.settle()
    expect(kept.data).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(drops()).toEqual([])
  })
})

describe('with one event more than there is room', () => {
  test('drop_oldest: the first goes', async () => {
    const { clock, kept, publish, drops } = full({ overflow: 'drop_oldest' })
    for (let i = 0; i <= CAPACITY; i++) expect(publish(i)).toBeUndefined()
    await clock.settle()
    expect(kept.data).toEqual([1, 2, 3])
    expect(drops()).toEqual([['drop_oldest', 1]])
  })

  test('drop_newest: the new one goes', async () => {
    const { clock, kept, publish, drops } = full({ overflow: 'drop_newest' })
    for (let i = 0; i <= CAPACITY; i++) expect(publish(i)).toBeUndefined()
    await clock.settle()
    expect(kept.data).toEqual([0, 1, 2])
    expect(drops()).toEqual([['drop_newest', 1]])
  })

  test('reject: the publisher is told, and all other subscriptions have the event', async () => {
    const { clock, events, kept, publish, drops } = full({ overflow: 'reject' })
    const other = keeping()
    events.subscribe('n.*', other.handler)
    for (let i = 0; i < CAPACITY; i++) void publish(i)
    const error = errorOf(() => publish(3))
    expect(error).toMatchObject({ code: 'EVENT_REJECTED', retryable: true, details: { name: 'n', sequence: 3 } })
    await clock.settle()
    expect(kept.data).toEqual([0, 1, 2])
    expect(other.data).toEqual([0, 1, 2, 3])
    expect(drops()).toEqual([['rejected', 1]])
    expect(publish(4)).toBeUndefined()
  })

  test('block: the publisher waits until there is room, and nothing is lost', async () => {
    const { clock, kept, publish, drops, subscription } = full({ overflow: 'block' })
    for (let i = 0; i < CAPACITY; i++) void publish(i)
    const blocked = publish(3)
    expect(blocked).toBeInstanceOf(Promise)
    expect(subscription.stats()).toMatchObject({ pending: CAPACITY, waiting: 1 })
    await blocked
    await clock.settle()
    expect(kept.data).toEqual([0, 1, 2, 3])
    expect(drops()).toEqual([])
    expect(subscription.stats()).toMatchObject({ pending: 0, waiting: 0, maxPending: CAPACITY })
  })
})

describe('a publisher that is blocked', () => {
  function stuck(options: SubscribeOptions = {}) {
    const bus = busOf()
    const slow = waiting()
    const subscription = bus.events.subscribe('n.*', slow.handler, {
      bufferSize: 1,
      overflow: 'block',
      delivery: 'sync',
      timeoutMs: false,
      ...options,
    })
    // The first is with the handler, the second fills the buffer.
    void bus.events.publish('n.x', 0)
    void bus.events.publish('n.x', 1)
    return { ...bus, slow, subscription }
  }

  test('goes on when its turn has come, the one that waits longest first', async () => {
    const { clock, events, slow } = stuck()
    const order: string[] = []
    void events.publish('n.x', 2)?.then(() => order.push('first'))
    void events.publish('n.x', 3)?.then(() => order.push('second'))
    slow.end()
    await clock.settle()
    expect(order).toEqual(['first'])
    slow.end()
    await clock.settle()
    expect(order).toEqual(['first', 'second'])
    expect(slow.data).toEqual([0, 1, 2])
  })

  test('is told when its deadline comes first; other subscriptions have the event', async () => {
    const { clock, events, subscription } = stuck({ blockTimeoutMs: '5s' })
    const other = keeping()
    events.subscribe('**', other.handler)
    const refused = rejectionOf(events.publish('n.x', 2)!)
    await clock.advance(4_999)
    expect(subscription.stats()).toMatchObject({ waiting: 1 })
    await clock.advance(1)
    expect(await refused).toMatchObject({ code: 'EVENT_BLOCKED', retryable: true })
    expect(subscription.stats()).toMatchObject({ waiting: 0, dropped: { blocked: 1 } })
    expect(other.data).toEqual([2])
  })

  test('has a deadline of its own', async () => {
    const { clock, events } = stuck({ blockTimeoutMs: '5s' })
    const refused = rejectionOf(events.publish('n.x', 2, { timeoutMs: 100 })!)
    await clock.advance(100)
    expect((await refused).code).toBe('EVENT_BLOCKED')
  })

  test('goes when its signal is aborted, and another takes its turn', async () => {
    const { clock, events, slow, subscription } = stuck()
    const controller = new AbortController()
    const refused = rejectionOf(events.publish('n.x', 'aborted', { signal: controller.signal })!)
    void events.publish('n.x', 2)
    controller.abort()
    expect((await refused).code).toBe('RUN_ABORTED')
    for (let i = 0; i < 3; i++) {
      slow.end()
      await clock.settle()
    }
    expect(slow.data).toEqual([0, 1, 2])
    expect(subscription.stats()).toMatchObject({ dropped: { aborted: 1 } })
  })

  test('is not published for at all when its signal was aborted before', () => {
    const { events } = busOf()
    expect(errorOf(() => events.publish('n.x', 0, { signal: AbortSignal.abort() })).code).toBe('RUN_ABORTED')
    expect(events.stats().published.total).toBe(0)
  })

  test('goes on when the subscription ends', async () => {
    const { events, subscription } = stuck()
    const blocked = events.publish('n.x', 2)
    subscription.unsubscribe()
    await expect(blocked).resolves.toBeUndefined()
    // One waited in the buffer, one with its publisher.
    expect(events.stats().deliveries.dropped.unsubscribed).toBe(2)
  })

  test('is told when the bus is stopped', async () => {
    const { clock, events } = stuck()
    const refused = rejectionOf(events.publish('n.x', 2)!)
    const stopped = events.stop()
    await clock.advance(5_000)
    await stopped
    expect((await refused).code).toBe('EVENTS_STOPPED')
    expect(events.stats().deliveries.dropped.stopped).toBe(2)
  })

  test('of two full subscriptions waits for both', async () => {
    const { clock, events, slow } = stuck()
    const other = waiting()
    events.subscribe('n.*', other.handler, { bufferSize: 1, overflow: 'block', delivery: 'sync' })
    slow.end()
    await clock.settle()
    void events.publish('n.x', 2)
    void events.publish('n.x', 3)?.catch(() => {})
    const state = { ended: false }
    void events.publish('n.x', 4)?.then(() => (state.ended = true))
    slow.end()
    await clock.settle()
    slow.end()
    await clock.settle()
    slow.end()
    await clock.settle()
    expect(state.ended).toBe(false)
    other.end()
    await clock.settle()
    other.end()
    await clock.settle()
    expect(state.ended).toBe(true)
  })
})

describe('priorities', () => {
  test('the more urgent is handed on first; within one priority the order is that of publishing', async () => {
    const { clock, kept, publish } = full({ bufferSize: 10 })
    for (const [data, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', -1],
      ['d', 0],
      ['e', -1],
      ['f', 5],
    ] as const) {
      void publish(data, { priority })
    }
    await clock.settle()
    expect(kept.data).toEqual(['c', 'e', 'a', 'd', 'b', 'f'])
  })

  test('drop_oldest: of the least urgent the oldest goes, be it the new one', async () => {
    const { clock, kept, publish } = full()
    void publish('urgent', { priority: -1 })
    void publish('old')
    void publish('young')
    void publish('new')
    void publish('trivial', { priority: 9 })
    await clock.settle()
    expect(kept.data).toEqual(['urgent', 'young', 'new'])
  })

  test('drop_newest: of the least urgent the newest goes, be it one that waits', async () => {
    const { clock, kept, publish } = full({ overflow: 'drop_newest' })
    void publish('old')
    void publish('young')
    void publish('trivial', { priority: 9 })
    void publish('urgent', { priority: -1 })
    void publish('new')
    await clock.settle()
    expect(kept.data).toEqual(['urgent', 'old', 'young'])
  })
})

describe('time to live', () => {
  test.each([
    [99, ['x']],
    [100, []],
    [101, []],
  ])('of 100 ms, handed on after %i ms', async (ms, expected) => {
    const { clock, events } = busOf()
    const slow = waiting()
    const subscription = events.subscribe('n.*', slow.handler)
    void events.publish('n.x', 'first')
    void events.publish('n.x', 'x', { ttlMs: 100 })
    await clock.advance(ms)
    slow.end()
    await clock.settle()
    expect(slow.data.slice(1)).toEqual(expected)
    expect(subscription.stats().expired).toBe(1 - expected.length)
  })

  test.each<Overflow>(['drop_oldest', 'drop_newest', 'block', 'reject'])(
    'what has expired makes room before %s acts',
    async (overflow) => {
      const { clock, events } = busOf()
      const slow = waiting()
      const subscription = events.subscribe('n.*', slow.handler, { bufferSize: 2, overflow })
      void events.publish('n.x', 'first')
      await clock.settle()
      void events.publish('n.x', 'a', { ttlMs: 10, priority: 3 })
      void events.publish('n.x', 'b')
      await clock.advance(10)
      expect(events.publish('n.x', 'c')).toBeUndefined()
      slow.end()
      await clock.settle()
      slow.end()
      await clock.settle()
      expect(slow.data).toEqual(['first', 'b', 'c'])
      expect(subscription.stats()).toMatchObject({ expired: 1, pending: 0 })
    },
  )
})

describe('water marks', () => {
  const types = (told: readonly { readonly type: string }[]) => told.map(({ type }) => type)

  /** Fills and empties a buffer of ten, with marks at eight and two, and says what was told. */
  async function pressure(steps: readonly number[], options: SubscribeOptions = {}) {
    const { clock, events, told } = busOf()
    const slow = waiting()
    events.subscribe('n.*', slow.handler, { bufferSize: 10, ...options })
    void events.publish('n.x')
    await clock.settle()
    for (const step of steps) {
      for (let i = 0; i < step; i++) void events.publish('n.x')
      await clock.settle()
      for (let i = 0; i < -step; i++) {
        slow.end()
        await clock.settle()
      }
    }
    return types(told)
  }

  test.each([
    ['below the high mark nothing is told', [7], []],
    ['at it, a warning', [8], ['warning']],
    ['between the marks nothing is told, whichever way', [8, -3, 3, -5, 5], ['warning']],
    ['at the low mark it is relieved', [8, -6], ['warning', 'relieved']],
    ['one above it is not', [8, -5], ['warning']],
    ['and is warned of again when it fills again', [8, -6, 6], ['warning', 'relieved', 'warning']],
    ['full is not too full', [10], ['warning']],
    ['one more, and the strategy acts, which is told once', [13], ['warning', 'started', 'dropped']],
    [
      'until it was relieved',
      [11, -8, 9],
      ['warning', 'started', 'dropped', 'relieved', 'warning', 'started', 'dropped'],
    ],
  ])('%s', async (_, steps, expected) => {
    expect(await pressure(steps)).toEqual(expected)
  })

  test('are where one says', async () => {
    expect(await pressure([3, -2], { highWaterMark: 3, lowWaterMark: 1 })).toEqual(['warning', 'relieved'])
    expect(await pressure([2, -2], { highWaterMark: 3, lowWaterMark: 1 })).toEqual([])
  })

  test('of a buffer for one event: it fills and empties', async () => {
    expect(await pressure([1, -1], { bufferSize: 1 })).toEqual(['warning', 'relieved', 'warning', 'relieved'])
  })

  test('a notification says of which subscription, and how full it is', async () => {
    const { clock, told, publish } = full({ highWaterMark: 2, lowWaterMark: 0 })
    for (let i = 0; i < 4; i++) void publish(i)
    await clock.settle()
    const label = { at: 0, subscription: 'subscription-1', name: 'n', pattern: 'n.*' }
    const state = { ...label, bufferSize: 3, overflow: 'drop_oldest' }
    expect(told).toEqual([
      { ...state, type: 'warning', pending: 2 },
      { ...state, type: 'started', pending: 3 },
      { ...state, type: 'relieved', pending: 0 },
      { ...label, type: 'dropped', reason: 'drop_oldest', count: 1 },
    ])
  })
})
