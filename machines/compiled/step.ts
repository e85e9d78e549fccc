/** The steps of a configuration: what it takes to follow transitions, computed once where history has no say in it. */
import type { ChartState, ChartTransition } from './chart.ts'
import type { Completion, Configuration, Entry, Step } from './configuration.ts'
import type { Chart } from './create-chart.ts'
import { EntrySet, exitSet, Memory, withoutConflicts } from './entry-set.ts'
import type { History, StockNode } from './xstate-internals.ts'

/** The step that one transition is. */
export function stepOf(chart: Chart, from: Configuration, transition: ChartTransition, history: History): Step {
  const known = from.steps.get(transition)
  if (known !== undefined) return known
  const memory = new Memory(chart.states, history)
  const step = planStep(chart, from, [transition], memory)
  if (!memory.wasAsked) from.steps.set(transition, step)
  return step
}

/** The step that transitions of several regions are together. */
export function jointStepOf(
  chart: Chart,
  from: Configuration,
  transitions: readonly ChartTransition[],
  history: History,
): Step {
  const memory = new Memory(chart.states, history)
  const kept = withoutConflicts(transitions, from.states, memory)
  const [only] = kept
  return kept.length === 1 && only !== undefined
    ? stepOf(chart, from, only, history)
    : planStep(chart, from, kept, memory)
}

/** Where a machine begins: at its root, with the step into its initial states. */
export interface Beginning {
  readonly configuration: Configuration
  readonly step: Step
}

const beginnings = new WeakMap<Chart, Beginning>()

export function beginningOf(chart: Chart): Beginning {
  const known = beginnings.get(chart)
  if (known !== undefined) return known
  const configuration = chart.configurations.of([chart.root])
  const beginning = { configuration, step: initialStep(chart, configuration) }
  beginnings.set(chart, beginning)
  return beginning
}

function initialStep(chart: Chart, from: Configuration): Step {
  const { root, states } = chart
  const targets: ChartState[] = []
  const add = (state: ChartState) => {
    targets.push(state)
    for (const region of state.type === 'parallel' ? state.regions : state.initial) {
      if (state.type === 'parallel' || state.type === 'compound') add(region)
    }
  }
  add(root)
  const transition = { source: root, targets, guard: undefined, guardName: undefined, reenter: true, actions: [] }
  return planStep(chart, from, [transition], new Memory(states, {}), true)
}

function planStep(
  chart: Chart,
  from: Configuration,
  transitions: readonly ChartTransition[],
  memory: Memory,
  isInitial = false,
): Step {
  const exits = isInitial ? [] : exitsOf(from, transitions, memory)
  const active = new Set(from.states)
  for (const state of exits) active.delete(state)
  // What is left now is remembered already when states are entered.
  const remembered = rememberedBy(exits, from)
  const entered = new EntrySet(memory.with(remembered))
  for (const transition of transitions) entered.add(transition)
  if (isInitial) entered.byDefault.add(chart.root)
  const done = new Set<ChartState>()
  const entries = [...entered.states].sort(inOrder).map((state) => {
    active.add(state)
    return entryOf(state, entered.byDefault.has(state), active, done)
  })
  const isDone = entries.some(({ final }) => final?.machine !== undefined)
  const after = isDone ? [...active].sort(outOfOrder) : [...active]
  const isSame = remembered.length === 0 && sameStates(from.states, active)
  return {
    exit: exits.flatMap(({ exit, stops }) => [...exit, ...stops]),
    actions: transitions.flatMap(({ actions }) => actions),
    entries: entries.filter(({ actions, final }) => actions.length > 0 || final !== undefined),
    leave: isDone ? after.flatMap(({ exit }) => exit) : [],
    remembered,
    next: isSame ? from : chart.configurations.of(after),
    isSame,
  }
}

const inOrder = (a: ChartState, b: ChartState) => a.order - b.order
const outOfOrder = (a: ChartState, b: ChartState) => b.order - a.order

function exitsOf(from: Configuration, transitions: readonly ChartTransition[], memory: Memory): readonly ChartState[] {
  const left = new Set<ChartState>()
  for (const transition of transitions) for (const state of exitSet(transition, from.states, memory)) left.add(state)
  return [...left].sort(outOfOrder)
}

function sameStates(before: readonly ChartState[], after: ReadonlySet<ChartState>): boolean {
  return before.length === after.size && before.every((state) => after.has(state))
}

type Remembered = readonly [string, readonly StockNode[]]

/** A deep history remembers leaves, a shallow one children. */
function rememberedBy(exits: readonly ChartState[], { states }: Configuration): readonly Remembered[] {
  return exits.flatMap((left) =>
    left.histories.map(({ id, stock: { history } }) => {
      const kept = states.filter((state) => (history === 'deep' ? isLeafWithin(state, left) : state.parent === left))
      return [id, kept.map(({ stock }) => stock)] as const
    }),
  )
}

function isLeafWithin(state: ChartState, { order, last }: ChartState): boolean {
  return (state.type === 'atomic' || state.type === 'final') && state.order > order && state.order <= last
}

function entryOf(state: ChartState, byDefault: boolean, active: ReadonlySet<ChartState>, done: Set<ChartState>): Entry {
  return {
    actions: byDefault ? [...state.entry, ...state.initialActions] : state.entry,
    invokes: state.invokes,
    final: state.type === 'final' ? completionOf(state, active, done) : undefined,
  }
}

/** What a final state completes: its parent, then every parallel state around that has all of its regions done. */
function completionOf(state: ChartState, active: ReadonlySet<ChartState>, done: Set<ChartState>): Completion {
  const { parent, stock } = state
  let around = parent?.type === 'parallel' ? parent : parent?.parent
  let last = around ?? state
  const regions: string[] = []
  while (around?.type === 'parallel' && !done.has(around) && isInFinal(around, active)) {
    done.add(around)
    regions.push(around.id)
    last = around
    around = around.parent
  }
  return {
    parent: parent?.type === 'compound' ? parent.id : undefined,
    output: stock.output,
    regions,
    machine:
      around === undefined
        ? { id: last.id, output: last.parent === undefined ? undefined : last.stock.output }
        : undefined,
  }
}

function isInFinal(state: ChartState, active: ReadonlySet<ChartState>): boolean {
  if (state.type === 'compound') return state.regions.some((child) => child.type === 'final' && active.has(child))
  if (state.type === 'parallel') return state.regions.every((region) => isInFinal(region, active))
  return state.type === 'final'
}
