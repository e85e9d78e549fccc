/**
 * A supervisor as a machine: it starts its children one after another, stops them in the reverse order, and decides what an
 * exit leads to. Pure: the time and chance come with what it is told; what starts and stops a child is provided.
 */
import { assign, setup } from 'xstate'
import { toErrorData } from '../../src/errors.ts'
import { timer } from '../effect/timer-logic.ts'
import type { TimerOutput } from '../effect/timer-logic.ts'
import {
  childOf,
  counts,
  ended,
  exited,
  nextDueAt,
  nextToStart,
  nextToStop,
  notStarted,
  started,
  starting,
  stopped,
} from './supervision.ts'
import { beginSupervision } from './supervisor-context.ts'
import type {
  StartOutcome,
  StopOutcome,
  SupervisorContext,
  SupervisorEvent,
  SupervisorInput,
  SupervisorOutput,
} from './supervisor-context.ts'

interface Args {
  readonly context: SupervisorContext
  readonly event: SupervisorEvent
}

const startOf = (event: SupervisorEvent) => (event as unknown as { readonly output: StartOutcome }).output
/** None where the stop itself has failed. */
const stopOf = (event: SupervisorEvent) => (event as unknown as { readonly output?: StopOutcome }).output
/** How late it is noticed that a start is due; who steps the chart by hand need not tell. */
const lateMsOf = (event: object) => (event as { readonly output?: TimerOutput }).output?.lateMs ?? 0
const inHand = ({ context }: { readonly context: SupervisorContext }) => ({ id: context.inHand })
const isOver = ({ ending, children }: SupervisorContext) =>
  ending !== null && children.every(({ status }) => status !== 'leaving')

/**
 * A supervisor: `watching` its children, `waiting` until one is to be started again, `starting` or `stopping` one; in the end
 * `stopped`, or `failed` when there were more restarts than may be.
 *
 * It invokes `startChild` and `stopChild` for one child at a time; an exit and a stop are taken meanwhile, and a start that they
 * make pointless is given up. `createSupervisor` runs it; `supervisor.actor()` is it.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { supervisorMachine } from 'hookchart/machines'
 * console.assert(toMermaid(supervisorMachine).includes('watching'))
 * ```
 */
export const supervisorMachine = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorEvent,
    input: {} as SupervisorInput,
    output: {} as SupervisorOutput,
  },
  actors: { timer },
  guards: {
    counts: ({ context, event }: Args) => event.type === 'EXITED' && counts(context, event.id),
    hasFailed: ({ context }: Args) => isOver(context) && context.ending === 'failure',
    hasStopped: ({ context }: Args) => isOver(context) && context.ending === 'stop',
    mustStop: ({ context }: Args) => nextToStop(context) !== undefined,
    mustStart: ({ context }: Args) => nextToStart(context) !== undefined,
    mustWait: ({ context }: Args) => nextDueAt(context) !== undefined,
    isPointless: ({ context }: Args) => childOf(context, context.inHand as string)?.status !== 'starting',
    hasStarted: ({ event }: Args) => startOf(event).type === 'started',
  },
  actions: {
    takeExit: assign(({ context, event }) => (event.type === 'EXITED' ? exited(context, event) : {})),
    end: assign(({ context, event }) =>
      event.type === 'STOP' ? { ...ended(context, 'stop'), now: Math.max(context.now, event.at) } : {},
    ),
    arrive: assign({ now: ({ context, event }) => (nextDueAt(context) as number) + lateMsOf(event) }),
    takeToStart: assign(({ context }) => starting(context)),
    takeToStop: assign({ inHand: ({ context }) => nextToStop(context) ?? null }),
    leave: assign({ inHand: null }),
    noteStart: assign(({ context, event }) => started(context, startOf(event).at)),
    noteFailure: assign(({ context, event }) => {
      const { error, at, chance } = startOf(event) as Extract<StartOutcome, { type: 'failed' }>
      return notStarted(context, error, at, chance)
    }),
    /** What starts children has failed itself: nothing is known but that. */
    noteBreakdown: assign(({ context, event }) => {
      const { error } = event as unknown as { readonly error: unknown }
      return notStarted(context, toErrorData(error), context.now, 0)
    }),
    noteStop: assign(({ context, event }) => stopped(context, stopOf(event)?.at ?? context.now)),
  },
}).createMachine({
  id: 'supervisor',
  version: '1',
  description:
    'Starts its children one after another, starts them again when they fail, and ends when they fail too often.',
  context: ({ input }) => beginSupervision(input),
  output: ({ context: { ending, cause } }): SupervisorOutput => ({
    status: ending === 'failure' ? 'failed' : 'stopped',
    cause,
  }),
  on: {
    EXITED: { guard: 'counts', actions: 'takeExit' },
    STOP: { actions: 'end' },
  },
  initial: 'watching',
  states: {
    watching: {
      description: 'Nothing is to be done, until a child ends.',
      always: [
        { guard: 'hasFailed', target: 'failed' },
        { guard: 'hasStopped', target: 'stopped' },
        { guard: 'mustStop', target: 'stopping', actions: 'takeToStop' },
        { guard: 'mustStart', target: 'starting', actions: 'takeToStart' },
        { guard: 'mustWait', target: 'waiting' },
      ],
    },
    waiting: {
      description: 'A child is to be started when its time has come.',
      invoke: {
        id: 'untilDue',
        src: 'timer',
        input: ({ context }) => ({ delayMs: (nextDueAt(context) as number) - context.now }),
        onDone: { target: 'watching', actions: 'arrive' },
      },
      on: {
        EXITED: { guard: 'counts', target: 'watching', actions: 'takeExit' },
        STOP: { target: 'watching', actions: 'end' },
      },
    },
    starting: {
      description: 'A child is being started.',
      always: { guard: 'isPointless', target: 'watching', actions: 'leave' },
      invoke: {
        id: 'startChild',
        src: 'startChild',
        input: inHand,
        onDone: [
          { guard: 'hasStarted', target: 'watching', actions: 'noteStart' },
          { target: 'watching', actions: 'noteFailure' },
        ],
        onError: { target: 'watching', actions: 'noteBreakdown' },
      } as never,
    },
    stopping: {
      description: 'A child is being stopped: of those that are to be, the one that was started last.',
      invoke: {
        id: 'stopChild',
        src: 'stopChild',
        input: inHand,
        onDone: { target: 'watching', actions: 'noteStop' },
        onError: { target: 'watching', actions: 'noteStop' },
      } as never,
    },
    stopped: { type: 'final' },
    failed: { type: 'final' },
  },
})
