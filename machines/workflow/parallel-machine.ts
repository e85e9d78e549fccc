/** A parallel workflow as a machine: fork, a region for each branch, join. Who is stopped when is decided here. */
import { and, assign, enqueueActions, setup } from 'xstate'
import type { EventObject } from 'xstate'
import { hooked, told } from '../outcome-guards.ts'
import { beginLane, gateState, laneParts, stateNames, toldBy } from './lane.ts'
import { branchRegion } from './branch-region.ts'
import { isDecided, isJoined, mayBeStopped } from './parallel-context.ts'
import type { BranchTimedOut, ParallelContext } from './parallel-context.ts'
import type { ParallelWorkflow } from './tree.ts'
import { workflowEnds } from './workflow-ends.ts'
import type { WorkflowMachineInput } from './workflow-ends.ts'

interface Args {
  readonly context: ParallelContext
  readonly event: EventObject
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
    regions[state] = branchRegion(state, branch, mayBeStopped(branch, workflow))
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
