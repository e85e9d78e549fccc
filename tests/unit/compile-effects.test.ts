/** Effects of flat runs: functions in the place of the actors that a machine invokes. */
import { compile } from 'hookchart/machines'
import type { EffectCall } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { assign, createActor, fromPromise, setup, spawnChild, stopChild } from 'xstate'
import { errorOf } from '../support/refusal.ts'
import { job } from './compile-samples.ts'

const compiled = compile(job)
const settle = () => createTestClock().settle()
const never = () => new Promise(() => undefined)

describe('an effect', () => {
  test('runs in the place of the actor, with its input and id', async () => {
    const work = vi.fn(({ input, id }: EffectCall) => Promise.resolve(`${id} got ${String(input)}`))
    const run = compiled.run({ input: 3, effects: { work } })
    expect(run.value).toBe('working')
    await settle()
    expect([run.status, run.context.result]).toEqual(['done', 'worker got 3'])
  })

  test('may give a plain value', async () => {
    const run = compiled.run({ input: 3, effects: { work: () => 'at once' } })
    await settle()
    expect(run.context.result).toBe('at once')
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('boom'))],
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
  ])('that %s is an error of the child', async (_how, work) => {
    const run = compiled.run({ input: 3, effects: { work } })
    await settle()
    expect([run.value, run.context.error]).toEqual(['failed', new Error('boom')])
  })

  test('is aborted when the machine leaves its state; what it gives then is lost', async () => {
    let signal: AbortSignal | undefined
    const run = compiled.run({
      input: 3,
      effects: {
        work: (call) => {
          signal = call.signal
          return Promise.resolve('late')
        },
      },
    })
    run.send({ type: 'STOP' })
    expect([run.value, signal?.aborted]).toEqual(['stopped', true])
    await settle()
    expect([run.value, run.context.result]).toEqual(['stopped', undefined])
  })

  test('finds its signal aborted when it reads it too late', async () => {
    let call: EffectCall | undefined
    const run = compiled.run({
      input: 3,
      effects: {
        work: (given) => {
          call = given
          return never()
        },
      },
    })
    run.stop()
    expect(call?.signal.aborted).toBe(true)
  })

  test('sends events back, while it runs', () => {
    let call: EffectCall | undefined
    const run = compiled.run({
      input: 3,
      effects: {
        work: (given) => {
          call = given
          given.sendBack({ type: 'PROGRESS' })
          return never()
        },
      },
    })
    call?.sendBack({ type: 'PROGRESS' })
    expect(run.context.seen).toBe(2)
    run.send({ type: 'STOP' })
    call?.sendBack({ type: 'PROGRESS' })
    expect(run.context.seen).toBe(2)
  })

  test('of a source that nobody named runs as the actor of the machine', async () => {
    const run = compiled.run({ input: 3, effects: { other: never } })
    await settle()
    expect(run.context.result).toBe('stock 3')
  })

  test('looks as the actor would, but cannot be watched', () => {
    const run = compiled.run({ input: 3, effects: { work: never } })
    const stock = createActor(job, { input: 3 }).start()
    const child = run.snapshot.children['worker']!
    const its = { name: 'work', effectId: 'job/worker#1' }
    expect(child.getSnapshot()).toEqual({ ...stock.getSnapshot().children['worker']?.getSnapshot(), ...its })
    const persisted = stock.getPersistedSnapshot() as unknown as { children: Record<string, { snapshot: object }> }
    Object.assign(persisted.children['worker']!.snapshot, its)
    expect(run.getPersistedSnapshot()).toEqual({ ...persisted, effects: { worker: 1 } })
    expect(JSON.stringify(child)).toBe('{"xstate$$type":1,"id":"worker"}')
    for (const watch of [() => child.subscribe(() => undefined), () => child.on('*', () => undefined)]) {
      expect(errorOf(watch).code).toBe('COMPILE_UNSUPPORTED')
    }
  })

  test('begins anew when its run is restored', async () => {
    const persisted = compiled.run({ input: 3, effects: { work: never } }).getPersistedSnapshot()
    const run = compiled.run({ snapshot: persisted, effects: { work: ({ input }) => `again ${String(input)}` } })
    expect(run.value).toBe('working')
    await settle()
    expect(run.context.result).toBe('again 3')
  })
})

