/**
 * The private parts of XState that machines/compiled/xstate-internals.ts relies on, one by one. When another minor of
 * XState 5 changes one, the test of that part fails and says what it is for.
 */
import { describe, expect, test, vi } from 'vitest'
import { createActor, createMachine, fromCallback, raise, transition } from 'xstate'
import * as xstate from 'xstate'
import {
  adopt,
  builtinKind,
  createChildSystem,
  guardKind,
  isLive,
  isObserved,
  isStock,
  nodesOf,
  historyOf,
  parentOf,
  snapshotOf,
  stockMachine,
} from '../../machines/compiled/xstate-internals.ts'
import type { BuiltinAction, RunningScope, StockSnapshot } from '../../machines/compiled/xstate-internals.ts'

type Builtin = Parameters<typeof guardKind>[0] & BuiltinAction

const machine = createMachine({
  id: 'm',
  initial: 'a',
  states: {
    a: {
      after: { 10: 'b' },
      always: { guard: () => false, target: 'b' },
      invoke: { src: fromCallback(() => undefined), onSnapshot: {} },
      on: { GO: { target: 'b', reenter: true } },
    },
    b: { initial: 'c', states: { c: {}, h: { type: 'history', history: 'deep', target: 'c' } } },
  },
})

/** The scope that an actor hands to its logic. */
function scopeOf(): { scope: RunningScope; snapshot: StockSnapshot } {
  let found: RunningScope | undefined
  const logic = Object.create(machine, {
    transition: {
      value: (snapshot: never, event: never, scope: never) => {
        found = scope
        expect(isLive(scope)).toBe(true)
        return machine.transition(snapshot, event, scope)
      },
    },
  }) as typeof machine
  const actor = createActor(logic).start()
  actor.send({ type: 'OTHER' })
  return { scope: found!, snapshot: actor.getSnapshot() as unknown as StockSnapshot }
}

test('every builtin action is told by its resolver', () => {
  const { assign, cancel, emit, log, sendTo, spawnChild, stopChild, enqueueActions } = xstate
  const made = {
    assign: assign({}),
    raise: raise({ type: 'x' }),
    cancel: cancel('x'),
    emit: emit({ type: 'x' }),
    log: log('x'),
    sendTo: sendTo('x', { type: 'x' }),
    spawnChild: spawnChild('x' as never),
    stopChild: stopChild('x'),
    enqueueActions: enqueueActions(() => undefined),
  }
  for (const [kind, action] of Object.entries(made)) expect(builtinKind(action as unknown as Builtin)).toBe(kind)
  expect(new Set(Object.values(made).map((action) => (action as unknown as Builtin).resolve)).size).toBe(9)
})

test('what the frequent builtin actions carry', () => {
  const delayed = raise({ type: 'x' }, { id: 'i', delay: 5 })
  expect(Object.assign({}, delayed)).toMatchObject({ event: { type: 'x' }, id: 'i', delay: 5 })
  expect(Object.assign({}, xstate.assign({ n: 1 }))).toMatchObject({ assignment: { n: 1 } })
  expect(Object.assign({}, xstate.cancel('i'))).toMatchObject({ sendId: 'i' })
  expect(Object.assign({}, xstate.emit({ type: 'x' }))).toMatchObject({ event: { type: 'x' } })
  expect(Object.assign({}, xstate.stopChild('i'))).toMatchObject({ actorRef: 'i' })
  expect(Object.assign({}, xstate.spawnChild('s' as never, { id: 'i', input: 1 }))).toMatchObject({
    src: 's',
    id: 'i',
    input: 1,
  })
  expect((xstate.sendTo('i', { type: 'x' }) as unknown as Builtin).retryResolve).toBeTypeOf('function')
})

test('every guard combinator is told by its check', () => {
  const { and, or, not, stateIn } = xstate
  const made = { and: and([]), or: or([]), not: not(() => true), stateIn: stateIn('a') }
  for (const [kind, guard] of Object.entries(made)) expect(guardKind(guard as unknown as Builtin)).toBe(kind)
  expect(Object.assign({}, made.not)).toMatchObject({ guards: [expect.any(Function)] })
  expect(Object.assign({}, made.stateIn)).toMatchObject({ stateValue: 'a' })
})

