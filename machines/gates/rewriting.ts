/** A machine written anew, with gates on the transitions that are hooked. */
import { and, not, or, sendTo } from 'xstate'
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { HookchartError } from '../../src/errors.ts'
import { GATE_EVENTS, GATE_NAMES } from '../../src/hooks/gates/names.ts'
import type { TransitionGate, TransitionGatesInput } from '../../src/hooks/gates/transition-gate.ts'
import type { PointDefinition } from '../../src/hooks/points/point.ts'
import { effectOf, isEffect } from './effect-of.ts'
import { pointOf } from './known-point.ts'
import { both, forFresh, isWildcard, listOf, transitionsOf, typesIn, withGate } from './written.ts'
import type { Written, WrittenTransition } from './written.ts'

/** The gates of one type of event. */
export interface HookedPoints {
  readonly before?: string | PointDefinition | undefined
  readonly after?: string | PointDefinition | undefined
  readonly refused?: string | undefined
}

/** See the head of this file. */
export class Rewriting {
  readonly #machine: AnyStateMachine
  readonly #on: Readonly<Record<string, HookedPoints>>
  readonly #where: string
  readonly #gates: Record<string, TransitionGate> = {}
  /** By the state whose invoke is the effect of a hooked transition: the gate after it. */
  readonly #effects = new Map<AnyStateNode, string>()

  constructor(machine: AnyStateMachine, on: Readonly<Record<string, HookedPoints>>, where: string) {
    this.#machine = machine
    this.#on = on
    this.#where = where
  }

