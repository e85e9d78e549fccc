/**
 * Row 24: the order of a dependency graph, against a library of graphs that knows nothing of it: the same phases, the same
 * refusals of circles, and the same order whenever it is asked for the same.
 */
import { isHookchartError } from 'hookchart'
import * as real from 'hookchart/actors'
import fc from 'fast-check'
import { DirectedGraph } from 'graphology'
import { topologicalGenerations, willCreateCycle } from 'graphology-dag'
import { expect } from 'vitest'
import { testLawOf } from './support/law.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const
const id = fc.constantFrom(...IDS)
const priorities = fc.dictionary(id, fc.integer({ min: -2, max: 2 }))

const law = ({ createDependencyGraph }: typeof real) =>
  fc.property(priorities, fc.array(fc.tuple(id, id), { maxLength: 30 }), (given, dependencies) => {
    const build = () => {
      const graph = createDependencyGraph()
      const oracle = new DirectedGraph()
      for (const name of IDS) {
        graph.addNode(name, { priority: given[name] ?? 0 })
        oracle.addNode(name)
      }
      for (const [from, on] of dependencies) {
        const closes = from === on || willCreateCycle(oracle, on, from)
        try {
          graph.addDependency(from, on)
          expect(closes).toBe(false)
        } catch (error) {
          if (!isHookchartError(error, 'GRAPH_CYCLE')) throw error
          expect(closes).toBe(true)
        }
        if (!closes) oracle.mergeEdge(on, from)
      }
      return { graph, oracle }
    }
    const { graph, oracle } = build()
    const { sequence, phases } = graph.order()
    expect(phases.map((phase) => phase.toSorted())).toEqual(
      topologicalGenerations(oracle).map((generation) => generation.toSorted()),
    )
    const at = new Map(sequence.map((name, i) => [name, i]))
    oracle.forEachEdge((_edge, _attributes, on, from) => {
      expect(at.get(on)).toBeLessThan(at.get(from)!)
    })
    expect(build().graph.order()).toEqual(graph.order())
  })

testLawOf(real, 'actors/index.ts', 'row 24: the order of a graph is that of another library', law, [])
