/** The commands of an agent besides `execute`: each waits for its turn, asks hooks where there are any to ask, and comes to a state. */
import { toHookchartError } from '../../src/errors.ts'
import type { HookchartError } from '../../src/errors.ts'
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import type { ComponentInfo } from '../../src/hooks/context.ts'
import { stopped } from '../../src/hooks/executor/run-point.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import { isThere, legalCommands } from '../../machines/agent/life.ts'
import type { AgentCommand, LifeState } from '../../machines/agent/life.ts'
import type { Host } from '../system/host.ts'
import { limitWait } from './command-limits.ts'
import type { ParsedCommandOptions } from './command-options.ts'
import { abandoned, illegal, overtaken, revived, tooLate } from './errors.ts'
import type { Life } from './life.ts'
import { Undertaking } from './undertaking.ts'
import type { WaitingLine } from './waiting-line.ts'

/** The commands besides `execute`. */
export type LifeCommand = Exclude<AgentCommand, 'execute'>

/** Those that hooks are asked about, or that do something of their own. */
type Undertaken = 'initialize' | 'recover' | 'terminate'

/** Where each of them leads. */
const GOALS = { initialize: 'ready', recover: 'ready', terminate: 'terminated' } as const

interface Agent {
  readonly component: ComponentInfo
  readonly definition: AgentDefinition
  readonly life: Life
}

/** See the head of this file. */
export class Commands {
  /** What is under way, by command. */
  readonly undertakings: Partial<Record<LifeCommand, Undertaking | undefined>> = {}
  readonly #host: Host
  readonly #agent: Agent
  readonly #line: WaitingLine
  /** Commands under way whose caller has not been told yet. */
  #underway = 0

  constructor(host: Host, agent: Agent, line: WaitingLine) {
    this.#host = host
    this.#agent = agent
    this.#line = line
  }

  get #life(): Life {
    return this.#agent.life
  }

  get #id(): string {
    return this.#agent.component.id
  }

  initialize(options: ParsedCommandOptions): Promise<LifeState> {
    return this.#queued('initialize', options, () => this.begin('initialize', options.timeoutMs))
  }

  recover(options: ParsedCommandOptions): Promise<LifeState> {
    return this.#queued('recover', options, () => this.begin('recover', options.timeoutMs))
  }

  terminate({ force, ...options }: ParsedCommandOptions & { readonly force: boolean }): Promise<LifeState> {
    const life = this.#life
    const mayBegin = () => !life.isTelling && (force || (!life.isAsking && life.state !== 'terminating'))
    return this.#queued('terminate', options, () => this.begin('terminate', options.timeoutMs, force), mayBegin)
  }

  pause(options: ParsedCommandOptions): Promise<LifeState> {
    const { timeoutMs } = options
    const begin = async () => {
      const life = this.#life
      const { clock } = this.#host.kernel.time
      const since = clock.now()
      const limitMs = timeoutMs ?? this.#agent.definition.transitionTimeoutMs
      life.send({ type: 'PAUSE', ...(timeoutMs !== undefined && { timeoutMs }) })
      const state = await life.until(() => !life.isPausing)
      if (state === 'paused') return state
      if (life.failure !== undefined) throw life.failure
      if (state === 'error') throw illegal(this.#id, 'pause', life.context)
      throw state === 'running' && clock.now() - since >= limitMs
        ? tooLate(this.#id, 'pause', limitMs)
        : overtaken(this.#id, 'pause', state)
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
      const life = this.#life
      const { attempts } = life.context
      life.send({ type: 'FAIL', error: toHookchartError(reason).toJSON() })
      // Hooks may put it right, or let the effect run again.
      return life.until(() => life.work !== 'error' && (life.work !== 'executing' || life.context.attempts > attempts))
    }
    return this.#queued('fail', options, begin, () => !this.#life.isTelling)
  }

  /** Begins at once what hooks are asked about; it succeeds when the agent gets where it should. */
  async begin(command: Undertaken, timeoutMs?: number, force = false): Promise<LifeState> {
    const { kernel, targets } = this.#host
    const life = this.#life
    const undertaking = new Undertaking(kernel, this.#agent.component, targets)
    this.undertakings[command] = undertaking
    this.#underway++
    try {
      const timed = timeoutMs !== undefined && { timeoutMs }
      if (command === 'terminate') life.send({ type: 'TERMINATE', force, ...timed })
      else life.send({ type: command === 'recover' ? 'RECOVER' : 'INITIALIZE', ...timed })
      const state = await life.until(() => this.#isOver(command))
      if (state === GOALS[command]) return state
      const { lastError } = life.context
      throw (
        life.failure ??
        undertaking.error ??
        (state === 'error' && lastError !== null ? revived(lastError) : overtaken(this.#id, command, state))
      )
    } finally {
      if (this.undertakings[command] === undertaking) this.undertakings[command] = undefined
      try {
        await undertaking.close()
      } finally {
        this.#underway--
        queueMicrotask(() => {
          this.#line.advance()
        })
      }
    }
  }

  #isOver(command: Undertaken): boolean {
    const { state, isAsking } = this.#life
    switch (command) {
      case 'initialize':
        return state !== 'initializing' && (state !== 'uninitialized' || !isAsking)
      case 'recover':
        return state !== 'recovering'
      case 'terminate':
        return state !== 'terminating' && !isAsking
    }
  }

  #tell(event: { readonly type: 'RESUME' | 'STOP' }): Promise<LifeState> {
    this.#life.send(event)
    return Promise.resolve(this.#life.state)
  }

  /** Takes a command when its turn comes. */
  #queued(
    command: LifeCommand,
    options: ParsedCommandOptions,
    begin: () => Promise<LifeState>,
    mayBegin = () => this.#life.isFree && this.#underway === 0,
  ): Promise<LifeState> {
    const { kernel } = this.#host
    const { signal } = options
    const gone = (reason: unknown) => abandoned(this.#id, command, reason)
    if (kernel.stopped) return Promise.reject(stopped(this.#id))
    if (this.#life.failure !== undefined) return Promise.reject(this.#life.failure)
    if (signal?.aborted === true) return Promise.reject(gone(signal.reason))
    return new Promise((resolve, reject) => {
      let release = limitWait(kernel.time.clock, this.#id, command, options, (error) => {
        leave()
        refuse(error)
      })
      const refuse = (error: unknown) => {
        release()
        reject(error)
      }
      const ticket = {
        mayBegin,
        refuse,
        begin: () => {
          release()
          if (signal !== undefined) {
            release = whenAborted(signal, () => {
              this.#giveUp(command, gone(signal.reason))
              refuse(gone(signal.reason))
            })
          }
          const { context, state } = this.#life
          // Whoever is there already stays; but a stop still ends what is about to begin.
          if (!legalCommands(context).includes(command) && !isThere(command, state)) {
            refuse(illegal(this.#id, command, context))
            return
          }
          begin().then((reached) => {
            release()
            resolve(reached)
          }, refuse)
        },
      }
      const leave = this.#line.stand('command', ticket)
      this.#line.advance()
    })
  }

  /** What is under way ends where it can. */
  #giveUp(command: LifeCommand, error: HookchartError): void {
    this.undertakings[command]?.abort(error)
    if (command === 'pause' && this.#life.isPausing) this.#life.send({ type: 'RESUME' })
  }
}
