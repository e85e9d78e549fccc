/** Compiled logic in the actors of XState: what it is beyond the law of property-tests/compile-equivalence. */
import { compile } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { produce } from 'immer'
import { describe, expect, test, vi } from 'vitest'
import {
  assign,
  createActor,
  createMachine,
  initialTransition,
  isMachineSnapshot,
  setup,
  toPromise,
  transition,
  waitFor,
} from 'xstate'
import { door, job } from './compile-samples.ts'

const compiled = compile(door)
const started = () => createActor(compiled, { input: {} }).start()

describe('a snapshot', () => {
  test('is what the interpreter gives', () => {
    const [actor, stock] = [started(), createActor(door, { input: {} }).start()]
    for (const each of [actor, stock]) each.send({ type: 'PUSH' })
    const [snapshot, wanted] = [actor.getSnapshot(), stock.getSnapshot()]
    expect(Object.keys(snapshot)).toEqual(Object.keys(wanted))
    expect(isMachineSnapshot(snapshot)).toBe(true)
    expect(snapshot.machine).toBe(door)
    expect(snapshot.matches('open') && snapshot.hasTag('passable')).toBe(true)
    expect([snapshot.can({ type: 'BREAK' }), snapshot.can({ type: 'LOCK', key: 7 })]).toEqual([true, false])
    expect(snapshot.getMeta()).toEqual({ 'door.open': { floor: 1 } })
    expect(JSON.stringify(snapshot)).toBe(JSON.stringify(wanted))
  })

  test('is the same one while nothing changes', () => {
    const actor = started()
    const before = actor.getSnapshot()
    actor.send({ type: 'BREAK' })
    expect(actor.getSnapshot()).toBe(before)
  })

  test('has a value and tags of its own', () => {
    const machine = createMachine({
      type: 'parallel',
      states: { a: { initial: 'x', states: { x: {} } }, b: { on: { GO: { actions: assign({}) } } } },
    })
    const logic = compile(machine)
    const actor = createActor(logic).start()
    const run = logic.run()
    for (const each of [actor, run]) each.send({ type: 'GO' })
    const { value, tags } = actor.getSnapshot()
    tags.add('changed')
    for (const each of [value, run.value]) (each as Record<string, unknown>)['a'] = 'changed'
    actor.send({ type: 'GO' })
    for (const each of [actor.getSnapshot(), run]) expect(each.value).toEqual({ a: 'x', b: {} })
    expect(actor.getSnapshot().tags.size).toBe(0)
  })
})

describe('in an actor', () => {
  test('delays follow the clock of the actor', async () => {
    const clock = createTestClock()
    const actor = createActor(compiled, { input: {}, clock }).start()
    actor.send({ type: 'PUSH' })
    await clock.advance(99)
    expect(actor.getSnapshot().value).toBe('open')
    await clock.advance(1)
    expect(actor.getSnapshot().value).toBe('closed')
  })

  test('what one persists the other restores', () => {
    const actor = started()
    actor.send({ type: 'PUSH' })
    const persisted = actor.getPersistedSnapshot()
    const stock = createActor(door, { snapshot: persisted, input: {} }).start()
    stock.send({ type: 'PUSH' })
    const again = createActor(compiled, { snapshot: stock.getPersistedSnapshot(), input: {} }).start()
    again.send({ type: 'PUSH' })
    expect(again.getSnapshot().context).toEqual({ opened: 2 })
  })

  test('it is done with its output', async () => {
    const actor = started()
    actor.send({ type: 'PUSH' })
    actor.send({ type: 'BREAK' })
    expect(await toPromise(actor)).toEqual({ opened: 1 })
  })

  test('it can be invoked by another machine', async () => {
    const parent = setup({ actors: { job: compile(job) } }).createMachine({
      initial: 'busy',
      states: { busy: { invoke: { src: 'job', input: 3, onDone: 'idle' } }, idle: {} },
    })
    const actor = createActor(compile(parent)).start()
    await waitFor(actor, (snapshot) => snapshot.matches('idle'))
  })

  test('implementations stand in for those of the machine', () => {
    const actor = createActor(compile(door, { guards: { fits: () => true } }), { input: {} }).start()
    actor.send({ type: 'LOCK', key: 0 })
    expect(actor.getSnapshot().value).toBe('locked')
  })

  test('assignments may use Immer', () => {
    const machine = setup({ types: { context: {} as { list: number[] } } }).createMachine({
      context: { list: [1] },
      on: {
        ADD: { actions: assign(({ context }) => produce(context, (draft) => void draft.list.push(2))) },
      },
    })
    const actor = createActor(compile(machine)).start()
    actor.send({ type: 'ADD' })
    expect(actor.getSnapshot().context).toEqual({ list: [1, 2] })
  })

  test('what an action throws fails the actor', () => {
    const machine = createMachine({
      on: {
        GO: {
          actions: () => {
            throw new Error('no way')
          },
        },
      },
    })
    const actor = createActor(compile(machine))
    const error = vi.fn()
    actor.subscribe({ error })
    actor.start().send({ type: 'GO' })
    expect(error).toHaveBeenCalledWith(new Error('no way'))
    expect(actor.getSnapshot().status).toBe('error')
  })

  test('too many microsteps are an error where the machine says so', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
      options: { maxIterations: 10 },
    })
    const actor = createActor(compile(machine))
    const error = vi.fn()
    actor.subscribe({ error })
    actor.start().send({ type: 'GO' })
    expect(String(error.mock.lastCall)).toContain('more than 10 microsteps')
  })
})

describe('somebody watches', () => {
  /** Without what differs by nature: ids, references, times. */
  const watched = (logic: typeof door) => {
    const seen: unknown[] = []
    const clock = createTestClock()
    const actor = createActor(logic, {
      input: {},
      clock,
      inspect: (event) => {
        const { type } = event
        const snapshot = 'snapshot' in event ? JSON.stringify(event.snapshot) : undefined
        const action = 'action' in event ? event.action.type : undefined
        seen.push([type, snapshot, action, 'event' in event && event.event.type])
      },
    }).start()
    actor.send({ type: 'PUSH' })
    actor.send({ type: 'LOCK', key: 7 })
    actor.send({ type: 'BREAK' })
    return seen
  }

  test('inspection sees what it sees of the machine', () => {
    expect(watched(compiled as unknown as typeof door)).toEqual(watched(door))
  })

  test('from when on it is attached, until it is detached', () => {
    const actor = started()
    const types: string[] = []
    const subscription = actor.system.inspect(({ type }) => types.push(type))
    actor.send({ type: 'PUSH' })
    subscription.unsubscribe()
    const { length } = types
    actor.send({ type: 'PUSH' })
    expect(types).toContain('@xstate.microstep')
    expect(types).toHaveLength(length)
    expect(actor.getSnapshot().value).toBe('closed')
  })

  test('the pure functions of XState only say what would be done', () => {
    const noted = vi.fn()
    const machine = createMachine({ entry: noted, on: { GO: { actions: noted } } })
    const logic = compile(machine)
    const [snapshot, first] = initialTransition(logic)
    const [, then] = transition(logic, snapshot, { type: 'GO' })
    expect([first.length, then.length]).toEqual([1, 1])
    expect(noted).not.toHaveBeenCalled()
  })
})
