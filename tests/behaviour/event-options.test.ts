/** The options of events: of each, two values that come to two outcomes. */
import { createEventBus, processParallel } from 'hookchart/events'
import type {
  BufferOptions,
  CreateEventBusOptions,
  Overflow,
  PublishOptions,
  RateLimitOptions,
  SubscribeOptions,
  SubscriptionBreaker,
  UniversalEvent,
} from 'hookchart/events'
import { createHooks, hook } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { busOf, keeping, waiting } from '../support/events.ts'
import { hangs } from '../support/kernel.ts'
import { outcomesOf } from '../support/outcomes.ts'
import { errorOf } from '../support/refusal.ts'

/** The one event of a publish. */
function published(options: PublishOptions = {}, bus: CreateEventBusOptions = {}): UniversalEvent {
  const { events } = busOf(bus)
  const kept = keeping()
  events.subscribe('*', kept.handler, { delivery: 'sync' })
  void events.publish('a', 1, options)
  return kept.seen[0]!
}

describe('createEventBus', () => {
  test('clock: what the time is', async () => {
    const time = (now: number) => published({}, { clock: createTestClock(now) }).timestamp
    expect(await outcomesOf(time, 5, 7)).toEqual([5, 7])
  })

  test('ids: what events are called', async () => {
    const id = (prefix: string) => published({}, { ids: createTestIds(prefix) }).id
    expect(await outcomesOf(id, 'x', 'y')).toEqual(['x-1', 'y-1'])
  })

  test('hooks: whose hooks have a say', async () => {
    const strict = createHooks()
    strict.register('BeforeEventEmit', () => hook.modified({ input: 2 }))
    const data = (hooks: CreateEventBusOptions['hooks']) => published({}, { hooks: hooks! }).data
    expect(await outcomesOf(data, strict, createHooks())).toEqual([2, 1])
  })

  test('source: of events that name none', async () => {
    const source = (given: string) => published({}, { source: given }).metadata.source
    expect(await outcomesOf(source, 'x', 'y')).toEqual(['x', 'y'])
  })

  test('maxDepth: how many causes an event may have behind it', async () => {
    const outcome = (maxDepth: number) => {
      const { events } = busOf({ maxDepth })
      events.subscribe('*', () => events.publish('a'), { delivery: 'sync', breaker: false })
      void events.publish('a')
      return events.stats().published.total
    }
    expect(await outcomesOf(outcome, 1, 3)).toEqual([2, 4])
  })

  test('statsIntervalMs: how often the figures are told', async () => {
    const outcome = async (statsIntervalMs: number | false) => {
      const { clock, told } = busOf({ statsIntervalMs })
      await clock.advanceSteps(100)
      return told.length
    }
    expect(await outcomesOf(outcome, 10, false)).toEqual([10, 0])
  })

  test('drainTimeoutMs: how long the end waits', async () => {
    const outcome = async (drainTimeoutMs: number) => {
      const { clock, events } = busOf({ drainTimeoutMs })
      events.subscribe('*', hangs)
      void events.publish('a')
      await clock.settle()
      const state = { stopped: false }
      void events.stop().then(() => (state.stopped = true))
      await clock.advance(10)
      return state.stopped
    }
    expect(await outcomesOf(outcome, 10, 11)).toEqual([true, false])
  })

  test('rateLimit: whether there is one', async () => {
    const outcome = (options: CreateEventBusOptions) => {
      const { events } = busOf(options)
      for (let i = 0; i < 5; i++) void events.publish('a')
      return events.stats().refused.rate_limited
    }
    expect(await outcomesOf(outcome, { rateLimit: { ratePerSecond: 2 } }, {})).toEqual([3, 0])
  })

  async function passing(rateLimit: RateLimitOptions, ms: number) {
    const { clock, events } = busOf({ rateLimit })
    for (let i = 0; i < 10; i++) void events.publish('a')
    await clock.advance(ms)
    for (let i = 0; i < 10; i++) void events.publish('a')
    return events.stats().published.total
  }

  test('rateLimit.ratePerSecond: events a second in the long run', async () => {
    const outcome = (ratePerSecond: number) => passing({ ratePerSecond, burst: 5 }, 1_000)
    expect(await outcomesOf(outcome, 1, 3)).toEqual([6, 8])
  })

  test('rateLimit.burst: events at once; as many as a second by default', async () => {
    const outcome = (burst: number | undefined) =>
      passing({ ratePerSecond: 2, ...(burst !== undefined && { burst }) }, 0)
    expect(await outcomesOf(outcome, 4, undefined)).toEqual([4, 2])
    expect(await passing({ ratePerSecond: 0.5 }, 2_000)).toBe(2)
  })

  test('rateLimit.whenExceeded: whether the publisher is told', async () => {
    const outcome = (whenExceeded: 'drop' | 'reject') => {
      const { events } = busOf({ rateLimit: { ratePerSecond: 1, whenExceeded } })
      void events.publish('a')
      try {
        return events.publish('a')
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(await outcomesOf(outcome, 'drop', 'reject')).toEqual([undefined, 'EVENT_REJECTED'])
  })

  test('the rate limit is told of once, until an event passes again', async () => {
    const { clock, events, told } = busOf({ rateLimit: { ratePerSecond: 1 } })
    for (let i = 0; i < 3; i++) void events.publish('a')
    await clock.advance(1_000)
    for (let i = 0; i < 3; i++) void events.publish('a')
    await clock.settle()
    expect(told).toEqual([
      { at: 0, type: 'rate_limit_exceeded', ratePerSecond: 1, burst: 1 },
      { at: 1_000, type: 'refused', reason: 'rate_limited', count: 2 },
      { at: 1_000, type: 'rate_limit_exceeded', ratePerSecond: 1, burst: 1 },
      { at: 1_000, type: 'refused', reason: 'rate_limited', count: 2 },
    ])
  })
})

describe('subscribe', () => {
  /** What a subscription has kept of five events, and what was told. */
  async function five(options: SubscribeOptions) {
    const { clock, events, told } = busOf()
    const kept = keeping()
    const subscription = events.subscribe('*', kept.handler, options)
    for (let i = 0; i < 5; i++) {
      try {
        void events.publish('a', i)?.catch(() => {})
      } catch {
        // It is counted.
      }
    }
    const pending = subscription.stats().pending
    await clock.settle()
    return { kept: kept.data, pending, told: told.map(({ type }) => type), stats: subscription.stats() }
  }

  test('name: what it is called', async () => {
    const outcome = async (options: SubscribeOptions) => (await five(options)).stats.name
    expect(await outcomesOf(outcome, { name: 'x' }, {})).toEqual(['x', '*'])
  })

  test('bufferSize: how many may wait', async () => {
    const outcome = async (bufferSize: number) => (await five({ bufferSize })).kept
    expect(await outcomesOf(outcome, 1, 2)).toEqual([[4], [3, 4]])
  })

  test('highWaterMark: when a warning is given', async () => {
    const outcome = async (highWaterMark: number) => (await five({ bufferSize: 6, highWaterMark })).told
    expect(await outcomesOf(outcome, 5, 6)).toEqual([['warning', 'relieved'], []])
  })

  test('lowWaterMark: when it counts as relieved', async () => {
    const outcome = async (lowWaterMark: number) => {
      const { clock, events, told } = busOf()
      const slow = waiting()
      events.subscribe('*', slow.handler, { bufferSize: 4, lowWaterMark })
      for (let i = 0; i < 4; i++) void events.publish('a')
      await clock.settle()
      slow.end()
      await clock.settle()
      return told.map(({ type }) => type)
    }
    expect(await outcomesOf(outcome, 2, 1)).toEqual([['warning', 'relieved'], ['warning']])
  })

  test('overflow: what goes when it is full', async () => {
    const outcome = async (overflow: Overflow) => (await five({ bufferSize: 2, overflow })).kept
    expect(await outcomesOf(outcome, 'drop_oldest', 'drop_newest')).toEqual([
      [3, 4],
      [0, 1],
    ])
    expect(await outcomesOf(outcome, 'block', 'reject')).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1],
    ])
  })

  test('blockTimeoutMs: how long a publisher waits', async () => {
    const outcome = async (blockTimeoutMs: number) => {
      const { clock, events } = busOf()
      const subscription = events.subscribe('*', hangs, { bufferSize: 1, overflow: 'block', blockTimeoutMs })
      void events.publish('a')
      await clock.settle()
      for (let i = 0; i < 2; i++) void events.publish('a')?.catch(() => {})
      await clock.advance(10)
      return subscription.stats().dropped.blocked
    }
    expect(await outcomesOf(outcome, 10, 11)).toEqual([1, 0])
  })

  test('signal: what ends it', async () => {
    const outcome = async (signal: AbortSignal) => (await five({ signal })).kept.length
    expect(await outcomesOf(outcome, AbortSignal.abort(), new AbortController().signal)).toEqual([0, 5])
  })

  test('delivery: now or in a microtask', async () => {
    const outcome = async (delivery: 'batched' | 'sync') => (await five({ delivery })).pending
    expect(await outcomesOf(outcome, 'batched', 'sync')).toEqual([5, 0])
  })

  test('concurrency: handlers at once', async () => {
    const outcome = async (concurrency: number) => {
      const { clock, events } = busOf()
      const slow = waiting()
      events.subscribe('*', slow.handler, { concurrency })
      for (let i = 0; i < 5; i++) void events.publish('a')
      await clock.settle()
      return slow.calls.length
    }
    expect(await outcomesOf(outcome, 1, 3)).toEqual([1, 3])
  })

  test('timeoutMs: how long a handler may take', async () => {
    const outcome = async (timeoutMs: number | false) => {
      const { clock, events } = busOf()
      const subscription = events.subscribe('*', hangs, { timeoutMs })
      void events.publish('a')
      await clock.settle()
      await clock.advance(100_000)
      return subscription.stats().failed
    }
    expect(await outcomesOf(outcome, 100_000, false)).toEqual([1, 0])
  })

  /** When a handler that fails is cut off and let in again: its calls, one event every 100 ms. */
  async function calls(breaker: SubscriptionBreaker | false, fails: (call: number) => boolean = () => true) {
    const { clock, events } = busOf()
    const at: number[] = []
    events.subscribe(
      '*',
      () => {
        at.push(clock.now() / 100)
        if (fails(at.length)) throw new Error('boom')
      },
      { breaker, delivery: 'sync' },
    )
    for (let i = 0; i < 12; i++) {
      void events.publish('a')
      await clock.advance(100)
    }
    return at
  }

  test('breaker: whether it is cut off', async () => {
    const outcome = async ({ breaker }: { breaker: SubscriptionBreaker | false }) => (await calls(breaker)).length
    expect(await outcomesOf(outcome, { breaker: {} }, { breaker: false })).toEqual([3, 12])
  })

  test('breaker.failureThreshold: failures that cut it off', async () => {
    const outcome = (failureThreshold: number) => calls({ failureThreshold })
    expect(await outcomesOf(outcome, 1, 2)).toEqual([[0], [0, 1]])
  })

  test('breaker.windowMs: how far back they count', async () => {
    const outcome = async (windowMs: number) => (await calls({ failureThreshold: 2, windowMs })).length
    expect(await outcomesOf(outcome, 99, 100)).toEqual([12, 2])
  })

  test('breaker.openMs: how long it is cut off', async () => {
    const outcome = async (openMs: number) => (await calls({ failureThreshold: 1, openMs })).slice(0, 2)
    expect(await outcomesOf(outcome, 200, 300)).toEqual([
      [0, 2],
      [0, 3],
    ])
  })

  test('breaker.openMultiplier: how much longer the next time', async () => {
    const outcome = (openMultiplier: number) => calls({ failureThreshold: 1, openMs: 300, openMultiplier })
    expect(await outcomesOf(outcome, 1, 2)).toEqual([
      [0, 3, 6, 9],
      [0, 3, 9],
    ])
  })

  test('breaker.maxOpenMs: how long at most', async () => {
    const outcome = (maxOpenMs: number) => calls({ failureThreshold: 1, openMs: 200, maxOpenMs })
    expect(await outcomesOf(outcome, 300, 400)).toEqual([
      [0, 2, 5, 8, 11],
      [0, 2, 6, 10],
    ])
  })

  test('breaker.successThreshold: successes that let it in again', async () => {
    const outcome = (successThreshold: number) =>
      calls({ failureThreshold: 2, openMs: 200, successThreshold }, (call) => [1, 2, 4].includes(call))
    // With one the failure behind it is the first of two; with two it is that of a probe.
    expect(await outcomesOf(outcome, 1, 2)).toEqual([
      [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      [0, 1, 3, 4, 8, 9, 10, 11],
    ])
  })

  test('marks in the wrong order are refused', () => {
    const refused = (options: SubscribeOptions) =>
      errorOf(() => createEventBus().subscribe('*', () => {}, options)).message
    expect(refused({ bufferSize: 2, highWaterMark: 3 })).toContain(
      '"highWaterMark": expected at most the bufferSize, 2',
    )
    expect(refused({ highWaterMark: 3, lowWaterMark: 3 })).toContain(
      '"lowWaterMark": expected less than the highWaterMark',
    )
    expect(refused({ bufer: 1 } as never)).toContain('unknown option "bufer"')
  })
})

