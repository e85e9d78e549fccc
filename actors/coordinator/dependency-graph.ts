/** `createDependencyGraph`: what depends on what, for which hook point, and the order that follows from it. */
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import { priorities } from '../../src/hooks/hook.ts'
import type { Priority } from '../../src/hooks/hook.ts'
import { nameSchema } from '../../src/hooks/points/point.ts'
import { parseOptions } from '../../src/options.ts'
import { findCycle, levelsOf, sortByDependencies } from '../../machines/chain/topology.ts'
import { jsonObjectSchema } from '../../machines/definition.ts'

/** What a node is given besides its id. Strict: an unknown key is refused. */
export interface DependencyNodeOptions {
  /** Lower goes first where dependencies leave a choice; default `normal`, which is 0. */
  readonly priority?: Priority
  /** The points at which it takes part; default all. */
  readonly points?: readonly string[]
  /** JSON; default empty. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What a dependency is given besides its ends. Strict: an unknown key is refused. */
export interface DependencyOptions {
  /** The point for which it holds; default all. */
  readonly point?: string
  /** Default true. A soft dependency constrains nothing; where the order goes against it, it is a warning. */
  readonly hard?: boolean
  readonly reason?: string
}

/** A node as the graph holds it. */
export interface DependencyNode {
  readonly id: string
  readonly priority: number
  /** Absent: all. */
  readonly points?: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A dependency as the graph holds it: one of several between the same two, where points differ. */
export interface Dependency {
  readonly from: string
  readonly on: string
  /** Absent: for all. */
  readonly point?: string
  readonly hard: boolean
  readonly reason?: string
}

/** A soft dependency that the order does not keep: it may start before what it depends on has ended. */
export interface DependencyWarning extends Dependency {
  readonly message: string
}

/** In what order nodes may be run. */
export interface DependencyOrder {
  readonly sequence: readonly string[]
  /** What may run at the same time, phase after phase; in each in the order of the sequence. */
  readonly phases: readonly (readonly string[])[]
  readonly warnings: readonly DependencyWarning[]
}

/** A graph of dependencies. */
export interface DependencyGraph {
  /** Adds a node. A node that is there keeps its place and its dependencies and gets these options. */
  addNode(id: string, options?: DependencyNodeOptions): void
  /**
   * Says that `from` depends on `on`; nodes that are missing are added. The same dependency for the same point is replaced.
   *
   * @throws GRAPH_CYCLE with the path when hard dependencies would close a circle, whatever their points; nothing has changed then
   */
  addDependency(from: string, on: string, options?: DependencyOptions): void
  /** Removes a node and all its dependencies; false when it is not there. */
  removeNode(id: string): boolean
  /** Removes the dependency for a point, or without a point all between the two; false when there is none. */
  removeDependency(from: string, on: string, point?: string): boolean
  /**
   * The order of all nodes by all hard dependencies; or at a point, of the nodes that take part there by the dependencies that hold
   * there. The same graph gives the same order: of several that could be next the smallest priority is, then the first added.
   */
  order(point?: string): DependencyOrder
  /**
   * Circles that soft dependencies close, each from one node to what it depends on and back to it. Some order always goes
   * against them. Hard dependencies alone never close one.
   */
  detectCycles(): readonly (readonly string[])[]
  /** In the order in which they were added. */
  nodes(): readonly DependencyNode[]
  /** In the order in which they were added. */
  dependencies(): readonly Dependency[]
}

const idSchema = z.strictObject({ id: nameSchema })
const idsSchema = z.strictObject({ from: nameSchema, on: nameSchema })
const pointSchema = z.strictObject({ point: nameSchema.optional() })

const nodeSchema = z.strictObject({
  priority: z
    .union([z.enum(['highest', 'high', 'normal', 'low', 'lowest']), z.number()])
    .transform((given) => (typeof given === 'string' ? priorities[given] : given))
    .optional(),
  points: z.array(nameSchema).optional(),
  metadata: jsonObjectSchema.optional(),
})

const dependencySchema = z.strictObject({
  point: nameSchema.optional(),
  hard: z.boolean().optional(),
  reason: z.string().optional(),
})

interface Node extends DependencyNode {
  readonly added: number
}

/**
 * Makes a dependency graph: nodes, what each depends on at which hook point, and the order in which they can go.
 *
 * @example
 * ```ts
 * import { createDependencyGraph } from 'hookchart/actors'
 * const graph = createDependencyGraph()
 * graph.addNode('audit', { priority: 'low' })
 * graph.addDependency('charge', 'reserve', { reason: 'nothing is charged that is not there' })
 * graph.addDependency('audit', 'charge', { point: 'AfterToolExecution', hard: false })
 * const { sequence, phases } = graph.order()
 * console.assert(sequence.join() === 'reserve,charge,audit')
 * console.assert(JSON.stringify(phases) === '[["reserve","audit"],["charge"]]')
 * ```
 */
export function createDependencyGraph(): DependencyGraph {
  return new Graph()
}

class Graph implements DependencyGraph {
  readonly #nodes = new Map<string, Node>()
  /** By their ends and point. */
  readonly #dependencies = new Map<string, Dependency>()
  #added = 0

  addNode(id: string, options: DependencyNodeOptions = {}): void {
    const where = 'graph.addNode'
    parseOptions(idSchema, { id }, where)
    const { priority = 0, points, metadata = Object.freeze({}) } = parseOptions(nodeSchema, options, where)
    const added = this.#nodes.get(id)?.added ?? this.#added++
    this.#nodes.set(id, {
      id,
      priority,
      ...(points !== undefined && { points: Object.freeze([...new Set(points)]) }),
      metadata,
      added,
    })
  }