test('state nodes are resolved: order, targets, delays, invokes', () => {
  const { root, implementations, options } = stockMachine(machine)
  const [a, b] = [root.states['a']!, root.states['b']!]
  expect([root, a, b, b.states['c']!, b.states['h']!].map(({ order }) => order)).toEqual([0, 1, 2, 3, 4])
  expect([root.type, a.type, b.states['h']!.type, b.states['h']!.history]).toEqual([
    'compound',
    'atomic',
    'history',
    'deep',
  ])
  expect([...a.transitions.keys()]).toEqual(['GO', 'xstate.snapshot.0.m.a', 'xstate.after.10.m.a'])
  expect(a.transitions.get('GO')![0]).toMatchObject({ target: [b], reenter: true, actions: [], eventType: 'GO' })
  expect(a.always![0]!.target).toEqual([b])
  expect(a.entry.map((action) => builtinKind(action as Builtin))).toEqual(['raise'])
  expect(a.exit.map((action) => builtinKind(action as Builtin))).toEqual(['cancel'])
  expect(a.invoke[0]).toMatchObject({ id: '0.m.a', src: 'xstate.invoke.0.m.a' })
  expect(b.initial.target).toEqual([b.states['c']])
  expect(b.states['h']!.config.target).toBe('c')
  expect(Object.keys(implementations).sort()).toEqual(['actions', 'actors', 'delays', 'guards'])
  expect(options?.maxIterations ?? Infinity).toBe(Infinity)
  expect(isStock(stockMachine(machine))).toBe(true)
})

describe('a snapshot', () => {
  test('has the fields that snapshotOf gives, in its order', () => {
    const { snapshot } = scopeOf()
    const made = snapshotOf(machine, { ...snapshot, history: {} }, nodesOf(snapshot), 'a', new Set())
    expect(Object.keys(made)).toEqual(Object.keys(snapshot))
    expect(nodesOf(snapshot).map(({ id }) => id)).toEqual(['m', 'm.a'])
    expect(historyOf(snapshot)).toEqual({})
    expect(machine.getPersistedSnapshot(made as never, { __unsafeAllowInlineActors: true })).toHaveProperty('children')
  })
})

describe('the scope of an actor', () => {
  test('is told from that of the pure functions', () => {
    let inert: RunningScope | undefined
    const logic = { ...xstate.fromTransition((state: number) => state, 0) }
    logic.transition = (state, _event, scope) => {
      inert = scope as unknown as RunningScope
      return state
    }
    transition(logic, logic.getInitialSnapshot({} as never, undefined), { type: 'x' })
    expect(isLive(inert!)).toBe(false)
  })

  test('has what the actions of XState work on', () => {
    const { scope } = scopeOf()
    for (const key of ['defer', 'emit', 'stopChild', 'actionExecutor', 'logger'] as const)
      expect(scope[key]).toBeTypeOf('function')
    const { scheduler } = scope.system as unknown as { scheduler: Record<string, unknown> }
    for (const key of ['schedule', 'cancel', 'cancelAll']) expect(scheduler[key]).toBeTypeOf('function')
  })
})

describe('inspection', () => {
  test('is noticed, and the observer is not told of that', () => {
    const { system } = scopeOf().scope
    expect(isObserved(system)).toBe(false)
    const observer = vi.fn()
    const subscription = system.inspect(observer)
    expect(isObserved(system)).toBe(true)
    expect(observer).not.toHaveBeenCalled()
    subscription.unsubscribe()
    expect(isObserved(system)).toBe(false)
  })

  test('that cannot be asked for is an error', () => {
    const broken = {
      _sendInspectionEvent: () => {
        throw new Error('broken')
      },
    }
    expect(() => isObserved(broken as never)).toThrow('broken')
  })
})

test('children answer to the parent that they are given', () => {
  const parent = createActor(machine).start()
  const child = Object.values(parent.getSnapshot().children)[0]!
  expect(parentOf(child)).toBe(parent)
  const other = createActor(machine)
  adopt({ child, none: undefined }, other)
  expect(parentOf(child)).toBe(other)
  adopt({ child }, parent)
  parent.stop()
})

test('a system for children uses the timers that it is given', () => {
  const clock = { setTimeout: vi.fn(() => 1), clearTimeout: vi.fn() }
  const system = createChildSystem(clock, () => undefined)
  expect(system.get('nobody')).toBeUndefined()
})
