/** What may happen to any operation: what its gates, its effect and whatever else it invokes may tell. */
import { catalogue } from 'hookchart/hooks'
import type { PointDefinition } from 'hookchart/hooks'
import type { OperationContext, OperationGates } from 'hookchart/machines'
import type { AnyMachineSnapshot } from 'xstate'
import type { World } from './tour.ts'

const problem = { code: 'INVALID_INPUT', name: 'HookchartError', message: 'no', retryable: false }
const attemptsOf = (snapshot: AnyMachineSnapshot) => (snapshot.context as OperationContext).attempts

/** The points at which it has gates. */
export function pointsOf({ before, after, last, error, timeout }: OperationGates): string[] {
  const points = [...before.map(({ point }) => point), after, last?.point, error, timeout]
  return [...new Set(points.filter((point) => point !== undefined))]
}

/** The world of an operation with these gates. Attempts are bounded by whoever waits: here by two. */
export function operationWorld({ before }: OperationGates, fits: boolean): World {
  const decisions = (point: string) => {
    const gate = before.find((each) => each.point === point)
    if (gate === undefined) return ['continue', 'value', 'again', 'ended']
    const may = (catalogue as Partial<Record<string, PointDefinition>>)[point]?.decisions ?? []
    return [
      'continue',
      ...(may.includes('cache') ? ['look_up'] : []),
      ...(may.includes('replace') ? ['value'] : []),
      ...(may.includes('retry') ? ['again'] : []),
      'ended',
      ...(gate.checks === true ? ['failed'] : []),
    ]
  }
  return {
    input: { input: {}, ...(!fits && { problem }) },
    tells: {
      gate: (_, input) => {
        const { point } = input as { point: string }
        const isBefore = before.some((each) => each.point === point)
        return decisions(point).map((type) => ({
          type,
          ...(type === 'value' && isBefore && { note: { replacedAt: point } }),
        }))
      },
      lookUp: () => [
        ...before.map(({ point }) => ({ type: 'hit', note: { replacedAt: point } })),
        { type: 'missed' },
        { type: 'ended' },
      ],
      queue: () => [{ type: 'done' }, { type: 'failed', note: { error: problem } }, { type: 'ended' }],
      effect: () => [
        { type: 'completed', note: { effect: 'completed', output: 1, replacedAt: null } },
        { type: 'failed', note: { effect: 'failed', error: problem, replacedAt: null } },
        { type: 'timed_out', note: { effect: 'failed', error: problem, replacedAt: null } },
        { type: 'ended' },
      ],
      wait: (snapshot) => [...(attemptsOf(snapshot) < 2 ? [{ type: 'done' }] : []), { type: 'ended' }],
    },
    neverFail: ['gate', 'lookUp', 'queue', 'effect', 'wait'],
  }
}
