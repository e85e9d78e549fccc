/** Machines with gates, searched: hooks and what they decide are choices, whether the machine has hooks or not. */
import { explore } from 'hookchart/chart'
import type { ExploreOptions } from 'hookchart/chart'
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import { gate, gates, hooked, unhooked } from 'hookchart/machines'
import { assign, createMachine, setup } from 'xstate'
import type { AnyStateMachine } from 'xstate'
import { describe, expect, test } from 'vitest'

const before = definePoint('p', { phase: 'before' })
const after = definePoint('q', { phase: 'after' })
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
    expect(found(ring)).toEqual({ states: 5, deadlocks: ['yes', 'no'], ...whole })
  })

  test('a retry leads back', () => {
    const retrying = createMachine({
      initial: 'w',
      states: {
        w: { invoke: { id: 'work', src: 'work', onDone: 'g' } },
        g: gate(after, { ...routes, retry: 'again' }),
        again: { always: 'w' },
        yes: {},
        no: {},
      },
    })
    expect(found(retrying)).toMatchObject({ deadlocks: ['yes', 'no'], unreachable: ['again'] })
    expect(explore(retrying, { always: { once: ({ value }) => value !== 'w' || true } }).result).toBe('complete')
  })
})

test('a way past a gate is taken, and is not', () => {
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
  })
  const done = { type: 'xstate.done.actor.work', output: 1, actorId: 'work' }
  const events = [{ type: 'X' }, done, { type: 'BACK' }]

  test('is taken as it is written; a refusal is told where the machine wants to know', () => {
    expect(found(hooked(plain, { on: { X: { before } } }), { events })).toEqual({
      ...{ states: 3, deadlocks: [] },
      ...{ ...whole, unreachable: ['no', 'told'] },
    })
    expect(found(hooked(plain, { on: { X: { before, refused: 'REFUSED' } } }), { events })).toEqual({
      ...{ states: 4, deadlocks: [] },
      ...{ ...whole, unreachable: ['no'] },
    })
  })

  test('a refusal after an invoke is its failure', () => {
    const machine = hooked(plain, { on: { X: { after } } })
    expect(found(machine, { events })).toEqual({ states: 4, deadlocks: [], ...whole, unreachable: ['told'] })
    const { violations } = explore(machine, { events, always: { works: ({ value }) => value !== 'no' } })
    expect(violations[0]?.events).toMatchObject([
      { type: 'X' },
      { type: 'xstate.error.actor.work', error: { code: 'HOOK_CANCELLED' } },
    ])
  })

  test('one that takes no failure is told to fail', () => {
    const machine = createMachine({
      initial: 'i',
      states: { i: { on: { X: 'w' } }, w: { invoke: { id: 'work', src: 'work', onDone: 'i' } } },
    })
    const { failures } = explore(hooked(machine, { on: { X: { after } } }), { events: [{ type: 'X' }, done] })
    expect(failures).toMatchObject([{ events: [{ type: 'X' }, { type: 'xstate.error.actor.work' }] }])
  })
})

test('a step of your own decides about gates itself', () => {
  const machine = createMachine({ initial: 'g', states: { g: gate(before, routes), yes: {}, no: {} } })
  expect(found(machine, { step: (snapshot) => snapshot })).toMatchObject({ states: 1, deadlocks: ['g'] })
})
