/** Machines with gates, searched: hooks and what they decide are choices, whether the machine has hooks or not. */
import { explore } from 'hookchart/chart'
import type { ExploreOptions } from 'hookchart/chart'
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import { gate, gates, hooked, unhooked } from 'hookchart/machines'
import { assign, createMachine, fromPromise, setup } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

const before = definePoint('p', { phase: 'before' })
const after = definePoint('q', { phase: 'after' })
const failed = definePoint('r', { phase: 'error' })
const work = fromPromise(() => Promise.resolve())
const done = { type: 'xstate.done.actor.work', output: 1, actorId: 'work' }
const routes = { continue: 'yes', modified: 'yes', replace: 'yes', cancel: 'no', redirect: 'no' }

const found = (machine: AnyStateMachine, options: ExploreOptions = {}) => {
  const { states, deadlocks, unreachable, failures, result } = explore(machine, options)
  return { states, deadlocks: deadlocks.map(({ value }) => value), unreachable, failures, result }
}

const whole = { unreachable: [], failures: [], result: 'complete' }

describe('a gate that is a state', () => {
  const machine = createMachine({
    id: 'one',
    initial: 'i',
    states: {
      i: { on: { X: 'g' } },
      g: gate(before, routes),
      yes: { on: { BACK: 'i' } },
      no: { on: { BACK: 'i' } },
    },
  })

  test('comes to each decision that it has a route for, and is no deadlock', () => {
    expect(found(machine, { events: [{ type: 'X' }, { type: 'BACK' }] })).toEqual({
      states: 4,
      deadlocks: [],
      ...whole,
    })
  })

  test('the way through it is told with its decision', () => {
    const { violations } = explore(machine, { always: { 'never refused': ({ value }) => value !== 'no' } })
    expect(violations).toMatchObject([
      {
        name: 'never refused',
        events: [
          { type: 'X' },
          {
            type: 'xstate.done.actor.0.one.g',
            output: { type: 'cancel', code: 'HOOK_CANCELLED', event: { type: 'X' } },
          },
        ],
      },
    ])
  })

  test('its hooks are not run, and none are needed', () => {
    const hooks = createHooks({ points: [before] })
    let calls = 0
    hooks.register(before, () => {
      calls++
      return hook.cancel('no')
    })
    expect(found(machine.provide(hooks.provide()))).toEqual(found(machine))
    expect(calls).toBe(0)
  })

  test('what leads to it is told apart, and routes see what hooks would have let through', () => {
    const keeping = setup({ ...gates, types: { context: {} as { n: number } } }).createMachine({
      context: { n: 0 },
      initial: 'i',
      states: {
        i: { on: { X: 'g' } },
        g: gate(before, {
          ...routes,
          continue: {
            target: 'yes',
            actions: assign({
              n: ({ event }) =>
                (event as unknown as { output: { data: { input: { n: number } } } }).output.data.input.n,
            }),
          },
        }),
        yes: { type: 'final' },
        no: { type: 'final' },
      },
    })
    const always = { 'is small': ({ context }: { context: unknown }) => (context as { n: number }).n < 2 }
    const { violations, states } = explore(keeping, { events: [1, 2].map((n) => ({ type: 'X', n })), always })
    expect([states, violations.length]).toEqual([7, 1])
  })

  test('nobody else’s decision is taken', () => {
    const forged = [{ type: 'X' }, { type: 'xstate.done.actor.0.one.g', output: { type: 'nothing' } }]
    expect(found(machine, { events: forged })).toMatchObject({ states: 4, deadlocks: ['yes', 'no'] })
  })

  test('gates in a ring come to an end', () => {
    const ring = createMachine({
      initial: 'a',
      states: {
        a: gate(before, { ...routes, cancel: 'b' }),
        b: gate(before, { ...routes, cancel: 'a' }),
        yes: {},
        no: {},
      },
    })
    // One turn is told from the next by where it began.
    expect(found(ring)).toEqual({ states: 7, deadlocks: ['yes', 'no'], ...whole })
  })

  test('what led to the gate before is there behind the next', () => {
    const read = ({ event }: { event: unknown }) =>
      (event as { output: { event: { output: { event: { n: number } } } } }).output.event.output.event.n
    const chain = setup({ ...gates, types: { context: {} as { n: number } } }).createMachine({
      context: { n: 0 },
      initial: 'i',
      states: {
        i: { on: { X: 'a' } },
        a: gate(before, { ...routes, continue: 'b' }),
        b: gate(before, { ...routes, continue: { target: 'yes', actions: assign({ n: read }) } }),
        yes: {},
        no: {},
      },
    })
    const always = { 'is not 2': ({ context }: { context: unknown }) => (context as { n: number }).n !== 2 }
    const { violations } = explore(chain, { events: [1, 2].map((n) => ({ type: 'X', n })), always })
    expect(violations.map(({ events }) => events.length)).toEqual([3])
  })

  test('failures that lead to it are told apart by what they say', () => {
    const machine = createMachine({
      initial: 'w',
      states: {
        w: { invoke: { id: 'work', src: 'work', onError: 'g' } },
        g: gate(failed, { ...routes, retry: 'no' }),
        yes: { type: 'final' },
        no: { type: 'final' },
      },
    }).provide({ actors: { work } })
    const events = ['late', 'lost'].map((text) => ({
      ...{ type: 'xstate.error.actor.work', error: new Error(text), actorId: 'work' },
    }))
    expect(found(machine, { events: ({ value }) => (value === 'w' ? events : []) })).toMatchObject({ states: 5 })
  })

  test('only decisions that the point hands on are tried', () => {
    const narrow = definePoint('n', { phase: 'before', decisions: ['cancel'] })
    const asking = createMachine({
      initial: 'g',
      states: { g: gate(narrow, { ...routes, replace: 'lost', retry: 'lost' }), yes: {}, no: {}, lost: {} },
    })
    expect(found(asking)).toEqual({ states: 3, deadlocks: ['yes', 'no'], ...whole, unreachable: ['lost'] })
  })

  test('a retry leads back', () => {
    const retrying = createMachine({
      initial: 'i',
      states: {
        i: { on: { X: 'w' } },
        w: { invoke: { id: 'work', src: 'work', onDone: 'g' } },
        g: gate(after, { ...routes, retry: 'again' }),
        again: { on: { X: 'w' } },
        yes: { type: 'final' },
        no: { type: 'final' },
      },
    }).provide({ actors: { work } })
    const { adjacency, unreachable, deadlocks, violations } = explore(retrying, {
      events: [{ type: 'X' }, done],
      always: { 'never again': ({ value }) => value !== 'again' },
    })
    expect([unreachable, deadlocks]).toEqual([[], []])
    expect(violations[0]?.events).toMatchObject([
      { type: 'X' },
      { type: 'xstate.done.actor.work' },
      { type: 'xstate.done.actor.0.(machine).g', output: { type: 'retry' } },
    ])
    const at = (value: string) => [...adjacency].find(([key]) => key.startsWith(`["${value}"`))
    expect([...(at('again')?.[1].values() ?? [])]).toEqual([at('w')?.[0]])
  })
})

