/** A machine as a Mermaid state diagram. */
import type { AnyStateMachine } from 'xstate'
import { HookchartError } from '../errors.ts'
import { graphOf } from './graph.ts'
import type { EdgeKind, GraphEdge, GraphNode, MachineGraph } from './graph.ts'

const INDENT = '  '

function isGraph(source: unknown): source is MachineGraph {
  return typeof source === 'object' && source !== null && 'nodes' in source
}

/**
 * Draws a machine, or its graph, as a Mermaid `stateDiagram-v2`.
 *
 * Regions stand side by side, history states are `H` or `H*`, a transition is labelled `event [guard] / actions`; one that
 * only acts is a line in its state's note. A state that is a gate is labelled with its hook point, and its ways out with
 * the decisions; `event via point` passes the gate of a transition.
 *
 * @throws INVALID_OPTIONS for what is no machine
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { createMachine } from 'xstate'
 * const text = toMermaid(createMachine({ initial: 'off', states: { off: { on: { FLIP: 'on' } }, on: {} } }))
 * console.assert(text.startsWith('stateDiagram-v2') && text.includes('off --> on: FLIP'))
 * ```
 */
export function toMermaid(source: AnyStateMachine | MachineGraph): string {
  const graph = isGraph(source) ? parseGraph(source) : graphOf(source, 'toMermaid')
  return `${['stateDiagram-v2', ...new Diagram(graph).lines()].join('\n')}\n`
}

/** As far as it is drawn without a look: a root, and lists. */
function parseGraph(graph: MachineGraph): MachineGraph {
  const flaw = flawOf(graph)
  if (flaw === undefined) return graph
  throw new HookchartError('INVALID_OPTIONS', `toMermaid: the graph's ${flaw}. Give what toGraph gave.`, {
    details: { where: 'toMermaid', flaws: [{ path: 'graph', problem: flaw }] },
  })
}

function flawOf({ nodes, edges }: Partial<MachineGraph>): string | undefined {
  if (!Array.isArray(nodes) || nodes.length === 0) return '"nodes" is no list with a root'
  return Array.isArray(edges) ? undefined : '"edges" is no list'
}

class Diagram {
  readonly #root: GraphNode
  readonly #graph: MachineGraph
  readonly #children = new Map<string, GraphNode[]>()
  /** What Mermaid calls each state: letters, digits and underscores, each name once. */
  readonly #names = new Map<string, string>()

  constructor(graph: MachineGraph) {
    this.#graph = graph
    this.#root = graph.nodes[0] as GraphNode
    const taken = new Set<string>()
    for (const node of graph.nodes) {
      this.#names.set(node.id, unique(node.id, taken))
      if (node.parent === undefined) continue
      const siblings = this.#children.get(node.parent) ?? []
      siblings.push(node)
      this.#children.set(node.parent, siblings)
    }
  }

  lines(): string[] {
    const edges = this.#graph.edges.flatMap((edge) => this.#edge(edge))
    return [...this.#inside(this.#root, INDENT), ...edges.map((line) => INDENT + line)]
  }

  #inside(node: GraphNode, indent: string): string[] {
    const children = this.#children.get(node.id) ?? []
    const start = node.type === 'compound' ? node.initial.map((id) => `${indent}[*] --> ${this.#name(id)}`) : []
    if (node.type !== 'parallel') return [...start, ...children.flatMap((child) => this.#state(child, indent))]
    return children.flatMap((child, i) => [...(i === 0 ? [] : [`${indent}--`]), ...this.#state(child, indent)])
  }

  #state(node: GraphNode, indent: string): string[] {
    const name = this.#name(node.id)
    const label = `${indent}state "${escaped(labelOf(node))}" as ${name}`
    const inside = this.#inside(node, indent + INDENT)
    const notes = this.#notes(node, indent)
    const end = node.type === 'final' ? [`${indent}${name} --> [*]`] : []
    if (inside.length === 0) return [label, ...notes, ...end]
    return [label, `${indent}state ${name} {`, ...inside, `${indent}}`, ...notes, ...end]
  }

  #notes(node: GraphNode, indent: string): string[] {
    const acts = this.#graph.edges.filter(({ source, targets }) => source === node.id && targets.length === 0)
    const lines = [
      ...node.entry.map((action) => `entry / ${action}`),
      ...node.exit.map((action) => `exit / ${action}`),
      ...node.invokes.map(({ src }) => `invoke / ${src}`),
      ...acts.map(textOf),
    ]
    if (lines.length === 0) return []
    const name = this.#name(node.id)
    return [
      `${indent}note right of ${name}`,
      ...lines.map((line) => `${indent}${INDENT}${escaped(line)}`),
      `${indent}end note`,
    ]
  }

  #edge(edge: GraphEdge): string[] {
    const text = escaped(textOf(edge))
    // Mermaid draws no arrow from the diagram itself: what any state may do starts in each that stands at the top.
    const sources =
      edge.source === this.#root.id ? (this.#children.get(this.#root.id) ?? []).map(({ id }) => id) : [edge.source]
    return sources.flatMap((source) =>
      edge.targets.map((target) => `${this.#name(source)} --> ${this.#name(target)}${text === '' ? '' : `: ${text}`}`),
    )
  }

  #name(id: string): string {
    return this.#names.get(id) as string
  }
}

function labelOf({ key, type, history, gate }: GraphNode): string {
  if (gate !== undefined) return gate
  return type === 'history' ? (history === 'deep' ? 'H*' : 'H') : key
}

const TRIGGERS: Readonly<Record<EdgeKind, string>> = {
  event: '',
  always: '',
  decision: '',
  after: 'after ',
  done: 'done ',
  error: 'error ',
}

function textOf({ kind, event, gates, guard, actions }: GraphEdge): string {
  const parts = [
    TRIGGERS[kind] + event,
    ...(gates.length === 0 ? [] : [`via ${gates.join(', ')}`]),
    ...(guard === undefined ? [] : [`[${guard}]`]),
    ...(actions.length === 0 ? [] : [`/ ${actions.join(', ')}`]),
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const ENTITIES: Readonly<Record<string, string>> = { '#': '#35;', '"': '#quot;', ';': '#59;', ':': '#58;', '\n': ' ' }

/** What would end a label, or begin an entity. */
function escaped(text: string): string {
  return text.replaceAll(/[#";:\n]/g, (character) => ENTITIES[character] as string)
}

function unique(id: string, taken: Set<string>): string {
  const plain = id.replaceAll(/\W/g, '_')
  // Words of the language are no names of states.
  const base = /^(?:state|note|end|direction|class|classDef|style|as|fork|join|choice|default)$/i.test(plain)
    ? `${plain}_`
    : plain
  let name = base
  for (let i = 2; taken.has(name); i++) name = `${base}_${String(i)}`
  taken.add(name)
  return name
}
