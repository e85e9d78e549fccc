/**
 * Tours: every transition of a machine taken, every outcome of what it invokes told, every timer elapsed: a timer is a source
 * that only comes to its end. Each transition is marked with an action that says that it was taken, and the search of `hookchart/chart` goes wherever that leads.
 */
import fc from 'fast-check'
import { explore } from 'hookchart/chart'
import type { Exploration, Invariant } from 'hookchart/chart'
import { isHookchartError } from 'hookchart/hooks'
import type { TimerSnapshot } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { createActor, fromPromise, initialTransition, StateMachine, transition } from 'xstate'
import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'

/** What may happen to a machine. */
export interface World {
  readonly input?: unknown
  /** What each invoked source may tell, in the snapshot in which it runs; an error for every source as well, unless it says `never`. */
  readonly tells?: Readonly<Record<string, (snapshot: AnyMachineSnapshot, input: unknown) => readonly unknown[]>>
  /** Sources that never fail, besides timers: what they cannot do is told as an outcome. */
  readonly neverFail?: readonly string[]
  /** What it may be sent besides. */
  readonly events?: (snapshot: AnyMachineSnapshot) => readonly EventObject[]
  readonly key?: (snapshot: AnyMachineSnapshot) => unknown
  readonly always?: Readonly<Record<string, Invariant>>
  readonly states?: number
}

/** What a tour has seen. */
export interface Tour {
  readonly found: Exploration
  /** Every transition of the machine, by where it is written. */
  readonly transitions: readonly string[]
  readonly taken: ReadonlySet<string>
}

const TOOK = 'tour.took'
/** What machines call the source of their timers. */
const TIMER = 'timer'
const AFTER = 'xstate.after.'

type Config = Record<string, unknown>

/** Goes everywhere. */
export function tour(machine: AnyStateMachine, world: World): Tour {
  const transitions: string[] = []
  const config = marked(machine.config as Config, machine.id, transitions)
  const { implementations } = machine
  const marking = new StateMachine(config as never, {
    ...implementations,
    actions: { ...implementations.actions, [TOOK]: () => undefined },
  }) as unknown as AnyStateMachine
  const taken = new Set<string>()
  const take = (actions: unknown) => {
    for (const { type, params } of actions as { type: string; params?: { edge: string } }[]) {
      if (type === TOOK) taken.add(params!.edge)
    }
  }
  take(initialTransition(marking, world.input as never)[1])
  const found = explore(marking, {
    ...(world.input !== undefined && { input: world.input as never }),
    ...(world.key !== undefined && { key: world.key }),
    ...(world.always !== undefined && { always: world.always }),
    ...(world.states !== undefined && { bound: { states: world.states } }),
    events: (snapshot) => eventsIn(marking, snapshot, world),
    step: (snapshot, event) => {
      const [next, actions] = transition(marking, snapshot, event)
      take(actions)
      return next as AnyMachineSnapshot
    },
  })
  return { found, transitions, taken }
}

/** Tours of one machine under several worlds: the transitions that none of them takes. */
export function untaken(tours: readonly Tour[]): string[] {
  const taken = new Set(tours.flatMap((each) => [...each.taken]))
  return tours[0]!.transitions.filter((each) => !taken.has(each))
}

/** States from which no way leads to an end; by default, to where the machine is done. */
export function endless(
  { adjacency }: Exploration,
  isEnd: (key: string) => boolean = (key) => !adjacency.has(key),
): string[] {
  const sources = new Map<string, string[]>()
  for (const [from, targets] of adjacency)
    for (const to of targets.values()) sources.set(to, [...(sources.get(to) ?? []), from])
  const home = new Set([...adjacency.keys(), ...sources.keys()].filter(isEnd))
  for (const key of home) for (const from of sources.get(key) ?? []) home.add(from)
  return [...adjacency.keys()].filter((key) => !home.has(key))
}

/** What is wrong with a tour that must come to its end, wherever it goes. */
export function stuck({ found }: Tour): unknown[] {
  return [...(found.result === 'complete' ? [] : [found.result]), ...found.deadlocks, ...endless(found)]
}

/** Asks in every state that a tour reaches whether its snapshot survives JSON. */
export function violations(machine: AnyStateMachine, world: World): unknown[] {
  const survives = (snapshot: AnyMachineSnapshot) => survivesJson(machine, snapshot, world)
  try {
    const { found } = tour(machine, { ...world, always: { ...world.always, 'survives JSON': survives } })
    return [...found.violations]
  } catch (error) {
    // Where the context itself tells states apart, the search says so first.
    if (isHookchartError(error, 'DATA_NOT_JSON')) return [error]
    throw error
  }
}

/** A machine at whose points somebody is hooked, at these and no others; sources that it leaves to whoever runs it are there. */
export function hookedTo(
  machine: AnyStateMachine,
  points: readonly string[],
  sources: readonly string[] = [],
): AnyStateMachine {
  return machine.provide({
    guards: { hooked: (_: unknown, { point }: { point: string }) => points.includes(point) } as never,
    actors: Object.fromEntries(sources.map((source) => [source, fromPromise(() => Promise.resolve())])),
  })
}

/** All ways to choose of some. */
export function subsets<T>(of: readonly T[]): T[][] {
  return of.reduce<T[][]>((sets, each) => [...sets, ...sets.map((set) => [...set, each])], [[]])
}

