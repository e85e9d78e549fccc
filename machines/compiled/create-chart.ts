/** Builds the tables of a machine, once, from its state nodes. */
import { timer } from '../effect/timer-logic.ts'
import { compileAction, contextAction, invokeActions } from './action.ts'
import type { Action } from './action.ts'
import { ChartState } from './chart.ts'
import type { ChartTransition } from './chart.ts'
import { Configurations } from './configuration.ts'
import { compileGuard, guardName } from './guard.ts'
import { historyDefault } from './history-default.ts'
import { unsupported } from './unsupported.ts'
import type { StockMachine, StockNode, StockTransition } from './xstate-internals.ts'

/** The tables of a machine. */
export interface Chart {
  readonly machine: StockMachine
  readonly root: ChartState
  readonly states: readonly ChartState[]
  readonly maxIterations: number
  /** The context of the config when that is no function. */
  readonly context: object
  /** Makes the context of a run from its input. */
  readonly createContext: Action | undefined
  readonly configurations: Configurations
  /** Sources that are timers; a flat run needs no actors for them. */
  readonly timers: ReadonlySet<string>
}

/** Builds the tables. */
export function createChart(machine: StockMachine): Chart {
  const states: ChartState[] = []
  const root = addStates(machine, machine.root, undefined, states)
  for (const state of states) fillIn(machine, state, states)
  const { context } = machine.config
  const sources = Object.entries(machine.implementations.actors)
  return {
    machine,
    root,
    states,
    maxIterations: machine.options?.maxIterations ?? Infinity,
    context: typeof context === 'object' && context !== null ? context : {},
    createContext: typeof context === 'function' ? contextAction(context as (args: object) => object) : undefined,
    configurations: new Configurations(root),
    timers: new Set(sources.flatMap(([src, logic]) => (logic === timer ? [src] : []))),
  }
}

function addStates(
  machine: StockMachine,
  stock: StockNode,
  parent: ChartState | undefined,
  states: ChartState[],
): ChartState {
  // A state that shares its id with another has no place of its own, and no one can tell whom a target means.
  if (stock.order !== states.length) throw unsupported(machine.id, stock.id, 'an id that two states have')
  const state = new ChartState(stock, parent)
  states.push(state)
  const children = Object.values(stock.states).map((child) => addStates(machine, child, state, states))
  state.last = states.length - 1
  if (children.length > 0) {
    state.regions = children.filter(({ type }) => type !== 'history')
    state.histories = children.filter(({ type }) => type === 'history')
  }
  return state
}

/** What a state does and where it leads, once all states are known. */
function fillIn(machine: StockMachine, state: ChartState, states: readonly ChartState[]): void {
  const { stock } = state
  const find = ({ order }: StockNode) => states[order] as ChartState
  const actions = (list: readonly unknown[]): readonly Action[] =>
    list.map((action) => compileAction(machine, stock.id, action))
  const transitions = (list: readonly StockTransition[]): readonly ChartTransition[] =>
    list.map((transition) => ({
      source: state,
      targets: transition.target?.map(find),
      guard: transition.guard === undefined ? undefined : compileGuard(machine, stock.id, transition.guard),
      guardName: guardName(transition.guard),
      reenter: transition.reenter,
      actions: actions(transition.actions),
    }))
  if (stock.type === 'history') {
    const { targets, isInitial } = historyDefault(machine, stock, state.parent?.stock)
    state.defaults = { targets: targets.map(find), isInitial }
    return
  }
  const { target, actions: initialActions } = stock.initial
  state.initial = target.map(find)
  state.initialActions = actions(initialActions)
  state.entry = actions(stock.entry)
  state.exit = actions(stock.exit)
  if (stock.invoke.length > 0) {
    const { ids, start, stop } = invokeActions(machine, stock)
    state.entry = [...state.entry, ...start]
    state.stops = stop
    state.invokes = ids
  }
  if (stock.transitions.size > 0) {
    const table = new Map<string, readonly ChartTransition[]>()
    for (const [descriptor, list] of stock.transitions) table.set(descriptor, transitions(list))
    state.transitions = table
  }
  if (stock.always !== undefined) state.always = transitions(stock.always)
}
