/** A parallel workflow as a machine: fork, a region for each branch, join. Who is stopped when is decided here. */
import { and, assign, enqueueActions, setup } from 'xstate'
import type { EventObject } from 'xstate'
import type { BranchInput, LaneStatus } from './effects.ts'
import { hooked, told } from '../outcome-guards.ts'
import { beginLane, gateState, laneParts, laneStates, stateNames, toldBy } from './lane.ts'
import type { LanesContext } from './lane.ts'
import type { JoinPolicy } from './join.ts'
import type { ParallelBranch, ParallelWorkflow } from './tree.ts'
import { workflowEnds } from './workflow-ends.ts'
import type { WorkflowMachineInput } from './workflow-ends.ts'

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

interface Args {
  readonly context: ParallelContext
  readonly event: EventObject
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
function isDecided(context: LanesContext, workflow: ParallelWorkflow): boolean {
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
function mayBeStopped(branch: ParallelBranch, { branches, join, failFast }: ParallelWorkflow): boolean {
  const others = branches.filter((each) => each !== branch)
  if (join === 'all') return failFast && others.some(({ optional }) => !optional)
  return others.length >= atLeast(join) || (failFast && others.length > 0)
}

/**
 * Makes the machine of a parallel workflow. It invokes `slot`, `step`, `gate`, `arrive` and `join`. A branch waits in `queued` for a slot;
 * one that is stopped leaves whatever it is in, which aborts it.
 *
 * @example
 * ```ts
 * import { parallel, step } from 'hookchart'
 * import { parallelMachine } from 'hookchart/machines'
 * const both = parallel({
 *   name: 'both',
 *   branches: [
 *     { name: 'one', steps: [step.run('one', () => 1)] },
 *     { name: 'two', steps: [step.run('two', () => 2)] },
 *   ],
 * })
 * console.assert('one' in (parallelMachine(both).states.branches?.states ?? {}))
 * ```
 */
export function parallelMachine(workflow: ParallelWorkflow) {
  const { name, branches, maxConcurrency, join } = workflow
  const names = stateNames(branches.map((branch) => branch.name))
  const regions: Record<string, object> = {}
  for (const [i, branch] of branches.entries()) {
    const state = names[i] as string
    regions[state] = region(state, branch, mayBeStopped(branch, workflow))
  }
  const alwaysJoins = join === 'all' && branches.every(({ optional }) => optional)
  const all: Record<string, object> = {
    forking: { always: [{ guard: hooked('ParallelFork'), target: 'deciding fork' }, { target: 'branches' }] },
    'deciding fork': gateState('ParallelFork', '', [
      { guard: told('completed'), target: 'branches', actions: 'noteFork' },
      { guard: told('refused'), target: 'cancelled' },
      { target: 'failed' },
    ]),
    branches: {
      type: 'parallel',
      states: regions,
      onDone: alwaysJoins ? 'joining' : [{ guard: 'isJoined', target: 'joining' }, { target: 'failed' }],
    },
    joining: {
      invoke: {
        src: 'join',
        onDone: [
          { guard: and([told('completed'), hooked('ParallelJoin')] as never), target: 'deciding join' },
          { guard: told('completed'), target: 'ending' },
          { target: 'failed' },
        ],
      },
    },
    'deciding join': gateState('ParallelJoin', '', [
      { guard: told('completed'), target: 'ending' },
      { target: 'failed' },
    ]),
    ...workflowEnds,
  }
  return setup({
    types: { context: {} as ParallelContext, input: {} as WorkflowMachineInput, events: {} as BranchTimedOut },
    // Their types are those of the states, which are made for any workflow.
    ...({
      guards: {
        ...laneParts.guards,
        isRunning: ({ context }: Args, { lane }: { readonly lane: string }) =>
          context.lanes[lane]?.status === 'running',
        isOutOfTime: ({ context, event }: Args, { lane }: { readonly lane: string }) =>
          (event as BranchTimedOut).branch === lane && context.lanes[lane]?.status === 'running',
        isJoined: ({ context }: Args) => isJoined(context, workflow),
        isPartial: ({ context }: Args) =>
          Object.values(context.lanes).some(
            // A branch that was stopped because others were enough has no error.
            ({ status, error, isPartial }) => status === 'timed_out' || error !== null || isPartial,
          ),
      },
      actions: {
        ...laneParts.actions,
        noteFork: assign(({ event }: Args) => toldBy(event).note ?? {}),
        stopOthers: enqueueActions(({ context, enqueue }) => {
          if (isDecided(context as ParallelContext, workflow)) enqueue.raise({ type: 'STOP' })
        }),
      },
    } as object),
  }).createMachine({
    id: name,
    version: '1',
    context: ({ input }) => ({
      lanes: Object.fromEntries(branches.map((branch) => [branch.name, beginLane(input.input)])),
      concurrency: maxConcurrency,
    }),
    initial: 'forking',
    states: all,
  })
}

/** A branch as a region. Its ends have ids, because its steps lie one level deeper. */
function region(state: string, { name: lane, steps, timeoutMs }: ParallelBranch, isStoppable: boolean): object {
  const idOf = (status: LaneStatus) => `${state} ${status}`
  const { initial, states } = laneStates(lane, steps, {
    completed: `#${idOf('completed')}`,
    failed: `#${idOf('failed')}`,
    cancelled: `#${idOf('cancelled')}`,
  })
  const input = ({ context }: { context: ParallelContext }): BranchInput => ({
    branch: lane,
    concurrency: context.concurrency,
    status: context.lanes[lane]?.status ?? 'running',
    output: context.lanes[lane]?.value,
  })
  const ending = (status: LaneStatus) => ({
    id: idOf(status),
    entry: { type: 'endLane', params: { lane, status } },
    always: 'arriving',
  })
  return {
    initial: 'queued',
    on: {
      ...(isStoppable && {
        STOP: { guard: { type: 'isRunning', params: { lane } }, target: '.cancelled' },
      }),
      ...(timeoutMs !== undefined && {
        BRANCH_TIMED_OUT: { guard: { type: 'isOutOfTime', params: { lane } }, target: '.timedOut' },
      }),
    },
    states: {
      queued: { invoke: { id: `slot ${lane}`, src: 'slot', input, onDone: 'working' } },
      working: { initial, states },
      ...{ completed: ending('completed'), failed: ending('failed') },
      cancelled: ending('cancelled'),
      ...(timeoutMs !== undefined && { timedOut: ending('timed_out') }),
      arriving: {
        entry: 'stopOthers',
        invoke: { id: `arrive ${lane}`, src: 'arrive', input, onDone: 'arrived' },
      },
      arrived: { type: 'final' },
    },
  }
}
