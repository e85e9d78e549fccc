/**
 * Gates as choices of a search: whether somebody is hooked to a point, and what is decided. A gate that is a state comes to
 * each decision that it has a route for. On a transition that is hooked, what a hook lets through is taken as it is written;
 * a refusal tells the machine so where it wants to know, and after an invoke is the failure of that.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject } from 'xstate'
import { HookchartError } from '../errors.ts'
import { gateMetaOf } from '../hooks/gates/gate-meta.ts'
import { GATE_EVENTS, GATE_NAMES } from '../hooks/gates/names.ts'
import type { TransitionGate, TransitionGatesInput } from '../hooks/gates/transition-gate.ts'

/** What a gate that is a state was asked. */
interface Waiting {
  readonly data: unknown
  readonly event: EventObject
}

/** What gates hand on; whatever else has a route is never taken. */
const HANDED = ['continue', 'modified', 'replace', 'cancel', 'redirect', 'retry']

const REASON = 'a hook might refuse'
const CODE = 'HOOK_CANCELLED'

/** An actor that does nothing, and shows what it was given. */
const inert = {
  getInitialSnapshot: (_: unknown, input: unknown) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    input,
  }),
  transition: (snapshot: unknown) => snapshot,
  getPersistedSnapshot: (snapshot: unknown) => snapshot,
}

/** See the head of this file. */
export class GateChoices {
  /** The machine with choices in the place of hooks. */
  readonly machine: AnyStateMachine
  readonly #gates: TransitionGatesInput['gates']
  #isHooked = false
  /** Of the decisions and events made here: what they are of. */
  readonly #made = new WeakMap<object, string>()

  constructor(machine: AnyStateMachine) {
    this.#gates = gatesOf(machine)
    const nothing = () => undefined
    const implementations: unknown = {
      guards: {
        [GATE_NAMES.unhooked]: () => !this.#isHooked,
        [GATE_NAMES.fresh]: ({ event }: { event: object }) => !this.#made.has(event),
        [GATE_NAMES.stale]: () => false,
        [GATE_NAMES.admitted]: ({ event }: { event: object }, { gate }: { gate: string }) =>
          this.#made.get(event) === gate,
        [GATE_NAMES.decided]: ({ event }: { event: EventObject }, { type }: { type: string }) =>
          this.#isDecision(event) && event.output.type === type,
      },
      actions: {
        [GATE_NAMES.taken]: nothing,
        [GATE_NAMES.leaveSource]: nothing,
        [GATE_NAMES.ignored]: nothing,
      },
      actors: { [GATE_NAMES.gate]: inert, [GATE_NAMES.gates]: inert },
    }
    this.machine = machine.provide(implementations as never)
  }

  /** Does something while somebody is hooked everywhere, not nobody anywhere. */
  whileHooked<T>(act: () => T): T {
    this.#isHooked = true
    try {
      return act()
    } finally {
      this.#isHooked = false
    }
  }

  /** What the gates that are states may decide now. */
  decisionsIn(snapshot: AnyMachineSnapshot): readonly EventObject[] {
    return (snapshot._nodes as AnyStateNode[]).flatMap((node) => {
      const id = gateIdOf(node)
      const waiting = id === undefined ? undefined : waitingIn(snapshot, id)
      if (id === undefined || waiting === undefined) return []
      const routes = (gateMetaOf(node.meta) as { readonly routes?: readonly string[] }).routes ?? []
      return routes
        .filter((type) => HANDED.includes(type))
        .map((type) => ({ type: `xstate.done.actor.${id}`, output: this.#decision(type, waiting), actorId: id }))
    })
  }

  /** What may come of it that an event waits at a gate, besides that it is taken as it is written. */
  outcomesOf(actions: readonly { readonly type: string; readonly params?: unknown }[]): readonly EventObject[] {
    return actions.flatMap(({ type, params }) => {
      const { event } = (params ?? {}) as { readonly event?: EventObject & { gate?: string; event?: EventObject } }
      if (type !== 'xstate.sendTo' || event?.type !== GATE_EVENTS.pass) return []
      const { gate: id = '', event: waiting = event } = event
      const gate = this.#gates[id]
      if (gate === undefined) return []
      return gate.at === 'after' ? this.#afterwards(id, gate, waiting) : refusedOf(gate, waiting)
    })
  }

  /** What tells snapshots apart besides their value and context: what the gates that are states were asked. */
  waitingAt(snapshot: AnyMachineSnapshot): readonly unknown[] {
    return (snapshot._nodes as AnyStateNode[]).flatMap((node): unknown[] => {
      const id = gateIdOf(node)
      const waiting = id === undefined ? undefined : waitingIn(snapshot, id)
      if (waiting === undefined) return []
      const { event } = waiting
      return this.#isDecision(event) ? [[event.type, event.output.type]] : [event]
    })
  }

  #isDecision(event: EventObject): event is EventObject & { readonly output: { readonly type: string } } {
    const { output } = event as { readonly output?: unknown }
    return typeof output === 'object' && output !== null && this.#made.has(output)
  }

  #decision(type: string, { data, event }: Waiting): object {
    // What leads from gate to gate would grow with every turn.
    const isDecision = this.#isDecision(event)
    const decision = {
      ...{ type, data: isDecision ? { input: undefined } : data, event: isDecision ? { type: event.type } : event },
      ...(type === 'cancel' && { reason: REASON, code: CODE }),
      ...(type === 'replace' && { value: undefined }),
      ...(type === 'redirect' && { target: '' }),
      ...(type === 'retry' && { delayMs: 0, maxAttempts: Infinity }),
    }
    this.#made.set(decision, type)
    return decision
  }

  #afterwards(id: string, { point }: TransitionGate, { type }: EventObject): readonly EventObject[] {
    const actorId = type.slice('xstate.done.actor.'.length)
    const error = new HookchartError(CODE, `A hook at ${point} refused: ${REASON}`, { details: { point } })
    const again = { type: GATE_EVENTS.again }
    this.#made.set(again, id)
    return [{ type: `xstate.error.actor.${actorId}`, error, actorId } as EventObject, again]
  }
}

/** Whether a machine has gates of any kind. */
export function isGated(machine: AnyStateMachine): boolean {
  const hasGate = (node: AnyStateNode): boolean =>
    gateIdOf(node) !== undefined || Object.values(node.states).some(hasGate)
  return Object.keys(gatesOf(machine)).length > 0 || hasGate(machine.root)
}

function refusedOf({ point, refused }: TransitionGate, event: EventObject): readonly EventObject[] {
  return refused === undefined ? [] : [{ type: refused, event, point, code: CODE, reason: REASON } as EventObject]
}

/** The child that passes the gate which a state is. */
function gateIdOf({ meta, invoke }: AnyStateNode): string | undefined {
  return gateMetaOf(meta).point === undefined ? undefined : invoke[0]?.id
}

function waitingIn({ children }: AnyMachineSnapshot, id: string): Waiting | undefined {
  const child = (children as Readonly<Record<string, { getSnapshot(): unknown } | undefined>>)[id]
  return (child?.getSnapshot() as { readonly input?: Waiting } | undefined)?.input
}

function gatesOf({ root }: AnyStateMachine): TransitionGatesInput['gates'] {
  const invoke = root.invoke.find(({ id }) => id === GATE_NAMES.gates)
  return (invoke?.input as TransitionGatesInput | undefined)?.gates ?? {}
}