describe('a way past a gate', () => {
  test('is taken, and is not', () => {
    const machine = setup(gates).createMachine({
      initial: 'i',
      states: {
        i: { on: { X: [{ guard: unhooked(before), target: 'past' }, { target: 'g' }] } },
        g: gate(before, routes),
        past: {},
        yes: {},
        no: {},
      },
    })
    expect(found(machine)).toEqual({ states: 5, deadlocks: ['past', 'yes', 'no'], ...whole })
  })

  test('is tried where no gate is', () => {
    const machine = setup(gates).createMachine({
      initial: 'i',
      states: { i: { on: { X: [{ guard: unhooked(before), target: 'past' }, { target: 'yes' }] } }, past: {}, yes: {} },
    })
    expect(found(machine)).toEqual({ states: 3, deadlocks: ['past', 'yes'], ...whole })
  })

  test('is tried where the machine starts', () => {
    const machine = setup(gates).createMachine({
      initial: 'i',
      states: { i: { always: [{ guard: unhooked(before), target: 'past' }, { target: 'yes' }] }, past: {}, yes: {} },
    })
    expect(found(machine)).toMatchObject({ states: 2, deadlocks: ['past', 'yes'] })
  })

  test('is taken at one point and not at the other, in the same step', () => {
    const region = (point: typeof before) => ({
      initial: 'i',
      states: { i: { on: { X: [{ guard: unhooked(point), target: 'past' }, { target: 'yes' }] } }, past: {}, yes: {} },
    })
    const machine = setup(gates).createMachine({
      type: 'parallel',
      states: { a: region(before), b: region(definePoint('p2', { phase: 'before' }) as never) },
    })
    expect(found(machine)).toMatchObject({ states: 5 })
  })

  test('an invariant that asks what can be done is told of nobody', () => {
    const on = { X: [{ guard: unhooked(before), target: 'past' }] }
    const machine = setup(gates).createMachine({
      initial: 'i',
      states: { i: { on: { X: [...on.X, { target: 'yes' }] } }, past: { on }, yes: { on } },
    })
    const always = { can: (at: AnyMachineSnapshot) => at.can({ type: 'X' }) }
    expect(explore(machine, { always })).toMatchObject({ states: 3, violations: [] })
  })
})

