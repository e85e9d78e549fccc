/** Hooks round events: what each result does before an event, after it, and when a handler has failed. */
import { createEventBus } from 'hookchart/events'
import type { CreateEventBusOptions } from 'hookchart/events'
import { createHooks, hook } from 'hookchart/hooks'
import type { HookResult, Hooks } from 'hookchart/hooks'
import { createTestClock, createTestIds, recorder } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { keeping } from '../support/events.ts'
import { errorOf, rejectionOf } from '../support/refusal.ts'

function hookedBus(options: CreateEventBusOptions = {}) {
  const clock = createTestClock()
  const hooks = createHooks({ clock, ids: createTestIds('hook') })
  const events = createEventBus({ clock, ids: createTestIds('event'), hooks, ...options })
  const kept = keeping()
  events.subscribe('**', kept.handler, { delivery: 'sync' })
  return { clock, hooks, events, kept }
}

/** Gives one result the first time, and then none. */
function once(result: HookResult) {
  const results: (HookResult | undefined)[] = [result]
  return () => results.shift() as undefined
}

const before = (hooks: Hooks, result: HookResult) => hooks.register('BeforeEventEmit', once(result), { name: 'h' })
const after = (hooks: Hooks, result: HookResult) => hooks.register('AfterEventEmit', once(result), { name: 'h' })

test('hooks see type, data, correlation and what was published', () => {
  const { hooks, events } = hookedBus()
  const seen = recorder()
  hooks.register(['BeforeEventEmit', 'AfterEventEmit'], seen.handler('h'))
  void events.publish('order.paid', { cents: 1 })
  const input = { input: { cents: 1 }, type: 'order.paid' }
  expect(seen.calls).toMatchObject([
    { point: 'BeforeEventEmit', component: 'order.paid', correlationId: 'event-1', data: input },
    {
      point: 'AfterEventEmit',
      correlationId: 'event-1',
      data: { ...input, output: { id: 'event-1', sequence: 0, subscriptions: 1 } },
    },
  ])
})

test('a hook may be for some types only', () => {
  const { hooks, events, kept } = hookedBus()
  hooks.register('BeforeEventEmit', () => hook.cancel('no'), { match: { component: 'order.*' } })
  expect(errorOf(() => events.publish('order.paid')).code).toBe('HOOK_CANCELLED')
  expect(events.publish('user.created')).toBeUndefined()
  expect(kept.seen.map(({ type, sequence }) => [type, sequence])).toEqual([['user.created', 0]])
})

