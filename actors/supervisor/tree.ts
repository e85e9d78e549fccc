/** The tree of a supervisor as data: what runs below it, and how it fares. */
import type { ErrorData } from '../../src/errors.ts'
import type { RestartPolicy } from '../../machines/supervisor/restart.ts'
import type { ChildState, ChildStatus, SupervisorStrategy } from '../../machines/supervisor/supervisor-context.ts'
import type { Child } from './child.ts'
import { Supervising } from './supervising.ts'
import type { SupervisorState } from './supervising.ts'

/** A child in the tree of its supervisor. */
export interface SupervisedChild {
  readonly id: string
  readonly type: 'agent' | 'machine' | 'supervisor'
  readonly restart: RestartPolicy
  /** Where it is for its supervisor. */
  readonly status: ChildStatus
  /** Where it is itself: the state of an agent or a supervisor, the value of a machine. */
  readonly state: unknown
  /** Starts but for the first one, since its supervisor was started. */
  readonly restarts: number
  /** Why it failed last. */
  readonly lastError: ErrorData | null
  /** What is below it, when it is a supervisor. */
  readonly tree?: SupervisorTree
}

/** A supervisor and what is below it. JSON. */
export interface SupervisorTree {
  /** With those above it: `root/pool`. */
  readonly id: string
  readonly strategy: SupervisorStrategy
  readonly state: SupervisorState
  /** Restarts of all its children. */
  readonly restarts: number
  /** In the order in which they are started. */
  readonly children: readonly SupervisedChild[]
}

/** What a supervisor looks like now. */
export function treeOf(supervising: Supervising): SupervisorTree {
  const { path: id, settings, state, context, children } = supervising
  const shown = context.children.map((child) => shownChild(child, children.get(child.id) as Child))
  const restarts = shown.reduce((sum, child) => sum + child.restarts, 0)
  return { id, strategy: settings.strategy, state, restarts, children: shown }
}

function shownChild({ id, restart, status, starts, lastError }: ChildState, child: Child): SupervisedChild {
  return {
    ...{ id, type: child.type, restart, status, state: child.state, restarts: Math.max(0, starts - 1), lastError },
    ...(child instanceof Supervising && { tree: treeOf(child) }),
  }
}
