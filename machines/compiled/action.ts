/** Actions, each compiled to one record: its kind is known, its implementation found. */
import { assign, spawnChild, stopChild } from 'xstate'
import { unsupported } from './unsupported.ts'
import { builtinKind, isBuiltin } from './xstate-internals.ts'
import type { BuiltinAction, BuiltinKind, StockMachine, StockNode } from './xstate-internals.ts'

/** An action of the user's own: told the event, it does what it likes. */
export type Effect = (args: object, params: unknown) => void

/** An action, ready to be taken. */
export interface Action {
  /** `custom`: the user's own. */
  readonly kind: 'custom' | BuiltinKind
  readonly effect: Effect | undefined
  readonly builtin: BuiltinAction | undefined
  /** What it is given besides the event; a function makes it from context and event. */
  readonly params: unknown
  readonly paramsOf: ((args: object) => unknown) | undefined
}

const custom = (effect: Effect | undefined) => ({ kind: 'custom', effect, builtin: undefined }) as const

/** Compiles an action of a config, or one that `enqueueActions` adds. */
export function compileAction(machine: StockMachine, state: string, action: unknown): Action {
  const isInline = typeof action === 'function'
  const name = typeof action === 'string' ? action : (action as { readonly type: string }).type
  const implementation: unknown = isInline ? action : machine.implementations.actions[name]
  const given = typeof action === 'object' && action !== null && 'params' in action ? action.params : undefined
  const isMade = typeof given === 'function'
  const { kind, effect, builtin } = resolve(machine, state, implementation, name)
  return {
    kind,
    effect,
    builtin,
    params: isMade ? undefined : given,
    paramsOf: isMade ? (given as Action['paramsOf']) : undefined,
  }
}

function resolve(machine: StockMachine, state: string, implementation: unknown, name: string) {
  // One that is not provided does nothing, as in the interpreter.
  if (!implementation) return custom(undefined)
  if (typeof implementation !== 'function')
    throw unsupported(machine.id, state, `the action "${name}", which is ${typeof implementation} and no function,`)
  if (!isBuiltin(implementation)) return custom(implementation as Effect)
  const kind = builtinKind(implementation)
  if (kind === undefined)
    throw unsupported(machine.id, state, `an action "${implementation.type}" that another copy of xstate made`)
  return { kind, effect: undefined, builtin: implementation }
}

const made = (kind: BuiltinKind, action: unknown): Action => ({
  kind,
  effect: undefined,
  builtin: action as BuiltinAction,
  params: undefined,
  paramsOf: undefined,
})

/** An action that the interpreter adds to those of a config: stops a child. */
export const stopAction = (child: unknown): Action => made('stopChild', stopChild(child as string))

/** The actors that a state invokes: started as it is entered, stopped as it is left. */
export function invokeActions(machine: StockMachine, { id: state, invoke }: StockNode) {
  for (const { src } of invoke) {
    if (typeof src !== 'string') throw unsupported(machine.id, state, 'an invoke without a source')
  }
  return {
    ids: invoke.map(({ id }) => id),
    start: invoke.map((one) =>
      made('spawnChild', spawnChild(one.src as never, { ...one, syncSnapshot: Boolean(one.onSnapshot) })),
    ),
    stop: invoke.map(({ id }) => stopAction(id)),
  }
}

/** The context of a config that is a function, as an assignment: it may spawn. */
export function contextAction(create: (args: object) => object): Action {
  return made(
    'assign',
    assign(({ event, spawn, self }) => create({ input: (event as unknown as { input: unknown }).input, spawn, self })),
  )
}