describe('before', () => {
  test('modified: the event has other data', () => {
    const { hooks, events, kept } = hookedBus()
    before(hooks, hook.modified({ input: 2 }))
    void events.publish('a', 1)
    expect(kept.data).toEqual([2])
  })

  test('cancel: it is not published, and the publisher is told by whom', () => {
    const { hooks, events, kept } = hookedBus()
    before(hooks, hook.cancel('quiet hours'))
    const { code, message, details } = errorOf(() => events.publish('a'))
    expect([code, message]).toEqual(['HOOK_CANCELLED', 'Event "a" was not published: quiet hours.'])
    expect(details).toEqual({ type: 'a', reason: 'quiet hours', hook: 'h' })
    expect(kept.seen).toEqual([])
    expect(events.stats()).toMatchObject({ published: { total: 0 }, refused: { cancelled: 1 } })
  })

  test('a guard that fails: it is not published', () => {
    const { hooks, events } = hookedBus()
    hooks.register(
      'BeforeEventEmit',
      () => {
        throw new Error('down')
      },
      { kind: 'guard' },
    )
    expect(errorOf(() => events.publish('a')).code).toBe('GUARD_FAILED')
  })

  test('replace: it is not published; the value goes on', () => {
    const { hooks, events, kept } = hookedBus()
    const seen = recorder()
    before(hooks, hook.replace('instead'))
    hooks.register('AfterEventEmit', seen.handler('after'))
    expect(events.publish('a')).toBeUndefined()
    expect(kept.seen).toEqual([])
    expect(seen.calls).toMatchObject([{ data: { output: 'instead' } }])
    expect(events.stats().refused.replaced).toBe(1)
  })

  test('redirect: it is published under another type, through its gates', () => {
    const { hooks, events, kept } = hookedBus()
    hooks.register('BeforeEventEmit', (ctx) =>
      ctx.data.type === 'a' ? hook.redirect('b') : hook.modified({ input: 'b saw it' }),
    )
    void events.publish('a', 1)
    expect(kept.seen.map(({ type, data }) => [type, data])).toEqual([['b', 'b saw it']])
  })

  test('redirect: in a circle ends with an error, and a target must be a type', () => {
    const { hooks, events } = hookedBus()
    const handle = hooks.register('BeforeEventEmit', () => hook.redirect('a'))
    expect(errorOf(() => events.publish('a')).code).toBe('REDIRECT_LIMIT')
    handle.unregister()
    before(hooks, hook.redirect('no type'))
    expect(errorOf(() => events.publish('a')).code).toBe('EVENT_TYPE_INVALID')
  })

  test('retry: the gate is passed again, later and not for ever', async () => {
    const { clock, hooks, events, kept } = hookedBus()
    before(hooks, hook.retry({ delayMs: 100, maxAttempts: 3 }))
    const published = events.publish('a')
    await clock.advance(99)
    expect(kept.seen).toEqual([])
    await clock.advance(1)
    await published
    expect(kept.seen).toHaveLength(1)
    hooks.register('BeforeEventEmit', () => hook.retry({ delayMs: 1, maxAttempts: 2 }), { name: 'always' })
    const refused = rejectionOf(events.publish('a')!)
    await clock.advanceSteps(10)
    expect(await refused).toMatchObject({ code: 'ATTEMPTS_EXHAUSTED', details: { attempts: 2, limit: 2 } })
  })

  test('cache: the same again within its time is left out', async () => {
    const { clock, hooks, events, kept } = hookedBus()
    hooks.register('BeforeEventEmit', () => hook.cache({ key: 'once', ttlMs: 100 }))
    for (const data of [1, 1, 2]) void events.publish('a', data)
    expect(kept.data).toEqual([1, 2])
    await clock.advance(101)
    void events.publish('a', 1)
    expect(kept.data).toEqual([1, 2, 1])
  })

  test('suspend: it waits for the answer', async () => {
    const { hooks, events, kept } = hookedBus()
    before(hooks, hook.suspend({ question: 'May it?' }))
    const published = events.publish('a')
    expect(published).toBeInstanceOf(Promise)
    expect(events.publish('b')).toBeUndefined()
    void hooks.approvals.resume(hooks.approvals.pending()[0]!.id)
    await published
    expect(kept.seen.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['b', 0],
      ['a', 1],
    ])
  })

  test('an async hook makes publish a promise; without hooks it is none', async () => {
    const { hooks, events, kept } = hookedBus()
    expect(events.publish('a', 1)).toBeUndefined()
    hooks.register('BeforeEventEmit', async () => {})
    const published = events.publish('a', 2)
    expect(kept.data).toEqual([1])
    await published
    expect(kept.data).toEqual([1, 2])
  })
})

describe('after', () => {
  test('cancel: it was published all the same, and the publisher is told so', () => {
    const { hooks, events, kept } = hookedBus()
    after(hooks, hook.cancel('too late'))
    const error = errorOf(() => events.publish('a'))
    expect(error).toMatchObject({ code: 'HOOK_CANCELLED', details: { effect: 'completed' } })
    expect(kept.seen).toHaveLength(1)
  })

  test('retry: it is published again, as an event of its own', async () => {
    const { clock, hooks, events, kept } = hookedBus()
    after(hooks, hook.retry({ delayMs: 10, maxAttempts: 3 }))
    const published = events.publish('a', 1)
    await clock.advance(10)
    await published
    expect(kept.seen.map(({ sequence, data }) => [sequence, data])).toEqual([
      [0, 1],
      [1, 1],
    ])
    expect(new Set(kept.seen.map(({ id }) => id)).size).toBe(2)
  })

  test('redirect: what was published is the data of another event', () => {
    const { hooks, events, kept } = hookedBus()
    after(hooks, hook.redirect('audit'))
    void events.publish('a', 1)
    expect(kept.seen.map(({ type, data }) => [type, data])).toEqual([
      ['a', 1],
      ['audit', { id: 'event-1', sequence: 0, subscriptions: 1 }],
    ])
  })

  test('sees only what was published: not what the rate limit refused', () => {
    const { hooks, events } = hookedBus({ rateLimit: { ratePerSecond: 1 } })
    const seen = recorder()
    hooks.register('AfterEventEmit', seen.handler('after'))
    void events.publish('a')
    void events.publish('a')
    expect(seen.calls).toHaveLength(1)
  })
})

