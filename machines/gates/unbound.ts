/** What stands behind the names of gates until hooks are provided: nothing that lets an event through. */
import type { AnyActorLogic } from 'xstate'
import { HookchartError } from '../../src/errors.ts'
import type { GateImplementations } from '../../src/hooks/gates/bind.ts'
import { GATE_NAMES } from '../../src/hooks/gates/names.ts'

/** A machine with gates was started without hooks. */
export const unbound = (name: string): HookchartError =>
  new HookchartError(
    'GATE_UNBOUND',
    `The gates of ${name} are bound to no hooks. Start it with system.start(machine), or give it hooks by machine.provide(hooks.provide()).`,
    { details: { machine: name } },
  )

const refusing = {
  getInitialSnapshot: (_: unknown, input: { readonly machine?: string; readonly component?: string }) => ({
    status: 'error',
    output: undefined,
    error: unbound(input.machine ?? input.component ?? 'a machine'),
  }),
  transition: (snapshot: unknown) => snapshot,
  getPersistedSnapshot: (snapshot: unknown) => snapshot,
} as unknown as AnyActorLogic

/** The names in a machine's `setup`, with what guards and actions are called with. */
type Unbound = {
  readonly [Kind in 'guards' | 'actions']: {
    readonly [Name in keyof GateImplementations[Kind]]: GateImplementations[Kind][Name]
  }
} & { readonly actors: { readonly [Name in keyof GateImplementations['actors']]: AnyActorLogic } }

const never = () => false
const nothing = () => undefined

/**
 * The names that gates use, for the `setup` of a machine with gates of its own and a type that is checked; hooks are
 * provided under these names.
 *
 * @example
 * ```ts
 * import { gate, gates } from 'hookchart/machines'
 * import { createActor, setup } from 'xstate'
 * const machine = setup(gates).createMachine({
 *   initial: 'before',
 *   states: { before: gate('SessionStart', { continue: 'open' }), open: {} },
 * })
 * const actor = createActor(machine)
 * actor.subscribe({ error: (error) => console.assert((error as { code?: string }).code === 'GATE_UNBOUND') })
 * actor.start()
 * ```
 */
export const gates: Unbound = {
  guards: {
    [GATE_NAMES.unhooked]: never,
    [GATE_NAMES.fresh]: () => true,
    [GATE_NAMES.stale]: never,
    [GATE_NAMES.admitted]: never,
    [GATE_NAMES.decided]: never,
  },
  actions: {
    [GATE_NAMES.taken]: nothing,
    [GATE_NAMES.leaveSource]: nothing,
    [GATE_NAMES.ignored]: nothing,
  },
  actors: { [GATE_NAMES.gate]: refusing, [GATE_NAMES.gates]: refusing },
}
