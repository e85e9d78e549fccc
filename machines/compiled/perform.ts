/** Takes actions, one after another: the frequent kinds directly, the others as XState resolves them. */
import type { AnyActorRef, EventObject } from 'xstate'
import { compileAction, stopAction } from './action.ts'
import type { Action } from './action.ts'
import type { Host, Turn } from './host.ts'
import { toSnapshot } from './position.ts'
import type { Position } from './position.ts'
import { spawnActor, spawnEffect } from './spawn.ts'
import type { BuiltinAction } from './xstate-internals.ts'

/** What actions of one group share: the actors that are about to be invoked, and who waits for them. */
interface Group {
  readonly invokes: readonly string[]
  readonly waiting: (readonly [BuiltinAction, unknown])[]
}

/** Takes the actions of one group; `invokes` are the actors that the same state invokes after them. */
export function perform(turn: Turn, actions: readonly Action[], event: EventObject, invokes?: readonly string[]): void {
  const group: Group | undefined = invokes && { invokes, waiting: [] }
  performAll(turn, actions, event, group)
  if (group === undefined) return
  const { chart, host, at } = turn
  for (const [action, params] of group.waiting) action.retryResolve?.(host.scope, toSnapshot(chart, at), params)
}

function performAll(turn: Turn, actions: readonly Action[], event: EventObject, group: Group | undefined): void {
  const { host, at } = turn
  for (const action of actions) {
    const params = action.paramsOf === undefined ? action.params : action.paramsOf({ context: at.context, event })
    switch (action.kind) {
      case 'custom':
        custom(host, action, at.context, event, params)
        break
      case 'assign':
        assign(turn, action.builtin as BuiltinAction, event, params)
        break
      case 'raise':
        raise(turn, action, event, params, group)
        break
      case 'cancel': {
        const { sendId } = action.builtin as BuiltinAction
        const id = valueOf(sendId, host, at, event, params) as string
        later(host, () => {
          host.cancel(id)
        })
        break
      }
      case 'emit': {
        const emitted = valueOf((action.builtin as BuiltinAction)['event'], host, at, event, params) as EventObject
        later(host, () => {
          host.emit(emitted)
        })
        break
      }
      case 'spawnChild':
        if (host.effects?.has((action.builtin as BuiltinAction)['src']))
          spawnEffect(host.effects, turn, action.builtin as BuiltinAction, event)
        else byXState(turn, action, event, params, group)
        break
      case 'stopChild':
        stop(turn, action.builtin as BuiltinAction, event, params)
        break
      case 'log':
      case 'sendTo':
      case 'enqueueActions':
        byXState(turn, action, event, params, group)
    }
  }
}

function custom(host: Host, { effect }: Action, context: object, event: EventObject, params: unknown): void {
  if (effect === undefined) return
  const args = host.actionArgs(context, event)
  if (host.isRunning) effect(args, params)
  else
    host.act(() => {
      effect(args, params)
    })
}

/** What an action does only when the macrostep is over. */
function later(host: Host, effect: () => void): void {
  if (host.isRunning) host.defer(effect)
  else
    host.act(() => {
      host.defer(effect)
    })
}

type Expression = (args: object, params: unknown) => unknown

function valueOf(value: unknown, host: Host, at: Position, event: EventObject, params: unknown): unknown {
  return typeof value === 'function' ? (value as Expression)(host.actionArgs(at.context, event), params) : value
}

function assign(turn: Turn, action: BuiltinAction, event: EventObject, params: unknown): void {
  const { host, at } = turn
  const { context } = at
  const assignment = action['assignment'] as Expression | Readonly<Record<string, unknown>>
  let spawned: Record<string, AnyActorRef> | undefined
  const args = host.assignArgs(context, event, (src: unknown, options?: object) => {
    const child = spawnActor(turn, event, src, options)
    spawned = { ...spawned, [child.id]: child }
    return child
  })
  if (typeof assignment === 'function') at.context = { ...context, ...(assignment(args, params) as object) }
  else {
    const next: Record<string, unknown> = { ...context }
    for (const key of Object.keys(assignment)) {
      const value = assignment[key]
      next[key] = typeof value === 'function' ? (value as Expression)(args, params) : value
    }
    at.context = next
  }
  if (spawned !== undefined) at.children = { ...at.children, ...spawned }
  at.changes++
}

function raise(turn: Turn, action: Action, event: EventObject, params: unknown, group: Group | undefined): void {
  const { chart, host, at, queue } = turn
  const builtin = action.builtin as BuiltinAction
  // It knows how to refuse a mere name.
  if (typeof builtin['event'] === 'string') {
    byXState(turn, action, event, params, group)
    return
  }
  const raised = valueOf(builtin['event'], host, at, event, params) as EventObject
  const given = builtin['delay']
  const delay = typeof given === 'string' ? chart.machine.implementations.delays[given] : given
  const delayMs = valueOf(delay, host, at, event, params)
  if (typeof delayMs !== 'number') queue.push(raised)
  else
    later(host, () => {
      host.schedule(raised, delayMs, builtin['id'] as string | undefined)
    })
}

function stop(turn: Turn, { actorRef }: BuiltinAction, event: EventObject, params: unknown): void {
  const { host, at } = turn
  const named = valueOf(actorRef, host, at, event, params)
  const child = typeof named === 'string' ? at.children[named] : (named as AnyActorRef | undefined)
  if (child === undefined || host.effects?.stop(child) !== true)
    byXState(turn, stopAction(named), event, undefined, undefined)
  else {
    at.children = without(at.children, child.id)
    at.changes++
  }
}

/** Mostly it is the only one, and copying costs. */
function without(children: Position['children'], id: string): Position['children'] {
  for (const each in children) {
    if (each === id) continue
    const { [id]: _, ...others } = children
    return others
  }
  return {}
}

function byXState(
  turn: Turn,
  { builtin }: Action,
  event: EventObject,
  params: unknown,
  group: Group | undefined,
): void {
  const { chart, host, at, queue } = turn
  const action = builtin as BuiltinAction
  const before = toSnapshot(chart, at)
  const args = host.actionArgs(at.context, event)
  const extra = { internalQueue: queue, deferredActorIds: group?.invokes }
  const [after, resolved, more] = action.resolve(host.scope, before, args, params, action, extra)
  if (after !== before) {
    at.context = after.context
    at.children = after.children
    at.changes++
  }
  if (action.retryResolve !== undefined) group?.waiting.push([action, resolved])
  const { execute } = action
  if (execute !== undefined) {
    host.act(() => {
      execute(host.scope, resolved)
    })
  }
  if (more !== undefined) {
    const compiled = more.map((each) => compileAction(chart.machine, chart.root.id, each))
    performAll(turn, compiled, event, group)
  }
}
