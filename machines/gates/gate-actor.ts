/** What a gate that is a state invokes: the logic that its machine was provided with, found when the gate is entered. */
import type { AnyActorLogic } from 'xstate'
import { STOP } from '../../src/hooks/gates/actor-logic.ts'
import type { MachineEvent } from '../../src/hooks/gates/actor-logic.ts'
import { machineName, machineOf } from '../../src/hooks/gates/machine-of.ts'
import type { MachineHolder } from '../../src/hooks/gates/machine-of.ts'
import { GATE_NAMES } from '../../src/hooks/gates/names.ts'
import { unbound } from './unbound.ts'

/** A machine's own actor, as far as its logic is asked. */
interface Scope {
  readonly self: { readonly _parent?: MachineHolder }
}

/** Not by name: a machine that was made without the names of gates would have no actor at all in its gate, and hang. */
export const gateActor = {
  name: GATE_NAMES.gate,
  getInitialSnapshot: (scope: Scope, input: unknown) => {
    const logic = logicOf(scope)
    if (logic !== undefined) return logic.getInitialSnapshot(scope as never, input) as unknown
    const machine = scope.self._parent
    return {
      status: 'error',
      output: undefined,
      error: unbound(machine === undefined ? 'a machine' : machineName(machine)),
    }
  },
  restoreSnapshot: (snapshot: unknown) => snapshot,
  getPersistedSnapshot: (snapshot: unknown) => snapshot,
  start: (snapshot: unknown, scope: Scope) => {
    logicOf(scope)?.start?.(snapshot, scope as never)
  },
  transition: (snapshot: unknown, event: MachineEvent, scope: Scope) => {
    const logic = logicOf(scope)
    if (logic !== undefined) return logic.transition(snapshot, event, scope as never) as unknown
    return event.type === STOP ? { ...(snapshot as object), status: 'stopped' } : snapshot
  },
} as unknown as AnyActorLogic

function logicOf({ self }: Scope): AnyActorLogic | undefined {
  const machine = self._parent && machineOf(self._parent)
  return machine?.implementations?.actors?.[GATE_NAMES.gate] as AnyActorLogic | undefined
}
