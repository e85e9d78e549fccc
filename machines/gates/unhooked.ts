/** A guard for the way past a gate that is a state: nobody is there, so that it need not be entered. */
import * as z from 'zod'
import { GATE_NAMES } from '../../src/hooks/gates/names.ts'
import type { PointDefinition } from '../../src/hooks/points/point.ts'
import { parseOptions } from '../../src/options.ts'
import { knownPoint } from './known-point.ts'

/** Options of {@link unhooked}. Strict: an unknown key is refused. */
export interface UnhookedOptions {
  /** Only hooks for the component of this name count; default all hooks at the point. */
  readonly component?: string
}

/** A guard as it is written in a machine. */
export interface UnhookedGuard {
  readonly type: typeof GATE_NAMES.unhooked
  readonly params: { readonly point: string; readonly component?: string }
}

const schema = z.strictObject({ component: z.string().min(1).optional() })

/**
 * Makes a guard that holds while no enabled hook is at a point.
 *
 * Put the transition that it guards in front of the one that leads to the gate: without hooks it is taken as it is written,
 * with its own event, and no child is made. A gate that is entered makes one, for its routes see a {@link GateEvent}.
 *
 * The machine needs hooks: `machine.provide(createHooks().provide())`; in its `setup` stands `...gates`.
 *
 * @throws UNKNOWN_POINT, INVALID_OPTIONS
 * @example
 * ```ts
 * import { createHooks, definePoint, hook } from 'hookchart/hooks'
 * import { gate, gates, unhooked } from 'hookchart/machines'
 * import { createActor, setup } from 'xstate'
 * const beforeOpen = definePoint('before_open', { phase: 'before', decisions: ['cancel'] })
 * const door = setup(gates).createMachine({
 *   id: 'door',
 *   initial: 'shut',
 *   states: {
 *     shut: { on: { OPEN: [{ guard: unhooked(beforeOpen), target: 'open' }, { target: 'asking' }] } },
 *     asking: gate(beforeOpen, { continue: 'open', cancel: 'shut' }),
 *     open: { on: { SHUT: 'shut' } },
 *   },
 * })
 * const hooks = createHooks({ points: [beforeOpen] })
 * const actor = createActor(door.provide(hooks.provide())).start()
 * actor.send({ type: 'OPEN' })
 * console.assert(actor.getSnapshot().value === 'open')
 * hooks.register(beforeOpen, () => hook.cancel('it is night'))
 * actor.send({ type: 'SHUT' })
 * actor.send({ type: 'OPEN' })
 * console.assert(actor.getSnapshot().value === 'shut')
 * ```
 */
export function unhooked(point: string | PointDefinition, options: UnhookedOptions = {}): UnhookedGuard {
  const id = knownPoint(point, 'unhooked')?.id ?? (point as string)
  const { component } = parseOptions(schema, options, `unhooked(${id})`)
  return { type: GATE_NAMES.unhooked, params: { point: id, ...(component !== undefined && { component }) } }
}
