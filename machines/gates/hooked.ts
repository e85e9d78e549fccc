/** Gates on the transitions of a machine that was written without any. */
import { and, createMachine, not, or, sendTo } from 'xstate'
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import * as z from 'zod'
import { HookchartError } from '../../src/errors.ts'
import type { GateImplementations } from '../../src/hooks/gates/bind.ts'
import { GATE_EVENTS, GATE_NAMES } from '../../src/hooks/gates/names.ts'
import type { TransitionGate, TransitionGatesInput } from '../../src/hooks/gates/transition-gate.ts'
import { isPointDefinition } from '../../src/hooks/points/point.ts'
import type { PointDefinition } from '../../src/hooks/points/point.ts'
import { parseOptions } from '../../src/options.ts'
import { pointOf } from './known-point.ts'
import { gates as unboundGates } from './unbound.ts'

/** The gates of the transitions that one type of event leads to. */
export interface HookedEvent {
  /** Passed before a transition is taken; its phase must be before. */
  readonly before?: string | PointDefinition
  /** Passed when the invoke of the target has settled or, where there is none, when the target was entered; its phase must be after. */
  readonly after?: string | PointDefinition
  /** An event that the machine is sent, with event, point, code and reason, when its own was refused. */
  readonly refused?: string
}

/** What is hooked in a machine. */
export interface HookedSpec {
  /** By the type of event, as the machine has it in its `on`. */
  readonly on: Readonly<Record<string, HookedEvent>>
}

/** A machine that hooks can be provided for. */
export type HookedMachine<Machine extends AnyStateMachine> = Machine & {
  provide(implementations: GateImplementations): Machine
}

const pointSchema = z.union([z.string().min(1), z.custom<PointDefinition>(isPointDefinition, 'expected a hook point')])
const schema = z.strictObject({
  on: z.record(
    z.string(),
    z
      .strictObject({
        before: pointSchema.optional(),
        after: pointSchema.optional(),
        refused: z.string().min(1).optional(),
      })
      .refine(({ before, after }) => before !== undefined || after !== undefined, 'expected a point before or after'),
  ),
})

type Spec = z.output<typeof schema>['on'][string]

/** A part of a machine as it is written. */
type Written = Readonly<Record<string, unknown>>

/** A transition as it is written, in full. */
interface WrittenTransition {
  readonly target?: unknown
  readonly guard?: unknown
  readonly actions?: unknown
}

/**
 * Puts gates on transitions of a machine: a copy of it, in which states, their values and what is not hooked are as they
 * were.
 *
 * With no enabled hook at its points a transition is taken as it is written. Else its event waits, the state is not left,
 * and the event comes back as the hooks have changed it: guards, actions and params see that. A cancel refuses the event;
 * a redirect puts another type of event in its place; a retry passes the gate again. After the invoke of the target a
 * change or replacement is its output, a cancel its failure, a retry its restart. Leaving the state aborts what waits
 * there; a restored machine asks its hooks again. Refusals are emitted by the child `hookchart.gates`.
 *
 * The machine needs hooks: `machine.provide(createHooks().provide())`. Without them it fails with GATE_UNBOUND.
 *
 * @throws INVALID_OPTIONS for an event that no transition takes, a point of another phase, or two points after one target
 * @example
 * ```ts
 * import { createHooks, definePoint, hook } from 'hookchart/hooks'
 * import { hooked } from 'hookchart/machines'
 * import { createActor, createMachine } from 'xstate'
 * const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } } })
 * const beforeFlip = definePoint('before_flip', { phase: 'before' })
 * const hooks = createHooks({ points: [beforeFlip] })
 * const actor = createActor(hooked(lamp, { on: { FLIP: { before: beforeFlip } } }).provide(hooks.provide())).start()
 * actor.send({ type: 'FLIP' })
 * console.assert(actor.getSnapshot().value === 'on')
 * hooks.register(beforeFlip, () => hook.cancel('it is night'))
 * actor.send({ type: 'FLIP' })
 * console.assert(actor.getSnapshot().value === 'on')
 * ```
 */
export function hooked<Machine extends AnyStateMachine>(machine: Machine, spec: HookedSpec): HookedMachine<Machine> {
  const where = `hooked(${machine.id})`
  const { on } = parseOptions(schema, spec, where)
  assertPlain(machine, where)
  for (const type of Object.keys(on)) assertTaken(machine, type, where)
  const rewriting = new Rewriting(machine, on, where)
  const config = rewriting.root()
  const { implementations } = machine
  const made: unknown = createMachine(config as never, {
    ...implementations,
    guards: { ...unboundGates.guards, ...implementations.guards },
    actions: { ...unboundGates.actions, ...implementations.actions },
    actors: { ...unboundGates.actors, ...implementations.actors },
  })
  return made as HookedMachine<Machine>
}

/** One machine being written anew. */
class Rewriting {
  readonly #machine: AnyStateMachine
  readonly #on: Readonly<Record<string, Spec>>
  readonly #where: string
  readonly #gates: Record<string, TransitionGate> = {}
  /** By the state whose invoke is the effect of a hooked transition: the gate after it. */
  readonly #effects = new Map<AnyStateNode, string>()

