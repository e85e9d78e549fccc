/** What a system runs a chain with: the operation round its chart. */
import { andThen } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import type { AttemptEnd, EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { BodyFields, Startable } from '../../src/hooks/operation/executable.ts'
import type { ChainInfo } from '../../src/hooks/points/shapes.ts'
import { compile } from '../../machines/compiled/compile.ts'
import { chainMachine } from '../../machines/chain/chain-machine.ts'
import type { ChainOutput } from '../../machines/chain/chain-context.ts'
import type { ChainDefinition } from '../../machines/chain/define-chain.ts'
import type { EffectOutcome } from '../../machines/operation/operation-context.ts'
import type { Charted } from '../operation/charted-operation.ts'
import { CompensatingOperation } from '../operation/compensating-operation.ts'
import { NOTHING_UNDONE } from '../operation/compensation.ts'
import type { Undone } from '../operation/compensation.ts'
import { gatesAt, hookedAt } from '../operation/gates-at.ts'
import { operationOrder } from '../../machines/operation/operation-order.ts'
import { assertToolsKnown } from '../agent/known-tools.ts'
import { assertStepsKnown } from '../workflow/workflow-parts.ts'
import type { Host } from '../system/host.ts'
import { ChainAttempt } from './chain-attempt.ts'
import type { PreparedChain } from './chain-attempt.ts'
import { componentStarter } from './chain-component.ts'
import { ChainPause } from './chain-pause.ts'

const gates = {
  before: [{ state: 'before', point: 'BeforeChain' }],
  after: 'AfterChain',
  error: 'ChainError',
}

/** What chains are started of. */
export interface StartableChain extends Startable {
  readonly begin: (fields: BodyFields) => ChainOperation
}

/** Makes a chain startable in a system. Throws UNKNOWN_COMPONENT for what its components need and the system does not know. */
export function chainRunner(host: Host, definition: ChainDefinition): StartableChain {
  const { component, input, name, description, tags, metadata } = definition
  for (const { id, component: each } of definition.components) {
    const where = `chain "${name}", component "${id}"`
    if (each.type === 'agent') assertToolsKnown(host, each, where)
    if (each.type === 'workflow') assertStepsKnown(host, each, where)
  }
  const chain: ChainInfo = { name, description, tags, metadata }
  const ruled = { component, input, output: undefined }
  const points = gatesAt(host.kernel, ruled, ['BeforeChain', 'AfterChain', 'ChainError'])
  const prepared: PreparedChain = {
    host,
    definition,
    logic: compile(chainMachine(definition)),
    components: new Map(
      definition.components.map((each) => {
        const starter = (action: 'run' | 'fallback' | 'compensate') => componentStarter(host, chain, each, action)
        return [
          each.id,
          {
            component: each,
            run: starter('run'),
            fallback: starter('fallback'),
            compensate: starter('compensate'),
          },
        ]
      }),
    ),
  }
  const what: Charted = {
    ...ruled,
    before: points.get('BeforeChain'),
    after: points.get('AfterChain'),
    error: points.get('ChainError'),
    gates: points,
    data: { chain },
    targets: host.targets,
    effect: () => undefined,
    order: operationOrder(gates, hookedAt(points, component)),
  }
  return { component, targets: host.targets, begin: (fields) => new ChainOperation(fields, what, prepared) }
}

/** One execution of a chain. */
export class ChainOperation extends CompensatingOperation {
  readonly #chain: PreparedChain
  readonly #pause = new ChainPause(() => this.work.operation.standStill())
  #attempt: ChainAttempt | undefined
  /** What the last attempt came to. */
  #outcome: ChainOutput | undefined

  constructor(fields: BodyFields, what: Charted, chain: PreparedChain) {
    const { timeoutMs = Infinity } = chain.definition
    super(fields, what, (input, call) => this.#execute(input, call))
    this.work.patience.atMost(timeoutMs)
    this.#chain = chain
  }

  override *run(): Flow<Ending> {
    const ending = yield* super.run()
    const outcome = this.#outcome
    return ending.status === 'completed' && outcome?.status === 'partial' ? { ...ending, status: 'partial' } : ending
  }

  /** Nothing more is started until it is resumed; what runs goes on, and deadlines stand still. */
  pause(): void {
    this.#pause.pause()
    this.#attempt?.tell('PAUSE')
  }

  resume(): void {
    this.#pause.resume()
    this.#attempt?.tell('RESUME')
  }

  cancel(reason: unknown): void {
    this.work.operation.abort(reason)
  }

  #execute(input: unknown, call: EffectCall): Promise<unknown> {
    this.#outcome = undefined
    this.#attempt = new ChainAttempt(this.#chain, input, call, this.#pause)
    return this.#attempt.output()
  }

  protected override finish(): void {
    super.finish()
    this.#pause.end()
  }

  /** An attempt that was given up still has components that end, and something to undo. */
  protected override undo(): Maybe<Undone> {
    return this.#attempt?.undo() ?? NOTHING_UNDONE
  }

  protected override judged(end: AttemptEnd): Maybe<EffectOutcome> {
    if (this.#attempt === undefined) return super.judged(end)
    return andThen(this.#attempt.over, (outcome) => {
      this.#outcome = outcome
      return super.judged(end)
    })
  }
}