test('snapshots of an effect are told to who asks for them', async () => {
  const machine = setup({
    types: { context: {} as { statuses: string[] } },
    actors: { work: fromPromise(() => Promise.resolve(1)) },
  }).createMachine({
    context: { statuses: [] },
    invoke: {
      src: 'work',
      onSnapshot: {
        actions: assign({ statuses: ({ context, event }) => [...context.statuses, event.snapshot.status] }),
      },
    },
  })
  const stock = createActor(machine).start()
  const run = compile(machine).run({ effects: { work: () => 1 } })
  await settle()
  expect(run.context.statuses).toEqual(stock.getSnapshot().context.statuses)
  expect(run.context.statuses).toEqual(['active'])
})

test('effects may be spawned and stopped by actions', async () => {
  const aborted = vi.fn()
  const effects = {
    work: ({ signal, id }: EffectCall) => {
      signal.addEventListener('abort', () => {
        aborted(id)
      })
      return never()
    },
  }
  const machine = setup({ actors: { work: fromPromise(never) } }).createMachine({
    on: {
      SPAWN: {
        actions: [
          spawnChild('work', { id: 'one' }),
          assign(({ spawn }) => {
            spawn('work', { id: 'two' })
            return {}
          }),
        ],
      },
      STOP: { actions: [stopChild('one'), stopChild(({ self }) => self.getSnapshot().children['two']!)] },
      BRIEFLY: { actions: [spawnChild('work', { id: 'three' }), stopChild('three')] },
      UNNAMED: { actions: spawnChild('work') },
    },
  })
  const run = compile(machine).run({ effects })
  run.send({ type: 'SPAWN' })
  expect(Object.keys(run.snapshot.children)).toEqual(['one', 'two'])
  run.send({ type: 'STOP' })
  run.send({ type: 'BRIEFLY' })
  expect(aborted.mock.calls).toEqual([['one'], ['two']])
  run.send({ type: 'UNNAMED' })
  expect(Object.keys(run.snapshot.children)).toEqual(['effect-0'])
})

describe('an actor from a run with effects', () => {
  test('takes over those that run', async () => {
    let finish: (value: string) => void = () => undefined
    const work = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    const run = compiled.run({ input: 3, effects: { work } })
    const actor = run.toActor()
    finish('handed over')
    await settle()
    expect([actor.getSnapshot().status, actor.getSnapshot().context.result]).toEqual(['done', 'handed over'])
  })

  test('stops those that run', () => {
    let signal: AbortSignal | undefined
    const work = (call: EffectCall) => {
      signal = call.signal
      return never()
    }
    const actor = compiled.run({ input: 3, effects: { work } }).toActor()
    actor.send({ type: 'STOP' })
    expect(signal?.aborted).toBe(true)
  })

  test('runs effects itself', async () => {
    const machine = setup({ actors: { work: fromPromise<string, number>(never as never) } }).createMachine({
      initial: 'idle',
      states: {
        idle: { on: { GO: 'busy' } },
        busy: { invoke: { src: 'work', input: 5, onDone: 'fine' }, on: { NOTE: {} } },
        fine: {},
      },
    })
    const note = vi.fn()
    const effects = {
      work: (call: EffectCall) => {
        call.sendBack({ type: 'NOTE' })
        note(call.input)
        return Promise.resolve('x')
      },
    }
    const logic = compile(machine)
    for (let i = 0; i < 2; i++) {
      const actor = logic.run({ effects }).toActor()
      actor.send({ type: 'GO' })
      await settle()
      expect(actor.getSnapshot().value).toBe('fine')
    }
    expect(note.mock.calls).toEqual([[5], [5]])
  })
})
