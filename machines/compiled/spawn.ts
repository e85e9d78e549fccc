/** Children that actions make: they exist at once, and start when the macrostep is over. */
import type { AnyActorRef, EventObject } from 'xstate'
import type { EffectHost, Turn } from './host.ts'
import { createChild, startChild } from './xstate-internals.ts'
import type { BuiltinAction } from './xstate-internals.ts'

type Expression = (args: object, params?: unknown) => unknown

interface SpawnOptions {
  readonly id?: string
  readonly systemId?: string
  readonly input?: unknown
  readonly syncSnapshot?: boolean
}

const resolve = (value: unknown, args: () => object) =>
  typeof value === 'function' ? (value as Expression)(args()) : value

/** `spawn`, as assignments call it. */
export function spawnActor(
  { chart, host, at }: Turn,
  event: EventObject,
  src: unknown,
  { id, systemId, input, syncSnapshot }: SpawnOptions = {},
): AnyActorRef {
  const isName = typeof src === 'string'
  const given = isName ? resolve(input, () => host.valueArgs(at.context, event)) : input
  if (host.effects?.has(src)) return host.effects.create(src, id, given, syncSnapshot ?? false)
  const logic = isName ? chart.machine.implementations.actors[src] : src
  if (!logic) throw new Error(`Actor logic '${String(src)}' not implemented in machine '${chart.machine.id}'`)
  const parent = host.scope.self
  const child = createChild(logic, { ...{ id, src, parent, syncSnapshot, systemId }, input: given })
  host.defer(() => {
    startChild(child)
  })
  return child
}

/** `spawnChild` and `invoke`, where the host runs the source by itself. */
export function spawnEffect(
  effects: EffectHost,
  { host, at }: Turn,
  { src, id, input, syncSnapshot }: BuiltinAction,
  event: EventObject,
): void {
  const child = effects.create(
    src as string,
    (typeof id === 'function' ? (id as Expression)(host.actionArgs(at.context, event)) : id) as string | undefined,
    typeof input === 'function' ? (input as Expression)(host.valueArgs(at.context, event)) : input,
    syncSnapshot === true,
  )
  // Mostly it is the only one, and copying costs.
  at.children = isEmpty(at.children) ? { [child.id]: child } : { ...at.children, [child.id]: child }
  at.changes++
}

function isEmpty(children: object): boolean {
  for (const _ in children) return false
  return true
}
