/** The dependency graph gives what a reference gives that is as plain as can be: it looks at everything again for each step. */
import fc from 'fast-check'
import * as real from 'hookchart/actors'
import type { DependencyOrder } from 'hookchart/actors'
import { isHookchartError } from 'hookchart'
import { expect } from 'vitest'
import { testLawOf } from './support/law.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const id = fc.constantFrom(...IDS)
const point = fc.constantFrom('before', 'after', undefined)

type Step =
  | { readonly do: 'node'; readonly id: string; readonly priority: number; readonly points: string[] | undefined }
  | {
      readonly do: 'depend'
      readonly from: string
      readonly on: string
      readonly point?: string
      readonly hard: boolean
    }
  | { readonly do: 'drop'; readonly from: string; readonly on: string; readonly point?: string }
  | { readonly do: 'remove'; readonly id: string }

const depend = { from: id, on: id, point }
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('depend'), ...depend, hard: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('node'),
      id,
      priority: fc.constantFrom(-1, 0, 0, 1),
      points: fc.option(fc.subarray(['before', 'after']), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop'), ...depend }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), id }) },
) as fc.Arbitrary<Step>

interface Node {
  readonly id: string
  priority: number
  points: string[] | undefined
}
interface Edge {
  readonly from: string
  readonly on: string
  readonly point: string | undefined
  readonly hard: boolean
}

class Reference {
  readonly nodes: Node[] = []
  edges: Edge[] = []

  add(name: string): Node {
    let node = this.nodes.find((each) => each.id === name)
    if (node === undefined) this.nodes.push((node = { id: name, priority: 0, points: undefined }))
    return node
  }

  /** Whether one can be reached from another by what they depend on. */
  reaches(from: string, to: string, edges: readonly Edge[], seen: readonly string[] = []): boolean {
    if (from === to) return true
    if (seen.includes(from)) return false
    return edges.some((each) => each.from === from && this.reaches(each.on, to, edges, [...seen, from]))
  }

  order(at: string | undefined): Pick<DependencyOrder, 'sequence' | 'phases'> & { readonly against: Edge[] } {
    const edges = this.edges.filter((each) => at === undefined || each.point === undefined || each.point === at)
    const hard = edges.filter((each) => each.hard)
    const taking = this.nodes.filter(
      (node) =>
        at === undefined ||
        node.points === undefined ||
        node.points.includes(at) ||
        edges.some((each) => each.point === at && (each.from === node.id || each.on === node.id)),
    )
    const whole: Node[] = []
    while (whole.length < this.nodes.length) {
      const ready = this.nodes.filter(
        (node) =>
          !whole.includes(node) && hard.every((e) => e.from !== node.id || whole.some((done) => done.id === e.on)),
      )
      const least = Math.min(...ready.map((node) => node.priority))
      whole.push(ready.find((node) => node.priority === least)!)
    }
    const sequence = whole.filter((node) => taking.includes(node)).map((node) => node.id)
    const level = (name: string): number => {
      const under = taking.filter((node) => node.id !== name && this.reaches(name, node.id, hard))
      return under.length === 0 ? 0 : 1 + Math.max(...under.map((node) => level(node.id)))
    }
    const phases: string[][] = []
    for (const name of sequence) (phases[level(name)] ??= []).push(name)
    const against = edges.filter(
      (e) => !e.hard && sequence.includes(e.from) && sequence.includes(e.on) && level(e.on) >= level(e.from),
    )
    return { sequence, phases, against }
  }
}

