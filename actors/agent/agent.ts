/** One agent: its machine, the commands that it takes one after another, and the execution that it has in hand. */
import { toHookchartError } from '../../src/errors.ts'
import type { HookchartError } from '../../src/errors.ts'
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import type { ComponentInfo } from '../../src/hooks/context.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import { stopped } from '../../src/hooks/executor/run-point.ts'
import type { Maybe } from '../../src/hooks/flow.ts'
import { aborted } from '../../src/hooks/operation/ending.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import { isThere, legalCommands } from '../../machines/agent/life.ts'
import type { AgentCommand, LifeState } from '../../machines/agent/life.ts'
import type { Charted } from '../operation/charted-operation.ts'
import type { Host } from '../system/host.ts'
import type { ParsedCommandOptions } from './command-options.ts'
import { abandoned, busy, endingOf, illegal, overtaken, revived, selfCall, tooLate } from './errors.ts'
import { Life } from './life.ts'
import { lifeParts } from './life-parts.ts'
import type { Prepared } from './prepare.ts'
import { Undertaking } from './undertaking.ts'
import { WaitingLine } from './waiting-line.ts'

/** The execution that an agent has in hand. */
export interface InHand {
  readonly operation: Operation
  /** Lets its effect fail. */
  failNow(error: HookchartError): void
  /** Whether it is to fail before it goes on. */
  readonly isFailing: boolean
}

