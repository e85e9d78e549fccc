/** Where a history state leads while it remembers nothing. */
import { unsupported } from './unsupported.ts'
import type { StockMachine, StockNode } from './xstate-internals.ts'

interface HistoryDefault {
  readonly targets: readonly StockNode[]
  readonly isInitial: boolean
}

/** The target of its config; else the initial state of its parent, or all of a parallel parent. */
export function historyDefault(machine: StockMachine, stock: StockNode, from: StockNode | undefined): HistoryDefault {
  const { target } = stock.config
  if (from === undefined) throw unsupported(machine.id, stock.id, 'a history state as the root')
  if (target === undefined || target === '') {
    if (from.type === 'parallel') return { targets: [from], isInitial: false }
    return { targets: from.initial.target, isInitial: true }
  }
  const paths = typeof target === 'string' ? [target] : target
  return { targets: paths.map((path) => resolve(machine, stock, from, path)), isInitial: false }
}

function resolve(machine: StockMachine, history: StockNode, from: StockNode, path: string): StockNode {
  if (path.startsWith('#')) return machine.getStateNodeById(path)
  let at = from
  // A dot that belongs to a key is escaped.
  for (const key of path.match(/(?:\\.|[^.\\])+/g) ?? []) {
    const next = at.states[key.replaceAll(/\\(.)/g, '$1')]
    if (next === undefined) throw unsupported(machine.id, history.id, `the unknown history target "${path}"`)
    at = next
  }
  return at
}
