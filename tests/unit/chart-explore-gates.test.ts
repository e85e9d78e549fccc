/** Machines with gates, searched: hooks and what they decide are choices, whether the machine has hooks or not. */
import { explore } from 'hookchart/chart'
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import { gate, gates, unhooked } from 'hookchart/machines'
import { assign, createMachine, fromPromise, setup } from 'xstate'
import type { AnyMachineSnapshot } from 'xstate'
import { describe, expect, test } from 'vitest'
import { found, whole } from './explored.ts'

const before = definePoint('p', { phase: 'before' })
const after = definePoint('q', { phase: 'after' })
const failed = definePoint('r', { phase: 'error' })
const work = fromPromise(() => Promise.resolve())
const done = { type: 'xstate.done.actor.work', output: 1, actorId: 'work' }
const routes = { continue: 'yes', modified: 'yes', replace: 'yes', cancel: 'no', redirect: 'no' }

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

test('a step of your own decides about gates itself', () => {
  const machine = createMachine({ initial: 'g', states: { g: gate(before, routes), yes: {}, no: {} } })
  expect(found(machine, { step: (snapshot) => snapshot })).toMatchObject({ states: 1, deadlocks: ['g'] })
})