describe('when a handler has failed', () => {
  function failing(result: (times: number) => HookResult | undefined, failures = Infinity) {
    const bus = hookedBus()
    const seen = recorder()
    const state = { calls: 0, asked: 0 }
    bus.hooks.register(
      'EventHandlerError',
      seen.handler('h', () => result(++state.asked)),
      { name: 'h' },
    )
    const subscription = bus.events.subscribe(
      'a',
      (_, { attempt }) => {
        expect(attempt).toBe(++state.calls)
        if (state.calls <= failures) throw new Error('boom')
      },
      { delivery: 'sync', name: 'bad' },
    )
    return { ...bus, seen, state, subscription }
  }

  test('hooks are told of event and error', () => {
    const { events, seen, subscription } = failing(() => undefined)
    void events.publish('a', 1)
    const error = { code: 'EFFECT_FAILED', name: 'Error', message: 'boom', retryable: false }
    expect(seen.calls).toMatchObject([
      { point: 'EventHandlerError', component: 'a', data: { input: 1, type: 'a', error } },
    ])
    expect(subscription.stats().failed).toBe(1)
  })

  test('replace: it counts as handled', () => {
    const { events, subscription } = failing(() => hook.replace('never mind'))
    void events.publish('a')
    expect(subscription.stats()).toMatchObject({ handled: 1, failed: 0 })
  })

  test('retry: the handler is called again, and the next event waits', async () => {
    const { clock, events, state, subscription } = failing(() => hook.retry({ delayMs: 10, maxAttempts: 3 }), 1)
    void events.publish('a')
    await clock.settle()
    expect(subscription.stats()).toMatchObject({ running: 1 })
    await clock.advance(10)
    expect(state.calls).toBe(2)
    expect(subscription.stats()).toMatchObject({ handled: 1, failed: 0, delivered: 1, running: 0 })
  })

  test('retry: so often and no more', async () => {
    const { clock, events, state, subscription } = failing(() => hook.retry({ delayMs: 10, maxAttempts: 3 }))
    void events.publish('a')
    await clock.advanceSteps(100)
    expect(state.calls).toBe(3)
    expect(subscription.stats()).toMatchObject({ handled: 0, failed: 1 })
  })

  test('retry: not once the subscription has ended', async () => {
    const { clock, events, state, subscription } = failing(() => hook.retry({ delayMs: 10, maxAttempts: 3 }))
    void events.publish('a')
    subscription.unsubscribe()
    await clock.advanceSteps(100)
    expect(state.calls).toBe(1)
    expect(subscription.stats()).toMatchObject({ failed: 1, running: 0 })
  })

  test('redirect: the event goes on as another, caused by it', () => {
    const { events, kept, subscription } = failing(() => hook.redirect('dead.letter'))
    void events.publish('a', 1)
    expect(kept.seen[1]).toMatchObject({ type: 'dead.letter', data: 1, metadata: { causationId: 'event-1', depth: 1 } })
    expect(subscription.stats()).toMatchObject({ handled: 1, failed: 0 })
  })

  test('modified: the error is told as hooks have made it', async () => {
    const { clock, events } = failing(() =>
      hook.modified({ error: { code: 'EFFECT_FAILED', name: 'E', message: 'hidden', retryable: false } }),
    )
    const told: unknown[] = []
    events.control.subscribe((event) => told.push(event))
    void events.publish('a')
    await clock.settle()
    expect(told).toMatchObject([{ type: 'handler_failed', error: { message: 'hidden' } }])
  })

  test('hooks that are stopped change nothing', async () => {
    const { hooks, events, subscription } = failing(() => hook.replace(1))
    await hooks.stop()
    void events.publish('a')
    expect(subscription.stats().failed).toBe(1)
  })
})

describe('hooks that publish', () => {
  test('carry their correlation, and are deeper', () => {
    const { hooks, events, kept } = hookedBus()
    hooks.register('AfterEventEmit', (ctx) => {
      if (ctx.data.type === 'a') void events.publish('b', null, { parent: ctx })
    })
    void events.publish('a')
    expect(kept.seen[1]).toMatchObject({ type: 'b', metadata: { correlationId: 'event-1', depth: 1 } })
  })

  test.each<[string, boolean]>([
    ['in their own turn', false],
    ['after they have waited, with the context as parent', true],
  ])('without end are stopped by EVENT_LOOP: %s', async (_, isAsync) => {
    const { clock, hooks, events, kept } = hookedBus()
    const codes: string[] = []
    hooks.register('AfterEventEmit', (ctx) => {
      const publish = async () => {
        try {
          await events.publish('a', null, isAsync ? { parent: ctx } : undefined)
        } catch (error) {
          codes.push((error as { code: string }).code)
        }
      }
      return isAsync ? Promise.resolve().then(publish) : void publish()
    })
    void events.publish('a')
    await clock.settle()
    expect(codes).toEqual(['EVENT_LOOP'])
    expect(kept.seen).toHaveLength(17)
  })
})