  addDependency(from: string, on: string, options: DependencyOptions = {}): void {
    const where = 'graph.addDependency'
    parseOptions(idsSchema, { from, on }, where)
    const { point, hard = true, reason } = parseOptions(dependencySchema, options, where)
    const dependency: Dependency = Object.freeze({
      from,
      on,
      ...(point !== undefined && { point }),
      hard,
      ...(reason !== undefined && { reason }),
    })
    const path = from === on ? [from, on] : hard ? this.#circleWith(from, on) : undefined
    if (path !== undefined) throw cycle(where, path)
    for (const id of [from, on]) if (!this.#nodes.has(id)) this.addNode(id)
    this.#dependencies.set(keyOf(dependency), dependency)
  }

  removeNode(id: string): boolean {
    for (const [key, { from, on }] of this.#dependencies) if (from === id || on === id) this.#dependencies.delete(key)
    return this.#nodes.delete(id)
  }

  removeDependency(from: string, on: string, point?: string): boolean {
    const all = this.dependencies().filter((each) => each.from === from && each.on === on)
    const removed = point === undefined ? all : all.filter((each) => each.point === point)
    for (const each of removed) this.#dependencies.delete(keyOf(each))
    return removed.length > 0
  }

  order(point?: string): DependencyOrder {
    parseOptions(pointSchema, { point }, 'graph.order')
    const holding = this.dependencies().filter((each) => holdsAt(each, point))
    const after = adjacencyOf(holding.filter(({ hard }) => hard))
    const afterOf = (id: string) => after.get(id) ?? []
    const whole = sortByDependencies([...this.#nodes.keys()], afterOf, (a, b) => this.#compare(a, b))
    const takesPart = (id: string) => this.#takesPart(id, point, holding)
    // What takes no part still keeps those apart that it stands between.
    const levels = levelsOf(whole, afterOf, takesPart)
    const sequence = whole.filter(takesPart)
    const phases: string[][] = []
    for (const id of sequence) {
      const level = levels.get(id) as number
      phases[level] = [...(phases[level] ?? []), id]
    }
    const warnings = holding
      .filter(({ hard, from, on }) => {
        if (hard || !takesPart(from) || !takesPart(on)) return false
        return (levels.get(on) as number) >= (levels.get(from) as number)
      })
      .map((each) => ({ ...each, message: warningOf(each, sequence) }))
    return { sequence, phases, warnings }
  }

  detectCycles(): readonly (readonly string[])[] {
    let left = this.dependencies()
    const cycles: string[][] = []
    for (;;) {
      const after = adjacencyOf(left)
      const path = findCycle(this.#nodes.keys(), (id) => after.get(id) ?? [])
      if (path === undefined) return cycles
      cycles.push(path)
      // Each has a soft one, and is found once when that is gone.
      left = left.filter(({ hard, from, on }) => hard || !path.some((id, i) => id === from && path[i + 1] === on))
    }
  }

  nodes(): readonly DependencyNode[] {
    return [...this.#nodes.values()].map(({ added: _, ...node }) => node)
  }

  dependencies(): readonly Dependency[] {
    return [...this.#dependencies.values()]
  }

  #circleWith(from: string, on: string): string[] | undefined {
    const after = adjacencyOf(this.dependencies().filter(({ hard }) => hard))
    after.set(from, [on, ...(after.get(from) ?? [])])
    return findCycle([from], (id) => after.get(id) ?? [])
  }

  #compare(a: string, b: string): number {
    const [first, second] = [this.#nodes.get(a) as Node, this.#nodes.get(b) as Node]
    return first.priority - second.priority || first.added - second.added
  }

  #takesPart(id: string, point: string | undefined, holding: readonly Dependency[]): boolean {
    const { points } = this.#nodes.get(id) as Node
    if (point === undefined || points === undefined || points.includes(point)) return true
    // Somebody has said what it depends on there, or what depends on it.
    return holding.some((each) => each.point === point && (each.from === id || each.on === id))
  }
}

function holdsAt(dependency: Dependency, point: string | undefined): boolean {
  return point === undefined || dependency.point === undefined || dependency.point === point
}

function adjacencyOf(dependencies: readonly Dependency[]): Map<string, string[]> {
  const after = new Map<string, string[]>()
  for (const { from, on } of dependencies) {
    const list = after.get(from)
    if (list === undefined) after.set(from, [on])
    else list.push(on)
  }
  return after
}

function keyOf({ from, on, point }: Pick<Dependency, 'from' | 'on' | 'point'>): string {
  return JSON.stringify([from, on, point ?? null])
}

function warningOf({ from, on, point, reason }: Dependency, sequence: readonly string[]): string {
  const how = sequence.indexOf(on) < sequence.indexOf(from) ? 'may run at the same time as' : 'comes before'
  const at = point === undefined ? '' : ` at ${point}`
  return `"${from}" ${how} "${on}", on which it softly depends${at}${reason === undefined ? '' : `: ${reason}`}`
}

function cycle(where: string, path: readonly string[]): HookchartError<'GRAPH_CYCLE'> {
  return new HookchartError(
    'GRAPH_CYCLE',
    `${where}: ${path.join(' → ')} would depend on each other in a circle. Nothing was added; drop one of these dependencies.`,
    { details: { where, path } },
  )
}
