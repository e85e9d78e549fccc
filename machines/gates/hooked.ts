/** Gates on the transitions of a machine that was written without any. */
import { createMachine } from 'xstate'
import type { AnyStateMachine } from 'xstate'
import * as z from 'zod'
import { parseMachine } from '../../src/chart/parse-machine.ts'
import { HookchartError } from '../../src/errors.ts'
import type { GateImplementations } from '../../src/hooks/gates/bind.ts'
import { GATE_NAMES } from '../../src/hooks/gates/names.ts'
import { isPointDefinition } from '../../src/hooks/points/point.ts'
import type { PointDefinition } from '../../src/hooks/points/point.ts'
import { parseOptions } from '../../src/options.ts'
import { Rewriting } from './rewriting.ts'
import { gates as unboundGates } from './unbound.ts'
import { typesIn } from './written.ts'

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

/**
 * Puts gates on transitions of a machine: a copy of it, in which states, their values and what is not hooked are as they
 * were.
 *
 * With no enabled hook at its points a transition is taken as it is written. Else its event waits, the state is not left,
 * and the event comes back as the hooks have changed it: guards, actions and params see that. A cancel refuses the event;
 * a redirect puts another type of event in its place; a retry passes the gate again. After the invoke of the target a
 * change or replacement is its output, a cancel its failure, a retry its restart. Leaving the state aborts what waits
 * there; a restored machine asks its hooks again, but what was persisted before it was hooked cannot be restored: its gates
 * are not in there. A {@link timer} in the target is no effect: it ends without a gate. Refusals are emitted by the child `hookchart.gates`.
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
  const where = `hooked(${parseMachine(machine, 'hooked').id})`
  const { on } = parseOptions(schema, spec, where)
  assertPlain(machine, where)
  for (const type of Object.keys(on)) assertTaken(machine, type, where)
  const config = new Rewriting(machine, on, where).root()
  const { implementations } = machine
  const made: unknown = createMachine(config as never, {
    ...implementations,
    guards: { ...unboundGates.guards, ...implementations.guards },
    actions: { ...unboundGates.actions, ...implementations.actions },
    actors: { ...unboundGates.actors, ...implementations.actors },
  })
  return made as HookedMachine<Machine>
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
