/** What `explore` takes and refuses, and what it says of machines that fail and of data that tells nothing apart. */
import { explore } from 'hookchart/chart'
import type { ExploreOptions } from 'hookchart/chart'
import { assign, createMachine, fromPromise, setup, transition } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { describe, expect, test } from 'vitest'
import { outcomesOf } from '../support/outcomes.ts'
import { errorOf } from '../support/refusal.ts'

const work = fromPromise(() => Promise.resolve())

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
}).provide({ actors: { work } })

const events = [{ type: 'OPEN' }]

describe('explore', () => {
  const counter = setup({ types: { context: {} as { n: number }, input: {} as { from: number } } }).createMachine({
    id: 'counter',
    context: ({ input }) => ({ n: input.from }),
    on: {
      UP: { guard: ({ context }) => context.n < 5, actions: assign({ n: ({ context }) => context.n + 1 }) },
      RESET: { actions: assign({ n: 0 }) },
    },
  })
  const count = ({ context }: AnyMachineSnapshot) => (context as { n: number }).n
  const search = (options: Partial<ExploreOptions<typeof counter>>) =>
    explore(counter, { input: { from: 3 }, ...options })

  test('input: where the machine starts', async () => {
    const states = (from: number) => search({ input: { from }, events: [{ type: 'UP' }] }).states
    expect(await outcomesOf(states, 3, 5)).toEqual([3, 1])
  })

  test('events: what is tried, everywhere or here and there', async () => {
    const up: readonly EventObject[] = [{ type: 'UP' }]
    const below4 = (at: AnyMachineSnapshot) => (count(at) < 4 ? up : [])
    const states = (events: ExploreOptions['events']) => search({ ...(events !== undefined && { events }) }).states
    expect(await outcomesOf<ExploreOptions['events'], number>(states, undefined, up, below4)).toEqual([6, 3, 2])
  })

  test('always: what must hold', async () => {
    const names = (least: number) =>
      search({ always: { least: (at) => count(at) >= least } }).violations.map(({ name }) => name)
    expect(await outcomesOf(names, 0, 1)).toEqual([[], ['least']])
  })

  test('key: what tells states apart', async () => {
    const states = (by: number) => search({ key: (at) => count(at) % by }).states
    expect(await outcomesOf(states, 2, 3)).toEqual([2, 3])
  })

  test('bound.states: how many it visits', async () => {
    const visited = (states: number) => {
      const { result, states: all } = search({ bound: { states } })
      return [result, all]
    }
    expect(await outcomesOf(visited, 2, 6, Infinity)).toEqual([
      ['bounded', 2],
      ['complete', 6],
      ['complete', 6],
    ])
  })

  test('bound.depth: how far it goes', async () => {
    const visited = (depth: number) => {
      const { result, depth: most } = search({ bound: { depth } })
      return [result, most]
    }
    expect(await outcomesOf(visited, 1, 9)).toEqual([
      ['bounded', 1],
      ['complete', 3],
    ])
  })

  test('step: what takes an event', async () => {
    const transitions = (isTaken: boolean) =>
      search({ step: (at, event) => (isTaken ? transition(counter, at as never, event as never)[0] : at) }).transitions
    expect(await outcomesOf(transitions, true, false)).toEqual([11, 0])
  })
})

describe('a function among the options that throws is named with the state', () => {
  const fails = (): never => {
    throw new Error('no luck')
  }

  test.each<[string, ExploreOptions]>([
    ['events', { events: fails }],
    ['key', { key: fails }],
  ])('%s', (option, options) => {
    expect(errorOf(() => explore(door, options))).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: `explore(door): "${option}" throws in "shut": no luck. It is asked in every state.`,
      cause: { message: 'no luck' },
    })
  })
})

test('an end is tried while its actor is there, and not once it is left', () => {
  const leaving = {
    ...{ id: 'leaving', initial: 'calling' },
    states: {
      calling: { on: { LEAVE: 'left' }, invoke: { id: 'call', src: 'work', onError: 'left' } },
      left: {},
    },
  }
  // Without its source XState forgets nothing of the actor that it could not make.
  for (const machine of [createMachine(leaving), createMachine(leaving).provide({ actors: { work } })])
    expect(explore(machine)).toMatchObject({ states: 2, transitions: 2, failures: [] })
})

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
    on: { UP: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
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
    expect(explore(door, { key: ({ value }) => [value as unknown, undefined, { a: undefined }] }).states).toBe(3)
  })
})