describe('stream', () => {
  async function read(options: BufferOptions) {
    const { events } = busOf()
    const stream = events.stream('*', options)
    const [stats] = events.stats().subscriptions
    for (let i = 0; i < 3; i++) void events.publish('a', i)?.catch(() => {})
    const { value } = await stream.next()
    return { name: stats?.name, first: value?.data }
  }

  test('name, bufferSize, overflow and signal: as of a subscription', async () => {
    expect((await read({ name: 'x' })).name).toBe('x')
    expect((await read({})).name).toBe('*')
    const first = async (options: BufferOptions) => (await read(options)).first
    expect(await outcomesOf(first, { bufferSize: 1 }, { bufferSize: 2 })).toEqual([2, 1])
    expect(await first({ bufferSize: 1, overflow: 'drop_newest' })).toBe(0)
    expect(await first({ signal: AbortSignal.abort() })).toBeUndefined()
  })

  test('control.stream: its signal', async () => {
    const outcome = async (signal: AbortSignal) => {
      const { clock, events } = busOf()
      const state = { ended: false }
      void events.control
        .stream({ signal })
        .next()
        .then(() => (state.ended = true))
      await clock.settle()
      return state.ended
    }
    expect(await outcomesOf(outcome, AbortSignal.abort(), new AbortController().signal)).toEqual([true, false])
  })

  test('processParallel: its signal', async () => {
    const outcome = async (signal: AbortSignal) => {
      const { events } = busOf()
      const stream = events.stream('*').take(1)
      void events.publish('a')
      return (await processParallel(stream, 1, () => {}, { signal })).processed
    }
    expect(await outcomesOf(outcome, AbortSignal.abort(), new AbortController().signal)).toEqual([0, 1])
  })
})

