/** The options of dependency graphs: of each, two values that come to two outcomes. */
import { createDependencyGraph } from 'hookchart/actors'
import type { DependencyNodeOptions, DependencyOptions } from 'hookchart/actors'
import { describe, expect, test } from 'vitest'
import { outcomesOf } from '../support/outcomes.ts'

const POINT = 'BeforeToolExecution'

describe('node', () => {
  /** A graph of `a` and then a node with these options. */
  const graphWith = (options: DependencyNodeOptions) => {
    const graph = createDependencyGraph()
    graph.addNode('a')
    graph.addNode('b', options)
    return graph
  }

  test('priority: what goes first where there is a choice', async () => {
    const sequence = (priority: number) => graphWith({ priority }).order().sequence
    expect(await outcomesOf(sequence, -1, 1)).toEqual([
      ['b', 'a'],
      ['a', 'b'],
    ])
  })

  test('points: where it takes part', async () => {
    const sequence = (point: string) => graphWith({ points: [point] }).order(POINT).sequence
    expect(await outcomesOf(sequence, POINT, 'AfterToolExecution')).toEqual([['a', 'b'], ['a']])
  })

  test('metadata: what whoever has the graph reads', async () => {
    const read = (metadata: Readonly<Record<string, unknown>>) => graphWith({ metadata }).nodes()[1]?.metadata
    expect(await outcomesOf(read, { a: 1 }, { b: 2 })).toEqual([{ a: 1 }, { b: 2 }])
  })
})

describe('dependency', () => {
  /** The order of `a`, which depends on `b`. */
  const orderWith = (options: DependencyOptions, point?: string) => {
    const graph = createDependencyGraph()
    graph.addDependency('a', 'b', options)
    return graph.order(point)
  }

  test('point: where it holds', async () => {
    const sequence = (point: string) => orderWith({ point }, POINT).sequence
    expect(await outcomesOf(sequence, POINT, 'AfterToolExecution')).toEqual([
      ['b', 'a'],
      ['a', 'b'],
    ])
  })

  test('hard: whether it constrains the order', async () => {
    const sequence = (hard: boolean) => orderWith({ hard }).sequence
    expect(await outcomesOf(sequence, true, false)).toEqual([
      ['b', 'a'],
      ['a', 'b'],
    ])
  })

  test('reason: what a warning says', async () => {
    const warned = (reason: string) => orderWith({ hard: false, reason }).warnings[0]?.message
    expect(await outcomesOf(warned, 'one', 'two')).toEqual([
      expect.stringMatching(/: one$/),
      expect.stringMatching(/: two$/),
    ])
  })
})
