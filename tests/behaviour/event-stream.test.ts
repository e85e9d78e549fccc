/** Streams: events that are asked for, operators, endings, workers. */
import { processParallel } from 'hookchart/events'
import type { EventStream } from 'hookchart/events'
import { describe, expect, test } from 'vitest'
import { busOf } from '../support/events.ts'
import { errorOf } from '../support/refusal.ts'

/** Reads a stream in the background. */
function reading<T>(stream: EventStream<T>) {
  const state = { values: [] as T[], ended: false, error: undefined as unknown }
  void (async () => {
    try {
      for await (const value of stream) state.values.push(value)
      state.ended = true
    } catch (error) {
      state.error = error
    }
  })()
  return state
}

function streaming(pattern = 'n', options?: Parameters<ReturnType<typeof busOf>['events']['stream']>[1]) {
  const bus = busOf()
  const stream = bus.events.stream<number>(pattern, options)
  const publish = async (...numbers: number[]) => {
    for (const n of numbers) void bus.events.publish('n', n)
    await bus.clock.settle()
  }
  const data = stream.map((event) => event.data)
  return { ...bus, stream, data, publish }
}

describe('a stream', () => {
  test('gives what was published since it was made, in order, also before it is read', async () => {
    const { clock, data, publish } = streaming()
    await publish(1, 2)
    const read = reading(data)
    await publish(3)
    expect(read.values).toEqual([1, 2, 3])
    await clock.settle()
    expect(read.ended).toBe(false)
  })

  test('takes from its buffer only what is asked for', async () => {
    const { events, stream, publish } = streaming('n', { bufferSize: 2 })
    await publish(1, 2, 3)
    expect(events.stats().subscriptions[0]).toMatchObject({ pending: 2, delivered: 0, dropped: { drop_oldest: 1 } })
    expect(await stream.next()).toMatchObject({ done: false, value: { data: 2 } })
    expect(events.stats().subscriptions[0]).toMatchObject({ pending: 1, delivered: 1, handled: 1 })
  })

  test('with block holds its publisher until somebody reads', async () => {
    const { clock, events, stream, publish } = streaming('n', { bufferSize: 1, overflow: 'block' })
    await publish(1)
    const state = { published: false }
    void events.publish('n', 2)?.then(() => (state.published = true))
    await clock.settle()
    expect(state.published).toBe(false)
    await stream.next()
    await clock.settle()
    expect(state.published).toBe(true)
  })

  test('ends its subscription when its loop is left', async () => {
    const { events, stream, publish } = streaming()
    await publish(1, 2)
    for await (const event of stream) {
      expect(event.data).toBe(1)
      break
    }
    expect(events.stats()).toMatchObject({ subscriptions: [], deliveries: { dropped: { unsubscribed: 1 } } })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('ends its subscription when what was made of it is left', async () => {
    const { events, data } = streaming()
    const far = data.filter((n) => n > 0).batch(2)
    await far.return()
    expect(events.stats().subscriptions).toEqual([])
  })

  test.each<[string, (bus: ReturnType<typeof streaming>, controller: AbortController) => unknown]>([
    ['by its signal', (_, controller) => controller.abort()],
    ['by return', ({ data }) => data.return()],
    ['by using', ({ data }) => data[Symbol.asyncDispose]()],
    ['with the bus', ({ events }) => events.stop()],
  ])('that somebody waits for ends %s', async (_, end) => {
    const controller = new AbortController()
    const bus = streaming('n', { signal: controller.signal })
    const read = reading(bus.data)
    await bus.publish(1)
    await end(bus, controller)
    await bus.clock.settle()
    expect(read).toMatchObject({ values: [1], ended: true })
    expect(bus.events.stats().subscriptions).toEqual([])
  })

  test('that is read is read to its end when the bus is stopped', async () => {
    const { clock, events, data, publish } = streaming()
    const read = reading(
      data.map(async (n) => {
        await Promise.resolve()
        return n
      }),
    )
    await publish(1)
    for (const n of [2, 3, 4]) void events.publish('n', n)
    await events.stop()
    await clock.settle()
    expect(read.values).toEqual([1, 2, 3, 4])
  })

  test('that nobody reads does not hold up the end of the bus', async () => {
    const { events, publish } = streaming()
    await publish(1)
    await events.stop()
    expect(events.stats().deliveries.dropped.stopped).toBe(1)
  })
})

describe('operators', () => {
  test('filter: only what passes, the test may be async', async () => {
    const { data, publish } = streaming()
    const read = reading(data.filter((n) => n > 1).filter(async (n) => n < 4))
    await publish(1, 2, 3, 4)
    expect(read.values).toEqual([2, 3])
  })

  test('map: what a function makes of each, in order though it waits', async () => {
    const { clock, data, publish } = streaming()
    const read = reading(
      data.map(async (n) => {
        if (n === 1) await Promise.resolve()
        return n * 2
      }),
    )
    await publish(1, 2)
    await clock.settle()
    expect(read.values).toEqual([2, 4])
  })

  test('take: so many; the subscription ends with the last', async () => {
    const { events, data, publish } = streaming()
    const read = reading(data.take(2))
    await publish(1)
    expect(events.stats().subscriptions).toHaveLength(1)
    await publish(2)
    expect(read).toMatchObject({ values: [1, 2], ended: true })
    expect(events.stats().subscriptions).toEqual([])
  })

  test('take: none', async () => {
    const { clock, events, data } = streaming()
    const read = reading(data.take(0))
    await clock.settle()
    expect(read).toMatchObject({ values: [], ended: true })
    expect(events.stats().subscriptions).toEqual([])
  })

  test('batch: lists of so many, and never of fewer without a time', async () => {
    const { clock, data, publish } = streaming()
    const read = reading(data.batch(2))
    await publish(1, 2, 3)
    await clock.advance(1_000_000)
    expect(read.values).toEqual([[1, 2]])
    await publish(4)
    expect(read.values).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('batch: or of fewer, when the first of them has waited so long', async () => {
    const { clock, data, publish } = streaming()
    const read = reading(data.batch(3, 100))
    await clock.advance(500)
    await publish(1)
    await clock.advance(60)
    await publish(2)
    await clock.advance(39)
    expect(read.values).toEqual([])
    await clock.advance(1)
    expect(read.values).toEqual([[1, 2]])
    await publish(3, 4, 5)
    expect(read.values).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
  })

  test('batch: what is left when the stream ends', async () => {
    const { clock, events, data, publish } = streaming()
    const read = reading(data.batch(3))
    await publish(1, 2)
    await events.stop()
    await clock.settle()
    expect(read).toMatchObject({ values: [[1, 2]], ended: true })
  })

  test('throttle: the first, and then none for so long', async () => {
    const { clock, data, publish } = streaming()
    const read = reading(data.throttle(100))
    await publish(1, 2)
    await clock.advance(99)
    await publish(3)
    expect(read.values).toEqual([1])
    await clock.advance(1)
    await publish(4, 5)
    expect(read.values).toEqual([1, 4])
  })

  test('debounce: the last, when nothing has come for so long', async () => {
    const { clock, data, publish } = streaming()
    const read = reading(data.debounce(100))
    await publish(1)
    await clock.advance(99)
    await publish(2)
    await clock.advance(99)
    expect(read.values).toEqual([])
    await clock.advance(1)
    expect(read.values).toEqual([2])
    await publish(3)
    await clock.advance(100)
    expect(read.values).toEqual([2, 3])
  })

  test('debounce: the last of all when the stream ends', async () => {
    const { clock, events, data, publish } = streaming()
    const read = reading(data.debounce(100))
    await publish(1, 2)
    await events.stop()
    await clock.settle()
    expect(read).toMatchObject({ values: [2], ended: true })
  })

  test.each<[string, (data: EventStream<number>) => EventStream<unknown>]>([
    [
      'filter',
      (data) =>
        data.filter(() => {
          throw new Error('boom')
        }),
    ],
    ['map', (data) => data.map(() => Promise.reject(new Error('boom')))],
  ])('an error in %s reaches the reader and ends the subscription', async (_, operator) => {
    const { events, data, publish } = streaming()
    const read = reading(operator(data))
    await publish(1)
    expect(read.error).toMatchObject({ message: 'boom' })
    expect(events.stats().subscriptions).toEqual([])
  })

  test.each<[string, (data: EventStream<number>) => unknown, string]>([
    ['take(-1)', (data) => data.take(-1), 'INVALID_OPTIONS'],
    ['batch(0)', (data) => data.batch(0), 'INVALID_OPTIONS'],
    ['batch(2, 0)', (data) => data.batch(2, 0), 'INVALID_OPTIONS'],
    ['throttle(0)', (data) => data.throttle(0), 'INVALID_OPTIONS'],
    ["debounce('soon')", (data) => data.debounce('soon' as never), 'INVALID_OPTIONS'],
    ['filter without a function', (data) => data.filter(1 as never), 'INVALID_HANDLER'],
    ['map without a function', (data) => data.map(undefined as never), 'INVALID_HANDLER'],
  ])('%s is refused', (_, call, code) => {
    const { data } = streaming()
    expect(errorOf(() => call(data)).code).toBe(code)
  })
})

describe('processParallel', () => {
  test('so many at once, begun in order', async () => {
    const { clock, data, publish } = streaming()
    const begun: number[] = []
    const ends: (() => void)[] = []
    const done = processParallel(data.take(4), 2, (n) => {
      begun.push(n)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
    await publish(1, 2, 3, 4)
    expect(begun).toEqual([1, 2])
    ends[1]!()
    await clock.settle()
    expect(begun).toEqual([1, 2, 3])
    ends[0]!()
    await clock.settle()
    expect(begun).toEqual([1, 2, 3, 4])
    for (const end of ends) end()
    expect(await done).toEqual({ processed: 4, failed: 0, errors: [] })
  })

  test('what fails is counted, and hinders nothing', async () => {
    const { data, publish } = streaming()
    const done = processParallel(data.take(3), 2, (n) => {
      if (n === 2) throw new Error('boom')
    })
    await publish(1, 2, 3)
    expect(await done).toMatchObject({ processed: 2, failed: 1, errors: [{ message: 'boom' }] })
  })

  test('its signal ends the reading; what has begun is waited for', async () => {
    const { clock, events, data, publish } = streaming()
    const controller = new AbortController()
    const ends: (() => void)[] = []
    const work = () => new Promise<void>((resolve) => ends.push(resolve))
    const done = processParallel(data, 1, work, { signal: controller.signal })
    await publish(1, 2)
    controller.abort()
    expect(events.stats().subscriptions).toEqual([])
    ends[0]!()
    await clock.settle()
    expect(ends).toHaveLength(1)
    expect(await done).toMatchObject({ processed: 1 })
  })

  test('rejects with what the stream fails with', async () => {
    const { data, publish } = streaming()
    const failing = data.map(() => {
      throw new Error('boom')
    })
    const done = processParallel(failing, 2, () => {})
    await publish(1)
    await expect(done).rejects.toThrow('boom')
  })
})

test('the control stream can be read as a stream', async () => {
  const { clock, events } = busOf()
  const read = reading(
    events.control
      .stream()
      .map(({ type }) => type)
      .take(2),
  )
  events.subscribe('n', () => {}, { bufferSize: 1 })
  void events.publish('n')
  await clock.settle()
  expect(read).toMatchObject({ values: ['warning', 'relieved'], ended: true })
})
