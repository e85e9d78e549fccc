/** `timer`: a delay of a machine of one's own that survives a restore. */
import { compile, timer } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { assign, createActor, setup, SimulatedClock } from 'xstate'
import type { Snapshot } from 'xstate'
import { errorOf } from '../support/refusal.ts'

interface Context {
  readonly delayMs: unknown
  readonly lateMs?: number
  readonly error?: unknown
}

const offer = setup({
  types: { context: {} as Context, events: {} as { type: 'AGAIN' | 'WITHDRAW' | 'BREAK' }, input: {} },
  actors: { timer },
  actions: {
    break: () => {
      throw new Error('broken')
    },
  },
}).createMachine({
  id: 'offer',
  context: ({ input }) => ({ delayMs: input }),
  initial: 'open',
  states: {
    open: {
      invoke: {
        id: 'closing',
        src: 'timer',
        input: ({ context }) => ({ delayMs: context.delayMs as number }),
        onDone: { target: 'closed', actions: assign({ lateMs: ({ event }) => event.output.lateMs }) },
        onError: { target: 'refused', actions: assign({ error: ({ event }) => event.error }) },
      },
      on: { AGAIN: { target: 'open', reenter: true }, WITHDRAW: 'withdrawn', BREAK: { actions: 'break' } },
    },
    closed: { on: { AGAIN: 'open' } },
    withdrawn: {},
    refused: {},
  },
})
const compiled = compile(offer)

interface Running {
  readonly at: { readonly value: unknown; readonly context: Context; readonly status: string }
  persisted(): Snapshot<unknown>
  send(type: 'AGAIN' | 'WITHDRAW' | 'BREAK'): void
}

type Begin = (options: object) => Running

const actor: (logic: typeof offer) => Begin = (logic) => (options) => {
  const made = createActor(logic, { id: 'offer', ...(options as { input: object }) })
  made.subscribe({ error: () => undefined })
  made.start()
  return {
    get at() {
      return made.getSnapshot()
    },
    persisted: () => JSON.parse(JSON.stringify(made.getPersistedSnapshot())) as Snapshot<unknown>,
    send: (type) => {
      made.send({ type })
    },
  }
}

const flat: Begin = (options) => {
  const run = compiled.run(options as { input: object })
  return {
    get at() {
      return run.snapshot
    },
    persisted: () => JSON.parse(JSON.stringify(run.getPersistedSnapshot())) as Snapshot<unknown>,
    send: (type) => {
      run.send({ type })
    },
  }
}

const ways: [string, Begin][] = [
  ['an actor', actor(offer)],
  ['a compiled actor', actor(compiled as unknown as typeof offer)],
  ['a flat run', flat],
]

describe.each(ways)('in %s', (_way, begin) => {
  test('it comes when it is due, not before, and once', async () => {
    const clock = createTestClock()
    const running = begin({ clock, input: '2s' })
    await clock.advance(1_999)
    expect(running.at.value).toBe('open')
    await clock.advance(1)
    expect([running.at.value, running.at.context.lateMs, clock.timers]).toEqual(['closed', 0, 0])
  })

  test('its snapshot says which it is and when it is due', () => {
    const running = begin({ clock: createTestClock(500), input: 100 })
    expect(running.persisted()).toMatchObject({
      children: {
        closing: {
          src: 'timer',
          snapshot: {
            ...{ status: 'active', input: { delayMs: 100 }, name: 'timer' },
            ...{ effectId: 'offer/closing#1', dueAt: 600 },
          },
        },
      },
    })
  })

  test('each time that it begins it is another effect, also after a restore', () => {
    const clock = createTestClock()
    const running = begin({ clock, input: 100 })
    running.send('AGAIN')
    const next = begin({ clock, snapshot: running.persisted() })
    expect(next.persisted()).toMatchObject({ children: { closing: { snapshot: { effectId: 'offer/closing#2' } } } })
    next.send('AGAIN')
    expect(next.persisted()).toMatchObject({ children: { closing: { snapshot: { effectId: 'offer/closing#3' } } } })
  })

  test('none is left behind where its state is left, or its machine breaks', async () => {
    const clock = createTestClock()
    for (const type of ['WITHDRAW', 'BREAK'] as const) {
      const running = begin({ clock, input: 100 })
      running.send(type)
      expect([running.at.status, clock.timers]).toEqual([type === 'BREAK' ? 'error' : 'active', 0])
    }
    await clock.advance(100)
  })

  test('what came due while nobody ran it comes at once, and says how late it is', async () => {
    const clock = createTestClock()
    const snapshot = begin({ clock, input: 100 }).persisted()
    const later = createTestClock(450)
    const running = begin({ clock: later, snapshot })
    await later.advance(0)
    expect([running.at.value, running.at.context.lateMs]).toEqual(['closed', 350])
  })

  test('it waits longer than a timer of the platform can, also when it is restored on the way', async () => {
    const first = createTestClock()
    const set = vi.spyOn(first, 'setTimeout')
    const running = begin({ clock: first, input: 2 ** 32 + 5 })
    await first.advance(2 ** 31 + 7)
    expect(set.mock.calls.map(([, ms]) => ms)).toEqual([2 ** 31 - 1, 2 ** 31 - 1])
    const clock = createTestClock(2 ** 31 + 7)
    const next = begin({ clock, snapshot: running.persisted() })
    await clock.advance(2 ** 31 - 3)
    expect(next.at.value).toBe('open')
    await clock.advance(1)
    expect(next.at.value).toBe('closed')
  })

  test.each([-1, NaN, Infinity, undefined, 'soon', null])('a delay of %s fails the invoke', (input) => {
    const clock = createTestClock()
    const { at } = begin({ clock, input })
    expect([at.value, clock.timers]).toEqual(['refused', 0])
    const error = errorOf(() => {
      throw at.context.error as Error
    })
    expect([error.code, error.message]).toEqual([
      'INVALID_INPUT',
      expect.stringContaining('timer "closing": "delayMs"'),
    ])
  })
})

