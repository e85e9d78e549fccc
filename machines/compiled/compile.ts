/** `compile`: a machine as actor logic on precomputed tables, and as flat runs. */
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
import { HookchartError } from '../../src/errors.ts'
import { ActorHost } from './actor-host.ts'
import { createChart } from './create-chart.ts'
import type { Chart } from './create-chart.ts'
import { FlatRun } from './flat-run.ts'
import { isLiving } from './hand-over.ts'
import type { Compiled } from './hand-over.ts'
import { Macrostep } from './macrostep.ts'
import { toPosition, toSnapshot } from './position.ts'
import { parseRunOptions } from './run-options.ts'
import type { RunArguments } from './run-options.ts'
import type { Run } from './run.ts'
import { unsupported } from './unsupported.ts'
import { adopt, isLive, isObserved, isStock, stockMachine } from './xstate-internals.ts'
import type { RunningScope, StockMachine, StockSnapshot } from './xstate-internals.ts'

/** A compiled machine: logic for `createActor`, `invoke` and `spawn`, and flat runs. */
export interface CompiledLogic<Machine extends AnyStateMachine> extends ActorLogic<
  SnapshotFrom<Machine>,
  EventFromLogic<Machine>,
  InputFrom<Machine>,
  AnyActorRef['system'],
  EmittedFrom<Machine>
> {
  /** The machine with its implementations; the `machine` of the snapshots. */
  readonly machine: Machine
  /**
   * Runs the machine without an actor, beginning at once: the initial actions have run when this returns. What the
   * machine invokes runs by the `effects` given, else by actors of XState.
   *
   * @throws INVALID_OPTIONS; INVALID_INPUT for a snapshot that is not one of this machine
   */
  run(...args: RunArguments<Machine>): Run<Machine>
}

/**
 * Compiles a machine to tables: the same logic, several times faster.
 *
 * In an actor it is the machine: the same snapshots, the same persisted form, the same actions in the same order; what one persists
 * the other restores. While somebody inspects the system, and in XState's pure functions (`transition`,
 * `initialTransition`), the machine's own transition function runs. `run` steps the same tables without an actor.
 *
 * Restoring is XState's as well: what `after` and delayed events waited for is lost with the process, in an actor as in a
 * run. Invoke `timer` in their place; it goes on with what remains.
 *
 * Covered is all of XState 5, but for: actions and guards made by another copy of xstate, implementations of actions that
 * are no functions, two states of one id, and machines with a transition function of their own.
 *
 * @param machine - a machine of XState 5
 * @param implementations - actions, guards, actors and delays in the place of the machine's own, as for `provide`
 * @throws COMPILE_UNSUPPORTED names machine, state and feature; INVALID_INPUT for what is no machine
 * @example
 * ```ts
 * import { compile } from 'hookchart/machines'
 * import { assign, createActor, setup } from 'xstate'
 * const door = setup({ types: { context: {} as { opened: number }, events: {} as { type: 'PUSH' } } }).createMachine({
 *   context: { opened: 0 },
 *   initial: 'closed',
 *   states: {
 *     closed: { on: { PUSH: { target: 'open', actions: assign({ opened: ({ context }) => context.opened + 1 }) } } },
 *     open: { on: { PUSH: 'closed' } },
 *   },
 * })
 * const compiled = compile(door)
 * const actor = createActor(compiled).start()
 * actor.send({ type: 'PUSH' })
 * console.assert(actor.getSnapshot().value === 'open')
 *
 * const run = compiled.run()
 * run.send({ type: 'PUSH' })
 * console.assert(run.value === 'open' && run.context.opened === 1)
 * ```
 */
export function compile<Machine extends AnyStateMachine>(
  machine: Machine,
  implementations?: Parameters<Machine['provide']>[0],
): CompiledLogic<Machine> {
  const stock = stockMachine(machine)
  if (typeof (machine as Partial<StockMachine> | undefined)?.getStateNodeById !== 'function') {
    throw new HookchartError(
      'INVALID_INPUT',
      'compile: what was given is no machine. Give what createMachine of xstate 5 returned.',
    )
  }
  if (!isStock(stock)) throw unsupported(stock.id, stock.id, 'a transition function of its own or of another xstate')
  const provided = implementations === undefined ? machine : (machine.provide(implementations) as Machine)
  return createCompiled(stockMachine(provided)).logic as unknown as CompiledLogic<Machine>
}

function createCompiled(machine: StockMachine): Compiled {
  const chart = createChart(machine)
  const compiled: Compiled = {
    chart,
    logic: {
      machine,
      transition: (snapshot: StockSnapshot, event: EventObject, scope: RunningScope) =>
        transition(chart, snapshot, event, scope),
      getInitialSnapshot: machine.getInitialSnapshot,
      getPersistedSnapshot: machine.getPersistedSnapshot,
      restoreSnapshot: (persisted: unknown, scope: RunningScope) => restore(machine, persisted, scope),
      start: machine.start,
      run: (options?: unknown) =>
        options === undefined ? new FlatRun(compiled) : new FlatRun(compiled, parseRunOptions(options, machine.id)),
    } as unknown as Compiled['logic'],
    provide: (actors) => createCompiled(machine.provide({ actors })),
  }
  return compiled
}

function transition(chart: Chart, snapshot: StockSnapshot, event: EventObject, scope: RunningScope): StockSnapshot {
  // Stopping is rare, and a star is no event: XState knows what it says to that.
  if (event.type === 'xstate.stop' || event.type === '*' || !isLive(scope) || isObserved(scope.system))
    return chart.machine.transition(snapshot, event, scope)
  const at = toPosition(chart, snapshot)
  new Macrostep(chart, new ActorHost(scope), at).take(event)
  return at.changes === 0 ? snapshot : toSnapshot(chart, at)
}

function restore(machine: StockMachine, persisted: unknown, scope: RunningScope): StockSnapshot {
  if (!isLiving(persisted)) return machine.restoreSnapshot(persisted, scope)
  adopt(persisted.children, scope.self)
  return persisted
}