const law = ({ createDependencyGraph }: typeof real) =>
  fc.property(fc.array(step, { maxLength: 25, size: 'max' }), (steps) => {
    const graph = createDependencyGraph()
    const reference = new Reference()
    for (const each of steps) {
      switch (each.do) {
        case 'node': {
          const { priority, points } = each
          graph.addNode(each.id, { priority, ...(points && { points }) })
          Object.assign(reference.add(each.id), { priority, points })
          break
        }
        case 'depend': {
          const { from, on, hard } = each
          const closes =
            from === on ||
            (hard &&
              reference.reaches(
                on,
                from,
                reference.edges.filter((e) => e.hard),
              ))
          const before = JSON.stringify([graph.nodes(), graph.dependencies()])
          try {
            graph.addDependency(from, on, { hard, ...(each.point !== undefined && { point: each.point }) })
            expect(closes).toBe(false)
          } catch (error) {
            if (!isHookchartError(error, 'GRAPH_CYCLE')) throw error
            expect(closes).toBe(true)
            const path = error.details['path'] as string[]
            expect([path[0], path[1], path.at(-1)]).toEqual([from, on, from])
            expect(JSON.stringify([graph.nodes(), graph.dependencies()])).toBe(before)
          }
          if (closes) break
          reference.add(from)
          reference.add(on)
          const edge = { from, on, point: each.point, hard }
          const same = (e: Edge) => e.from === from && e.on === on && e.point === each.point
          if (reference.edges.some(same)) reference.edges = reference.edges.map((e) => (same(e) ? edge : e))
          else reference.edges.push(edge)
          break
        }
        case 'drop': {
          const { from, on } = each
          const gone = (e: Edge) =>
            e.from === from && e.on === on && (each.point === undefined || e.point === each.point)
          expect(graph.removeDependency(from, on, each.point)).toBe(reference.edges.some(gone))
          reference.edges = reference.edges.filter((e) => !gone(e))
          break
        }
        case 'remove': {
          const index = reference.nodes.findIndex((node) => node.id === each.id)
          expect(graph.removeNode(each.id)).toBe(index >= 0)
          if (index >= 0) reference.nodes.splice(index, 1)
          reference.edges = reference.edges.filter(({ from, on }) => from !== each.id && on !== each.id)
        }
      }
      for (const at of [undefined, 'before', 'after']) {
        const { warnings, ...order } = graph.order(at)
        const { against, ...expected } = reference.order(at)
        expect(order).toEqual(expected)
        expect(warnings.map(({ from, on, point: of }) => [from, on, of])).toEqual(
          against.map(({ from, on, point: of }) => [from, on, of]),
        )
      }
      const inCircle = reference.edges.some(({ from, on }) => reference.reaches(on, from, reference.edges))
      expect(graph.detectCycles().length > 0).toBe(inCircle)
      for (const path of graph.detectCycles()) {
        expect(path[0]).toBe(path.at(-1))
        for (const [i, from] of path.slice(0, -1).entries())
          expect(reference.edges.some((e) => e.from === from && e.on === path[i + 1])).toBe(true)
      }
    }
  })

const GRAPH = 'actors/coordinator/dependency-graph.ts'

testLawOf(real, 'actors/index.ts', 'the dependency graph is what a plain reference is', law, [
  {
    name: 'priority does not matter',
    file: GRAPH,
    from: 'first.priority - second.priority || first.added',
    to: 'first.added',
  },
  {
    name: 'a refused dependency stays',
    file: GRAPH,
    from: 'if (path !== undefined) throw',
    to: 'if (path !== undefined) this.#dependencies.set(keyOf(dependency), dependency)\n    if (path !== undefined) throw',
  },
  {
    name: 'one dependency of a pair stands for all its points',
    file: GRAPH,
    from: 'JSON.stringify([from, on, point ?? null])',
    to: 'JSON.stringify([from, on, point === null])',
  },
  {
    name: 'soft dependencies constrain',
    file: GRAPH,
    from: 'adjacencyOf(holding.filter(({ hard }) => hard))',
    to: 'adjacencyOf(holding.filter(({ hard, from, on }) => hard || from > on))',
  },
  {
    name: 'a node that takes no part no longer keeps others apart',
    file: GRAPH,
    from: 'levelsOf(whole, afterOf, takesPart)',
    to: 'levelsOf(whole, (id) => afterOf(id).filter(takesPart))',
  },
  {
    name: 'what becomes ready goes to the end of the line',
    file: 'machines/chain/topology.ts',
    from: '<= 0) from = middle + 1',
    to: '<= Infinity) from = middle + 1',
  },
])