/** Everything that may happen in a snapshot. */
export function eventsIn(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, world: World): EventObject[] {
  const told = Object.values(snapshot._nodes).flatMap((node) =>
    node.invoke.flatMap(({ id, src, input }) => {
      const name = src as string
      const made = input as ((args: { context: unknown }) => unknown) | object | undefined
      const given: unknown = typeof made === 'function' ? made({ context: snapshot.context }) : made
      const outputs = world.tells?.[name]?.(snapshot, given) ?? [undefined]
      const done = outputs.map((output) => ({ type: `xstate.done.actor.${id}`, output, actorId: id }))
      if (name === TIMER || world.neverFail?.includes(name)) return done
      return [...done, { type: `xstate.error.actor.${id}`, error: { code: 'BROKEN', message: 'broken' }, actorId: id }]
    }),
  )
  const delays = snapshot._nodes
    .flatMap((node) => [...node.transitions.keys()])
    .filter((type) => type.startsWith(AFTER))
    .map((type) => ({ type }))
  return [...told, ...delays, ...(world.events?.(snapshot) ?? [])]
}

/**
 * The snapshot that JSON brings back goes on as the one that it was made of: what follows from each event is the same, and its
 * timers come when they are due.
 */
export function survivesJson(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, world: World): string | true {
  const text = JSON.stringify(machine.getPersistedSnapshot(snapshot))
  const restored = createActor(machine, { snapshot: JSON.parse(text) as never }).getSnapshot() as AnyMachineSnapshot
  if (plain(restored) !== plain(snapshot)) return `${plain(snapshot)} came back as ${plain(restored)}`
  for (const event of eventsIn(machine, snapshot, world)) {
    const [before] = transition(machine, snapshot, event)
    const [after] = transition(machine, restored, event)
    if (plain(before as AnyMachineSnapshot) !== plain(after as AnyMachineSnapshot)) {
      return `${event.type} leads elsewhere from what came back`
    }
  }
  return timersCome(machine, snapshot, text)
}

/** The next timer of a snapshot that goes on from JSON comes when it is due, not before, and leads where it should. */
function timersCome(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, text: string): string | true {
  const lost = snapshot._nodes.flatMap((node) => [...node.transitions.keys()]).find((type) => type.startsWith(AFTER))
  if (lost !== undefined) return `${lost}: a restore loses what is written with after`
  const ids = snapshot._nodes.flatMap((node) =>
    node.invoke.flatMap(({ id, src }) => ((src as unknown) === TIMER ? [id] : [])),
  )
  const waiting = ids
    .map((id) => ({ id, ...((snapshot.children[id] as AnyActorRef).getSnapshot() as TimerSnapshot) }))
    .filter(({ status }) => status === 'active')
    .sort((a, b) => a.dueAt - b.dueAt)
  const [next] = waiting
  if (next === undefined || snapshot.status !== 'active') return true
  const clock = createTestClock(Math.floor(next.dueAt) - 1)
  const actor = createActor(machine, { clock, snapshot: JSON.parse(text) as never }).start()
  void clock.advance(0)
  const seen = [plain(actor.getSnapshot() as AnyMachineSnapshot)]
  void clock.advance(next.dueAt - clock.now())
  seen.push(plain(actor.getSnapshot() as AnyMachineSnapshot))
  actor.stop()
  const [then] = transition(machine, snapshot, { type: `xstate.done.actor.${next.id}`, actorId: next.id })
  const wanted = [snapshot, then as AnyMachineSnapshot].map(plain)
  if (clock.timers > 0) return `${next.id} is left behind`
  return seen.join() === wanted.join() || `${next.id} comes to ${seen.join(', then ')}, not ${wanted.join(', then ')}`
}

const plain = ({ value, context, status, output }: AnyMachineSnapshot) =>
  fc.stringify(withoutUndefined([value, context, status, output]))

/** A key without a value is the same as none, and the order of keys says nothing; what is no JSON is told apart. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value)
      .flatMap(([key, each]): [string, unknown][] => (each === undefined ? [] : [[key, withoutUndefined(each)]]))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** A copy of the configuration of a state in which every transition says that it was taken. */
function marked(config: Config, path: string, edges: string[]): Config {
  const mark = (given: unknown, where: string): unknown => {
    if (given === undefined) return undefined
    const candidates = Array.isArray(given) ? (given as unknown[]) : [given]
    return candidates.map((each, i) => {
      const edge = candidates.length === 1 ? `${path}: ${where}` : `${path}: ${where} ${i}`
      edges.push(edge)
      const { actions = [], ...rest } = (typeof each === 'string' ? { target: each } : each) as Config
      const list = Array.isArray(actions) ? (actions as unknown[]) : [actions]
      return { ...rest, actions: [...list, { type: TOOK, params: { edge } }] }
    })
  }
  const each = (given: unknown, kind: string) =>
    given && Object.fromEntries(Object.entries(given).map(([key, value]) => [key, mark(value, `${kind}${key}`)]))
  const invokes = config['invoke'] as Config | Config[] | undefined
  const invoke = (Array.isArray(invokes) ? invokes : invokes === undefined ? [] : [invokes]).map((one) => ({
    ...one,
    onDone: mark(one['onDone'], `${String(one['id'])} done`),
    onError: mark(one['onError'], `${String(one['id'])} error`),
  }))
  return {
    ...config,
    ...(config['on'] !== undefined && { on: each(config['on'], '') }),
    ...(config['after'] !== undefined && { after: each(config['after'], 'after ') }),
    ...(config['always'] !== undefined && { always: mark(config['always'], 'always') }),
    ...(config['onDone'] !== undefined && { onDone: mark(config['onDone'], 'done') }),
    ...(invoke.length > 0 && { invoke }),
    ...(config['states'] !== undefined && {
      states: Object.fromEntries(
        Object.entries(config['states'] as Record<string, Config>).map(([key, child]) => [
          key,
          marked(child, `${path}.${key}`, edges),
        ]),
      ),
    }),
  }
}
