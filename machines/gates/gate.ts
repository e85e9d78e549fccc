/** A gate as a state of a machine: the deciding hooks of a point run in it, and their decision leads out of it. */
import { and } from 'xstate'
import type { EventObject, MachineContext } from 'xstate'
import * as z from 'zod'
import { HookchartError, toErrorData } from '../../src/errors.ts'
import { machineName } from '../../src/hooks/gates/machine-of.ts'
import type { MachineHolder } from '../../src/hooks/gates/machine-of.ts'
import { GATE_NAMES } from '../../src/hooks/gates/names.ts'
import { assertRoutes, takenOf } from '../../src/hooks/gates/routes.ts'
import type { RouteName } from '../../src/hooks/gates/routes.ts'
import { catalogue } from '../../src/hooks/points/catalogue.ts'
import type { PointDefinition } from '../../src/hooks/points/point.ts'
import { parseOptions } from '../../src/options.ts'
import { gateActor } from './gate-actor.ts'
import { knownPoint } from './known-point.ts'
import { listOf } from './written.ts'

/** Where a decision leads: a state, or a transition as in any machine. Its event is a {@link GateEvent}. */
export type GateRoute =
  | string
  | { readonly target?: string; readonly actions?: unknown; readonly guard?: unknown; readonly reenter?: boolean }

/** A route for each decision of a point; `modified` and `continue` are told apart so that a machine can take the changes over. */
export type GateRoutes = Readonly<Partial<Record<RouteName, GateRoute>>> & { readonly continue: GateRoute }

/** What the transitions out of a gate see as their event. */
export interface GateEvent {
  readonly type: string
  /** The decision with the data behind the gate, and the event that led to it. */
  readonly output: {
    readonly type: RouteName
    readonly data: Readonly<Record<string, unknown>>
    readonly event: EventObject
    readonly value?: unknown
    readonly target?: string
    readonly reason?: string
    readonly code?: string
    readonly hook?: string
    readonly delayMs?: number
    readonly maxAttempts?: number
  }
}

/** Options of {@link gate}. Strict: an unknown key is refused. */
export interface GateOptions<Context = MachineContext, Event extends EventObject = EventObject> {
  /** What hooks see as `ctx.data`; default the event's payload as `input`, or the `output` or `error` of an invoke. */
  readonly data?: (args: { readonly context: Context; readonly event: Event }) => Readonly<Record<string, unknown>>
  /** The name of the component that hooks see; default the id of the machine. */
  readonly component?: string
  /** The id of the child that passes the gate; default the one that XState gives what a state invokes. */
  readonly id?: string
}

const schema = z.strictObject({
  data: z
    .custom<NonNullable<GateOptions['data']>>((value) => typeof value === 'function', 'expected a function')
    .optional(),
  component: z.string().min(1).optional(),
  id: z.string().min(1).optional(),
})

const routesSchema = z.record(
  z.string(),
  z.union([z.string().min(1), z.looseObject({})], { error: 'expected the name of a state, or a transition' }),
)

interface Args {
  readonly context: MachineContext
  readonly event: EventObject
  readonly self: MachineHolder
}

/** A state as `createMachine` takes it, whatever the types of the machine: what is in it is nobody else's business. */
export interface GateState {
  readonly meta: { readonly gate: { readonly point: string; readonly routes: readonly string[] } }
  readonly invoke: never
}

const NAMES: readonly string[] = [
  'continue',
  'modified',
  'replace',
  'cancel',
  'redirect',
  'retry',
  'fork',
  'cache',
  'suspend',
]

