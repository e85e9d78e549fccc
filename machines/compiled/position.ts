/** Where a machine stands: all that its snapshot says, with the configuration in the place of value, tags and nodes. */
import type { StateValue } from 'xstate'
import type { Configuration } from './configuration.ts'
import type { Chart } from './create-chart.ts'
import { historyOf, nodesOf, snapshotOf } from './xstate-internals.ts'
import type { Children, History, Situation, StockSnapshot } from './xstate-internals.ts'

/** Changes while a macrostep works on it, and no more when that is over. */
export class Position implements Situation {
  configuration: Configuration
  context: object
  children: Children
  history: History
  status: Situation['status']
  output: unknown
  error: unknown
  /** How often it changed; nothing has happened where it is the same. */
  changes = 0

  constructor(configuration: Configuration, { context, children, status, output, error }: Standing, history: History) {
    this.configuration = configuration
    this.context = context
    this.children = children
    this.history = history
    this.status = status
    this.output = output
    this.error = error
  }
}

type Standing = Omit<Situation, 'history'>

/** A position for the next macrostep to work on. */
export function copyOf(position: Position): Position {
  return new Position(position.configuration, position, position.history)
}

/** The position that a snapshot describes. */
export function toPosition(chart: Chart, snapshot: StockSnapshot): Position {
  const configuration = chart.configurations.ofNodes(nodesOf(snapshot), chart.states)
  return new Position(configuration, snapshot, historyOf(snapshot))
}

/** The snapshot of a position, as XState would make it. */
export function toSnapshot(chart: Chart, position: Position): StockSnapshot {
  const { nodes, value, tags } = position.configuration
  return snapshotOf(chart.machine, position, nodes, ownValue(value), new Set(tags))
}

/** Everybody gets a value of their own, as they get tags: those of the configuration serve all runs. */
export function ownValue(value: StateValue): StateValue {
  if (typeof value === 'string') return value
  const copy: Record<string, StateValue> = {}
  for (const key in value) copy[key] = ownValue(value[key] as StateValue)
  return copy
}
