/**
 * Gates as choices of a search: whether somebody is hooked to a point, and what is decided. A gate that is a state comes to
 * each decision that it has a route for; what waits at gates of transitions is in `passes.ts`.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject } from 'xstate'
import { gateMetaOf } from '../hooks/gates/gate-meta.ts'
import { GATE_NAMES } from '../hooks/gates/names.ts'
import { Choices } from './choices.ts'
import type { Way } from './choices.ts'
import { Passes, REFUSAL } from './passes.ts'

/** What a gate that is a state was asked. */
interface Asked {
  readonly data: Readonly<Record<string, unknown>>
  readonly event: EventObject
}

/** A decision, as the end of the child that passes a gate. */
type DecisionEvent = EventObject & { readonly output: Asked & { readonly type: string } }

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
  readonly passes: Passes
  readonly #choices = new Choices()
  /** Of the events that were made here, and of the outputs of decisions: which gate they come from, and as what. */
  readonly #made = new WeakMap<object, string>()

  constructor(machine: AnyStateMachine) {
    this.passes = new Passes(machine, (event, gate) => {
      this.#made.set(event, gate)
      return event
    })
    const nothing = () => undefined
    const implementations: unknown = {
      guards: {
        [GATE_NAMES.unhooked]: ({ event }: { event: object }, { point, component }: HookedParams) =>
          !this.#made.has(event) && !this.#choices.ask(component === undefined ? point : `${point} of ${component}`),
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

  /** Does something once for every way in which somebody is hooked, or nobody, where that is asked. */
  ways<T>(act: () => T): readonly Way<T>[] {
    return this.#choices.ways(act)
  }

  /** What the gates that are states may decide now. */
  decisionsIn(snapshot: AnyMachineSnapshot): readonly EventObject[] {
    return askedIn(snapshot).flatMap(({ id, routes, asked }) =>
      routes.map((type) => this.#decision(`xstate.done.actor.${id}`, type, asked, id)),
    )
  }

  #isDecision(event: EventObject): event is DecisionEvent {
    const { output } = event as { readonly output?: unknown }
    return typeof output === 'object' && output !== null && this.#made.get(output) === event.type
  }

  #decision(type: string, decision: string, { data, event: cause }: Asked, actorId: string): DecisionEvent {
    // What leads from gate to gate holds all that led there: in a ring it would grow with every turn.
    const event = this.#withoutTurn(cause, type)
    const output = {
      ...{ type: decision, event },
      // The decision of the gate before stands in the event already.
      data: this.#isDecision(cause) && data['output'] === cause.output ? { ...data, output: undefined } : data,
      ...(decision === 'cancel' && REFUSAL),
      ...(decision === 'replace' && { value: undefined }),
      ...(decision === 'redirect' && { target: '' }),
      ...(decision === 'retry' && { delayMs: 1000, maxAttempts: 3 }),
    }
    this.#made.set(output, type)
    return { type, output, actorId } as DecisionEvent
  }

  /** Of an earlier turn at the same gate nothing is left but that it was. */
  #withoutTurn(event: EventObject, type: string): EventObject {
    if (!this.#isDecision(event)) return event
    if (event.type === type) return { type }
    const output = { ...event.output, event: this.#withoutTurn(event.output.event, type) }
    this.#made.set(output, event.type)
    return { ...event, output } as DecisionEvent
  }
}

interface HookedParams {
  readonly point: string
  readonly component?: string
}

interface GateAsked {
  readonly id: string
  readonly routes: readonly string[]
  readonly asked: Asked
}

/** What the gates that are states were asked, in a state of the machine. */
export function askedIn({ _nodes, children }: AnyMachineSnapshot): readonly GateAsked[] {
  return (_nodes as AnyStateNode[]).flatMap(({ meta, invoke }) => {
    const { point, routes = [] } = gateMetaOf(meta)
    const id = invoke[0]?.id
    if (point === undefined || id === undefined) return []
    const child = (children as Readonly<Record<string, { getSnapshot(): unknown } | undefined>>)[id]
    const { input } = (child?.getSnapshot() ?? {}) as { readonly input?: Asked }
    return input === undefined ? [] : [{ id, routes, asked: input }]
  })
}