  root(): Written {
    const { root } = this.#machine
    this.#findEffects(root)
    const config: unknown = this.#machine.config
    const written = this.#state(root, config as Written)
    const input: TransitionGatesInput = {
      machine: this.#machine.id,
      gates: this.#gates,
      events: [...typesIn(root)].filter((type) => !isWildcard(type)),
    }
    const child = { id: GATE_NAMES.gates, src: GATE_NAMES.gates, input }
    return {
      ...written,
      on: { ...(written['on'] as object | undefined), ...this.#lateFailures(written['on'] as Written | undefined) },
      // Last: the ids of other invokes may count them.
      invoke: [...listOf(written['invoke']), child],
    }
  }

  /** A failure that hooks made of the end of an invoke must not fail the machine that has left it. */
  #lateFailures(on: Written = {}): Written {
    const failures = [...this.#effects].flatMap(([node, gate]) =>
      node.invoke
        .filter((_, i) => isEffect(node, i))
        .map(({ id }) => [`xstate.error.actor.${id}`, (this.#gates[gate] as TransitionGate).point] as const),
    )
    return Object.fromEntries(
      failures.map(([type, point]) => [
        type,
        [this.#ignoring(point, {}), ...(type in on ? transitionsOf(on[type]) : [])],
      ]),
    )
  }

  /** The invokes that are the effects of hooked transitions, and the gates after them. */
  #findEffects(node: AnyStateNode): void {
    for (const [type, { after }] of Object.entries(this.#on)) {
      if (after === undefined) continue
      for (const { target = [] } of node.transitions.get(type) ?? []) {
        const effect = effectOf(target)
        if (effect !== undefined) this.#gateAfter(effect, pointOf(after, 'after', this.#where))
      }
    }
    for (const child of Object.values(node.states)) this.#findEffects(child)
  }

  #gateAfter(effect: AnyStateNode, point: string): void {
    const id = `${effect.id} after`
    const known = this.#gates[id]
    if (known !== undefined && known.point !== point) {
      throw new HookchartError(
        'INVALID_OPTIONS',
        `${this.#where}: the invoke of ${effect.id} settles once, and has ${known.point} and ${point} after it. Name one.`,
        { details: { where: this.#where, flaws: [{ path: 'on', problem: `two points after ${effect.id}` }] } },
      )
    }
    this.#gates[id] = { point, at: 'after', source: effect.id }
    this.#effects.set(effect, id)
  }

  #state(node: AnyStateNode, written: Written): Written {
    const states = Object.entries((written['states'] ?? {}) as Readonly<Record<string, Written>>)
    const on = (written['on'] ?? {}) as Readonly<Record<string, unknown>>
    const hookedOn = Object.entries(on).map(([type, given]) => [type, this.#transitions(node, type, given)] as const)
    const after = this.#effects.get(node)
    const isSource = Object.values(this.#gates).some(({ source }) => source === node.id)
    return {
      ...written,
      ...(states.length > 0 && {
        states: Object.fromEntries(
          states.map(([key, state]) => [key, this.#state(node.states[key] as AnyStateNode, state)]),
        ),
      }),
      ...((hookedOn.length > 0 || after !== undefined) && {
        on: { ...Object.fromEntries(hookedOn), ...(after !== undefined && this.#again(node, after)) },
      }),
      ...(after !== undefined && {
        invoke: listOf(written['invoke']).map((invoke, i) =>
          isEffect(node, i) ? this.#invoke(invoke as Written, after) : invoke,
        ),
      }),
      ...(isSource && {
        exit: [...listOf(written['exit']), { type: GATE_NAMES.leaveSource, params: { state: node.id } }],
      }),
    }
  }

  #transitions(node: AnyStateNode, type: string, given: unknown): unknown {
    const spec = this.#on[type]
    // What waits at a gate was seen by everybody when it was sent: it comes back to its gate only.
    if (spec === undefined) return isWildcard(type) ? transitionsOf(given).map(forFresh) : given
    const definitions = node.transitions.get(type) ?? []
    const point = spec.before === undefined ? undefined : pointOf(spec.before, 'before', this.#where)
    const passed = point === undefined ? [] : [point]
    const taken = transitionsOf(given).map((transition, i) => {
      if (spec.after === undefined) return withGate(transition, { passes: passed })
      const gate = this.#gateBehind(node, type, i, spec, definitions[i]?.target)
      const behind = this.#gates[gate] as TransitionGate
      return {
        ...withGate(transition, { passes: behind.at === 'entered' ? [...passed, behind.point] : passed }),
        actions: [...listOf(transition.actions), sendTaken(gate)],
      }
    })
    if (point === undefined || taken.length === 0) return taken
    const id = `${node.id} ${type}`
    this.#gates[id] = {
      point,
      at: 'before',
      source: node.id,
      ...(spec.after !== undefined && { after: true }),
      ...(spec.refused !== undefined && { refused: spec.refused }),
    }
    return this.#gated(id, point, taken)
  }

  /** The gate after the target of a transition: at the end of its invoke, or where it is entered. */
  #gateBehind(
    node: AnyStateNode,
    type: string,
    index: number,
    spec: HookedPoints,
    target: readonly AnyStateNode[] = [],
  ): string {
    const effect = effectOf(target)
    if (effect !== undefined) return this.#effects.get(effect) as string
    const id = `${node.id} ${type} entered ${String(index)}`
    this.#gates[id] = {
      point: pointOf(spec.after as string | PointDefinition, 'after', this.#where),
      at: 'entered',
      source: '',
      ...(spec.refused !== undefined && { refused: spec.refused }),
    }
    return id
  }

  /** Every transition as it is written for who has no hooks, the same for what a gate lets through, and the gate. */
  #gated(gate: string, point: string, transitions: readonly WrittenTransition[]): readonly object[] {
    const component = this.#machine.id
    const unhooked = { type: GATE_NAMES.unhooked, params: { point, component } }
    const admitted = { type: GATE_NAMES.admitted, params: { gate } }
    const guards = transitions.map(({ guard }) => guard)
    const enabled = guards.length === 0 || guards.includes(undefined) ? [] : [or(guards as never)]
    return [
      ...transitions.map((transition) => ({ ...transition, guard: both(unhooked, transition.guard) })),
      ...transitions.map((transition) => ({
        ...withGate(transition, { point }),
        guard: both(admitted, transition.guard),
        actions: [{ type: GATE_NAMES.taken }, ...listOf(transition.actions)],
      })),
      {
        guard: and([GATE_NAMES.fresh, not(unhooked as never), ...enabled] as never),
        actions: sendTo(GATE_NAMES.gates, ({ event }) => ({ type: GATE_EVENTS.pass, gate, event })),
        ...withGate({}, { point }),
      },
      // Where nothing is written, nothing can be missed.
      ...(transitions.length === 0
        ? [{ ...withGate({}, { point }), guard: admitted, actions: { type: GATE_NAMES.taken } }]
        : []),
      this.#ignoring(point, { gate }),
    ]
  }

  /** What came too late goes nowhere. */
  #ignoring(point: string, params: object): object {
    return {
      ...withGate({}, { point }),
      guard: { type: GATE_NAMES.stale, params },
      actions: { type: GATE_NAMES.ignored, params: { point, component: this.#machine.id } },
    }
  }

  #invoke(written: Written, gate: string): Written {
    const { point } = this.#gates[gate] as TransitionGate
    const { onDone } = written
    const ends = onDone === undefined ? [] : transitionsOf(onDone)
    const passing = ends.map((end) => withGate(end, { passes: [point] }))
    return { ...written, onDone: this.#gated(gate, point, passing) }
  }

  /** A retry after the effect: its state is entered again. */
  #again({ id }: AnyStateNode, gate: string): Written {
    const { point } = this.#gates[gate] as TransitionGate
    const admitted = { type: GATE_NAMES.admitted, params: { gate } }
    return {
      [GATE_EVENTS.again]: {
        ...withGate({}, { point }),
        guard: admitted,
        target: `#${id.replaceAll('.', '\\.')}`,
        reenter: true,
        actions: [{ type: GATE_NAMES.taken }, sendTaken(gate)],
      },
    }
  }
}

function sendTaken(gate: string): object {
  return sendTo(GATE_NAMES.gates, ({ event }) => ({ type: GATE_EVENTS.taken, gate, event }))
}
