/** A loop as a machine: pull a value, test, wait, run the body, keep the result, and again. */
import { and, assign, setup } from 'xstate'
import type { EventObject } from 'xstate'
import type { IterationInput } from './effects.ts'
import { hooked, told } from '../outcome-guards.ts'
import { beginLane, gateState, laneParts, laneStates, stateNames, toldBy } from './lane.ts'
import type { LaneContext, LanesContext } from './lane.ts'
import type { LoopWorkflow } from './tree.ts'
import { END_NAMES, workflowEnds } from './workflow-ends.ts'
import type { WorkflowMachineInput } from './workflow-ends.ts'

/** Where a loop stands. JSON, as far as values and outputs are. */
export interface LoopContext extends LanesContext {
  /** The iteration that runs, or is about to; counts from 0. */
  readonly iteration: number
  readonly value: unknown
  /** Iterations whose body has run to its end. */
  readonly completed: number
  /** Why the loop has ended: `exhausted`, `max_iterations`, the message of a break condition, or what a hook said. */
  readonly reason: string | null
}

interface Args {
  readonly context: LoopContext
  readonly event: EventObject
}

const again = (context: LoopContext, value: unknown): LaneContext => ({
  ...(context.lanes['body'] as LaneContext),
  ...{ value, goesTo: null, error: null },
})

/**
 * Makes the machine of a loop. It invokes `pull`, `test`, `step`, `gate`, `keep` and `wait`, and in the end `terminate`.
 *
 * @example
 * ```ts
 * import { loop, step } from 'hookchart'
 * import { loopMachine } from 'hookchart/machines'
 * const thrice = loop({ name: 'thrice', iterator: { range: { end: 3 } }, body: [step.run('say', () => 1)] })
 * console.assert('pulling' in loopMachine(thrice).states && !('testing' in loopMachine(thrice).states))
 * ```
 */
export function loopMachine({ name, body, breakConditions, iterationDelayMs, onError }: LoopWorkflow) {
  const [bodyState] = stateNames(['body'], END_NAMES) as [string]
  const note = 'noteLoop'
  const input = ({ context: { iteration, value, reason, lanes } }: { context: LoopContext }): IterationInput => ({
    ...{ iteration, value, reason },
    output: lanes['body']?.value,
  })
  const begin = { target: bodyState, actions: [note, 'beginBody'] }
  const start = (guard: object) => [
    { guard: and([guard, hooked('LoopIterationStart')] as never), target: 'starting', actions: note },
    { ...begin, guard },
  ]
  // The wait lies between two iterations: none comes before the first, and none before the end.
  const next = (guard: object) => [
    ...(iterationDelayMs > 0 ? [{ guard: and([guard, 'isNotFirst'] as never), target: 'waiting', actions: note }] : []),
    ...start(guard),
  ]
  const ends = {
    completed: 'body completed',
    failed: 'body failed',
    cancelled: onError === 'continue' ? 'body failed' : '#cancelled',
  }
  const { initial, states } = laneStates('body', body, ends)
  const all: Record<string, object> = {
    pulling: {
      invoke: {
        src: 'pull',
        onDone: [
          { guard: told('finished'), target: 'terminating', actions: note },
          ...(breakConditions.length > 0
            ? [{ guard: told('value'), target: 'testing', actions: note }]
            : next(told('value'))),
          { target: 'failed' },
        ],
      },
    },
    ...(breakConditions.length > 0 && {
      testing: {
        invoke: {
          src: 'test',
          input,
          onDone: [
            { guard: told('holds'), target: 'terminating', actions: note },
            ...next(told('fails')),
            { target: 'failed' },
          ],
        },
      },
    }),
    starting: gateState(
      'LoopIterationStart',
      'body',
      [
        { ...begin, guard: told('completed') },
        { guard: told('finished'), target: 'terminating', actions: note },
        { guard: told('refused'), target: 'cancelled' },
        { target: 'failed' },
      ],
      input,
    ),
    [bodyState]: {
      initial,
      states: { ...states, 'body completed': { type: 'final' }, 'body failed': { type: 'final' } },
      onDone: [
        ...(onError === 'continue'
          ? [{ guard: 'bodyFailed', target: 'pulling', actions: 'passOverIteration' }]
          : [{ guard: 'bodyFailed', target: 'failed' }]),
        { guard: hooked('LoopIterationComplete'), target: 'completing' },
        { target: 'keeping' },
      ],
    },
    completing: gateState(
      'LoopIterationComplete',
      'body',
      [
        { guard: told('completed'), target: 'keeping', actions: { type: 'note', params: { lane: 'body' } } },
        // Whoever refuses what has run makes it fail.
        onError === 'continue' ? { target: 'pulling', actions: 'passOverIteration' } : { target: 'failed' },
      ],
      input,
    ),
    keeping: { invoke: { src: 'keep', input, onDone: { target: 'pulling', actions: note } } },
    ...(iterationDelayMs > 0 && {
      waiting: { invoke: { src: 'wait', onDone: start(told('done')) } },
    }),
    terminating: { invoke: { src: 'terminate', input, onDone: 'ending' } },
    ...workflowEnds,
  }
  return setup({
    types: { context: {} as LoopContext, input: {} as WorkflowMachineInput },
    // Their types are those of the states, which are made for any workflow.
    ...({
      guards: {
        ...laneParts.guards,
        isNotFirst: ({ context, event }: Args) =>
          ((toldBy(event).note as Partial<LoopContext> | undefined)?.iteration ?? context.iteration) > 0,
        bodyFailed: ({ context }: Args) => context.lanes['body']?.error !== null,
      },
      actions: {
        ...laneParts.actions,
        noteLoop: assign(({ event }: Args) => toldBy(event).note ?? {}),
        beginBody: assign(({ context }: Args) => ({ lanes: { body: again(context, context.value) } })),
        passOverIteration: assign(({ context }: Args) => {
          const lane = again(context, context.value)
          return { lanes: { body: { ...lane, failed: [...lane.failed, `iteration ${String(context.iteration)}`] } } }
        }),
      },
    } as object),
  }).createMachine({
    id: name,
    version: '1',
    context: ({ input }) => ({
      lanes: { body: beginLane(input.input) },
      ...{ iteration: 0, value: undefined, completed: 0, reason: null },
    }),
    initial: 'pulling',
    states: all,
  })
}
