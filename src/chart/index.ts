/** `hookchart/chart`: machines as graphs, drawn and searched. */
export { explore } from './explore.ts'
export { toGraph } from './graph.ts'
export { toMermaid } from './mermaid.ts'
export type { Exploration, Violation } from './exploration.ts'
export type { ExploreOptions, Invariant, StepFunction } from './explore-options.ts'
export type { EdgeKind, GraphEdge, GraphNode, MachineGraph, NodeType } from './graph.ts'
