/**
 * The states of every operation: the gate before its effect, the effect, and the gate after it or after its failure,
 * attempt by attempt. A tool, a step, a model call or an agent's execution is these states with points of its own.
 */
import { and } from 'xstate'
import type { GateState } from '../gates/gate.ts'
import type { OperationContext, OperationEnd } from './operation-context.ts'

/** The points of an operation; without one there is no gate there. */
export interface OperationPoints {
  readonly before?: string
  readonly after?: string
  readonly error?: string
  /** Where the effect has reached the deadline; default the point after an error. */
  readonly timeout?: string
}

/** The names of the states. */
export type OperationStateName =
  'before' | 'passingAgain' | 'lookingUp' | 'executing' | 'after' | 'error' | 'timedOut' | 'tryingAgain'

const told = (type: string) => ({ type: 'told', params: { type } })
const end = (how: OperationEnd) => ({ type: 'end', params: { how } })

interface Transition {
  readonly guard?: unknown
  readonly target?: string
  readonly actions?: unknown
}

interface Args {
  readonly context: OperationContext
}

/**
 * Makes the states of an operation. `ended` is the target behind the last of them; `context.how` tells how it came there.
 * They invoke `gate`, `lookUp`, `effect` and `wait`, and use `operationParts`.
 */
export function operationStates(points: OperationPoints, ended: string): Record<OperationStateName, GateState> {
  const { before, after, error, timeout = error } = points
  const toEnd = { target: ended, actions: 'endAsTold' }
  const states = {
    before: gateState('before', before, { target: '#executing' }, [
      { guard: 'toldToCache', target: '#lookingUp', actions: ['take', 'noteCache'] },
      { guard: told('continue'), target: '#executing', actions: 'take' },
      { guard: told('value'), target: '#after', actions: 'takeValue' },
      { guard: 'mayPass', target: '#passingAgain', actions: 'notePassLimit' },
      { guard: told('retry'), target: ended, actions: end('exhausted') },
    ]),
    passingAgain: waiting('passingAgain', [{ target: '#before' }]),
    lookingUp: {
      id: 'lookingUp',
      invoke: {
        id: 'lookUp',
        src: 'lookUp',
        input: ({ context }: Args) => context.cache,
        onDone: [
          { guard: told('hit'), target: '#after', actions: 'takeValue' },
          { guard: told('lead'), target: '#executing' },
          toEnd,
        ],
      },
    },
    executing: {
      id: 'executing',
      entry: 'countAttempt',
      invoke: {
        id: 'effect',
        src: 'effect',
        input: ({ context }: Args) => context.input,
        onDone: [
          { guard: told('completed'), target: '#after', actions: 'complete' },
          { guard: told('failed'), target: '#error', actions: 'fail' },
          { guard: told('timed_out'), target: '#timedOut', actions: 'fail' },
          toEnd,
        ],
      },
    },
    after: gateState('after', after, { target: ended, actions: end('completed') }, [
      { guard: told('continue'), target: ended, actions: ['take', end('completed')] },
      { guard: told('value'), target: ended, actions: ['takeValue', end('completed')] },
      { guard: 'mayRetry', target: '#tryingAgain', actions: 'noteAttemptLimit' },
      { guard: told('retry'), target: ended, actions: end('exhausted') },
    ]),
    error: failure('error', error, 'failed'),
    timedOut: failure('timedOut', timeout, 'timed_out'),
    tryingAgain: waiting('tryingAgain', [
      { guard: 'wasReplaced', target: '#before', actions: 'askGuardsOnly' },
      { target: '#executing' },
    ]),
  }
  return states as unknown as Record<OperationStateName, GateState>

  /** A gate with the names of its states, passed over where nobody is hooked. */
  function gateState(
    name: OperationStateName,
    point: string | undefined,
    unhooked: Transition,
    routes: readonly Transition[],
  ): object {
    if (point === undefined) return { id: name, always: unhooked }
    return {
      id: name,
      initial: 'choosing',
      meta: { gate: { point } },
      states: {
        choosing: { always: [{ ...unhooked, guard: { type: 'unhooked', params: { point } } }, { target: 'asking' }] },
        asking: {
          entry: name === 'before' ? 'countPass' : [],
          invoke: {
            id: name,
            src: 'gate',
            input: ({ context }: Args) => ({ point, context }),
            onDone: [...routes, toEnd],
          },
        },
      },
    }
  }

  function waiting(name: OperationStateName, next: readonly Transition[]): object {
    const onDone = [...next.map((each) => ({ ...each, guard: both(told('done'), each.guard) })), toEnd]
    return { id: name, invoke: { id: name, src: 'wait', input: ({ context }: Args) => context.delayMs, onDone } }
  }

  function failure(name: OperationStateName, point: string | undefined, how: OperationEnd): object {
    return gateState(name, point, { target: ended, actions: end(how) }, [
      { guard: told('continue'), target: ended, actions: ['take', end(how)] },
      { guard: told('value'), target: '#after', actions: 'takeValue' },
      { guard: 'mayRetry', target: '#tryingAgain', actions: 'noteAttemptLimit' },
      { guard: told('retry'), target: ended, actions: end('exhausted') },
    ])
  }
}

const both = (guard: object, other: unknown) => (other === undefined ? guard : and([guard, other] as never))
