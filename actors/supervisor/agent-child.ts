/** An agent below a supervisor: another instance for each start, and whoever waits for the next one. */
import type { HookchartError } from '../../src/errors.ts'
import { legalCommands } from '../../machines/agent/life.ts'
import type { AgentCommand } from '../../machines/agent/life.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { RestartPolicy } from '../../machines/supervisor/restart.ts'
import type { RunningAgent } from '../agent/agent-runner.ts'
import { illegal, revived } from '../agent/errors.ts'
import type { Life } from '../agent/life.ts'
import type { Child, ChildParts, StopReason } from './child.ts'
import { restarted } from './errors.ts'

/** What is known of the agent besides. */
export interface AgentChildSettings {
  readonly definition: AgentDefinition
  readonly restart: RestartPolicy
  readonly shutdownMs: number
}

/** See the head of this file. */
export class AgentChild implements Child {
  readonly type = 'agent'
  readonly path: string
  /** The instance that runs now, or ran last. */
  running: RunningAgent
  /** Between two instances; who comes then waits for the next. */
  isBetween = true
  readonly #parts: ChildParts
  readonly #settings: AgentChildSettings
  readonly #waiting = new Set<() => void>()
  /** Counts starts and stops: what was begun under another count is overtaken. */
  #turn = 0
  #leaving: Promise<void> = Promise.resolve()
  #unwatch: () => void = () => undefined

  constructor(parts: ChildParts, settings: AgentChildSettings) {
    this.path = parts.path
    this.#parts = parts
    this.#settings = settings
    this.running = this.#make()
  }

  get actor() {
    return this.running.agent.life.actor
  }

  get state(): string {
    return this.#life.state
  }

  async start(): Promise<void> {
    const turn = ++this.#turn
    this.isBetween = true
    await this.#leaving
    if (turn !== this.#turn) return
    if (this.state !== 'uninitialized' || this.#life.failure !== undefined) this.running = this.#make()
    try {
      await this.running.agent.commands.initialize({})
    } catch (error) {
      if (turn === this.#turn) this.#leaving = this.#endNow()
      throw error
    }
    if (turn !== this.#turn) return
    this.#watch()
    this.#open()
  }

  stop(why: StopReason): Promise<void> {
    this.#turn++
    this.isBetween = true
    this.#unwatch()
    return (this.#leaving = this.#leave(why))
  }

  settle(): void {
    if (this.#life.state === 'uninitialized') this.running.agent.dispose()
    this.#open()
  }

  /** Why a command cannot be taken, when there is no instance any more that could say so itself. */
  refusal(command: AgentCommand): HookchartError | undefined {
    const { failure, context } = this.#life
    if (this.isBetween || failure === undefined) return undefined
    return illegal(this.path, command, { ...context, state: 'terminated' })
  }

  /** Calls the listener once there is an instance, or there will be none; gives what stops that. */
  onOpen(listener: () => void): () => void {
    this.#waiting.add(listener)
    return () => this.#waiting.delete(listener)
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get #life(): Life {
    return this.running.agent.life
  }

  #make(): RunningAgent {
    return this.#parts.system.agents.create(this.#settings.definition, this.path)
  }

  #open(): void {
    this.isBetween = false
    for (const listener of [...this.#waiting]) listener()
  }

  /** Within the change itself, so that nothing that waits for it begins before it is sent away. */
  #watch(): void {
    const life = this.#life
    const look = () => {
      if (hasEnded(life)) this.#exit()
    }
    const complete = () => {
      // Somebody has stopped its machine.
      if (life.failure === undefined) this.running.agent.dispose(restarted(this.path))
      look()
    }
    const watching = life.actor.subscribe({ next: look, error: look, complete })
    this.#unwatch = () => {
      watching.unsubscribe()
    }
    look()
  }

  #exit(): void {
    this.#unwatch()
    this.#turn++
    this.isBetween = true
    const { agent } = this.running
    const { state, context, failure } = this.#life
    const { onExit } = this.#parts
    const reason = restarted(this.path)
    if (state === 'terminated' && failure === undefined) {
      if (this.#settings.restart === 'permanent') agent.interrupt(reason)
      onExit({ kind: 'normal' })
      return
    }
    agent.interrupt(reason)
    // Whoever told it to fail sees that it has.
    this.#leaving = Promise.resolve().then(() => this.#endNow())
    const error = failure ?? (context.lastError === null ? undefined : revived(context.lastError))
    onExit({ kind: 'abnormal', ...(error !== undefined && { error }) })
  }

  async #leave(why: StopReason): Promise<void> {
    const { agent } = this.running
    const { state } = this.#life
    if (why === 'failure') agent.interrupt(restarted(this.path))
    const isInService = state !== 'uninitialized' && state !== 'initializing' && state !== 'terminated'
    if (isInService) await this.#inTime(agent.commands.terminate({ force: false }))
    await this.#endNow()
  }

  /** Waits for something, but no longer than a child may take to end. */
  #inTime(work: Promise<unknown>): Promise<void> {
    const { clock } = this.#parts.system.host.kernel.time
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, this.#settings.shutdownMs)
      const done = () => {
        clock.clearTimeout(timer)
        resolve()
      }
      work.then(done, done)
    })
  }

  /** By force; what it is at cannot hold that up. */
  async #endNow(): Promise<void> {
    const { agent } = this.running
    const { life } = agent
    if (life.state === 'terminated' || life.failure !== undefined) return
    if (life.state !== 'uninitialized') await agent.commands.terminate({ force: true }).catch(() => undefined)
    // Whoever has not been initialised, or whose system has been stopped, takes no command.
    if (!isTerminated(life)) agent.dispose(restarted(this.path))
  }
}

/** Whether an agent has ended: for good, or in an error from which it does not recover by itself. */
function hasEnded({ state, context, failure }: Life): boolean {
  if (state === 'terminated' || failure !== undefined) return true
  return state === 'error' && !legalCommands(context).includes('execute')
}

function isTerminated({ state }: Life): boolean {
  return state === 'terminated'
}