/** The commands besides `execute`. */
export type LifeCommand = Exclude<AgentCommand, 'execute'>

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
  /** By command: what hooks are asked about. */
  readonly undertakings: Partial<Record<LifeCommand, Undertaking | undefined>> = {}
  readonly #host: Host
  readonly #line: WaitingLine
  #effects: Parameters<Charted['start']>[1] | undefined
  #onEnd: ((error: unknown) => void) | undefined
  #isAdvancing = false
  /** Commands under way whose caller has not been told yet. */
  #underway = 0

  constructor(host: Host, definition: AgentDefinition, id: string) {
    this.#host = host
    this.definition = definition
    this.component = Object.freeze({ type: 'agent', name: definition.name, id })
    const maxQueue = definition.maxQueue ?? host.maxQueue
    this.#line = new WaitingLine(maxQueue, () => busy(this.component.id, maxQueue))
    this.life = new Life(lifeParts(host, this))
  }

  /** What the chart of the execution in hand invokes. */
  get effects(): Parameters<Charted['start']>[1] {
    return this.#effects as Parameters<Charted['start']>[1]
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

  initialize(options: ParsedCommandOptions): Promise<LifeState> {
    return this.#queued('initialize', options, () => this.#initialize(options.timeoutMs))
  }

  recover(options: ParsedCommandOptions): Promise<LifeState> {
    return this.#queued('recover', options, () => this.#recover(options.timeoutMs))
  }

  terminate({ force, ...options }: ParsedCommandOptions & { readonly force: boolean }): Promise<LifeState> {
    const { life } = this
    const mayBegin = () => !life.isTelling && (force || (!life.isAsking && life.state !== 'terminating'))
    return this.#queued('terminate', options, () => this.#terminate(force, options.timeoutMs), mayBegin)
  }

  pause(options: ParsedCommandOptions): Promise<LifeState> {
    const { timeoutMs } = options
    const begin = async () => {
      const { life } = this
      const { clock } = this.#host.kernel.time
      const since = clock.now()
      const limitMs = timeoutMs ?? this.definition.transitionTimeoutMs
      life.send({ type: 'PAUSE', ...(timeoutMs !== undefined && { timeoutMs }) })
      const state = await life.until(() => !life.isPausing)
      if (state === 'paused') return state
      if (state === 'error') throw illegal(this.component.id, 'pause', life.context)
      throw state === 'running' && clock.now() - since >= limitMs
        ? tooLate(this.component.id, 'pause', limitMs)
        : overtaken(this.component.id, 'pause', state)
    }
    return this.#queued('pause', options, begin)
  }

  resume(options: ParsedCommandOptions): Promise<LifeState> {
    return this.#queued('resume', options, () => this.#tell({ type: 'RESUME' }))
  }

  stop(options: ParsedCommandOptions): Promise<LifeState> {
    return this.#queued('stop', options, () => this.#tell({ type: 'STOP' }))
  }

  fail(reason: unknown, options: ParsedCommandOptions): Promise<LifeState> {
    const begin = () => {
      const { life } = this
      const { attempts } = life.context
      life.send({ type: 'FAIL', error: toHookchartError(reason).toJSON() })
      // Hooks may put it right, or let the effect run again.
      return life.until(() => life.work !== 'error' && (life.work !== 'executing' || life.context.attempts > attempts))
    }
    return this.#queued('fail', options, begin, () => !this.life.isTelling)
  }

  /** Waits until it is an execution's turn; gives the ending of one whose turn does not come. */
  turn(operation: Operation, inHand: InHand): Maybe<Ending | undefined> {
    if (this.inHand !== undefined && operation.isUnder(this.inHand.operation)) return this.#notBegun(selfCall)
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
      this.#advance()
    })
  }

  /** Starts the chart of the execution in hand. */
  begin(...[input, effects, onEnd]: Parameters<Charted['start']>): void {
    this.#effects = effects
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
  boundary(operation: Operation, inHand: InHand): Maybe<void> {
    const { life } = this
    if (life.isPausing) life.send({ type: 'BOUNDARY' })
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
        this.#advance()
      })
    } else this.#advance()
  }

  /** Ends it without asking, with the system. */
  dispose(): void {
    this.#line.clear(stopped(this.component.id))
    this.life.actor.stop()
  }

  #advance(): void {
    if (this.#isAdvancing) return
    this.#isAdvancing = true
    try {
      this.#line.advance()
    } finally {
      this.#isAdvancing = false
    }
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
      if (state === 'uninitialized') await this.#initialize()
      else if (state === 'error') await this.#recover()
    } catch (error) {
      return operation.aborted === undefined
        ? endingOf(error as HookchartError, life.state !== state)
        : aborted(operation)
    }
    return undefined
  }

  #initialize(timeoutMs?: number): Promise<LifeState> {
    const { life } = this
    return this.#undertake(
      'initialize',
      async () => {
        life.send({ type: 'INITIALIZE', ...(timeoutMs !== undefined && { timeoutMs }) })
        return life.until(() => life.state !== 'initializing' && (life.state !== 'uninitialized' || !life.isAsking))
      },
      'ready',
    )
  }

  #recover(timeoutMs?: number): Promise<LifeState> {
    const { life } = this
    return this.#undertake(
      'recover',
      async () => {
        life.send({ type: 'RECOVER', ...(timeoutMs !== undefined && { timeoutMs }) })
        return life.until(() => life.state !== 'recovering')
      },
      'ready',
    )
  }

  #terminate(force: boolean, timeoutMs?: number): Promise<LifeState> {
    const { life } = this
    return this.#undertake(
      'terminate',
      async () => {
        life.send({ type: 'TERMINATE', force, ...(timeoutMs !== undefined && { timeoutMs }) })
        return life.until(() => life.state !== 'terminating' && !life.isAsking)
      },
      'terminated',
    )
  }

  /** Does what hooks are asked about; it succeeds when the agent gets where it should. */
  async #undertake(command: LifeCommand, work: () => Promise<LifeState>, goal: LifeState): Promise<LifeState> {
    const { kernel, targets } = this.#host
    const undertaking = new Undertaking(kernel, this.component, targets)
    this.undertakings[command] = undertaking
    this.#underway++
    try {
      const state = await work()
      if (state === goal) return state
      const { lastError } = this.life.context
      throw (
        this.life.failure ??
        undertaking.error ??
        (state === 'error' && lastError !== null ? revived(lastError) : overtaken(this.component.id, command, state))
      )
    } finally {
      if (this.undertakings[command] === undertaking) this.undertakings[command] = undefined
      try {
        await undertaking.close()
      } finally {
        this.#underway--
        queueMicrotask(() => {
          this.#advance()
        })
      }
    }
  }

  #tell(event: { readonly type: 'RESUME' | 'STOP' }): Promise<LifeState> {
    this.life.send(event)
    return Promise.resolve(this.life.state)
  }

  /** Takes a command when its turn comes. */
  #queued(
    command: LifeCommand,
    { signal, timeoutMs }: ParsedCommandOptions,
    begin: () => Promise<LifeState>,
    mayBegin = () => this.life.isFree && this.#underway === 0,
  ): Promise<LifeState> {
    const { kernel } = this.#host
    const { clock } = kernel.time
    if (kernel.stopped) return Promise.reject(stopped(this.component.id))
    return new Promise((resolve, reject) => {
      const progress = { hasBegun: false }
      let timer: unknown
      const ends: (() => void)[] = []
      const settle = (then: () => void) => {
        clock.clearTimeout(timer)
        for (const end of ends.splice(0)) end()
        then()
      }
      const refuse = (error: unknown) => {
        settle(() => {
          reject(error)
        })
      }
      const leave = this.#line.stand('command', {
        mayBegin,
        begin: () => {
          progress.hasBegun = true
          clock.clearTimeout(timer)
          const { context, state } = this.life
          // Whoever is there already stays; but a stop still ends what is about to begin.
          const isLegal = legalCommands(context).includes(command) || isThere(command, state)
          if (!isLegal) {
            refuse(illegal(this.component.id, command, context))
            return
          }
          begin().then((reached) => {
            settle(() => {
              resolve(reached)
            })
          }, refuse)
        },
        refuse,
      })
      if (timeoutMs !== undefined && !progress.hasBegun) {
        timer = clock.setTimeout(() => {
          leave()
          refuse(tooLate(this.component.id, command, timeoutMs))
        }, timeoutMs)
      }
      if (signal !== undefined) {
        ends.push(
          whenAborted(signal, () => {
            leave()
            const error = abandoned(this.component.id, command, signal.reason)
            if (!progress.hasBegun) refuse(error)
            else this.#giveUp(command, error, refuse)
          }),
        )
      }
      this.#advance()
    })
  }

  /** What is under way ends where it can; whoever asked for it no longer waits. */
  #giveUp(command: LifeCommand, error: HookchartError, refuse: (error: unknown) => void): void {
    this.undertakings[command]?.abort(error)
    if (command === 'pause' && this.life.isPausing) this.life.send({ type: 'RESUME' })
    refuse(error)
  }
}
