/** Where a parallel workflow stands, and what its branches decide about each other. */
import type { JoinPolicy } from './join.ts'
import type { LanesContext } from './lane.ts'
import type { ParallelBranch, ParallelWorkflow } from './tree.ts'

/** Where a parallel workflow stands. JSON. */
export interface ParallelContext extends LanesContext {
  /** How many branches may run at once, as hooks left it. */
  readonly concurrency: number
}

/** What the machine of a parallel workflow is told from outside: the time of a branch is up. */
export interface BranchTimedOut {
  readonly type: 'BRANCH_TIMED_OUT'
  readonly branch: string
}

/** Whether enough branches have completed. */
export function isJoined(
  { lanes }: LanesContext,
  { join, branches }: Pick<ParallelWorkflow, 'join' | 'branches'>,
): boolean {
  const hasCompleted = ({ name }: { readonly name: string }) => lanes[name]?.status === 'completed'
  if (join === 'all') return branches.every((branch) => branch.optional || hasCompleted(branch))
  return branches.filter(hasCompleted).length >= atLeast(join)
}

function atLeast(join: Exclude<JoinPolicy, 'all'>): number {
  return join === 'any' ? 1 : join.atLeast
}

/** Whether the branches that have not ended are to be stopped: enough have completed, or so many have failed that they never will. */
export function isDecided(context: LanesContext, workflow: ParallelWorkflow): boolean {
  const { branches, failFast, join } = workflow
  if (join !== 'all' && isJoined(context, workflow)) return true
  if (!failFast) return false
  const canComplete = ({ name }: { readonly name: string }) =>
    ['completed', 'running'].includes(context.lanes[name]?.status ?? 'running')
  return join === 'all'
    ? branches.some((branch) => !branch.optional && !canComplete(branch))
    : branches.filter(canComplete).length < atLeast(join)
}

/** Whether what becomes of the other branches can stop one. */
export function mayBeStopped(branch: ParallelBranch, { branches, join, failFast }: ParallelWorkflow): boolean {
  const others = branches.filter((each) => each !== branch)
  if (join === 'all') return failFast && others.some(({ optional }) => !optional)
  return others.length >= atLeast(join) || (failFast && others.length > 0)
}
