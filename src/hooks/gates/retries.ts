/**
 * What gates that are states have counted when they ask for an effect again. The way back to the gate is the machine's own:
 * a pass goes on counting if it is the next one of that gate, and the effect that led to it is the one that was begun then,
 * not one of a later time. What cannot be told counts, so that nothing goes round for ever.
 */
import type { MachineActor, MachineEvent } from './actor-logic.ts'
import type { Attempts } from './machine-operation.ts'

type Children = Readonly<Record<string, unknown>>

interface Asked {
  readonly attempts: Attempts
  /** What the machine had under way when it had taken the way back. */
  begun: Children | undefined
}

/** See the head of this file. */
export class Retries {
  /** By machine and gate. */
  readonly #asked = new WeakMap<MachineActor, Map<string, Asked>>()

  /** A gate asks for an effect again, by telling its machine. */
  expect(gate: MachineActor, attempts: Attempts, tell: () => void): void {
    const { _parent: machine, id } = gate
    const asked: Asked = { attempts, begun: undefined }
    const known = machine && (this.#asked.get(machine) ?? new Map<string, Asked>())
    if (machine !== undefined && known !== undefined) this.#asked.set(machine, known.set(id, asked))
    tell()
    /** Whether the machine has gone its way by now. */
    const look = () => {
      const children = machine?.getSnapshot?.()?.children ?? {}
      if (children[id] === gate) return false
      asked.begun = children
      return true
    }
    if (look()) return
    // It is in the middle of its turn; when that is over it has gone, or no route has let it.
    queueMicrotask(() => {
      if (!look() && known?.get(id) === asked) known.delete(id)
    })
  }

  /** What a pass that begins has to count on from; undefined for one that begins anew. */
  take({ _parent: machine, id }: MachineActor, event: MachineEvent): Attempts | undefined {
    const known = machine && this.#asked.get(machine)
    const asked = known?.get(id)
    if (machine === undefined || asked === undefined) return undefined
    known?.delete(id)
    const effect = endedBy(event)
    const begun = effect === undefined ? undefined : asked.begun?.[effect]
    if (effect === undefined || begun === undefined) return asked.attempts
    return machine.getSnapshot?.()?.children?.[effect] === begun ? asked.attempts : undefined
  }
}

/** The id of the child whose end led to a gate. */
function endedBy({ type }: MachineEvent): string | undefined {
  return /^xstate\.(?:done|error)\.actor\.(?<id>.+)$/.exec(type)?.groups?.['id']
}