/**
 * Makes a state in which the deciding hooks of a point run; the machine stays in it until they have decided.
 *
 * Each decision that the point hands on needs a route: continue, modified, replace, cancel and redirect before something,
 * retry as well after it. Fork and suspend, and a retry before something, end inside the gate: their routes may be left
 * out and are never taken. When all hooks are synchronous, the decision is taken before the outermost `send` returns;
 * leaving the gate aborts hooks that still run; a machine that is restored inside passes the gate again. A transition
 * behind the gate finds decision, data and the event that led here in `event.output`. What comes from an earlier pass,
 * from another gate or from a forger is ignored, and the journal says so.
 *
 * The machine needs hooks: `machine.provide(createHooks().provide())`. Without them it fails with GATE_UNBOUND.
 *
 * @throws UNKNOWN_POINT, INVALID_OPTIONS for a decision without a route, a route that is none or an unknown option
 * @example
 * ```ts
 * import { createHooks, definePoint, hook } from 'hookchart/hooks'
 * import { gate } from 'hookchart/machines'
 * import { createActor, createMachine } from 'xstate'
 * const beforeOpen = definePoint('before_open', { phase: 'before', decisions: ['cancel'] })
 * const door = createMachine({
 *   id: 'door',
 *   initial: 'shut',
 *   states: {
 *     shut: { on: { OPEN: 'asking' } },
 *     asking: gate(beforeOpen, { continue: 'open', cancel: 'shut' }),
 *     open: {},
 *   },
 * })
 * const hooks = createHooks({ points: [beforeOpen] })
 * hooks.register(beforeOpen, (ctx) => ((ctx.data as { input: { key?: string } }).input.key ? undefined : hook.cancel('no key')))
 * const actor = createActor(door.provide(hooks.provide())).start()
 * actor.send({ type: 'OPEN' })
 * console.assert(actor.getSnapshot().value === 'shut')
 * actor.send({ type: 'OPEN', key: 'k1' })
 * console.assert(actor.getSnapshot().value === 'open')
 * ```
 */
export function gate(point: string | PointDefinition, routes: GateRoutes, options: GateOptions = {}): GateState {
  const definition = knownPoint(point, 'gate')
  const id = definition?.id ?? (point as string)
  parseOptions(routesSchema, routes, `gate(${id}): routes`)
  const names = Object.keys(routes)
  assertNames(id, names)
  assertRoutes({ definition: definition ?? { ...ANY, id } }, names, 'gate')
  const { id: child, component, data = dataOf } = parseOptions(schema, options, `gate(${id})`)
  const ways = Object.entries(routes).map(([type, route]) => wayOf(type, route))
  return {
    meta: { gate: { point: id, routes: takenOf(definition, names) } },
    invoke: {
      // Not the point: the done event of a child is taken wherever that id is invoked, in another region as well.
      ...(child !== undefined && { id: child }),
      src: gateActor,
      input: ({ context, event, self }: Args) => ({
        point: id,
        component: component ?? machineName(self),
        data: data({ context, event }),
        event,
        routes: names,
      }),
      onDone: [
        ...ways,
        { meta: { gate: { point: id } }, actions: { type: GATE_NAMES.ignored, params: { point: id, component } } },
      ],
    },
  } as unknown as GateState
}

/** What is known of a custom point before it meets its hooks: it may hand on nothing but `continue`, or anything. */
const ANY: PointDefinition = { ...catalogue.SystemStartup, decisions: [] }

function assertNames(point: string, names: readonly string[]): void {
  const wrong = names.find((name) => !NAMES.includes(name))
  if (wrong === undefined) return
  throw new HookchartError(
    'INVALID_OPTIONS',
    `gate(${point}): "${wrong}" is no decision. Decisions are ${NAMES.join(', ')}.`,
    {
      details: { where: `gate(${point})`, flaws: [{ path: wrong, problem: 'no decision' }] },
    },
  )
}

function wayOf(type: string, route: GateRoute): object {
  const { guard, actions, ...way } = typeof route === 'string' ? { target: route } : route
  const decided = { type: GATE_NAMES.decided, params: { type } }
  return {
    ...way,
    guard: guard === undefined ? decided : and([decided, guard as never]),
    actions: [{ type: GATE_NAMES.taken }, ...listOf(actions)],
  }
}

function dataOf({ event }: Pick<Args, 'event'>): Readonly<Record<string, unknown>> {
  const { type, output, error, ...payload } = event as EventObject & { output?: unknown; error?: unknown }
  if (type.startsWith('xstate.done.')) return { input: undefined, output }
  if (type.startsWith('xstate.error.')) return { input: undefined, error: toErrorData(error) }
  return { input: { ...payload, ...(output !== undefined && { output }), ...(error !== undefined && { error }) } }
}