  constructor(machine: AnyStateMachine, on: Readonly<Record<string, Spec>>, where: string) {
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
    const failures = [...this.#effects].flatMap(([{ invoke }, gate]) =>
      invoke.map(({ id }) => [`xstate.error.actor.${id}`, (this.#gates[gate] as TransitionGate).point] as const),
    )
    return Object.fromEntries(
      failures.map(([type, point]) => [
        type,
        [
          { guard: { type: GATE_NAMES.stale, params: {} }, actions: this.#ignored(point) },
          ...(type in on ? transitionsOf(on[type]) : []),
        ],
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
        invoke: listOf(written['invoke']).map((invoke) => this.#invoke(invoke as Written, after)),
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
    const taken = transitionsOf(given).map((transition, i) => {
      const gate = spec.after === undefined ? undefined : this.#gateBehind(node, type, i, spec, definitions[i]?.target)
      return gate === undefined
        ? transition
        : { ...transition, actions: [...listOf(transition.actions), sendTaken(gate)] }
    })
    if (spec.before === undefined || taken.length === 0) return taken
    const point = pointOf(spec.before, 'before', this.#where)
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
    spec: Spec,
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
        ...transition,
        guard: both(admitted, transition.guard),
        actions: [{ type: GATE_NAMES.taken }, ...listOf(transition.actions)],
      })),
      {
        guard: and([GATE_NAMES.fresh, not(unhooked as never), ...enabled] as never),
        actions: sendTo(GATE_NAMES.gates, ({ event }) => ({ type: GATE_EVENTS.pass, gate, event })),
        meta: { gate: { point } },
      },
      // Where nothing is written, nothing can be missed.
      ...(transitions.length === 0 ? [{ guard: admitted, actions: { type: GATE_NAMES.taken } }] : []),
      { guard: { type: GATE_NAMES.stale, params: { gate } }, actions: this.#ignored(point) },
    ]
  }

  #ignored(point: string): object {
    return { type: GATE_NAMES.ignored, params: { point, component: this.#machine.id } }
  }

  #invoke(written: Written, gate: string): Written {
    const { point } = this.#gates[gate] as TransitionGate
    const { onDone } = written
    return { ...written, onDone: this.#gated(gate, point, onDone === undefined ? [] : transitionsOf(onDone)) }
  }

  /** A retry after the effect: its state is entered again. */
  #again({ id }: AnyStateNode, gate: string): Written {
    const admitted = { type: GATE_NAMES.admitted, params: { gate } }
    return {
      [GATE_EVENTS.again]: {
        guard: admitted,
        target: `#${id.replaceAll('.', '\\.')}`,
        reenter: true,
        actions: [{ type: GATE_NAMES.taken }, sendTaken(gate)],
      },
    }
  }
}

function assertPlain({ id, root }: AnyStateMachine, where: string): void {
  if (!root.invoke.some((invoke) => invoke.id === GATE_NAMES.gates)) return
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: ${id} is hooked already. Name all its events in one call of hooked.`,
    { details: { where, flaws: [{ path: 'machine', problem: 'hooked already' }] } },
  )
}

function assertTaken({ id, root }: AnyStateMachine, type: string, where: string): void {
  const known = typesIn(root)
  if (known.has(type)) return
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: no transition of ${id} takes "${type}". It takes ${[...known].join(', ')}.`,
    { details: { where, flaws: [{ path: `on.${type}`, problem: 'no transition takes it' }], known: [...known] } },
  )
}

/** The types of event that are written in a state and in those inside it. */
function typesIn(node: AnyStateNode): Set<string> {
  const own = Object.keys((node.config as { readonly on?: object }).on ?? {})
  return new Set([...own, ...Object.values(node.states).flatMap((child) => [...typesIn(child)])])
}

/** The state whose invoke is the effect of a transition: its target, or what is entered with that. */
function effectOf(targets: readonly AnyStateNode[]): AnyStateNode | undefined {
  for (const target of targets) {
    const effect = target.invoke.length > 0 ? target : effectOf(enteredWith(target))
    if (effect !== undefined) return effect
  }
  return undefined
}

function enteredWith(node: AnyStateNode): readonly AnyStateNode[] {
  if (node.type === 'parallel') return Object.values(node.states)
  return node.type === 'compound' ? node.initial.target : []
}

function sendTaken(gate: string): object {
  return sendTo(GATE_NAMES.gates, ({ event }) => ({ type: GATE_EVENTS.taken, gate, event }))
}

function both(guard: object, own: unknown): unknown {
  return own === undefined ? guard : and([guard, own] as never)
}

/** As XState reads them: nothing at all is a transition that forbids those of the states around. */
function transitionsOf(written: unknown): readonly WrittenTransition[] {
  return written === undefined ? [{}] : listOf(written).map(transitionOf)
}

function forFresh(transition: WrittenTransition): WrittenTransition {
  return { ...transition, guard: both({ type: GATE_NAMES.fresh }, transition.guard) }
}

function isWildcard(type: string): boolean {
  return type.endsWith('*')
}

function transitionOf(written: unknown): WrittenTransition {
  return typeof written === 'string' ? { target: written } : (written ?? {})
}

function listOf(written: unknown): readonly unknown[] {
  if (written === undefined) return []
  return Array.isArray(written) ? written : [written]
}
