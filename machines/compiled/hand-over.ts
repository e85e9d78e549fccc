/** How a flat run becomes an actor: the actor begins where the run is, with its children and its timers. */
import { createActor } from 'xstate'
import type { Actor, AnyActorLogic, AnyStateMachine } from 'xstate'
import { effectCountsOf } from '../../src/effect-ids.ts'
import type { EffectCounts } from '../../src/effect-ids.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { effectLogic } from '../effect/effect-logic.ts'
import type { ChartState } from './chart.ts'
import type { Chart } from './create-chart.ts'
import { Position, toSnapshot } from './position.ts'
import type { AnyRunOptions, RunEffect } from './run-options.ts'
import type { PendingEvent } from './run-timers.ts'
import { schedule } from './xstate-internals.ts'
import type { History, StockNode, StockSnapshot } from './xstate-internals.ts'

/** A compiled machine, as its runs need it. */
export interface Compiled {
  readonly chart: Chart
  readonly logic: AnyActorLogic
  /** The same machine with other actors in the place of its own. */
  provide(actors: Readonly<Record<string, unknown>>): Compiled
}

interface HandOver {
  readonly clock: Clock
  readonly options: AnyRunOptions
  readonly pending: readonly PendingEvent[]
  /** What the run has counted of its effects. */
  readonly counts: EffectCounts | undefined
  readonly inspect?: unknown
}

/** Snapshots with living children; a persisted one has their data instead. */
const living = new WeakSet()

export const isLiving = (snapshot: unknown): snapshot is StockSnapshot => living.has(snapshot as object)

const provided = new WeakMap<Readonly<Record<string, RunEffect>>, WeakMap<Compiled, Compiled>>()

/** What the run did by itself is logic of the actor. */
function withEffects(compiled: Compiled, effects: AnyRunOptions['effects']): Compiled {
  if (effects === undefined) return compiled
  const byMachine = provided.get(effects) ?? new WeakMap<Compiled, Compiled>()
  provided.set(effects, byMachine)
  const known = byMachine.get(compiled)
  if (known !== undefined) return known
  const actors = Object.entries(effects).map(([src, effect]) => [src, effectLogic(src, effect)] as const)
  const made = compiled.provide(Object.fromEntries(actors))
  byMachine.set(compiled, made)
  return made
}

/** The same position in the tables of another chart of the same machine. */
function movedTo(chart: Chart, from: Position): Position {
  const own = ({ order }: StockNode) => (chart.states[order] as ChartState).stock
  const history: History = Object.fromEntries(Object.entries(from.history).map(([id, nodes]) => [id, nodes.map(own)]))
  return new Position(chart.configurations.ofNodes(from.configuration.nodes.map(own), chart.states), from, history)
}

/** Makes the actor, started. */
export function handOver(
  compiled: Compiled,
  run: { readonly id: string },
  position: Position,
  { clock, options, pending, counts, inspect }: HandOver,
): Actor<AnyStateMachine> {
  const { chart, logic } = withEffects(compiled, options.effects)
  const snapshot = toSnapshot(chart, movedTo(chart, position))
  living.add(snapshot)
  const { onEmit, onEnd, log } = options
  const actor = createActor(logic, {
    ...{ id: run.id, clock, snapshot },
    logger: (...values: unknown[]) => {
      log?.(...values)
    },
    ...(inspect !== undefined && { inspect }),
  } as object) as unknown as Actor<AnyStateMachine>
  for (const [child, count] of counts ?? []) effectCountsOf(actor).set(child, count)
  if (onEmit !== undefined) actor.on('*', onEmit)
  if (position.status !== 'active') {
    // The end of the run was told before.
    actor.subscribe({ error: () => undefined })
  } else if (onEnd !== undefined) {
    const end = () => {
      onEnd(run as never)
    }
    actor.subscribe({ complete: end, error: end })
  }
  actor.start()
  const now = clock.now()
  for (const { id, event, dueAt } of pending) schedule(actor.system, actor, actor, event, Math.max(0, dueAt - now), id)
  return actor
}
