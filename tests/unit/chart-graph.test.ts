import { explore, toGraph, toMermaid } from 'hookchart/chart'
import { conditionalMachine, parallel, parallelMachine, step } from 'hookchart/machines'
import { and, assign, createMachine, not, or, setup, stateIn } from 'xstate'
import { describe, expect, test } from 'vitest'

const rich = setup({
  types: {
    context: {} as { n: number },
    events: {} as { type: 'GO' } | { type: 'UP'; by: number } | { type: 'BACK' },
  },
  actions: { log: () => undefined, beep: (_, _params: { times: number }) => undefined },
  guards: { ready: () => true, big: (_, _params: { from: number }) => true },
  delays: { 'a.while': 10 },
  actors: {},
}).createMachine({
  id: 'rich',
  version: '2',
  context: { n: 0 },
  initial: 'idle',
  on: { BACK: '.idle' },
  states: {
    idle: {
      description: 'waits',
      tags: ['quiet'],
      entry: 'log',
      exit: [{ type: 'beep', params: { times: 2 } }, assign({ n: 1 })],
      on: {
        GO: [
          { guard: and(['ready', not('ready'), or(['ready', stateIn('idle')])]), target: 'work', actions: 'log' },
          { guard: { type: 'big', params: { from: 3 } }, target: 'done' },
        ],
        UP: { actions: 'log' },
      },
      after: { 'a.while': { target: 'work', reenter: true }, 500: 'done' },
    },
    work: {
      type: 'parallel',
      states: { a: { initial: 'one', states: { one: {}, back: { type: 'history', history: 'deep' } } }, b: {} },
      always: { guard: 'ready', target: 'done' },
      onDone: 'done',
    },
    done: { type: 'final', meta: { why: 'over' } },
  },
})

const node = (id: string) => toGraph(rich).nodes.find((each) => each.id === id)
const edges = (source: string) => toGraph(rich).edges.filter((each) => each.source === source)

test('states, parents first and in the order in which they are written', () => {
  expect(toGraph(rich)).toMatchObject({ id: 'rich', version: '2' })
  expect(toGraph(rich).nodes.map(({ id, parent, type }) => [id, parent, type])).toEqual([
    ['rich', undefined, 'compound'],
    ['idle', 'rich', 'atomic'],
    ['work', 'rich', 'parallel'],
    ['work.a', 'work', 'compound'],
    ['work.a.one', 'work.a', 'atomic'],
    ['work.a.back', 'work.a', 'history'],
    ['work.b', 'work', 'atomic'],
    ['done', 'rich', 'final'],
  ])
})

test('what hangs on a state', () => {
  expect(node('idle')).toMatchObject({ key: 'idle', description: 'waits', tags: ['quiet'], initial: [] })
  expect(node('idle')).toMatchObject({ entry: ['log'], exit: ['beep(times=2)', 'xstate.assign'] })
  expect(node('rich')?.initial).toEqual(['idle'])
  expect(node('work')?.initial).toEqual(['work.a', 'work.b'])
  expect([node('work.a.back')?.history, node('idle')?.history]).toEqual(['deep', undefined])
  expect(node('done')?.meta).toEqual({ why: 'over' })
})

test('invokes, and what follows from their end', () => {
  const graph = toGraph(
    createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { invoke: { id: 'call', src: 'model', onDone: 'b', onError: { actions: 'log' } } }, b: {} },
    }),
  )
  expect(graph.nodes[1]?.invokes).toEqual([{ id: 'call', src: 'model' }])
  expect(graph.edges.map(({ kind, event, targets }) => [kind, event, targets])).toEqual([
    ['done', 'call', ['b']],
    ['error', 'call', []],
  ])
})

test('a machine that is called like one of its states is told from it', () => {
  const lamp = createMachine({ id: 'on', initial: 'on', states: { on: { on: { FLIP: 'off' } }, off: {} } })
  const { id, nodes, edges } = toGraph(lamp)
  expect([id, nodes.map((node) => [node.id, node.parent])]).toEqual([
    'on',
    [
      ['on (machine)', undefined],
      ['on', 'on (machine)'],
      ['off', 'on (machine)'],
    ],
  ])
  expect(edges[0]).toMatchObject({ source: 'on', targets: ['off'] })
})

describe('transitions', () => {
  test('of events, with guards as they are written', () => {
    expect(edges('idle').filter(({ kind }) => kind === 'event')).toEqual([
      {
        id: 'idle#0',
        source: 'idle',
        targets: ['work'],
        kind: 'event',
        event: 'GO',
        gates: [],
        guard: '(ready && !ready && (ready || in idle))',
        actions: ['log'],
        reenter: false,
      },
      expect.objectContaining({ id: 'idle#1', targets: ['done'], guard: 'big(from=3)' }),
      expect.objectContaining({ id: 'idle#2', targets: [], event: 'UP', guard: undefined }),
    ])
  })

  test('of time, of ends, and always', () => {
    expect(edges('idle').filter(({ kind }) => kind === 'after')).toMatchObject([
      { event: '500', targets: ['done'] },
      { event: 'a.while', targets: ['work'], reenter: true },
    ])
    expect(edges('work')).toMatchObject([
      { kind: 'done', event: 'rich.work', targets: ['done'] },
      { kind: 'always', event: '', guard: 'ready', targets: ['done'] },
    ])
    expect(edges('rich')).toMatchObject([{ kind: 'event', event: 'BACK', targets: ['idle'] }])
  })

  test('each has an id of its own', () => {
    const ids = toGraph(rich).edges.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test.each([
  ['toGraph', toGraph],
  ['toMermaid', toMermaid],
  ['explore', (machine: never) => explore(machine, { events: [] })],
])('%s of what is no machine says what to do', (where, draw) => {
  expect(() => draw(conditionalMachine as never)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTIONS',
      message: `${where}: the machine is the function "conditionalMachine". Call it first: it makes a machine.`,
    }),
  )
  for (const [given, name] of [
    [undefined, 'undefined'],
    [{}, 'an object'],
    ['lamp', '"lamp"'],
  ] as const)
    expect(() => draw(given as never)).toThrow(`${where}: the machine is ${name}. Give what createMachine gave.`)
})

test.each([
  [{ nodes: [] }, '"nodes" is no list with a root'],
  [{ nodes: 'lamp', edges: [] }, '"nodes" is no list with a root'],
  [{ nodes: toGraph(rich).nodes }, '"edges" is no list'],
])('toMermaid of what is no graph says what is wrong: %#', (graph, problem) => {
  const error = expect.objectContaining({
    code: 'INVALID_OPTIONS',
    message: `toMermaid: the graph's ${problem}. Give what toGraph gave.`,
  })
  expect(() => toMermaid(graph as never)).toThrow(error)
})

test('labels have no blank at their end', () => {
  const fork = parallel({ name: 'fork', branches: [{ name: 'only', steps: [step.run('one', () => 1)] }] })
  const { edges, nodes } = toGraph(parallelMachine(fork) as never)
  const labels = [...edges.map(({ event }) => event), ...nodes.flatMap(({ invokes }) => invokes.map(({ id }) => id))]
  expect(labels.filter((label) => label !== label.trim())).toEqual([])
  expect(labels).toContain('gate')
})
