/** A machine as a graph: its states, its transitions, and what hangs on them, in the order in which they are written. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { gateMetaOf } from '../hooks/gates/gate-meta.ts'
import { parseMachine } from './parse-machine.ts'
import { decisionOf, isWrittenAction, isWrittenInvoke, isWrittenTransition, writtenGuard } from './written.ts'

/** How a state is built. */
export type NodeType = 'atomic' | 'compound' | 'parallel' | 'final' | 'history'

/** What makes a transition be taken; decision: that of the gate that it leads out of. */
export type EdgeKind = 'event' | 'always' | 'after' | 'done' | 'error' | 'decision'

/** A state. */
export interface GraphNode {
  /** Unique in the graph: the path from the root, joined by dots. The root is the machine's id, marked where a state has the same. */
  readonly id: string
  /** Its own name. */
  readonly key: string
  readonly parent: string | undefined
  readonly type: NodeType
  /** The ids of the states that are entered with it: one of a compound state, all of a parallel one. */
  readonly initial: readonly string[]
  /** Of a history state. */
  readonly history: 'shallow' | 'deep' | undefined
  /** The hook point, if the state is a gate. */
  readonly gate: string | undefined
  readonly description: string | undefined
  readonly tags: readonly string[]
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  readonly invokes: readonly { readonly id: string; readonly src: string }[]
  readonly meta: unknown
}

/** A transition. */
export interface GraphEdge {
  /** Unique in the graph: its source, and its number among all transitions of that. */
  readonly id: string
  readonly source: string
  /** Empty: it only acts. */
  readonly targets: readonly string[]
  readonly kind: EdgeKind
  /** The event as it is sent; of `after` the delay, of `done` and `error` the state or the invoke, of `decision` its type. */
  readonly event: string
  /** The hook points whose gates are passed with it, in this order. */
  readonly gates: readonly string[]
  readonly guard: string | undefined
  readonly actions: readonly string[]
  readonly reenter: boolean
}

/** A machine as a graph; JSON as far as `meta` is. */
export interface MachineGraph {
  readonly id: string
  readonly version: string | undefined
  /** The root first, each state in front of those in it. */
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/**
 * Gives the graph of a machine as it is written: a gate is one state, or is named where an event passes it.
 *
 * @throws INVALID_OPTIONS for what is no machine
 * @example
 * ```ts
 * import { toGraph } from 'hookchart/chart'
 * import { createMachine } from 'xstate'
 * const graph = toGraph(createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { FLIP: 'on' } }, on: {} } }))
 * console.assert(graph.nodes.length === 3 && graph.edges[0]?.event === 'FLIP')
 * ```
 */
export function toGraph(machine: AnyStateMachine): MachineGraph {
  return graphOf(machine, 'toGraph')
}

/** See {@link toGraph}; `where` is what was called. */
export function graphOf(machine: AnyStateMachine, where: string): MachineGraph {
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  const visit = (node: AnyStateNode) => {
    nodes.push(nodeOf(node))
    for (const [i, transition] of transitionsOf(node).entries()) edges.push(edgeOf(transition, node, i))
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(parseMachine(machine, where).root)
  return { id: machine.id, version: machine.config.version, nodes, edges }
}

/** The id of a state in its graph. */
export function idOf({ path, machine }: AnyStateNode): string {
  if (path.length > 0) return path.join('.')
  // A machine may be called like one of its states.
  return machine.id in machine.root.states ? `${machine.id} (machine)` : machine.id
}

function nodeOf(node: AnyStateNode): GraphNode {
  const gate = gateMetaOf(node.meta).point
  return {
    id: idOf(node),
    key: node.key,
    parent: node.parent && idOf(node.parent),
    type: node.type,
    initial: initialOf(node),
    history: node.type === 'history' ? (node.history === 'deep' ? 'deep' : 'shallow') : undefined,
    gate,
    description: node.description,
    tags: node.tags,
    entry: node.entry.filter(isWrittenAction).map(nameOf),
    exit: node.exit.filter(isWrittenAction).map(nameOf),
    invokes:
      gate === undefined ? node.invoke.filter(isWrittenInvoke).map(({ id, src }) => ({ id, src: nameOf(src) })) : [],
    meta: node.meta as unknown,
  }
}

function initialOf(node: AnyStateNode): string[] {
  if (node.type === 'parallel') return Object.values(node.states).map(idOf)
  return node.type === 'compound' ? node.initial.target.map(idOf) : []
}

/** All transitions that a state declares, in the order in which they are tried for their event. */
function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])].filter(isWrittenTransition)
}

function edgeOf(transition: AnyTransitionDefinition, node: AnyStateNode, index: number): GraphEdge {
  const { target = [], actions, reenter } = transition
  const guard = writtenGuard(transition)
  const source = idOf(node)
  return {
    id: `${source}#${String(index)}`,
    source,
    targets: target.map(idOf),
    ...triggerOf(transition, node),
    gates: gateMetaOf(transition.meta).passes ?? [],
    guard: guard === undefined ? undefined : guardName(guard),
    actions: actions.filter(isWrittenAction).map(nameOf),
    reenter,
  }
}

/** The events of XState's own, by what they stand for. */
const OWN: readonly [RegExp, EdgeKind][] = [
  [/^xstate\.after\.(?<name>.+?)\.(?<owner>.+)$/, 'after'],
  [/^xstate\.done\.(?:state|actor)\.(?<name>.+)$/, 'done'],
  [/^xstate\.error\.actor\.(?<name>.+)$/, 'error'],
]

function triggerOf(transition: AnyTransitionDefinition, node: AnyStateNode): Pick<GraphEdge, 'kind' | 'event'> {
  const eventType = transition.eventType as string
  const decision = decisionOf(transition.guard)
  if (decision !== undefined) return { kind: 'decision', event: decision }
  if (eventType === '') return { kind: 'always', event: '' }
  for (const [pattern, kind] of OWN) {
    const name = pattern.exec(eventType)?.groups?.['name']
    if (name !== undefined) return { kind, event: kind === 'after' ? delayOf(eventType, node) : name }
  }
  return { kind: 'event', event: eventType }
}

/** A delay may have dots of its own; behind it stands the id of its state. */
function delayOf(eventType: string, { id }: AnyStateNode): string {
  return eventType.slice('xstate.after.'.length, -1 - id.length)
}

/** What a guard is called; those made of others show them. */
function guardName(guard: unknown): string {
  const { name, guards, stateValue } = guard as {
    readonly name?: string
    readonly guards?: readonly unknown[]
    readonly stateValue?: unknown
  }
  if (guards !== undefined) {
    const all = guards.map(guardName)
    if (name === 'not') return `!${all[0] ?? ''}`
    return `(${all.join(name === 'or' ? ' || ' : ' && ')})`
  }
  if (stateValue !== undefined) return `in ${typeof stateValue === 'string' ? stateValue : JSON.stringify(stateValue)}`
  return nameOf(guard)
}

/** What an action, an actor or a guard is called: its name in `setup`, or of what it is made. */
function nameOf(thing: unknown): string {
  if (typeof thing === 'string') return thing
  const { type, name, params } = thing as {
    readonly type?: unknown
    readonly name?: unknown
    readonly params?: unknown
  }
  if (typeof type === 'string') return shown(type, params)
  return typeof name === 'string' && name !== '' ? name : 'inline'
}

function shown(name: string, params: unknown): string {
  if (params === undefined || typeof params === 'function') return name
  if (typeof params !== 'object' || params === null) return `${name}(${JSON.stringify(params)})`
  return `${name}(${Object.entries(params)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')})`
}
