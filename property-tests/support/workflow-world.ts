/** What may happen to the charts of workflows: what their steps, their gates and whatever else they invoke may tell. */
import { step } from 'hookchart/machines'
import type { LanesContext, LoopContext, Step } from 'hookchart/machines'
import type { AnyMachineSnapshot } from 'xstate'
import type { World } from './tour.ts'

const error = { code: 'EFFECT_FAILED', name: 'HookchartError', message: 'broken', retryable: false }

/** Steps of a small definition; their functions are never called. */
export const stepsOf = (...names: string[]): Step[] => names.map((name) => step.run(name, () => 1))

/** The steps of each lane, by name. */
export type Lanes = Readonly<Record<string, readonly Step[]>>

export const SOURCES = ['step', 'gate', 'test', 'pull', 'keep', 'wait', 'terminate', 'slot', 'arrive', 'join']

const FAILED = { type: 'failed', note: { error } }
const REFUSED = { type: 'refused', note: { error } }

/** Steps that were passed over; a lane that jumps back past one that fails has no end, so this is bounded. */
const passedOver = (snapshot: AnyMachineSnapshot, lane: string) =>
  (snapshot.context as LanesContext).lanes[lane]?.failed.length ?? 0

/** What hooks decide at the points of patterns, as it is told; `branches` are those that one may be sent to. */
function decided(point: string, branches: readonly string[]): readonly object[] {
  switch (point) {
    case 'BranchSelection':
      return [{ type: 'completed' }, ...branches.map((chosen) => ({ type: 'completed', note: { chosen } })), REFUSED]
    case 'LoopIterationStart':
      return [
        { type: 'completed', note: { value: 2 } },
        { type: 'finished', note: { reason: 'enough' } },
        { type: 'refused' },
      ]
    case 'LoopIterationComplete':
      return [{ type: 'completed', note: { value: 3 } }]
    case 'ParallelFork':
      return [{ type: 'completed', note: { concurrency: 1 } }, { type: 'completed' }, { type: 'refused' }]
    case 'ParallelJoin':
      return [{ type: 'completed' }]
    default:
      throw new Error(`${point} is a point of no pattern`)
  }
}

interface Invoked {
  readonly lane: string
  readonly point: string
}

/** The world of a workflow with these lanes; its loops pull at most `pulls` values. */
export function workflowWorld(lanes: Lanes, pulls = 2): World {
  const jumps = (snapshot: AnyMachineSnapshot, lane: string) =>
    passedOver(snapshot, lane) > 1
      ? []
      : lanes[lane]!.map(({ name }) => ({ type: 'jump', note: { goesTo: name, value: 1 } }))
  return {
    input: { input: 0 },
    tells: {
      // Any of its steps may be a workflow, and be partial.
      step: (snapshot, input) => {
        const { lane } = input as Invoked
        return [
          { type: 'completed', note: { value: 1 } },
          { type: 'completed', note: { value: 1, isPartial: true } },
          ...jumps(snapshot, lane),
          ...[FAILED, REFUSED],
        ]
      },
      gate: (snapshot, input) => {
        const { lane, point } = input as Invoked
        if (point === 'WorkflowStageTransition') {
          return [{ type: 'completed', note: { value: 1 } }, ...jumps(snapshot, lane), FAILED, REFUSED]
        }
        return [...decided(point, Object.keys(lanes)), FAILED]
      },
      test: ({ machine }) => [
        { type: 'holds' },
        { type: 'fails' },
        ...(machine.id === 'loop' ? [] : [{ type: 'refused' }]),
        FAILED,
      ],
      pull: ({ context }) => {
        const { iteration, value } = context as LoopContext
        const next = value === undefined ? 0 : iteration + 1
        const more = next < pulls ? [{ type: 'value', note: { iteration: next, value: 1 } }] : []
        return [...more, { type: 'finished', note: { reason: 'exhausted' } }, FAILED]
      },
      keep: ({ context }) => [{ type: 'kept', note: { completed: (context as LoopContext).completed + 1 } }],
      wait: () => [{ type: 'done' }],
      terminate: () => [{ type: 'done' }],
      slot: () => [{ type: 'done' }],
      arrive: () => [{ type: 'done' }],
      join: () => [{ type: 'completed' }, FAILED],
    },
    neverFail: SOURCES,
  }
}
