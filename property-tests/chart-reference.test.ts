/** Charts against `@xstate/graph`: the same states, the same transitions, on shipped machines and on random ones. */
import { getAdjacencyMap, toDirectedGraph } from '@xstate/graph'
import type { DirectedGraphNode } from '@xstate/graph'
import fc from 'fast-check'
import * as chart from 'hookchart/chart'
import { breakerMachine, sheddingMachine } from 'hookchart/machines'
import { expect } from 'vitest'
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject } from 'xstate'
import { testLawOf } from './support/law.ts'
import { machineOf, randomState } from './support/random-machine.ts'
import { fullKey, searched } from './support/searched-machines.ts'
import type { Searched } from './support/searched-machines.ts'

type Adjacency = Readonly<Record<string, Readonly<Record<string, string>>>>

/** JSON with sorted keys. */
function textOf(thing: unknown): string {
  return JSON.stringify(thing, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

interface Reached {
  readonly event: EventObject
  readonly state: unknown
}

/** What the other explorer finds: from each state what each event leads to that does anything. */
function theirs({ machine, input, events, key }: Searched): { readonly states: number; readonly adjacency: Adjacency } {
  const serializeState = (snapshot: unknown) => textOf(key(snapshot as AnyMachineSnapshot))
  const map = getAdjacencyMap(machine, {
    input,
    events: events as never,
    serializeState: serializeState as never,
    stopWhen: (snapshot) => snapshot.status !== 'active',
  })
  const active = Object.entries(map).filter(([, { state }]) => state.status === 'active')
  const adjacency = Object.fromEntries(
    active.map(([from, { state, transitions }]) => [
      from,
      Object.fromEntries(
        Object.values(transitions as Readonly<Record<string, Reached>>)
          .filter((each) => each.state !== state)
          .map((each) => [textOf(each.event), serializeState(each.state)]),
      ),
    ]),
  )
  return { states: Object.keys(map).length, adjacency }
}

function ours({ explore }: typeof chart, { machine, input, events, key }: Searched): Adjacency {
  const { adjacency } = explore(machine, { input: input as never, events, key })
  return Object.fromEntries([...adjacency].map(([from, targets]) => [from, Object.fromEntries(targets)]))
}

const sameStates = (subject: typeof chart) =>
  fc.property(searched, (given) => {
    const expected = theirs(given)
    expect(ours(subject, { ...given, key: (snapshot) => JSON.parse(textOf(given.key(snapshot))) as unknown })).toEqual(
      expected.adjacency,
    )
    if (given.key !== fullKey) return
    const { states, transitions, result } = subject.explore(given.machine, { events: given.events })
    const targets = Object.values(expected.adjacency).flatMap((each) => Object.values(each))
    expect(result).toBe('complete')
    expect(states).toBe(expected.states)
    expect(transitions).toBe(targets.length)
  })

interface Arrow {
  readonly source: string
  readonly target: string
  readonly event: string
}

const byText = (arrows: readonly Arrow[]) => arrows.map((arrow) => textOf(arrow)).sort()
/** The root has no name that a state could have. */
const idOf = ({ path }: AnyStateNode) => (path.length === 0 ? '' : path.join('.'))

/** The arrows that the other library draws, and the eventless ones, which it leaves out. */
function arrowsOf(node: DirectedGraphNode): Arrow[] {
  const { stateNode, edges, children } = node
  const always = (stateNode.always ?? []).flatMap(({ target = [] }) =>
    target.map((to) => ({ source: idOf(stateNode), target: idOf(to), event: '' })),
  )
  const drawn = edges
    .filter(({ transition }) => transition.target !== undefined)
    .map(({ source, target, label }) => ({ source: idOf(source), target: idOf(target), event: label.text }))
  return [...drawn, ...always, ...children.flatMap(arrowsOf)]
}

const nodesOf = ({ stateNode, children }: DirectedGraphNode): string[] => [
  idOf(stateNode),
  ...children.flatMap(nodesOf),
]

/** What an event is called in a graph of ours. */
const plain = (event: string) => event.replace(/^xstate\.done\.state\./, '')

const machine = fc.oneof(fc.constantFrom<AnyStateMachine>(breakerMachine, sheddingMachine), {
  weight: 8,
  arbitrary: randomState.map(machineOf),
})

const sameGraph = ({ toGraph, toMermaid }: typeof chart) =>
  fc.property(machine, (given) => {
    const directed = toDirectedGraph(given)
    const graph = toGraph(given)
    const root = graph.nodes[0]!.id
    const named = (id: string) => (id === root ? '' : id)
    expect(graph.nodes.map(({ id }) => named(id)).sort()).toEqual(nodesOf(directed).sort())
    const expected = arrowsOf(directed).map((arrow) => ({ ...arrow, event: plain(arrow.event) }))
    const arrows = graph.edges.flatMap(({ source, targets, event }) =>
      targets.map((target) => ({ source: named(source), target: named(target), event })),
    )
    expect(byText(arrows)).toEqual(byText(expected))
    const top = graph.nodes.filter(({ parent }) => parent === root).map(({ id }) => id)
    const drawn = expected.flatMap((arrow) =>
      (arrow.source === '' ? top : [arrow.source]).map((source) =>
        [source, arrow.target].map((id) => id.replaceAll('.', '_')).join(' --> '),
      ),
    )
    const lines = toMermaid(given).split('\n')
    const found = lines.flatMap((line) => /^ *(?<arrow>\w+ --> \w+)(?:: |$)/.exec(line)?.groups?.['arrow'] ?? [])
    expect(found.sort()).toEqual(drawn.sort())
  })

const EXPLORE = 'src/chart/search.ts'

testLawOf(
  chart,
  'src/chart/index.ts',
  'explore finds the states and transitions that @xstate/graph finds',
  sameStates,
  [
    {
      name: 'history tells no states apart',
      file: 'src/chart/state-key.ts',
      from: '[value, context as unknown, history, status]',
      to: '[value, context as unknown, status]',
    },
    {
      name: 'an end is searched as well',
      file: EXPLORE,
      from: "if (at.snapshot.status !== 'active') continue",
      to: '',
    },
    {
      name: 'what leads back is no transition',
      file: EXPLORE,
      from: 'const key = this.#moves.keyOf(to)',
      to: 'const key = this.#moves.keyOf(to)\n      if (key === at.key) continue',
    },
    {
      name: 'the last event is forgotten',
      file: 'src/chart/moves.ts',
      from: '() => this.#options.eventsIn(snapshot))',
      to: '() => this.#options.eventsIn(snapshot).slice(0, 3))',
    },
  ],
  // A search takes up to a second.
  { numRuns: 60 },
)

testLawOf(chart, 'src/chart/index.ts', 'graph and diagram have the arrows that @xstate/graph has', sameGraph, [
  {
    name: 'only the first transition of an event',
    file: 'src/chart/graph.ts',
    from: '[...node.transitions.values()].flat()',
    to: '[...node.transitions.values()].map((each) => each[0]!)',
  },
  {
    name: 'eventless transitions are left out',
    file: 'src/chart/graph.ts',
    from: ', ...(node.always ?? [])]',
    to: ']',
  },
  {
    name: 'only the first target is drawn',
    file: 'src/chart/mermaid.ts',
    from: '      edge.targets.map((target)',
    to: '      edge.targets.slice(0, 1).map((target)',
  },
  {
    name: 'what the root does is not drawn',
    file: 'src/chart/mermaid.ts',
    from: '? (this.#children.get(this.#root.id) ?? []).map(({ id }) => id)',
    to: '? []',
  },
])
