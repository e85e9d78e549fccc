/** Takes an event to its end: its own step, then what it enables and raises, until nothing is left to do. */
import type { EventObject } from 'xstate'
import { candidatesOf } from './chart.ts'
import type { ChartState, ChartTransition } from './chart.ts'
import type { Completion, Configuration, Step } from './configuration.ts'
import { stopAction } from './action.ts'
import type { Chart } from './create-chart.ts'
import type { Host, Turn } from './host.ts'
import { perform } from './perform.ts'
import type { Position } from './position.ts'
import { jointStepOf, stepOf } from './step.ts'

type Branch = Configuration['tree']

/** What a run of the tables works on; `at` is changed. */
export class Macrostep implements Turn {
  readonly chart: Chart
  readonly host: Host
  readonly at: Position
  readonly queue: EventObject[] = []

  constructor(chart: Chart, host: Host, at: Position) {
    this.chart = chart
    this.host = host
    this.at = at
  }

  /** An event from outside. */
  take(event: EventObject): void {
    const step = this.#select(event)
    if (step !== undefined) this.#microstep(step, event)
    else if (event.type.startsWith('xstate.error.actor')) {
      this.#fail(event)
      return
    }
    this.#settle(event)
  }

  /** The first event: the initial states, and what follows from them. */
  begin(step: Step, event: EventObject): void {
    this.#microstep(step, event)
    this.#settle(event)
  }

  /** Ends it from outside. */
  stop(event: EventObject): void {
    this.#stopChildren(event)
    this.at.status = 'stopped'
    this.at.changes++
  }

  /** An actor failed and nobody deals with it. */
  #fail(event: EventObject): void {
    this.#stopChildren(event)
    this.at.status = 'error'
    this.at.error = (event as EventObject & { readonly error?: unknown }).error
    this.at.changes++
  }

  #settle(first: EventObject): void {
    const { at, queue, chart } = this
    let event = first
    let isEventless = true
    for (let count = 1; at.status === 'active'; count++) {
      if (count > chart.maxIterations) throw endless(chart.maxIterations)
      let step = isEventless && at.configuration.always.length > 0 ? this.#selectEventless(event) : undefined
      const before = at.changes
      if (step !== undefined) {
        this.#microstep(step, event)
        // What changed nothing would be enabled again, for ever.
        isEventless = at.changes !== before
        continue
      }
      const raised = queue.shift()
      if (raised === undefined) return
      event = raised
      step = this.#select(event)
      if (step !== undefined) this.#microstep(step, event)
      isEventless = true
    }
    // The snapshot of a machine that has ended still shows its children.
    const { children } = at
    this.#stopChildren(event)
    at.children = children
  }

  #stopChildren(event: EventObject): void {
    for (const child of Object.values(this.at.children)) perform(this, [stopAction(child)], event)
  }

  #select(event: EventObject): Step | undefined {
    const { chart, at } = this
    const { configuration } = at
    if (configuration.chain === undefined) return this.#joint(this.#selectIn(configuration.tree, event))
    for (const transition of configuration.candidatesOf(event.type)) {
      if (this.#allows(transition, event)) return stepOf(chart, configuration, transition, at.history)
    }
    return undefined
  }

  /** In each region the innermost state that takes the event; a state only when nothing in it does. */
  #selectIn({ state, inner }: Branch, event: EventObject): readonly ChartTransition[] {
    let found: readonly ChartTransition[] = []
    for (const branch of inner) {
      const transitions = this.#selectIn(branch, event)
      if (transitions.length > 0) found = found.length === 0 ? transitions : [...found, ...transitions]
    }
    if (found.length > 0) return found
    const own = this.#selectOwn(state, event)
    return own === undefined ? found : [own]
  }

  #selectOwn(state: ChartState, event: EventObject): ChartTransition | undefined {
    return candidatesOf(state, event.type).find((transition) => this.#allows(transition, event))
  }

  #allows({ guard, guardName, source }: ChartTransition, event: EventObject): boolean {
    if (guard === undefined) return true
    const { context, configuration } = this.at
    try {
      return guard(context, event, configuration)
    } catch (error) {
      const name = guardName === undefined ? '' : `'${guardName}' `
      throw new Error(
        `Unable to evaluate guard ${name}in transition for event '${event.type}' in state node '${source.id}':\n${(error as Error).message}`,
        { cause: error },
      )
    }
  }

  #selectEventless(event: EventObject): Step | undefined {
    const { context, configuration } = this.at
    const enabled = new Set<ChartTransition>()
    for (const candidates of configuration.always) {
      const transition = candidates.find(({ guard }) => guard === undefined || guard(context, event, configuration))
      if (transition !== undefined) enabled.add(transition)
    }
    return this.#joint([...enabled])
  }

  #joint(transitions: readonly ChartTransition[]): Step | undefined {
    const [only] = transitions
    if (only === undefined) return undefined
    const { chart, at } = this
    return transitions.length === 1
      ? stepOf(chart, at.configuration, only, at.history)
      : jointStepOf(chart, at.configuration, transitions, at.history)
  }

  #microstep(step: Step, event: EventObject): void {
    const { at } = this
    if (step.exit.length > 0) perform(this, step.exit, event)
    if (step.actions.length > 0) perform(this, step.actions, event)
    for (const { actions, invokes, final } of step.entries) {
      perform(this, actions, event, invokes)
      if (final !== undefined) this.#complete(final, event)
    }
    if (step.leave.length > 0) perform(this, step.leave, event)
    if (step.isSame) return
    at.configuration = step.next
    if (step.remembered.length > 0) at.history = { ...at.history, ...Object.fromEntries(step.remembered) }
    at.changes++
  }

  #complete({ parent, output, regions, machine }: Completion, event: EventObject): void {
    const { at, chart, queue } = this
    if (parent !== undefined) queue.push(doneEvent(parent, this.#output(output, event)))
    for (const region of regions) queue.push(doneEvent(region, undefined))
    if (machine === undefined) return
    const { output: whole } = chart.root.stock
    at.status = 'done'
    at.output =
      whole === undefined ? undefined : this.#output(whole, doneEvent(machine.id, this.#output(machine.output, event)))
    at.changes++
  }

  #output(output: unknown, event: EventObject): unknown {
    if (typeof output !== 'function') return output
    return (output as (args: object) => unknown)(this.host.valueArgs(this.at.context, event))
  }
}

function doneEvent(id: string, output: unknown): EventObject {
  const event = { type: `xstate.done.state.${id}`, output }
  return event
}

function endless(limit: number): Error {
  return new Error(
    `Infinite loop detected: the machine has processed more than ${String(limit)} microsteps without reaching a stable state. Its eventless or raised transitions go round in a circle.`,
  )
}
