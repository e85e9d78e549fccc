/** One agent: its machine, and the execution that it has in hand. The commands that it takes stand beside it. */
import type { HookchartError } from '../../src/errors.ts'
import type { ComponentInfo } from '../../src/hooks/context.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import { stopped } from '../../src/hooks/executor/run-point.ts'
import type { Maybe } from '../../src/hooks/flow.ts'
import { aborted } from '../../src/hooks/operation/ending.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import { legalCommands } from '../../machines/agent/life.ts'
import type { AgentCommand } from '../../machines/agent/life.ts'
import type { OperationInput } from '../../machines/operation/operation-context.ts'
import type { OperationMoves } from '../../machines/operation/operation-order.ts'
import type { Host } from '../system/host.ts'
import { Commands } from './commands.ts'
import { busy, endingOf, illegal, selfCall } from './errors.ts'
import type { InHand } from './in-hand.ts'
import { Life } from './life.ts'
import { lifeParts } from './life-parts.ts'
import type { Prepared } from './prepare.ts'
import { WaitingLine } from './waiting-line.ts'

/** See the head of this file. */
export class Agent {
  readonly component: ComponentInfo
  readonly definition: AgentDefinition
  readonly life: Life
  /** What its executions have left in its state. */
  memory: Readonly<Record<string, unknown>> = {}
  /** What it works with, once it has been prepared. */
  prepared: Prepared | undefined
  /** Effects that have not ended, also those that nobody waits for any more. */
  live = 0
  inHand: InHand | undefined
  readonly commands: Commands
  /** How many may wait for it. */
  readonly maxQueue: number
  readonly #host: Host
  readonly #line: WaitingLine
  #moves: OperationMoves | undefined
  #onEnd: ((error: unknown) => void) | undefined

  constructor(host: Host, definition: AgentDefinition, id: string) {
    this.#host = host
    this.definition = definition
    this.component = Object.freeze({ type: 'agent', name: definition.name, id })
    const maxQueue = (this.maxQueue = definition.maxQueue ?? host.maxQueue)
    this.#line = new WaitingLine(maxQueue, () => busy(this.component.id, maxQueue))
    this.life = new Life(lifeParts(host, this))
    this.commands = new Commands(host, this, this.#line)
  }

  /** What the chart of the execution in hand comes to. */
  get moves(): OperationMoves {
    return this.#moves as OperationMoves
  }

  get #isRunning(): boolean {
    return this.inHand !== undefined
  }

  /** Throws ILLEGAL_COMMAND, or HOOKS_STOPPED when the system has been stopped. */
  assertLegal(command: AgentCommand): void {
    if (this.#host.kernel.stopped) throw stopped(this.component.id)
    if (!legalCommands(this.life.context).includes(command))
      throw illegal(this.component.id, command, this.life.context)
  }

  /** Waits until it is an execution's turn; gives the ending of one whose turn does not come. */
  turn(operation: Operation, inHand: InHand): Maybe<Ending | undefined> {
    if (this.inHand !== undefined && operation.isUnder(this.inHand.operation)) return this.#notBegun(selfCall)
    if (operation.aborted !== undefined) return aborted(operation)
    const { failure } = this.life
    if (failure !== undefined) return { status: 'failed', error: failure }
    return new Promise((resolve) => {
      let release: () => void = () => undefined
      const leave = this.#line.stand('execution', {
        mayBegin: () => !this.#isRunning && this.life.isFree && this.life.state !== 'paused',
        begin: () => {
          this.inHand = inHand
          void this.#open(operation).then((ending) => {
            if (ending !== undefined) this.done()
            release()
            resolve(ending)
          })
        },
        refuse: (error) => {
          resolve({ status: 'failed', error })
        },
      })
      // Once it has its turn, its gates and its effect see the abort themselves.
      release = operation.onAbort(() => {
        leave()
        if (this.inHand !== inHand) resolve(aborted(operation))
      })
      this.#line.advance()
    })
  }

  /** Starts the chart of the execution in hand. */
  begin(input: OperationInput, moves: OperationMoves, onEnd: (error: unknown) => void): void {
    this.#moves = moves
    this.#onEnd = onEnd
    this.life.send({ type: 'EXECUTE', ...input })
    if (this.#onEnd === onEnd && this.life.work === 'idle') {
      this.#onEnd = undefined
      onEnd(illegal(this.component.id, 'execute', this.life.context))
    }
  }

  /** The execution in hand is over. */
  done(): void {
    this.inHand = undefined
    this.refresh()
  }

  /** A place at which a pause may take hold. */
  boundary(operation: Operation, inHand: InHand, at?: string): Maybe<void> {
    const { life } = this
    if (life.isPausing) life.send({ type: 'BOUNDARY', ...(at !== undefined && { at }) })
    if (life.state !== 'paused') return undefined
    const over = () => life.state !== 'paused' || operation.aborted !== undefined || inHand.isFailing
    return life.until(over).then(() => undefined)
  }

  /** Something has changed: the chart may have ended, and somebody's turn may have come. */
  refresh(): void {
    if (this.#onEnd !== undefined && (this.life.work === 'idle' || this.life.failure !== undefined)) {
      const onEnd = this.#onEnd
      this.#onEnd = undefined
      onEnd(this.life.failure)
    }
    this.life.tell()
    if (this.life.isTelling) {
      queueMicrotask(() => {
        this.#line.advance()
      })
    } else this.#line.advance()
  }

  /** Ends what it does and sends away who waits, for a reason that is not its own. */
  interrupt(reason: HookchartError): void {
    this.#line.clear(reason)
    // What has come to its end already keeps that.
    if (this.life.work !== 'idle' || this.life.state !== 'error') this.inHand?.operation.abort(reason)
  }

  /** Ends it without asking, by default with the system. */
  dispose(error = stopped(this.component.id)): void {
    this.#line.clear(error)
    this.life.end(error)
  }

  #notBegun(error: (agent: string) => HookchartError): Ending {
    return { status: 'failed', error: error(this.component.id) }
  }

  /** Brings the agent to where it can execute; gives the ending of an execution when it cannot. */
  async #open(operation: Operation): Promise<Ending | undefined> {
    const { life } = this
    const { state } = life
    try {
      this.assertLegal('execute')
      if (state === 'uninitialized') await this.commands.begin('initialize')
      else if (state === 'error') await this.commands.begin('recover')
    } catch (error) {
      return operation.aborted === undefined
        ? endingOf(error as HookchartError, life.state !== state)
        : aborted(operation)
    }
    return undefined
  }
}
