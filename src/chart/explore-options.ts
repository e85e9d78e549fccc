/** What a search takes, and what it makes of what was left out. */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject, InputFrom } from 'xstate'
import * as z from 'zod'
import { HookchartError, textOf } from '../errors.ts'
import { gateMetaOf } from '../hooks/gates/gate-meta.ts'
import { isPlainObject } from '../json.ts'
import { parseOptions } from '../options.ts'

/** A pure step: the next snapshot, and nothing done. */
export type StepFunction = (snapshot: AnyMachineSnapshot, event: EventObject) => AnyMachineSnapshot

/** What must hold in every state that can be reached; false, or a text that says what is wrong, is a violation. */
export type Invariant = (snapshot: AnyMachineSnapshot) => boolean | string

/** Options of `explore`. Strict: an unknown key is refused. */
export interface ExploreOptions<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly input?: InputFrom<Machine>
  /**
   * Events to try in every state, or those to try in one. Ends of invokes and delays are events as well. Default one of each
   * type that the machine names, with nothing in it; ends of an actor while that is there.
   */
  readonly events?: readonly EventObject[] | ((snapshot: AnyMachineSnapshot) => readonly EventObject[])
  /** By name. */
  readonly always?: Readonly<Record<string, Invariant>>
  /** What tells states apart, as JSON; default value, context, history and status. What waits at gates always does. */
  readonly key?: (snapshot: AnyMachineSnapshot) => unknown
  /** Where the search ends, unfinished; default 50,000 states and any depth. */
  readonly bound?: { readonly states?: number; readonly depth?: number }
  /** Default XState's `transition`, with gates as choices. A step of your own decides about gates itself. */
  readonly step?: StepFunction
}

/** The same, whatever the machine. */
export interface ParsedOptions {
  readonly input: unknown
  readonly eventsIn: (snapshot: AnyMachineSnapshot) => readonly EventObject[]
  readonly always: readonly (readonly [string, Invariant])[]
  readonly key: ((snapshot: AnyMachineSnapshot) => unknown) | undefined
  readonly mostStates: number
  readonly mostDepth: number
  readonly step: StepFunction | undefined
}

const MOST_STATES = 50_000

const fn = <T>() => z.custom<T>((value) => typeof value === 'function', 'expected a function')
const isEvent = (value: unknown) => isPlainObject(value) && typeof value['type'] === 'string'
const events = z.array(z.custom<EventObject>(isEvent, 'expected an event: an object with a type'), {
  error: 'expected a list of events, or a function that gives one',
})

const limit = (least: number) =>
  z.custom<number>(
    (value) => value === Infinity || (Number.isSafeInteger(value) && (value as number) >= least),
    `expected a whole number of at least ${String(least)}, or Infinity`,
  )

const schema = z.strictObject({
  input: z.unknown().optional(),
  events: z.custom<ExploreOptions['events']>().optional(),
  always: z.record(z.string(), fn<Invariant>()).optional(),
  key: fn<(snapshot: AnyMachineSnapshot) => unknown>().optional(),
  bound: z.strictObject({ states: limit(1).optional(), depth: limit(0).optional() }).optional(),
  step: fn<StepFunction>().optional(),
})

/** Throws INVALID_OPTIONS. */
export function parseExploreOptions(machine: AnyStateMachine, given: unknown): ParsedOptions {
  const where = `explore(${machine.id})`
  const { input, always = {}, key, bound = {}, step, events: tried } = parseOptions(schema, given, where)
  return {
    ...{ input, always: Object.entries(always), key, step },
    mostStates: bound.states ?? MOST_STATES,
    mostDepth: bound.depth ?? Infinity,
    eventsIn: eventsIn(machine, tried, where),
  }
}

function eventsIn(
  machine: AnyStateMachine,
  tried: ExploreOptions['events'],
  where: string,
): (snapshot: AnyMachineSnapshot) => readonly EventObject[] {
  if (typeof tried === 'function') return (snapshot) => checked(tried(snapshot), where)
  if (tried === undefined) {
    const named = namedEvents(machine)
    return (snapshot) => named.filter(({ actorId }) => actorId === undefined || isThere(actorId, snapshot))
  }
  const all = checked(tried, where)
  return () => all
}

function checked(tried: unknown, where: string): readonly EventObject[] {
  // Most often it is: and the schema copies.
  if (Array.isArray(tried) && tried.every(isEvent)) return tried as readonly EventObject[]
  return parseOptions(z.object({ events }), { events: tried }, where).events
}

/** One event of each type that stands in the machine: wildcards are none, and the ends of its states it raises itself. */
function namedEvents({ events: types }: AnyStateMachine): readonly (EventObject & { readonly actorId?: string })[] {
  return (types as readonly string[])
    .filter((type) => type !== '' && !type.endsWith('*') && !/^(?:xstate\.done\.state|hookchart)\./.test(type))
    .map((type) => {
      const { kind, id } = /^xstate\.(?<kind>done|error)\.actor\.(?<id>.+)$/.exec(type)?.groups ?? {}
      if (kind === undefined) return { type }
      return { type, [kind === 'done' ? 'output' : 'error']: undefined, actorId: id as string }
    })
}

/** Whether an actor may come to its end. What passes a gate comes to its decisions only. */
function isThere(actor: string, { _nodes, children }: AnyMachineSnapshot): boolean {
  const node = (_nodes as AnyStateNode[]).find(({ invoke }) => invoke.some(({ id }) => id === actor))
  if (node !== undefined) return gateMetaOf(node.meta).point === undefined
  return (children as Readonly<Record<string, unknown>>)[actor] !== undefined
}

/** A machine that fails at its start has no state to search. */
export function failedAtStart({ id }: AnyStateMachine, cause: unknown): HookchartError {
  return new HookchartError(
    'INVALID_OPTIONS',
    `explore(${id}): the machine fails when it starts: ${textOf(cause)}. Give it the input that it needs.`,
    { details: { machine: id }, cause },
  )
}
