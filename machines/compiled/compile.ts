/** `compile`: a machine as actor logic on precomputed tables. */
import type {
  ActorLogic,
  AnyActorRef,
  AnyStateMachine,
  EmittedFrom,
  EventFromLogic,
  EventObject,
  InputFrom,
  SnapshotFrom,
} from 'xstate'
import { ActorHost } from './actor-host.ts'
import { createChart } from './create-chart.ts'
import type { Chart } from './create-chart.ts'
import { Macrostep } from './macrostep.ts'
import { toPosition, toSnapshot } from './position.ts'
import { unsupported } from './unsupported.ts'
import { isLive, isObserved, isStock, stockMachine } from './xstate-internals.ts'
import type { RunningScope, StockSnapshot } from './xstate-internals.ts'

export interface CompiledLogic<Machine extends AnyStateMachine> extends ActorLogic<
  SnapshotFrom<Machine>,
  EventFromLogic<Machine>,
  InputFrom<Machine>,
  AnyActorRef['system'],
  EmittedFrom<Machine>
> {
  readonly machine: Machine
}

export function compile<Machine extends AnyStateMachine>(
  machine: Machine,
  implementations?: Parameters<Machine['provide']>[0],
): CompiledLogic<Machine> {
  const provided = implementations === undefined ? machine : (machine.provide(implementations) as Machine)
  const stock = stockMachine(provided)
  if (!isStock(stock)) throw unsupported(stock.id, stock.id, 'a transition function of its own')
  const chart = createChart(stock)
  const logic = {
    machine: provided,
    transition: (snapshot: StockSnapshot, event: EventObject, scope: RunningScope) =>
      transition(chart, snapshot, event, scope),
    getInitialSnapshot: stock.getInitialSnapshot,
    getPersistedSnapshot: stock.getPersistedSnapshot,
    restoreSnapshot: stock.restoreSnapshot,
    start: stock.start,
  }
  return logic as unknown as CompiledLogic<Machine>
}

function transition(chart: Chart, snapshot: StockSnapshot, event: EventObject, scope: RunningScope): StockSnapshot {
  if (event.type === 'xstate.stop' || event.type === '*' || !isLive(scope) || isObserved(scope.system))
    return chart.machine.transition(snapshot, event, scope)
  const at = toPosition(chart, snapshot)
  new Macrostep(chart, new ActorHost(scope), at).take(event)
  return at.changes === 0 ? snapshot : toSnapshot(chart, at)
}
