/** What depends on what, at which point, and the order that follows. */
import { createDependencyGraph } from 'hookchart/actors'
import type { DependencyGraph } from 'hookchart/actors'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

/** Hard dependencies, each written `from on`. */
function graphOf(...edges: string[]): DependencyGraph {
  const graph = createDependencyGraph()
  for (const edge of edges) {
    const [from, on] = edge.split(' ') as [string, string]
    graph.addDependency(from, on)
  }
  return graph
}

describe('order', () => {
  test('a diamond', () => {
    expect(graphOf('b a', 'c a', 'd b', 'd c').order()).toEqual({
      sequence: ['a', 'b', 'c', 'd'],
      phases: [['a'], ['b', 'c'], ['d']],
      warnings: [],
    })
  })

  test('nothing has no order', () => {
    expect(createDependencyGraph().order()).toEqual({ sequence: [], phases: [], warnings: [] })
  })

  test.each<[string, Record<string, number | 'high' | 'low'>, string]>([
    ['in the order added', {}, 'a b c'],
    ['the smaller priority first', { a: 1, b: 0, c: -1 }, 'c b a'],
    ['by the names of priorities', { a: 'low', b: 0, c: 'high' }, 'c b a'],
  ])('where dependencies leave a choice: %s', (_, given, expected) => {
    const graph = createDependencyGraph()
    for (const id of ['a', 'b', 'c']) graph.addNode(id, { priority: given[id] ?? 0 })
    expect(graph.order().sequence.join(' ')).toBe(expected)
  })

  test('a long one', () => {
    const graph = createDependencyGraph()
    for (let n = 1; n < 3_000; n++) graph.addNode(`n${n}`)
    for (let n = 2; n < 50; n++) graph.addDependency(`n${n - 1}`, `n${n}`)
    expect(graph.order().sequence.indexOf('n1')).toBeGreaterThan(graph.order().sequence.indexOf('n49'))
    expect(graph.order().phases).toHaveLength(49)
  })

  test('adding a node again changes its options, not its place', () => {
    const graph = createDependencyGraph()
    for (const id of ['a', 'b']) graph.addNode(id)
    graph.addNode('a', { metadata: { of: 'mine' } })
    expect(graph.order().sequence).toEqual(['a', 'b'])
    expect(graph.nodes()).toEqual([
      { id: 'a', priority: 0, metadata: { of: 'mine' } },
      { id: 'b', priority: 0, metadata: {} },
    ])
  })
})

describe('points', () => {
  test('a dependency for a point holds there; one without holds everywhere', () => {
    const graph = createDependencyGraph()
    graph.addDependency('a', 'b', { point: 'BeforeToolExecution' })
    graph.addDependency('a', 'c')
    expect(graph.order('BeforeToolExecution').sequence).toEqual(['b', 'c', 'a'])
    expect(graph.order('AfterToolExecution').phases).toEqual([['b', 'c'], ['a']])
    expect(graph.order('AfterToolExecution').sequence).toEqual(['b', 'c', 'a'])
    expect(graph.order().phases).toEqual([['b', 'c'], ['a']])
  })

  test('a node takes part at its points, and where somebody says what it depends on', () => {
    const graph = createDependencyGraph()
    graph.addNode('a', { points: ['AgentError'] })
    graph.addNode('b', { points: ['AgentPaused'] })
    graph.addNode('c')
    expect(graph.order('AgentError').sequence).toEqual(['a', 'c'])
    expect(graph.order('AgentPaused').sequence).toEqual(['b', 'c'])
    graph.addDependency('c', 'a', { point: 'AgentPaused' })
    expect(graph.order('AgentPaused').sequence).toEqual(['a', 'b', 'c'])
  })

  test('what takes no part still keeps those apart that it stands between', () => {
    const graph = createDependencyGraph()
    graph.addNode('between', { points: [] })
    graph.addDependency('last', 'between')
    graph.addDependency('between', 'first')
    expect(graph.order('AgentError').phases).toEqual([['first'], ['last']])
  })

  test('several dependencies between the same two are told apart', () => {
    const graph = createDependencyGraph()
    graph.addDependency('a', 'b', { point: 'AgentError', reason: 'x' })
    graph.addDependency('a', 'b', { point: 'AgentPaused' })
    graph.addDependency('a', 'b', { point: 'AgentError', reason: 'y' })
    expect(graph.dependencies()).toEqual([
      { from: 'a', on: 'b', point: 'AgentError', hard: true, reason: 'y' },
      { from: 'a', on: 'b', point: 'AgentPaused', hard: true },
    ])
    expect(graph.removeDependency('a', 'b', 'AgentError')).toBe(true)
    expect(graph.removeDependency('a', 'b', 'AgentError')).toBe(false)
    expect(graph.order('AgentPaused').sequence).toEqual(['b', 'a'])
    expect(graph.removeDependency('a', 'b')).toBe(true)
    expect(graph.dependencies()).toEqual([])
  })
})

