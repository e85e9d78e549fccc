/** Builds the tables of a machine, once, from its state nodes. */
import { compileAction, contextAction, invokeActions } from './action.ts'
import type { Action } from './action.ts'
import type { ChartState, ChartTransition } from './chart.ts'
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
}

/** Builds the tables. */
export function createChart(machine: StockMachine): Chart {
  const states: ChartState[] = []
  const add = (stock: StockNode, parent: ChartState | undefined): ChartState => {
    if (stock.order !== states.length) throw unsupported(machine.id, stock.id, 'an id that another state has too')
    const state = blank(stock, parent)
    states.push(state)
    const children = Object.values(stock.states).map((child) => add(child, state))
    return Object.assign(state as { -readonly [Key in keyof ChartState]: ChartState[Key] }, {
      last: states.length - 1,
      regions: children.filter(({ type }) => type !== 'history'),
      histories: children.filter(({ type }) => type === 'history'),
    })
  }
  const root = add(machine.root, undefined)
  const find = (stock: StockNode) => states[stock.order] as ChartState
  for (const state of states) Object.assign(state, behaviour(machine, state, find))
  const { context } = machine.config
  return {
    machine,
    root,
    states,
    maxIterations: machine.options?.maxIterations ?? Infinity,
    context: typeof context === 'object' && context !== null ? context : {},
    createContext: typeof context === 'function' ? contextAction(context as (args: object) => object) : undefined,
    configurations: new Configurations(root),
  }
}

/** A state before the others are known. */
function blank(stock: StockNode, parent: ChartState | undefined): ChartState {
  const { id, key, type, order } = stock
  return {
    ...{ stock, id, key, type, order, last: order, parent },
    ...{ regions: [], histories: [], entry: [], exit: [], stops: [], initialActions: [], initial: [], invokes: undefined },
    ...{ transitions: new Map(), always: [], defaults: { targets: [], isInitial: false }, candidates: new Map() },
  }
}

function behaviour(machine: StockMachine, state: ChartState, find: (stock: StockNode) => ChartState) {
  const { stock } = state
  const actions = (list: readonly unknown[]) => list.map((action) => compileAction(machine, stock.id, action))
  const transitions = (list: readonly StockTransition[]): ChartTransition[] =>
    list.map((transition) => ({
      source: state,
      targets: transition.target?.map(find),
      guard: transition.guard === undefined ? undefined : compileGuard(machine, stock.id, transition.guard),
      guardName: guardName(transition.guard),
      reenter: transition.reenter,
      actions: actions(transition.actions),
    }))
  const invoked = invokeActions(machine, stock)
  const { target, actions: initialActions } = stock.initial
  const remembered = stock.type === 'history' ? historyDefault(machine, stock, state.parent?.stock) : undefined
  return {
    entry: [...actions(stock.entry), ...invoked.start],
    exit: actions(stock.exit),
    stops: invoked.stop,
    invokes: invoked.ids.length === 0 ? undefined : invoked.ids,
    initialActions: actions(initialActions),
    initial: target.map(find),
    transitions: new Map([...stock.transitions].map(([descriptor, list]) => [descriptor, transitions(list)])),
    always: transitions(stock.always ?? []),
    ...(remembered !== undefined && {
      defaults: { targets: remembered.targets.map(find), isInitial: remembered.isInitial },
    }),
  }
}