describe('a hooked machine', () => {
  const plain = createMachine({
    id: 'worker',
    initial: 'i',
    states: {
      i: { on: { X: 'w', REFUSED: 'told' } },
      w: { invoke: { id: 'work', src: 'work', onDone: 'yes', onError: 'no' } },
      yes: { on: { BACK: 'i' } },
      no: { on: { BACK: 'i' } },
      told: { on: { BACK: 'i' } },
    },
  }).provide({ actors: { work } })
  const events = [{ type: 'X' }, done, { type: 'BACK' }]

  test('is taken as it is written; a refusal is told where the machine wants to know', () => {
    expect(found(hooked(plain, { on: { X: { before } } }), { events })).toEqual({
      ...{ states: 3, deadlocks: [] },
      ...{ ...whole, unreachable: ['no', 'told'] },
    })
    expect(found(hooked(plain, { on: { X: { before, refused: 'REFUSED' } } }), { events })).toEqual({
      ...{ states: 5, deadlocks: [] },
      ...{ ...whole, unreachable: ['no'] },
    })
  })

  test('a refusal after an invoke is its failure', () => {
    const machine = hooked(plain, { on: { X: { after } } })
    expect(found(machine, { events })).toEqual({ states: 5, deadlocks: [], ...whole, unreachable: ['told'] })
    const { violations } = explore(machine, { events, always: { works: ({ value }) => value !== 'no' } })
    expect(violations[0]?.events).toMatchObject([
      { type: 'X' },
      // It waits, and is refused then.
      done,
      { type: 'xstate.error.actor.work', error: { code: 'HOOK_CANCELLED' } },
    ])
  })

  test('one that takes no failure is told to fail', () => {
    const machine = createMachine({
      initial: 'i',
      states: { i: { on: { X: 'w' } }, w: { invoke: { id: 'work', src: 'work', onDone: 'i' } } },
    }).provide({ actors: { work } })
    const { failures } = explore(hooked(machine, { on: { X: { after } } }), { events: [{ type: 'X' }, done] })
    expect(failures).toMatchObject([{ events: [{ type: 'X' }, done, { type: 'xstate.error.actor.work' }] }])
  })

  test('goes on while an event waits, which is refused later, unless its state was left', () => {
    const counting = setup({ types: { context: {} as { n: number } } }).createMachine({
      context: { n: 0 },
      initial: 'i',
      states: {
        i: {
          on: {
            X: { guard: ({ context }) => context.n === 0, target: 'w' },
            UP: { guard: ({ context }) => context.n === 0, actions: assign({ n: 1 }) },
            LEAVE: 'away',
            REFUSED: 'told',
          },
        },
        w: {},
        away: { on: { REFUSED: 'told' } },
        told: {},
      },
    })
    const { violations } = explore(hooked(counting, { on: { X: { before, refused: 'REFUSED' } } }), {
      events: ['X', 'UP', 'LEAVE'].map((type) => ({ type })),
      always: {
        'told in time': ({ value, context }) => value !== 'told' || (context as { n: number }).n === 0,
        'told in place': ({ value, historyValue }) => value !== 'told' || Object.keys(historyValue).length === 0,
      },
    })
    expect(violations.map(({ events: way }) => way.map(({ type }) => type))).toEqual([['X', 'UP', 'REFUSED']])
    const { adjacency } = explore(hooked(counting, { on: { X: { before, refused: 'REFUSED' } } }), {
      events: ['X', 'LEAVE'].map((type) => ({ type })),
    })
    const away = [...adjacency].filter(([key]) => key.startsWith('["away"'))
    expect(away.map(([, targets]) => targets.size)).toEqual([0])
  })

  test('is refused behind a state that it has entered, wherever it is by then', () => {
    const machine = createMachine({
      initial: 'i',
      states: { i: { on: { X: 't' } }, t: { on: { GO: 'u' } }, u: { on: { REFUSED: 'told' } }, told: {} },
    })
    const { unreachable, violations } = explore(hooked(machine, { on: { X: { after, refused: 'REFUSED' } } }), {
      events: [{ type: 'X' }, { type: 'GO' }],
      always: { 'is not told': ({ value }) => value !== 'told' },
    })
    expect(unreachable).toEqual([])
    expect(violations[0]?.events).toMatchObject([
      { type: 'X' },
      { type: 'GO' },
      { type: 'REFUSED', event: { type: 'X' } },
    ])
  })

  test('regions that share a gate’s point are let through one by one', () => {
    const region = { initial: 'i', states: { i: { on: { X: 'w' } }, w: {} } }
    const both = createMachine({ type: 'parallel', states: { a: region, b: region } })
    const values = new Set<string>()
    explore(hooked(both, { on: { X: { before } } }), {
      events: [{ type: 'X' }],
      always: { sees: ({ value }) => values.add(JSON.stringify(value)).size > 0 },
    })
    expect(values.size).toBe(4)
  })

  test('what waits must be JSON', () => {
    const given = { type: 'X', since: new Date(0) }
    const machine = hooked(plain, { on: { X: { before, refused: 'REFUSED' } } })
    expect(errorOf(() => explore(machine, { events: [given] }))).toMatchObject({
      code: 'DATA_NOT_JSON',
      message: expect.stringContaining('what waits at a gate at "0.event.since" is an instance of Date') as string,
    })
  })
})

test('a step of your own decides about gates itself', () => {
  const machine = createMachine({ initial: 'g', states: { g: gate(before, routes), yes: {}, no: {} } })
  expect(found(machine, { step: (snapshot) => snapshot })).toMatchObject({ states: 1, deadlocks: ['g'] })
})
