import { explore } from 'hookchart/chart'
import { assign, createMachine, setup } from 'xstate'
import { describe, expect, test } from 'vitest'

const counter = setup({
  types: {
    context: {} as { n: number },
    events: {} as { type: 'UP' } | { type: 'DOWN' } | { type: 'JUMP' },
    input: {} as { from: number },
  },
}).createMachine({
  id: 'counter',
  context: ({ input }) => ({ n: input.from }),
  initial: 'on',
  states: {
    on: {
      on: {
        UP: { guard: ({ context }) => context.n < 5, actions: assign({ n: ({ context }) => context.n + 1 }) },
        DOWN: { guard: ({ context }) => context.n > 0, actions: assign({ n: ({ context }) => context.n - 1 }) },
        JUMP: { guard: ({ context }) => context.n === 2, target: 'over' },
      },
    },
    over: { type: 'final' },
  },
})

const events = [{ type: 'UP' }, { type: 'DOWN' }, { type: 'JUMP' }]
const input = { from: 0 }

test('all states that can be reached, each once', () => {
  expect(explore(counter, { input, events })).toMatchObject({
    result: 'complete',
    states: 7,
    transitions: 11,
    depth: 5,
    violations: [],
    deadlocks: [],
    unreachable: [],
  })
})

test('the shortest way to where an invariant does not hold, once', () => {
  const { violations } = explore(counter, {
    input,
    events,
    always: {
      'stays small': ({ context }) => (context as { n: number }).n < 3 || 'it is 3',
      'never over': ({ status }) => status === 'active',
    },
  })
  expect(violations).toEqual([
    { name: 'stays small', problem: 'it is 3', events: [{ type: 'UP' }, { type: 'UP' }, { type: 'UP' }], value: 'on' },
    {
      name: 'never over',
      problem: 'does not hold',
      events: [{ type: 'UP' }, { type: 'UP' }, { type: 'JUMP' }],
      value: 'over',
    },
  ])
})

describe('where nothing happens any more', () => {
  const trap = createMachine({
    id: 'trap',
    initial: 'out',
    states: {
      out: { on: { IN: 'in' } },
      in: { on: { IN: { actions: () => undefined } } },
      lost: { initial: 'x', states: { x: {} } },
    },
  })

  test('is a deadlock, unless it is an end', () => {
    expect(explore(trap, { events: [{ type: 'IN' }] }).deadlocks).toEqual([
      { name: 'deadlock', problem: 'no event leads out of here', events: [{ type: 'IN' }], value: 'in' },
    ])
  })

  test('states that no way leads to are told', () => {
    expect(explore(trap, { events: [{ type: 'IN' }] }).unreachable).toEqual(['lost', 'lost.x'])
  })
})

describe('a bound', () => {
  test('of states is kept and told', () => {
    expect(explore(counter, { input, events, bound: { states: 3 } })).toMatchObject({ result: 'bounded', states: 3 })
    expect(explore(counter, { input, events, bound: { states: 7 } }).result).toBe('complete')
  })

  test('of depth is kept and told', () => {
    expect(explore(counter, { input, events, bound: { depth: 2 } })).toMatchObject({ result: 'bounded', depth: 2 })
    expect(explore(counter, { input, events, bound: { depth: 5 } }).result).toBe('complete')
  })
})

test('a key of your own makes fewer states', () => {
  const parity = explore(counter, { input, events, key: ({ context }) => (context as { n: number }).n % 2 })
  expect(parity).toMatchObject({ result: 'complete', states: 2 })
})

test('events can depend on the state', () => {
  const found = explore(counter, {
    input,
    events: ({ context }) => ((context as { n: number }).n < 2 ? [{ type: 'UP' }] : [{ type: 'JUMP' }]),
  })
  expect(found).toMatchObject({ states: 4, depth: 3, deadlocks: [] })
})

test('a step of your own is taken instead', () => {
  const found = explore(counter, { input, events, step: (snapshot) => snapshot })
  expect(found).toMatchObject({ states: 1, transitions: 0 })
})

test('a machine that cannot take an event is named with it', () => {
  const broken = createMachine({
    id: 'broken',
    initial: 'a',
    states: { a: { on: { GO: { guard: () => JSON.parse('{') as boolean, target: 'a' } } } },
  })
  expect(() => explore(broken, { events: [{ type: 'GO' }] })).toThrow(
    'explore(broken): the event {"type":"GO"} cannot be taken in "a".',
  )
})
