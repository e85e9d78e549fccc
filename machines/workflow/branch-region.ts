/** The region of one branch in the chart of a parallel workflow. */
import type { BranchInput, LaneStatus } from './effects.ts'
import { laneStates } from './lane.ts'
import type { ParallelContext } from './parallel-context.ts'
import type { ParallelBranch } from './tree.ts'

/** A branch as a region. Its ends have ids, because its steps lie one level deeper. */
export function branchRegion(
  state: string,
  { name: lane, steps, timeoutMs }: ParallelBranch,
  isStoppable: boolean,
): object {
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
