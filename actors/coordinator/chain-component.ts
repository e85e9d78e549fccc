/** One component of a chain as an operation: its gates, its slot, and the tool, agent or workflow behind them. */
import { drive, lastly } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import type { Effect } from '../../src/hooks/operation/effect.ts'
import { aborted } from '../../src/hooks/operation/ending.ts'
import type { BodyFields, Startable } from '../../src/hooks/operation/executable.ts'
import type { ChainComponentInfo, ChainInfo } from '../../src/hooks/points/shapes.ts'
import type { ChainComponent } from '../../machines/chain/component.ts'
import type { EffectOutcome, WaitOutcome } from '../../machines/operation/operation-context.ts'
import type { OperationGates } from '../../machines/operation/operation-states.ts'
import { ChartedOperation } from '../operation/charted-operation.ts'
import type { Charted } from '../operation/charted-operation.ts'
import { gatesAt, hookedAt } from '../operation/gates-at.ts'
import { operationOrder } from '../../machines/operation/operation-order.ts'
import type { Host } from '../system/host.ts'
import type { Place, Slots } from '../tool/slots.ts'

const BEFORE = { state: 'before', point: 'BeforeChainComponent' }
const AFTER = 'AfterChainComponent'

/** What a component does: runs, is stood in for, or is undone. */
const gatesOf: Readonly<Record<ChainComponentInfo['action'], OperationGates>> = {
  run: { before: [BEFORE], after: AFTER, queues: true },
  fallback: { before: [], after: AFTER },
  compensate: { before: [BEFORE], after: AFTER },
}

/** What all that a chain does for its components waits for. */
export interface ChainTurn {
  readonly slots: Slots
  /** Settles when the chain is not paused. */
  going(): Promise<void>
}

/** Makes the operations of one component of a chain, with another effect each time. */
export type ComponentStarter = (effect: Effect, turn: ChainTurn) => Startable

/** Prepares what a component does, once for all runs. */
export function componentStarter(
  host: Host,
  chain: ChainInfo,
  { id }: ChainComponent,
  action: ChainComponentInfo['action'],
): ComponentStarter {
  // Hooks for the chain are hooks for its components; the id tells them apart.
  const name = action === 'run' ? id : `${id}/${action}`
  const component = Object.freeze({ type: 'chain' as const, name: chain.name, id: `${chain.name}/${name}` })
  const ruled = { component, input: undefined, output: undefined }
  const gates = gatesAt(host.kernel, ruled, [BEFORE.point, AFTER])
  const what: Charted = {
    ...ruled,
    before: gates.get(BEFORE.point),
    after: gates.get(AFTER),
    error: undefined,
    gates,
    data: { id, action, chain },
    targets: host.targets,
    effect: () => undefined,
    order: operationOrder(gatesOf[action], hookedAt(gates, component)),
  }
  return (effect, turn) => ({
    component,
    targets: host.targets,
    begin: (fields) => new ComponentOperation(fields, what, effect, turn),
  })
}

class ComponentOperation extends ChartedOperation {
  readonly #turn: ChainTurn
  #place: Place | undefined

  constructor(fields: BodyFields, what: Charted, effect: Effect, turn: ChainTurn) {
    super(fields, what, (input, call) => {
      const place = this.#place
      this.#place = undefined
      // What ignores its signal still runs when the operation has ended, and has its slot until then.
      return lastly(
        () => effect(input, call),
        () => place?.release(),
      )
    })
    this.#turn = turn
  }

  override queue(): Maybe<EffectOutcome | WaitOutcome> {
    return drive(this.#standInLine())
  }

  /** Its own deadline stands still until it has a slot and the chain is not paused. */
  *#standInLine(): Flow<EffectOutcome | WaitOutcome> {
    const { slots } = this.#turn
    const place = slots.queue()
    this.#place = place
    const end = yield* this.work.patience.within(
      place.granted.then(() => this.#turn.going()),
      Infinity,
    )
    if (end === 'done') return { type: 'done' }
    this.#leave()
    return this.end(aborted(this.work.operation))
  }

  #leave(): void {
    this.#place?.release()
    this.#place = undefined
  }

  protected override finish(): void {
    super.finish()
    this.#leave()
  }
}
