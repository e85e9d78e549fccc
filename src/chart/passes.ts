/**
 * What waits at the gates of hooked transitions, as a part of the state that is searched: the machine goes on meanwhile. It
 * is let through as it was sent; a refusal tells the machine so where it wants to know, and after an invoke is the failure
 * of that.
 */
import type { AnyStateMachine, EventObject } from 'xstate'
import { HookchartError } from '../errors.ts'
import { GATE_EVENTS, GATE_NAMES } from '../hooks/gates/names.ts'
import type { TransitionGate, TransitionGatesInput } from '../hooks/gates/transition-gate.ts'
import { eventText } from './state-key.ts'

/** An event that waits at a gate. */
export interface Pass {
  readonly gate: string
  readonly event: EventObject
}

/** What a step wants done. */
export type Actions = readonly { readonly type: string; readonly params?: unknown }[]

/** Why a hook of a search refuses. */
export const REFUSAL = { code: 'HOOK_CANCELLED', reason: 'a hook might refuse' } as const

/** The passes of one machine. */
export class Passes {
  readonly #gates: TransitionGatesInput['gates']
  /** Marks an event as one that a gate has let through. */
  readonly #admit: <Event extends EventObject>(event: Event, gate: string) => Event

  constructor({ root }: AnyStateMachine, admit: <Event extends EventObject>(event: Event, gate: string) => Event) {
    const invoke = root.invoke.find(({ id }) => id === GATE_NAMES.gates)
    this.#gates = (invoke?.input as TransitionGatesInput | undefined)?.gates ?? {}
    this.#admit = admit
  }

  /** What may wait after a step. Whether somebody is hooked behind a state that was entered is not asked in the step. */
  after(before: readonly Pass[], actions: Actions): readonly (readonly Pass[])[] {
    const areMany = actions.filter((action) => this.#begun(action) !== undefined).length > 1
    let ways: (readonly Pass[])[] = [before]
    for (const action of actions) {
      const left = action.type === GATE_NAMES.leaveSource && (action.params as { readonly state: string }).state
      const begun = this.#begun(action)
      if (left !== false) ways = ways.map((each) => each.filter(({ gate }) => this.#gateOf(gate).source !== left))
      if (begun === undefined) continue
      const { at, refused } = this.#gateOf(begun.gate)
      const waiting = () => ways.map((each) => together(each, begun))
      if (at === 'entered') ways = refused === undefined ? ways : [...ways, ...waiting()]
      // What only comes through later comes through as if it were sent then; unless a part of it comes through alone.
      else if (at === 'after' || refused !== undefined || areMany) ways = waiting()
    }
    return ways
  }

  /** What the machine may be told of it. */
  outcomes({ gate: id, event }: Pass): readonly EventObject[] {
    const { point, at, refused } = this.#gateOf(id)
    if (at === 'after') {
      const actorId = event.type.slice('xstate.done.actor.'.length)
      const { code, reason } = REFUSAL
      const error = new HookchartError(code, `A hook at ${point} refused: ${reason}`, { details: { point } })
      const failure = { type: `xstate.error.actor.${actorId}`, error, actorId }
      return [this.#admit({ ...event }, id), failure, this.#admit({ type: GATE_EVENTS.again }, id)]
    }
    const through = at === 'before' ? [this.#admit({ ...event }, id)] : []
    return refused === undefined ? through : [...through, { type: refused, event, point, ...REFUSAL } as EventObject]
  }

  #begun({ type, params }: Actions[number]): Pass | undefined {
    if (type !== 'xstate.sendTo') return undefined
    const { event } = params as { readonly event: EventObject & Partial<Pass> }
    const { gate, event: waiting } = event
    if (gate === undefined || waiting === undefined || !Object.hasOwn(this.#gates, gate)) return undefined
    const isPass = event.type === GATE_EVENTS.pass
    const isEntered = event.type === GATE_EVENTS.taken && this.#gateOf(gate).at === 'entered'
    return isPass || isEntered ? { gate, event: waiting } : undefined
  }

  #gateOf(gate: string): TransitionGate {
    return this.#gates[gate] as TransitionGate
  }
}

/** The same event at the same gate waits once, and the order of those that wait says nothing. */
function together(some: readonly Pass[], pass: Pass): readonly Pass[] {
  const byText = new Map([...some, pass].map((each) => [`${each.gate} ${eventText(each.event)}`, each] as const))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}
