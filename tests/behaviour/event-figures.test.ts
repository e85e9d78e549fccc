/** The figures of a bus: totals, rates, latencies, and what becomes of everything that was published. */
import { createEventBus } from 'hookchart/events'
import { expect, test } from 'vitest'
import { busOf, waiting } from '../support/events.ts'

test('totals and rates, by type and by language', async () => {
  const { clock, events } = busOf()
  for (let i = 0; i < 30; i++) void events.publish('a')
  await clock.advance(29_999)
  for (let i = 0; i < 15; i++) void events.publish('b', null, { language: 'lua' })
  expect(events.stats()).toMatchObject({
    uptimeMs: 29_999,
    published: { total: 45, perSecond: 1.5 },
    peakPerSecond: 30,
    types: { a: { total: 30, perSecond: 1 }, b: { total: 15, perSecond: 0.5 } },
    languages: { native: { total: 30 }, lua: { total: 15, perSecond: 0.5 } },
  })
})

test('rates are of the last minute, totals of all time', async () => {
  const { clock, events } = busOf()
  for (let i = 0; i < 60; i++) void events.publish('a')
  await clock.advance(59_999)
  expect(events.stats().published).toEqual({ total: 60, perSecond: 1 })
  await clock.advance(1)
  expect(events.stats()).toMatchObject({ published: { total: 60, perSecond: 0 }, peakPerSecond: 0 })
  await clock.advance(1e9)
  void events.publish('a')
  expect(events.stats().published).toEqual({ total: 61, perSecond: 1 / 60 })
})

test.each([
  ['unknown', [1, 1, 1]],
  ['stable', [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0]],
  ['stable', [10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 0]],
  ['increasing', [10, 10, 10, 10, 10, 11, 11, 11, 11, 12, 0]],
  ['decreasing', [10, 10, 10, 10, 10, 9, 9, 9, 9, 8, 99]],
])('the trend is %s for %j events a second', async (trend, seconds) => {
  const { clock, events } = busOf()
  for (const [i, count] of seconds.entries()) {
    if (i > 0) await clock.advance(1_000)
    for (let n = 0; n < count; n++) void events.publish('a')
  }
  expect(events.stats().trend).toBe(trend)
})

test('latency is from publishing to the end of the handler', async () => {
  const { clock, events } = busOf()
  const slow = waiting()
  events.subscribe('a', slow.handler)
  void events.publish('a')
  void events.publish('a')
  await clock.advance(10)
  slow.end()
  await clock.settle()
  await clock.advance(20)
  slow.end()
  await clock.settle()
  expect(events.stats().latency).toEqual({
    samples: 2,
    minMs: 10,
    maxMs: 30,
    meanMs: 20,
    p50Ms: 10,
    p95Ms: 30,
    p99Ms: 30,
  })
})

test('the error ratio is of the last minute', async () => {
  const { clock, events } = busOf()
  events.subscribe(
    '*',
    ({ data }) => {
      if (data === 'bad') throw new Error('boom')
    },
    { delivery: 'sync', breaker: false },
  )
  expect(events.stats().errorRatio).toBe(0)
  for (const data of ['bad', 'good', 'good', 'good']) void events.publish('a', data)
  expect(events.stats().errorRatio).toBe(0.25)
  await clock.advance(60_000)
  expect(events.stats().errorRatio).toBe(0)
})

test('deliveries are summed up over subscriptions, those that have ended too', async () => {
  const { clock, events } = busOf()
  const first = events.subscribe('a', () => {})
  events.subscribe('*', () => {})
  void events.publish('a')
  await clock.settle()
  first.unsubscribe()
  void events.publish('a')
  await clock.settle()
  expect(events.stats().deliveries).toMatchObject({ published: 3, delivered: 3, handled: 3 })
})

test('more types than a thousand are summed up, and the memo of a flood of types is bounded', () => {
  const { events } = busOf()
  for (let i = 0; i < 5_000; i++) void events.publish(`type.${i}`)
  const { types, published } = events.stats()
  expect(Object.keys(types)).toHaveLength(1_001)
  expect(types['*']?.total).toBe(4_000)
  expect(published.total).toBe(5_000)
})

test('the control stream carries the figures while somebody listens', async () => {
  const { clock, events } = busOf({ statsIntervalMs: '10s' })
  const listening = { told: 0 }
  const listener = events.control.subscribe((event) => {
    if (event.type === 'stats') listening.told++
  })
  await clock.advanceSteps(35_000)
  expect(listening.told).toBe(3)
  listener.unsubscribe()
  await clock.advanceSteps(35_000)
  expect(listening.told).toBe(3)
})

test('what listens to the control stream and throws is ignored', async () => {
  const { clock, events, told } = busOf()
  events.control.subscribe(() => {
    throw new Error('boom')
  })
  const seen: string[] = []
  events.control.subscribe(({ type }) => seen.push(type))
  events.subscribe('a', () => {}, { bufferSize: 1 })
  void events.publish('a')
  await clock.settle()
  expect(seen).toEqual(['warning', 'relieved'])
  expect(told).toHaveLength(2)
})

test('the control stream is bounded: what is over is counted', async () => {
  const { clock, events } = busOf()
  events.subscribe('a', () => {}, { bufferSize: 1, delivery: 'sync' })
  for (let i = 0; i < 600; i++) void events.publish('a')
  await clock.settle()
  expect(events.stats().controlDropped).toBe(200)
})

test('figures survive JSON', () => {
  const { events } = busOf()
  events.subscribe('a', () => {}, { breaker: false })
  void events.publish('a')
  const stats = events.stats()
  expect(JSON.parse(JSON.stringify(stats))).toEqual(stats)
})

test('a bus on the clock of the machine measures as well', async () => {
  const events = createEventBus()
  events.subscribe('a', () => {})
  for (let i = 0; i < 1_000; i++) void events.publish('a')
  await events.idle()
  const { latency, deliveries } = events.stats()
  expect(deliveries.handled).toBe(1_000)
  expect(latency.samples).toBeGreaterThan(0)
})
