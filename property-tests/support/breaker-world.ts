/**
 * The breaker's machine with up to four callers round it, and time that passes in steps: everything that can happen
 * between them, for an exhaustive search. The world rides in the context of the machine; what the machine does is its own.
 */
import { explore } from 'hookchart/chart'
import type { Exploration } from 'hookchart/chart'
import type * as machines from 'hookchart/machines'
import type { BreakerContext, BreakerEvent } from 'hookchart/machines'
import { transition } from 'xstate'
import type { AnyMachineSnapshot, SnapshotFrom } from 'xstate'

/** A call in flight: the generation that admitted it, when, and whether as a probe. */
interface Call {
  readonly permit: number
  readonly since: number
  readonly isProbe: boolean
}

interface World {
  readonly now: number
  readonly callers: readonly (Call | undefined)[]
  /** Quick successes of this generation. */
  readonly won: number
  /** What a step did that it may not do. */
  readonly broke: string | undefined
}

/** What happens; PASS is a step of time. */
export type WorldEvent =
  | { readonly type: 'PASS' }
  | { readonly type: 'ACQUIRE' | 'SUCCESS' | 'SLOW' | 'FAILURE' | 'RELEASE'; readonly caller: number }

type Snapshot = SnapshotFrom<typeof machines.breakerMachine>

/** Small numbers that still tell every boundary apart. */
export const worldSettings = {
  failureThreshold: 2,
  successThreshold: 2,
  windowMs: 2,
  openMs: 2,
  openMultiplier: 2,
  maxOpenMs: 4,
  slowCallThreshold: 2,
  slowCallMs: 1,
} as const

/** Openings after which none stays open longer. */
const MOST_OPENS = 2

const worldOf = (snapshot: AnyMachineSnapshot) =>
  (snapshot.context as { readonly world?: World }).world ?? {
    now: 0,
    callers: [],
    won: 0,
    broke: undefined,
  }

/** Searches all that can happen with so many callers. */
export function exploreBreaker(
  { breakerMachine }: Pick<typeof machines, 'breakerMachine'>,
  callers: number,
): Exploration {
  const start: World = { now: 0, callers: Array.from({ length: callers }), won: 0, broke: undefined }
  const world = (snapshot: AnyMachineSnapshot) => {
    const known = worldOf(snapshot)
    return known.callers.length === 0 ? start : known
  }
  const step = (snapshot: AnyMachineSnapshot, event: WorldEvent): AnyMachineSnapshot => {
    const before = world(snapshot)
    const told = toldOf(before, event)
    const next = (told === undefined ? snapshot : transition(breakerMachine, snapshot as Snapshot, told)[0]) as Snapshot
    const after = advance(before, event, snapshot as Snapshot, next)
    return { ...next, context: { ...next.context, world: after } } as AnyMachineSnapshot
  }
  return explore(breakerMachine, {
    input: worldSettings,
    events: (snapshot) => eventsIn(world(snapshot), snapshot as Snapshot),
    step: step as never,
    key: (snapshot) => keyOf(world(snapshot), snapshot as Snapshot),
    always: {
      'no more probes in flight than may close it': (snapshot) =>
        probesInFlight(world(snapshot), snapshot as Snapshot) <= worldSettings.successThreshold,
      'no step does what it may not': (snapshot) => world(snapshot).broke ?? true,
    },
  })
}

/** What the machine is told of an event. */
function toldOf({ now, callers }: World, event: WorldEvent): BreakerEvent | undefined {
  if (event.type === 'PASS') return undefined
  if (event.type === 'ACQUIRE') return { type: 'ACQUIRE', at: now }
  const { permit } = callers[event.caller]!
  if (event.type === 'RELEASE') return { type: 'RELEASE', permit }
  if (event.type === 'FAILURE') return { type: 'FAILURE', at: now, permit }
  return { type: 'SUCCESS', at: now, permit, durationMs: event.type === 'SLOW' ? worldSettings.slowCallMs : 0 }
}

