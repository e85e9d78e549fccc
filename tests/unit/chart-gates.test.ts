/** Gates in a drawing: one small state with the name of its point, or a word on a transition; never their inner parts. */
import { toGraph, toMermaid } from 'hookchart/chart'
import { definePoint } from 'hookchart/hooks'
import { gate, hooked } from 'hookchart/machines'
import { createMachine } from 'xstate'
import { describe, expect, test } from 'vitest'

const before = definePoint('before_x', { phase: 'before', decisions: ['cancel', 'redirect'] })
const after = definePoint('after_x', { phase: 'after' })

describe('a gate that is a state', () => {
  const machine = createMachine({
    initial: 'ready',
    states: {
      ready: { on: { X: 'asking' } },
      asking: {
        ...gate(before, {
          continue: { target: 'done', actions: 'note' },
          cancel: 'ready',
          redirect: { target: 'ready', guard: 'known' },
        }),
        on: { LEAVE: 'ready' },
      },
      done: { type: 'final' },
    },
  })

  test('is one state labelled with its point, and its ways out with the decisions', () => {
    expect(toMermaid(machine)).toBe(`stateDiagram-v2
  [*] --> ready
  state "ready" as ready
  state "custom#58;before_x" as asking
  state "done" as done
  done --> [*]
  ready --> asking: X
  asking --> ready: LEAVE
  asking --> done: continue / note
  asking --> ready: cancel
  asking --> ready: redirect [known]
`)
  })

  test('is a node with its point, and has nothing in it', () => {
    const graph = toGraph(machine)
    expect(graph.nodes.map(({ key, gate: point }) => [key, point])).toEqual([
      ['(machine)', undefined],
      ['ready', undefined],
      ['asking', 'custom:before_x'],
      ['done', undefined],
    ])
    expect(graph.nodes[2]).toMatchObject({ entry: [], exit: [], invokes: [] })
    expect(graph.edges.filter(({ kind }) => kind === 'decision').map(({ event }) => event)).toEqual([
      'continue',
      'cancel',
      'redirect',
    ])
  })
})

describe('a hooked machine', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'ready',
    invoke: { id: 'beat', src: 'work' },
    states: {
      ready: {
        on: {
          X: [{ guard: 'isUrgent', target: 'running', actions: 'count' }, { target: 'done' }],
          '*': { guard: 'isOdd', actions: 'log' },
        },
      },
      running: { exit: 'tidy', invoke: { id: 'call', src: 'work', onDone: 'done', onError: 'ready' } },
      done: { on: { BACK: 'ready' } },
    },
  })
  const plain = toGraph(machine)

  test('is drawn as it is written, with the points of its gates', () => {
    expect(toMermaid(hooked(machine, { on: { X: { before, after }, BACK: { after } } }))).toBe(
      toMermaid(machine)
        .replace(': X [', ': X via custom#58;before_x [')
        .replace(': X\n', ': X via custom#58;before_x, custom#58;after_x\n')
        .replace(': done call', ': done call via custom#58;after_x')
        .replace(': BACK', ': BACK via custom#58;after_x'),
    )
  })

  test.each([{ X: { before } }, { X: { after } }, { X: { before, after }, BACK: { before } }])(
    'is the same graph but for the points: %j',
    (on) => {
      const graph = toGraph(hooked(machine, { on }))
      const edges = graph.edges.map((edge) => ({ ...edge, gates: [] }))
      expect({ ...graph, edges }).toEqual(plain)
      expect(graph.edges.flatMap((edge) => edge.gates)).not.toEqual([])
    },
  )

  test('keeps what its transitions say of themselves', () => {
    const said = createMachine({ on: { X: { meta: { cost: 1 } } } })
    const [written] = hooked(said, { on: { X: { before } } }).root.transitions.get('X') ?? []
    expect(written?.meta).toMatchObject({ cost: 1 })
  })
})
