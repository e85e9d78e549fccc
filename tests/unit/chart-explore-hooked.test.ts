/** Hooked machines, searched: what their gates let through, refuse and keep waiting is a choice. */
import { explore } from 'hookchart/chart'
import { definePoint } from 'hookchart/hooks'
import { hooked } from 'hookchart/machines'
import { assign, createMachine, fromPromise, setup } from 'xstate'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'
import { found, whole } from './explored.ts'

const before = definePoint('p', { phase: 'before' })
const after = definePoint('q', { phase: 'after' })
const work = fromPromise(() => Promise.resolve())
const done = { type: 'xstate.done.actor.work', output: 1, actorId: 'work' }

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
