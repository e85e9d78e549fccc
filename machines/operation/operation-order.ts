/**
 * The order of an operation, followed without its chart: which gate, the effect, or a wait comes next, by what the last
 * one told. The chart says the same (`operationStates`); a property holds the two to each other. An operation that nobody
 * watches as an actor need not pay for the states in between.
 */
import { isPromise } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import type { EffectOutcome, GateOutcome, LookupOutcome, OperationInput, WaitOutcome } from './operation-context.ts'
import { replacesAt } from './operation-states.ts'
import type { OperationGates } from './operation-states.ts'

/** What an operation does when its order comes to it; each tells which way to go on. */
export interface OperationMoves {
  gate(point: string): Maybe<GateOutcome>
  /** Looks whether the result is there already. */
  lookUp(): Maybe<LookupOutcome>
  /** Waits for a slot. */
  queue(): Maybe<EffectOutcome | WaitOutcome>
  effect(): Maybe<EffectOutcome>
  /** Waits before something is done again. */
  wait(): Maybe<WaitOutcome>
  /** What the operation held is given back. */
  release(): void
}

/** Leads an operation through its moves; throws what the chart of it would fail with. */
export type OperationOrder = (moves: OperationMoves, begin: OperationInput) => Flow<void>

/** Where an operation goes next. A number is the gate in front of the effect at that place, passed whether somebody is hooked there or not. */
type Next = number | 'look_up' | 'queue' | 'effect' | 'after' | 'last' | 'error' | 'timeout' | 'wait' | 'end'

/**
 * Makes the order of operations with these gates, which are passed over where nobody is hooked. It comes to the moves that
 * `operationMachine` with the same gates invokes, in the same order, whatever they tell; without an actor, and at once where
 * nothing has to wait. The generator yields the promises that it waits for and is resumed with what they gave.
 *
 * @example
 * ```ts
 * import { operationOrder } from 'hookchart/machines'
 * const order = operationOrder({ before: [{ state: 'before', point: 'BeforeModelCall' }] }, () => true)
 * const called: string[] = []
 * const done = { type: 'done' } as const
 * const moves = {
 *   gate: (point: string) => (called.push(point), { type: 'continue' } as const),
 *   effect: () => (called.push('effect'), { type: 'completed' } as const),
 *   ...{ queue: () => done, wait: () => done, lookUp: () => ({ type: 'missed' }) as const, release: () => undefined },
 * }
 * order(moves, { input: 1 }).next()
 * console.assert(called.join() === 'BeforeModelCall,effect')
 * ```
 */
export function operationOrder(gates: OperationGates, isHooked: (point: string) => boolean): OperationOrder {
  const { before, after, last, error, timeout = error } = gates
  const first = gates.queues === true ? 'queue' : 'effect'
  /** Only where something is asked behind the effect can that ask for another try of what has replaced it. */
  const replacing = (after ?? last) === undefined ? [] : before.map(({ point }) => replacesAt(point))

  const nextGate = (from: number, otherwise: Next): Next => {
    for (let i = from; i < before.length; i++) if (isHooked((before[i] as { readonly point: string }).point)) return i
    return otherwise
  }
  const behind = (): Next => (last !== undefined && isHooked(last.point) ? 'last' : 'end')
  const behindEffect = (): Next => (after !== undefined && isHooked(after) ? 'after' : behind())
  const behindFailure = (type: 'failed' | 'timed_out'): Next => {
    const point = type === 'failed' ? error : timeout
    if (point === undefined || !isHooked(point)) return 'end'
    return type === 'failed' ? 'error' : 'timeout'
  }

  return function* follow(moves, { problem }) {
    /** The gate at which something has taken the place of the effect. */
    let replacedAt: string | null = null
    /** What a wait leads to. */
    let again: number | undefined
    let next: Next = problem === undefined ? nextGate(0, first) : behindFailure('failed')
    while (next !== 'end') {
      const moving: Maybe<GateOutcome | LookupOutcome | EffectOutcome | WaitOutcome> = move(moves, next)
      const told = isPromise(moving) ? ((yield moving) as Awaited<typeof moving>) : moving
      if (told.note?.replacedAt !== undefined) replacedAt = told.note.replacedAt
      next = behindMove(next, told.type)
    }
    moves.release()

    function behindMove(at: Next, type: string): Next {
      switch (type) {
        case 'ended':
          return 'end'
        case 'failed':
        case 'timed_out':
          return behindFailure(type)
        case 'value':
        case 'hit':
        case 'completed':
          return at === 'after' ? behind() : at === 'last' ? 'end' : behindEffect()
        case 'again':
          again = typeof at === 'number' ? at : undefined
          return 'wait'
        case 'look_up':
          return nextGate((at as number) + 1, 'look_up')
        case 'missed':
          return first
        case 'done':
          return at === 'queue' ? 'effect' : (again ?? replacingGate() ?? first)
        default:
          return typeof at === 'number' ? nextGate(at + 1, first) : at === 'after' ? behind() : 'end'
      }
    }

    /** What hooks put in the place of the effect is asked for again where they did: then come the gates behind that one, which nobody has passed. */
    function replacingGate(): number | undefined {
      const at = before.findIndex(({ point }, i) => replacing[i] === true && point === replacedAt)
      return at === -1 ? undefined : at
    }
  }

  function move(moves: OperationMoves, next: Exclude<Next, 'end'>) {
    switch (next) {
      case 'look_up':
        return moves.lookUp()
      case 'queue':
        return moves.queue()
      case 'effect':
        return moves.effect()
      case 'wait':
        return moves.wait()
      default:
        return moves.gate(pointAt(next))
    }
  }

  function pointAt(next: number | 'after' | 'last' | 'error' | 'timeout'): string {
    switch (next) {
      case 'after':
        return after as string
      case 'last':
        return (last as { readonly point: string }).point
      case 'error':
        return error as string
      case 'timeout':
        return timeout as string
      default:
        return (before[next] as { readonly point: string }).point
    }
  }
}
