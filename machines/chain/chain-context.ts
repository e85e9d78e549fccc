/** What the chart of a chain knows while it runs, and what it is told. All of it JSON. */
import type { ErrorData } from '../../src/errors.ts'

/** How far a component is. `partial`: a workflow that went on without some of its steps; it has an output. */
export type ChainComponentStatus = 'waiting' | 'running' | 'completed' | 'partial' | 'failed' | 'skipped'

/** What is known of a component. */
export interface ChainComponentState {
  readonly status: ChainComponentStatus
  /** There when completed or partial. */
  readonly output?: unknown
  /** There when failed. */
  readonly error?: ErrorData
}

/** Where a run of a chain stands beside its states. */
export interface ChainContext {
  readonly components: Readonly<Record<string, ChainComponentState>>
  /** Components whose effects were started, in that order. */
  readonly started: readonly string[]
  readonly paused: boolean
  /** Why nothing more is started: a component has failed the chain, or the chain itself was ended. */
  readonly stopped: { readonly component?: string } | null
  /** Components that are still to be undone, the next one last. */
  readonly toUndo: readonly string[]
  readonly undone: readonly string[]
  readonly notUndone: readonly { readonly id: string; readonly error: ErrorData }[]
}

/** What a chain is begun with. */
export interface ChainInput {
  /** Whether it waits for RESUME before it starts anything. */
  readonly paused: boolean
}

/** What a chain is told from outside. */
export type ChainEvent =
  | { readonly type: 'PAUSE' }
  | { readonly type: 'RESUME' }
  /** Nothing more is to be started. */
  | { readonly type: 'STOP' }
  /** The effect of a component has started. */
  | { readonly type: 'STARTED'; readonly id: string }

/** What a component, its fallback or its compensation tells. `ran` is false when its effect was not run after all. */
export type ChainOutcome =
  | { readonly type: 'completed' | 'partial'; readonly output: unknown; readonly ran: boolean }
  | { readonly type: 'failed'; readonly error: ErrorData; readonly ran: boolean }

/** How a run of a chain has ended. `stopped`: what is not completed was not run, or ended. */
export interface ChainOutput {
  readonly status: 'completed' | 'partial' | 'stopped'
  readonly components: Readonly<Record<string, ChainComponentState>>
  /** The component that failed the chain. */
  readonly failed?: string
  readonly undone: readonly string[]
  readonly notUndone: ChainContext['notUndone']
}

/** Whether it has an output. */
export function hasOutput({ status }: ChainComponentState): boolean {
  return status === 'completed' || status === 'partial'
}

/** A run of a chain that has not begun. */
export function beginChain(ids: readonly string[], { paused }: ChainInput): ChainContext {
  return {
    components: Object.fromEntries(ids.map((id) => [id, { status: 'waiting' }])),
    started: [],
    paused,
    stopped: null,
    toUndo: [],
    undone: [],
    notUndone: [],
  }
}

/** What a run came to. */
export function chainOutput({ components, stopped, undone, notUndone }: ChainContext): ChainOutput {
  const isWhole = Object.values(components).every(({ status }) => status === 'completed')
  return {
    status: stopped !== null ? 'stopped' : isWhole ? 'completed' : 'partial',
    components,
    ...(stopped?.component !== undefined && { failed: stopped.component }),
    undone,
    notUndone,
  }
}
