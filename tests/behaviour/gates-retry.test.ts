/** Gates that are states and ask for an effect again: N attempts are N in all, and then it ends by a named error. */
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import type { HookHandler } from 'hookchart/hooks'
import { compile, gate } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { createActor, createMachine, fromCallback, fromPromise } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { describe, expect, test } from 'vitest'
import { persisted, turns } from '../support/gated.ts'

const failed = definePoint('failed', { phase: 'error' })
const worked = definePoint('worked', { phase: 'after' })
const others = { continue: 'no', modified: 'no', replace: 'yes', cancel: 'no', redirect: 'no' }
const again = (maxAttempts: number) => () => hook.retry({ delayMs: 0, maxAttempts })

interface World {
  /** Whether the effect fails, start by start; the last for all others. */
  readonly outcomes?: readonly boolean[]
  readonly handler: HookHandler
  /** How it is run. */
  readonly way?: 'actor' | 'compiled' | 'flat'
  /** What leads from the start of the effect to its work. */
  readonly steps?: 'one' | 'two' | 'at once'
  readonly point?: typeof failed | typeof worked
}

/** A machine that works on GO, and asks at a gate when that has failed, or when it is done. */
function world({ outcomes = [true], handler, way = 'actor', steps = 'one', point = failed }: World) {
  let starts = 0
  const isFailing = () => outcomes[Math.min(starts++, outcomes.length - 1)]
  const work =
    steps === 'at once'
      ? fromCallback(() => {
          if (isFailing() === true) throw new Error('no luck')
        })
      : fromPromise(() => (isFailing() === true ? Promise.reject(new Error('no luck')) : Promise.resolve('luck')))
  const isAfter = (point as { phase: string }).phase === 'after'
  const machine = createMachine({
    id: 'worker',
    initial: 'idle',
    on: { REST: '.idle' },
    states: {
      idle: { on: { GO: 'w' } },
      w: steps === 'two' ? { invoke: { src: fromPromise(() => Promise.resolve()), onDone: 'v' } } : { always: 'v' },
      v: { invoke: { src: work, onDone: isAfter ? 'g' : 'yes', onError: isAfter ? 'no' : 'g' } },
      g: gate(point, { ...others, ...(isAfter && { continue: 'yes' }), retry: 'w' }),
      yes: { on: { GO: 'w' } },
      no: { on: { GO: 'w' } },
    },
  })
  const clock = createTestClock()
  const hooks = createHooks({ clock, points: [failed, worked] })
  const attempts: number[] = []
  const handle = { name: 'again' }
  hooks.register(
    point,
    (ctx) => {
      attempts.push(ctx.operation.attempt)
      return handler(ctx) as never
    },
    handle,
  )
  const provided = machine.provide(hooks.provide())
  const start = (given: object = {}) => {
    const actor = way === 'compiled' ? createActor(compile(provided), given) : createActor(provided, given)
    actor.subscribe({ error: () => undefined })
    return actor.start()
  }
  const running = way === 'flat' ? compile(provided).run() : start()
  const snapshot = () =>
    ('getSnapshot' in running ? running.getSnapshot() : running.snapshot) as { value: unknown; error: unknown }
  return {
    ...{ clock, hooks, attempts, start, running, snapshot },
    starts: () => starts,
    go: async () => {
      running.send({ type: 'GO' })
      await turns(12)
      return [starts, snapshot().value]
    },
  }
}

const exhausted = { code: 'ATTEMPTS_EXHAUSTED', details: { hook: 'again', limit: 2 } }

describe.each(['actor', 'compiled', 'flat'] as const)('%s', (way) => {
  test.each(['one', 'two', 'at once'] as const)('a retry that leads back is bounded: %s', async (steps) => {
    const { go, snapshot, attempts } = world({ way, steps, handler: again(2) })
    expect(await go()).toEqual([2, 'g'])
    expect(snapshot()).toMatchObject({ status: 'error', error: exhausted })
    expect(attempts).toEqual([1, 2])
  })

  test('after something as well', async () => {
    const { go, snapshot } = world({ way, outcomes: [false], point: worked, handler: again(2) })
    expect(await go()).toEqual([2, 'g'])
    expect(snapshot().error).toMatchObject(exhausted)
  })

  test('the effect of a later time is counted anew', async () => {
    const { go, attempts } = world({ way, outcomes: [true, false, true, false], handler: again(2) })
    expect(await go()).toEqual([2, 'yes'])
    expect(await go()).toEqual([4, 'yes'])
    expect(attempts).toEqual([1, 1])
  })

  test('any other decision ends the counting', async () => {
    let passes = 0
    const { go, attempts } = world({ way, handler: () => (++passes % 2 === 0 ? undefined : again(2)()) })
    expect(await go()).toEqual([2, 'no'])
    expect(await go()).toEqual([4, 'no'])
    expect(attempts).toEqual([1, 2, 1, 2])
  })
})

