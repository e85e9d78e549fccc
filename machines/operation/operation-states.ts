/**
 * The states of every operation: the gates before its effect, the effect, and the gate after it or after its failure,
 * attempt by attempt. A tool, a step, a model call or an agent's execution is these states with points of its own.
 */
import { and } from 'xstate'
import { catalogue } from '../../src/hooks/points/catalogue.ts'
import type { DecisionType, PointDefinition } from '../../src/hooks/points/point.ts'
import { hooked, told } from '../outcome-guards.ts'

/** A gate: the name of its state, and its point. */
export interface OperationGate {
  readonly state: string
  readonly point: string
  /** Something besides hooks is checked there, and may fail. */
  readonly checks?: boolean
}

/** The gates of an operation; where none is named, none is. */
export interface OperationGates {
  /** In order, in front of the effect. */
  readonly before: readonly OperationGate[]
  readonly after?: string
  /** A second gate behind the effect, passed after the other. */
  readonly last?: OperationGate
  readonly error?: string
  /** Where the effect has reached the deadline; default the point after an error. */
  readonly timeout?: string
  /** Whether the effect waits for a slot. */
  readonly queues?: boolean
  /** The state in which it has ended; default `ended`, which whoever uses the states adds. */
  readonly ended?: string
}

interface Transition {
  readonly guard?: unknown
  readonly target: string
  readonly actions?: unknown
}

const both = (guard: unknown, other: unknown) =>
  guard === undefined ? other : other === undefined ? guard : and([guard, other] as never)

/**
 * Makes the states of an operation, `entering` the first. They are siblings, in a machine of their
 * own or as a region. They invoke `gate`, `lookUp`, `queue`, `effect` and `wait`, and use `operationParts`. A gate that
 * nobody is hooked to is passed over by the transition that would lead there, so that no state is entered for nothing.
 */
export function operationStates(gates: OperationGates): Record<string, object> {
  const { before, after, last: behind, error, timeout = error, queues = false, ended: ENDED = 'ended' } = gates
  const first = queues ? 'queueing' : 'executing'
  const ended = { guard: told('ended'), target: ENDED, actions: 'note' }
  const notes = (type: string) => ({ guard: told(type), actions: 'note' })
  // A retry of what hooks put in the place of the effect has only guards to ask at the gate that did; then come the gates
  // behind that one, which nobody has passed.
  const afterWait = [
    ...((after ?? behind) === undefined ? [] : before.filter(({ point }) => replacesAt(point))).map(
      ({ state, point }) => ({
        guard: both(told('done'), { type: 'wasReplacedAt', params: { point } }),
        target: state,
      }),
    ),
    { guard: told('done'), target: first },
    ended,
  ]
  return {
    entering: {
      always: [
        ...(error === undefined
          ? [{ guard: 'doesNotFit', target: ENDED }]
          : [...intoGate('error', error, { guard: 'doesNotFit' }), { guard: 'doesNotFit', target: ENDED }]),
        ...intoNext(0, {}),
      ],
    },
    ...Object.fromEntries(
      before.flatMap(({ state, point, checks = false }, i) => {
        const may = decisionsAt(point)
        const again = `${state}Again`
        const passed = gateState(point, [
          ...(may('cache')
            ? [...intoGates(i + 1, notes('look_up')), { ...notes('look_up'), target: 'lookingUp' }]
            : []),
          ...intoNext(i + 1, notes('continue')),
          ...(may('replace') ? intoAfter(notes('value')) : []),
          ...(may('retry') ? [{ ...notes('again'), target: again }] : []),
          ...(checks ? intoFailure('failed') : []),
          ended,
        ])
        if (!may('retry')) return [[state, passed]]
        return [
          [state, passed],
          [again, invoking('wait', [{ guard: told('done'), target: state }, ended])],
        ]
      }),
    ),
    ...(before.some(({ point }) => decisionsAt(point)('cache')) && {
      lookingUp: invoking('lookUp', [...intoAfter(notes('hit')), { guard: told('missed'), target: first }, ended]),
    }),
    ...(queues && {
      queueing: invoking('queue', [{ guard: told('done'), target: 'executing' }, ...intoFailure('failed'), ended]),
    }),
    executing: {
      entry: 'countAttempt',
      ...invoking('effect', [
        ...intoAfter(notes('completed')),
        ...intoFailure('failed'),
        ...intoFailure('timed_out'),
        ended,
      ]),
    },
    ...(after !== undefined && {
      after: gateState(after, [
        ...intoLast(notes('continue')),
        ...intoLast(notes('value')),
        { ...notes('again'), target: 'tryingAgain' },
        ended,
      ]),
    }),
    ...(behind !== undefined && {
      [behind.state]: gateState(behind.point, [
        { ...notes('continue'), target: ENDED },
        { ...notes('value'), target: ENDED },
        { ...notes('again'), target: 'tryingAgain' },
        ended,
      ]),
    }),
    ...(error !== undefined && { error: failure(error) }),
    ...(timeout !== undefined && timeout !== error && { timedOut: failure(timeout) }),
    ...((after ?? behind ?? error ?? timeout) !== undefined && { tryingAgain: invoking('wait', afterWait) }),
  }

  /** Transitions into the first of the gates from there on that somebody is hooked to, else to the effect. */
  function intoNext(from: number, given: Omit<Transition, 'target'>): Transition[] {
    return [...intoGates(from, given), { ...given, target: first }]
  }

  function intoGates(from: number, given: Omit<Transition, 'target'>): Transition[] {
    return before.slice(from).flatMap(({ state, point }) => intoGate(state, point, given))
  }

  function intoAfter(given: Omit<Transition, 'target'>): Transition[] {
    return [...(after === undefined ? [] : intoGate('after', after, given)), ...intoLast(given)]
  }

  function intoLast(given: Omit<Transition, 'target'>): Transition[] {
    return [...(behind === undefined ? [] : intoGate(behind.state, behind.point, given)), { ...given, target: ENDED }]
  }

  function intoFailure(type: 'failed' | 'timed_out'): Transition[] {
    const point = type === 'failed' ? error : timeout
    const state = type === 'failed' || timeout === error ? 'error' : 'timedOut'
    return [...(point === undefined ? [] : intoGate(state, point, notes(type))), { ...notes(type), target: ENDED }]
  }

  function failure(point: string): object {
    return gateState(point, [
      { ...notes('continue'), target: ENDED },
      ...intoAfter(notes('value')),
      { ...notes('again'), target: 'tryingAgain' },
      ended,
    ])
  }
}

function intoGate(state: string, point: string, { guard, ...rest }: Omit<Transition, 'target'>): Transition[] {
  return [{ ...rest, guard: both(guard, hooked(point)), target: state }]
}

/** What hooks may decide at a point; of points that are not in the catalogue nothing is known, so anything. */
function decisionsAt(point: string): (decision: DecisionType) => boolean {
  const { decisions } = (catalogue as Partial<Record<string, PointDefinition>>)[point] ?? {}
  return (decision) => decisions?.includes(decision) ?? true
}

/** Whether something may take the place of the effect there. */
export function replacesAt(point: string): boolean {
  const may = decisionsAt(point)
  return may('replace') || may('cache')
}

function gateState(point: string, onDone: readonly object[]): object {
  return { meta: { gate: { point } }, ...invoking('gate', onDone, { point }) }
}

function invoking(src: string, onDone: readonly object[], input?: object): object {
  return { invoke: { id: src, src, ...(input !== undefined && { input }), onDone } }
}