describe('circles', () => {
  test('a dependency that closes one is refused with the path, and nothing has changed', () => {
    const graph = graphOf('b a', 'c b')
    const before = JSON.stringify([graph.nodes(), graph.dependencies(), graph.order()])
    const error = errorOf(() => {
      graph.addDependency('a', 'c')
    })
    expect(error).toMatchObject({
      code: 'GRAPH_CYCLE',
      message: expect.stringContaining('a → c → b → a would depend on each other in a circle'),
      details: { where: 'graph.addDependency', path: ['a', 'c', 'b', 'a'] },
    })
    expect(JSON.stringify([graph.nodes(), graph.dependencies(), graph.order()])).toBe(before)
  })

  test('also of one node, across points, and of a soft one that becomes hard', () => {
    const path = (call: () => void) => errorOf(call).details['path']
    const graph = createDependencyGraph()
    expect(
      path(() => {
        graph.addDependency('a', 'a', { hard: false })
      }),
    ).toEqual(['a', 'a'])
    expect(graph.nodes()).toEqual([])
    graph.addDependency('a', 'b', { point: 'AgentError' })
    expect(
      path(() => {
        graph.addDependency('b', 'a', { point: 'AgentPaused' })
      }),
    ).toEqual(['b', 'a', 'b'])
    graph.addDependency('b', 'a', { hard: false })
    expect(
      path(() => {
        graph.addDependency('b', 'a')
      }),
    ).toEqual(['b', 'a', 'b'])
  })

  test('those that soft dependencies close are found', () => {
    const graph = graphOf('a b')
    expect(graph.detectCycles()).toEqual([])
    graph.addDependency('b', 'a', { hard: false })
    graph.addDependency('c', 'd', { hard: false })
    graph.addDependency('d', 'c', { hard: false })
    expect(graph.detectCycles()).toEqual([
      ['a', 'b', 'a'],
      ['c', 'd', 'c'],
    ])
  })
})

describe('soft dependencies', () => {
  test('constrain nothing, and warn where the order goes against them', () => {
    const graph = graphOf('b a')
    graph.addDependency('a', 'b', { hard: false, point: 'AgentError', reason: 'a is cheaper then' })
    graph.addDependency('b', 'c', { hard: false })
    graph.addDependency('c', 'a', { hard: false })
    const { sequence, warnings } = graph.order()
    expect(sequence).toEqual(['a', 'b', 'c'])
    expect(warnings).toEqual([
      {
        from: 'a',
        on: 'b',
        hard: false,
        point: 'AgentError',
        reason: 'a is cheaper then',
        message: '"a" comes before "b", on which it softly depends at AgentError: a is cheaper then',
      },
      { from: 'c', on: 'a', hard: false, message: '"c" may run at the same time as "a", on which it softly depends' },
    ])
    expect(graph.order('AgentPaused').warnings.map(({ from }) => from)).toEqual(['c'])
  })
})

describe('removing', () => {
  test('a node goes with its dependencies', () => {
    const graph = graphOf('b a', 'c b')
    expect(graph.removeNode('b')).toBe(true)
    expect(graph.removeNode('b')).toBe(false)
    expect(graph.order().phases).toEqual([['a', 'c']])
  })

  test('what was refused for a circle is taken when that is gone', () => {
    const graph = graphOf('b a')
    graph.removeDependency('b', 'a')
    graph.addDependency('a', 'b')
    expect(graph.order().sequence).toEqual(['b', 'a'])
  })
})

test.each<[string, (graph: DependencyGraph) => unknown]>([
  ['an empty id', (graph) => graph.addNode('')],
  ['an unknown option of a node', (graph) => graph.addNode('a', { prio: 1 } as never)],
  ['an unknown priority', (graph) => graph.addNode('a', { priority: 'urgent' as never })],
  ['metadata that is no JSON', (graph) => graph.addNode('a', { metadata: { at: new Date(0) } })],
  ['an id that is no text', (graph) => graph.addDependency('a', 1 as never)],
  ['an unknown option of a dependency', (graph) => graph.addDependency('a', 'b', { soft: true } as never)],
  ['an empty point', (graph) => graph.order('')],
])('%s is refused', (_, call) => {
  const graph = createDependencyGraph()
  expect(errorOf(() => call(graph)).code).toBe('INVALID_OPTIONS')
  expect(graph.nodes()).toEqual([])
})