test('of several limits the smallest holds', async () => {
  const limits = [5, 3, 9]
  const { go, snapshot } = world({ handler: () => again(limits.shift() ?? 9)() })
  expect(await go()).toEqual([3, 'g'])
  expect(snapshot().error).toMatchObject({ code: 'ATTEMPTS_EXHAUSTED', details: { limit: 3 } })
})

test('no hook makes it begin more than a hundred times', async () => {
  const { go, snapshot, starts } = world({ steps: 'at once', handler: again(1_000_000) })
  await go()
  expect([starts(), (snapshot().error as { code?: string }).code]).toEqual([100, 'ATTEMPTS_EXHAUSTED'])
})

test('a retry comes when its delay is over', async () => {
  const { go, clock, starts } = world({
    outcomes: [true, false],
    handler: () => hook.retry({ delayMs: 100, maxAttempts: 2 }),
  })
  expect(await go()).toEqual([1, 'g'])
  await clock.advance(99)
  expect(starts()).toBe(1)
  await clock.advance(1)
  await turns()
  expect(starts()).toBe(2)
})

test('a machine that is left while it waits for a retry counts anew', async () => {
  const { go, running, attempts, clock } = world({ handler: () => hook.retry({ delayMs: 100, maxAttempts: 2 }) })
  await go()
  running.send({ type: 'REST' })
  await clock.advance(100)
  expect(await go()).toEqual([2, 'g'])
  expect(attempts).toEqual([1, 1])
})

test('a machine may take what the bound ends with', async () => {
  const hooks = createHooks({ points: [failed] })
  hooks.register(failed, again(2))
  let starts = 0
  const machine = createMachine({
    initial: 'w',
    states: {
      w: { invoke: { src: fromPromise(() => Promise.reject(new Error(String(++starts)))), onError: 'g' } },
      g: { ...gate(failed, { ...others, retry: 'w' }), on: { 'xstate.error.actor.*': 'spent' } },
      no: {},
      yes: {},
      spent: {},
    },
  })
  const actor = createActor(machine.provide(hooks.provide())).start()
  await turns(6)
  expect([starts, actor.getSnapshot().value]).toEqual([2, 'spent'])
})

test('a route that a guard closes keeps nothing for the next time', async () => {
  let open = false
  const hooks = createHooks({ points: [failed] })
  const attempts: number[] = []
  hooks.register(failed, ({ operation }) => {
    attempts.push(operation.attempt)
    return hook.retry({ delayMs: 0, maxAttempts: 2 })
  })
  const machine = createMachine({
    initial: 'w',
    on: { GO: '.w' },
    states: {
      w: { invoke: { src: fromPromise(() => Promise.reject(new Error('no luck'))), onError: 'g' } },
      g: gate(failed, { ...others, retry: { target: 'w', guard: () => open } }),
      no: {},
      yes: {},
    },
  })
  const actor = createActor(machine.provide(hooks.provide()))
  actor.subscribe({ error: () => undefined })
  actor.start()
  await turns()
  expect(actor.getSnapshot().value).toBe('g')
  open = true
  actor.send({ type: 'GO' })
  await turns(6)
  expect(attempts).toEqual([1, 1, 2])
})

test('a pass that is restored goes on counting', async () => {
  let calls = 0
  const { start, attempts, go, running } = world({
    handler: () => (++calls === 2 ? new Promise<undefined>(() => undefined) : again(2)()),
  })
  expect(await go()).toEqual([2, 'g'])
  const snapshot = persisted(running as unknown as AnyActorRef)
  const restored = start({ snapshot })
  await turns()
  expect(attempts).toEqual([1, 2, 2])
  expect(restored.getSnapshot().error).toMatchObject(exhausted)
})