function advance(world: World, event: WorldEvent, before: Snapshot, after: Snapshot): World {
  if (event.type === 'PASS') return { ...world, now: world.now + 1 }
  const isNew = after.context.generation !== before.context.generation
  const call = world.callers[event.caller]
  const won = isNew ? 0 : world.won + (isQuickSuccess(event, call, before) ? 1 : 0)
  const broke = world.broke ?? breach(world, event, before, after)
  const next = event.type === 'ACQUIRE' ? admitted(world, before, after) : undefined
  return { ...world, callers: world.callers.with(event.caller, next), won, broke }
}

function isQuickSuccess({ type }: WorldEvent, call: Call | undefined, { context }: Snapshot): boolean {
  return type === 'SUCCESS' && call?.permit === context.generation
}

function admitted({ now }: World, before: Snapshot, after: Snapshot): Call | undefined {
  const isProbe = after.value === 'halfOpen'
  if (after.value === 'open' || (isProbe && after.context.probes === before.context.probes)) return undefined
  return { permit: after.context.generation, since: now, isProbe }
}

/** What a step may not do. */
function breach(world: World, event: WorldEvent, before: Snapshot, after: Snapshot): string | undefined {
  const call = event.type === 'PASS' ? undefined : world.callers[event.caller]
  const from = before.context
  const to = after.context
  if (call !== undefined && call.permit !== from.generation && withoutWorld(from) !== withoutWorld(to))
    return 'a stale permit changed something'
  if (before.value === 'open' && after.value !== 'open' && world.now < from.openUntil) return 'it was left too early'
  const won = world.won + (isQuickSuccess(event, call, before) ? 1 : 0)
  if (before.value === 'halfOpen' && after.value === 'closed' && won < worldSettings.successThreshold)
    return 'it closed too early'
  if (before.value !== 'open' && after.value === 'open') {
    const openMs = to.openUntil - world.now
    if (openMs !== (to.opens === 1 ? worldSettings.openMs : worldSettings.maxOpenMs)) return 'it opens for another time'
  }
  return undefined
}

const withoutWorld = (context: BreakerContext) => JSON.stringify({ ...context, world: undefined })

function probesInFlight({ now, callers }: World, { context }: Snapshot): number {
  return callers.filter(
    (call) => call?.isProbe === true && call.permit === context.generation && now - call.since < worldSettings.openMs,
  ).length
}

/** One caller of those that stand alike is enough. */
function eventsIn(world: World, snapshot: Snapshot): WorldEvent[] {
  const kinds = new Map<string, number>()
  for (const [i, call] of world.callers.entries()) {
    const kind = kindOf(call, world.now, snapshot.context)
    if (!kinds.has(kind)) kinds.set(kind, i)
  }
  return [...kinds.values()]
    .flatMap((caller): WorldEvent[] =>
      world.callers[caller] === undefined
        ? [{ type: 'ACQUIRE', caller }]
        : (['SUCCESS', 'SLOW', 'FAILURE', 'RELEASE'] as const).map((type) => ({ type, caller })),
    )
    .concat({ type: 'PASS' })
}

function kindOf(call: Call | undefined, now: number, { generation }: BreakerContext): string {
  if (call === undefined) return 'idle'
  if (call.permit !== generation) return 'stale'
  return call.isProbe ? `probe ${String(Math.min(now - call.since, worldSettings.openMs))}` : 'call'
}

/** Time by what is left of it only, and callers by how many stand alike: that makes the world finite. */
function keyOf(world: World, { value, context }: Snapshot): unknown {
  const { now } = world
  const { windowMs, openMs } = worldSettings
  const ages = (times: readonly number[]) => times.map((time) => now - time).filter((age) => age <= windowMs)
  const callers = world.callers.map((call) => kindOf(call, now, context)).sort()
  const counted = {
    closed: [ages(context.failures), ages(context.slowCalls)],
    open: [Math.max(0, context.openUntil - now), Math.min(context.opens, MOST_OPENS)],
    halfOpen: [
      context.probes.map((since) => Math.min(now - since, openMs)),
      context.successes,
      context.lostProbes,
      Math.min(context.opens, MOST_OPENS),
      world.won,
    ],
  }[value]
  return [value, counted, callers, world.broke]
}
