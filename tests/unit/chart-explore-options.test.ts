/** What `explore` takes and refuses, and what it says of machines that fail and of data that tells nothing apart. */
import { explore } from 'hookchart/chart'
import { assign, createMachine } from 'xstate'
import type { AnyStateMachine } from 'xstate'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

const door = createMachine({
  id: 'door',
  initial: 'shut',
  states: {
    shut: { on: { OPEN: 'open' } },
    open: {
      on: { SHUT: 'shut', 'any.*': 'shut' },
      after: { 10: 'shut' },
      invoke: { id: 'call', src: 'work', onError: 'broken' },
    },
    broken: {},
  },
})

const events = [{ type: 'OPEN' }]

describe('refused', () => {
  test.each<[string, unknown, string]>([
    ['an unknown option', { events, foo: 1 }, 'unknown option "foo"'],
    ['an unknown bound', { events, bound: { state: 1 } }, 'unknown option "state"'],
    ['states: NaN', { bound: { states: NaN } }, '"bound.states": expected a whole number of at least 1'],
    ["states: 'x'", { bound: { states: 'x' } }, '"bound.states"'],
    ['states: 0', { bound: { states: 0 } }, '"bound.states"'],
    ['states: 1.5', { bound: { states: 1.5 } }, '"bound.states"'],
    ['depth: -1', { bound: { depth: -1 } }, '"bound.depth": expected a whole number of at least 0'],
    ['an invariant that is none', { always: { x: 1 } }, '"always.x": expected a function'],
    ['a key that is none', { key: 1 }, '"key": expected a function'],
    ['a step that is none', { step: 1 }, '"step": expected a function'],
    ['events that are none', { events: 1 }, '"events": expected a list of events'],
    ['an event without a type', { events: [{ type: 'A' }, {}] }, '"events.1": expected an event'],
    ['a function that gives no list', { events: () => 'OPEN' }, '"events": expected a list of events'],
    ['null', null, 'expected object'],
  ])('%s', (_, options, message) => {
    const error = errorOf(() => explore(door, options as never))
    expect([error.code, error.message]).toEqual(['INVALID_OPTIONS', expect.stringContaining('explore(door): ')])
    expect(error.message).toContain(message)
  })
})

test('without events each type that the machine names is tried, ends and delays too', () => {
  const { states, transitions, deadlocks, unreachable } = explore(door)
  expect({ states, transitions, unreachable }).toEqual({ states: 3, transitions: 4, unreachable: [] })
  expect(deadlocks).toMatchObject([
    { value: 'broken', events: [{ type: 'OPEN' }, { type: 'xstate.error.actor.call' }] },
  ])
})

test('without a bound there is one; Infinity is none', () => {
  const counting = createMachine({
    context: { n: 0 },
    on: { UP: { actions: assign({ n: ({ context }) => (context as { n: number }).n + 1 }) } },
  })
  expect(explore(counting, { bound: { states: 10 } })).toMatchObject({ result: 'bounded', states: 10 })
  expect(explore(door, { bound: { states: Infinity, depth: Infinity } }).result).toBe('complete')
})

describe('a machine that fails', () => {
  const fails = (): never => {
    throw new Error('no luck')
  }

  test.each<[string, AnyStateMachine]>([
    ['making its context', createMachine({ id: 'm', context: fails })],
    [
      'in its first step',
      createMachine({ id: 'm', initial: 'a', states: { a: { always: { guard: fails, target: 'a' } } } }),
    ],
  ])('at its start is refused: %s', (_, machine) => {
    expect(errorOf(() => explore(machine))).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: 'explore(m): the machine fails when it starts: no luck. Give it the input that it needs.',
      cause: { message: 'no luck' },
    })
  })

  test('on the way is told, with the way', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { invoke: { id: 'call', src: 'work', onDone: 'a' } } },
    })
    const error = { type: 'xstate.error.actor.call', error: new Error('no luck'), actorId: 'call' }
    const found = explore(machine, { events: ({ value }) => [{ type: 'GO' }, ...(value === 'b' ? [error] : [])] })
    expect(found.failures).toEqual([
      { name: 'failed', problem: 'no luck', events: [{ type: 'GO' }, error], value: 'b' },
    ])
    expect([found.states, explore(machine).failures.length, explore(door).failures]).toEqual([3, 0, []])
  })
})

test('an invariant that throws is a violation, with the way there', () => {
  const { violations, states } = explore(door, {
    events: [{ type: 'OPEN' }, { type: 'SHUT' }],
    always: {
      reads: ({ value }) => {
        if (value === 'open') throw new Error('no luck')
        return true
      },
      'says nothing': (() => undefined) as never,
    },
  })
  expect([states, violations]).toEqual([
    2,
    [
      { name: 'says nothing', problem: 'does not hold', events: [], value: 'shut' },
      { name: 'reads', problem: 'threw: no luck', events: [{ type: 'OPEN' }], value: 'open' },
    ],
  ])
})

describe('what tells no states apart is refused by name', () => {
  test.each<[string, unknown, string]>([
    ['a set', { of: new Set([1]) }, 'the context at "of" is an instance of Set'],
    ['a map', { in: { side: new Map() } }, 'the context at "in.side" is an instance of Map'],
    ['a date', { since: [new Date(0)] }, 'the context at "since.0" is an instance of Date'],
    ['a function', { call: () => 1 }, 'the context at "call" is a function'],
    ['what is no number', { n: NaN }, 'the context at "n" is NaN'],
  ])('%s', (_, context, message) => {
    const machine = createMachine({ id: 'm', context: context as object, on: { GO: {} } })
    expect(errorOf(() => explore(machine))).toMatchObject({
      code: 'DATA_NOT_JSON',
      message: `explore(m): ${message}, and tells no states apart. Say by "key" what does, as JSON.`,
    })
    expect(explore(machine, { key: () => 1 }).states).toBe(1)
  })

  test('a key', () => {
    expect(errorOf(() => explore(door, { key: () => new Set() }))).toMatchObject({
      code: 'DATA_NOT_JSON',
      message: expect.stringContaining('explore(door): the key is an instance of Set') as string,
    })
    expect(explore(door, { key: ({ value }) => [value, undefined, { a: undefined }] }).states).toBe(3)
  })
})