describe('time', () => {
  test('of a simulated clock of XState', () => {
    const clock = new SimulatedClock()
    const { at, persisted } = (() => {
      const running = actor(offer)({ clock, input: 100 })
      clock.increment(40)
      return { at: running.at.value, persisted: running.persisted() }
    })()
    expect(at).toBe('open')
    const next = actor(offer)({ clock, snapshot: persisted })
    clock.increment(59)
    expect(next.at.value).toBe('open')
    clock.increment(1)
    expect(next.at.value).toBe('closed')
  })

  test('of a clock that does not tell it is that of the computer, and waits are whole milliseconds', () => {
    const timers: [() => void, number][] = []
    const clock = {
      setTimeout: (callback: () => void, ms: number) => timers.push([callback, ms]),
      clearTimeout: () => undefined,
    }
    const before = Date.now()
    const running = actor(offer)({ clock, input: 60_000 })
    const { children } = running.persisted() as unknown as { children: { closing: { snapshot: { dueAt: number } } } }
    expect(Math.abs(children.closing.snapshot.dueAt - before - 60_000)).toBeLessThan(30_000)
    expect(timers.map(([, ms]) => Number.isInteger(ms) && ms <= 60_000)).toEqual([true])
    // It says that the time is over.
    timers[0]![0]()
    expect(running.at).toMatchObject({ value: 'closed', context: { lateMs: 0 } })
  })
})

describe('an effect in its place', () => {
  test('runs instead', async () => {
    const clock = createTestClock()
    const waits = vi.fn(() => ({ lateMs: 7 }))
    const run = compiled.run({ clock, input: 100, effects: { timer: waits } })
    await clock.settle()
    expect([run.value, run.context.lateMs, waits.mock.calls.length, clock.timers]).toEqual(['closed', 7, 1, 0])
  })

  test('has not said when it is due: a timer that goes on from it begins anew', async () => {
    const clock = createTestClock()
    const run = compiled.run({ clock, input: 100, effects: { timer: () => new Promise(() => undefined) } })
    await clock.advance(60)
    const snapshot = JSON.parse(JSON.stringify(run.getPersistedSnapshot())) as Snapshot<unknown>
    for (const [, begin] of ways) {
      const later = createTestClock(60)
      const running = begin({ clock: later, snapshot })
      await later.advance(99)
      expect(running.at.value).toBe('open')
      await later.advance(1)
      expect(running.at.value).toBe('closed')
    }
  })
})

test('a timer of a run that has become an actor comes once, and is gone with its state', async () => {
  const clock = createTestClock()
  const made = compiled.run({ clock, input: 100 }).toActor()
  made.send({ type: 'AGAIN' })
  await clock.advance(99)
  expect([made.getSnapshot().value, clock.timers]).toEqual(['open', 1])
  made.send({ type: 'WITHDRAW' })
  expect(clock.timers).toBe(0)
})

test('it may be an actor of its own', async () => {
  const clock = createTestClock()
  const alone = createActor(timer, { clock, input: { delayMs: 100 } }).start()
  expect(alone.getSnapshot()).toMatchObject({ status: 'active', name: 'timer', dueAt: 100 })
  await clock.advance(100)
  expect(alone.getSnapshot()).toMatchObject({ status: 'done', output: { lateMs: 0 } })
  const stopped = createActor(timer, { clock, input: { delayMs: 100 } }).start()
  stopped.stop()
  expect(clock.timers).toBe(0)
})