describe('publish', () => {
  const metadata = (options: PublishOptions) => published(options).metadata
  const cause = published()

  test('correlationId: what belongs together', async () => {
    const outcome = (options: PublishOptions) => metadata(options).correlationId
    expect(await outcomesOf(outcome, { correlationId: 'c' }, {})).toEqual(['c', 'event-1'])
  })

  test('cause: the event that it comes from', async () => {
    const outcome = (options: PublishOptions) => metadata(options).depth
    expect(await outcomesOf(outcome, { cause }, {})).toEqual([1, undefined])
  })

  test('parent: the hook that it comes from', async () => {
    const outcome = (correlationId: string) => metadata({ parent: { correlationId, metadata: {} } }).correlationId
    expect(await outcomesOf(outcome, 'x', 'y')).toEqual(['x', 'y'])
  })

  test.each<[keyof PublishOptions, readonly [unknown, unknown]]>([
    ['source', ['x', 'y']],
    ['target', ['x', 'y']],
    ['tags', [['x'], ['y']]],
    ['priority', [-1, 2]],
    ['ttlMs', [1, 2]],
  ])('%s: what its envelope says', async (key, values) => {
    const outcome = (value: unknown) => (metadata({ [key]: value }) as unknown as Record<string, unknown>)[key]
    expect(await outcomesOf(outcome, ...values)).toEqual(values)
  })

  test('language: that it was published from', async () => {
    const outcome = (language: 'lua' | 'python') => published({ language }).language
    expect(await outcomesOf(outcome, 'lua', 'python')).toEqual(['lua', 'python'])
  })

  /** How a publisher that waits for room has ended after ten milliseconds. */
  async function blocked(options: PublishOptions, meanwhile: () => void = () => {}) {
    const { clock, events } = busOf()
    events.subscribe('*', hangs, { bufferSize: 1, overflow: 'block' })
    void events.publish('a')
    await clock.settle()
    void events.publish('a')
    const state = { code: 'waits' }
    events.publish('a', null, options)?.catch((error: unknown) => (state.code = (error as { code: string }).code))
    meanwhile()
    await clock.advance(10)
    return state.code
  }

  test('signal: ends the wait for room', async () => {
    const outcome = (controller: AbortController) =>
      blocked({ signal: controller.signal }, () => {
        aborted.abort()
      })
    const aborted = new AbortController()
    expect(await outcomesOf(outcome, aborted, new AbortController())).toEqual(['RUN_ABORTED', 'waits'])
  })

  test('timeoutMs: how long it waits for room', async () => {
    const outcome = (timeoutMs: number) => blocked({ timeoutMs })
    expect(await outcomesOf(outcome, 10, 11)).toEqual(['EVENT_BLOCKED', 'waits'])
  })

  test.each<[object, string]>([
    [{ prioriti: 1 }, 'unknown option "prioriti"'],
    [{ priority: 0.5 }, '"priority"'],
    [{ priority: 2 ** 31 }, '"priority"'],
    [{ ttlMs: 0 }, '"ttlMs"'],
    [{ tags: 'a' }, '"tags"'],
    [{ tags: [''] }, '"tags.0"'],
    [{ source: '\n' }, '"source"'],
    [{ correlationId: 'x'.repeat(1_001) }, '"correlationId"'],
    [{ language: 'rust' }, '"language"'],
    [{ cause: {} }, '"cause": expected an event'],
    [{ parent: {} }, '"parent": expected the context of a hook'],
    [{ signal: {} }, '"signal"'],
    [{ timeoutMs: 'soon' }, '"timeoutMs"'],
    [null as never, 'publish("a")'],
  ])('%j is refused', (options, problem) => {
    const error = errorOf(() => busOf().events.publish('a', 1, options))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(problem)
  })
})
