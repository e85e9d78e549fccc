/** Guards, each compiled to one function: names are looked up and combinators put together once. */
import { matchesState } from 'xstate'
import type { EventObject, StateValue } from 'xstate'
import { unsupported } from './unsupported.ts'
import { guardKind, isBuiltinGuard } from './xstate-internals.ts'
import type { StockMachine, StockNode } from './xstate-internals.ts'

/** Where a machine is, as far as `stateIn` asks. */
export interface Whereabouts {
  readonly value: StateValue
  readonly nodes: readonly StockNode[]
}

export type Guard = (context: object, event: EventObject, at: Whereabouts) => boolean

type Predicate = (args: object, params: unknown) => boolean

interface Named {
  readonly type: string
  readonly params?: unknown
}

/** The name to blame when a guard throws. */
export function guardName(guard: unknown): string | undefined {
  if (typeof guard === 'string') return guard
  return typeof guard === 'object' ? (guard as Named | null)?.type : undefined
}

/** Compiles a guard of the config: a function, a name, a name with params, or a combinator. */
export function compileGuard(machine: StockMachine, state: string, guard: unknown, above = 0): Guard {
  if (typeof guard === 'function') return compileFunction(machine, state, guard, undefined, above)
  const name = guardName(guard) as string
  const implementation = machine.implementations.guards[name]
  if (!implementation) {
    // As in the interpreter: a machine whose guard is provided later, or never asked, is no error.
    return () => {
      throw new Error(`Guard '${name}' is not implemented.'.`)
    }
  }
  // Names may stand for names; a circle of them would never end.
  if (above > 100) throw unsupported(machine.id, state, `the guard "${name}", which names itself,`)
  if (typeof implementation !== 'function') return compileGuard(machine, state, implementation, above + 1)
  const params = typeof guard === 'object' && guard !== null && 'params' in guard ? guard.params : undefined
  return compileFunction(machine, state, implementation, params, above)
}

function compileFunction(machine: StockMachine, state: string, guard: object, params: unknown, above: number): Guard {
  if (isBuiltinGuard(guard)) return compileCombinator(machine, state, guard, above)
  const predicate = guard as Predicate
  if (typeof params !== 'function') return (context, event) => predicate({ context, event }, params)
  const paramsOf = params as (args: object) => unknown
  return (context, event) => predicate({ context, event }, paramsOf({ context, event }))
}

function compileCombinator(
  machine: StockMachine,
  state: string,
  guard: Parameters<typeof guardKind>[0],
  above: number,
): Guard {
  const kind = guardKind(guard)
  if (kind === undefined) throw unsupported(machine.id, state, 'a guard that another copy of xstate made')
  if (kind === 'stateIn') return compileStateIn(machine, guard.stateValue as StateValue)
  const parts = (guard.guards ?? []).map((part) => compileGuard(machine, state, part, above + 1))
  if (kind === 'and') return (context, event, at) => parts.every((part) => part(context, event, at))
  if (kind === 'or') return (context, event, at) => parts.some((part) => part(context, event, at))
  const [negated] = parts as [Guard]
  return (context, event, at) => !negated(context, event, at)
}

function compileStateIn(machine: StockMachine, stateValue: StateValue): Guard {
  if (typeof stateValue === 'string' && stateValue.startsWith('#')) {
    return (_context, _event, { nodes }) => nodes.includes(machine.getStateNodeById(stateValue))
  }
  return (_context, _event, { value }) => matchesState(stateValue, value)
}
