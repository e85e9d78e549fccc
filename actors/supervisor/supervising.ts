/** A supervisor, running: its machine, and the children that this starts and stops. Below another one it is a child itself. */
import { createActor } from 'xstate'
import type { ActorRefFrom } from 'xstate'
import { HookchartError, toHookchartError } from '../../src/errors.ts'
import type { Random } from '../../src/ports/random.ts'
import { compile } from '../../machines/compiled/compile.ts'
import type { EffectCall } from '../../machines/compiled/run-options.ts'
import { effectLogic } from '../../machines/effect/effect-logic.ts'
import { supervisorMachine } from '../../machines/supervisor/supervisor-machine.ts'
import { ended } from '../../machines/supervisor/supervision.ts'
import { beginSupervision } from '../../machines/supervisor/supervisor-context.ts'
import type {
  ChildState,
  StartOutcome,
  StopOutcome,
  SupervisorContext,
  SupervisorInput,
} from '../../machines/supervisor/supervisor-context.ts'
import { AgentChild } from './agent-child.ts'
import type { Child, ChildParts, Exit, StopReason } from './child.ts'
import { gaveUp } from './errors.ts'
import { MachineChild } from './machine-child.ts'
import type { ParsedChild, ParsedSupervision } from './options.ts'

/** Where a supervisor is. */
export type SupervisorState = 'watching' | 'waiting' | 'starting' | 'stopping' | 'stopped' | 'failed'

/** What a supervisor is made with; its exit is told when it has given up. */
export interface SupervisingParts extends ChildParts {
  readonly random: Random
}

/** Who waits for all children to be started, or for the supervisor to have ended. */
interface Waiter {
  readonly isOver: () => boolean
  readonly resolve: () => void
}

/** See the head of this file. */
export class Supervising implements Child {
  readonly type = 'supervisor'
  readonly path: string
  readonly settings: ParsedSupervision
  /** By their ids, in the order in which they are started. */
  readonly children = new Map<string, Child>()
  actor: ActorRefFrom<typeof supervisorMachine>
  readonly #parts: SupervisingParts
  /** It has never been started. */
  #isFresh = true
  #isSettled = false
  #isStarting = false
  /** Why its machine itself has stopped. */
  #breakdown: HookchartError | undefined
  /** Why it is stopped, if it is. */
  #why: StopReason = 'wanted'
  #waiters: Waiter[] = []

  constructor(parts: SupervisingParts, settings: ParsedSupervision) {
    this.path = parts.path
    this.#parts = parts
    this.settings = settings
    try {
      for (const child of settings.children) this.children.set(child.id, this.#childOf(child))
    } catch (error) {
      this.settle()
      throw error
    }
    this.actor = this.#make()
  }

  get context(): SupervisorContext {
    // A machine that has not been started has made its first step all the same, as far as one sees.
    return this.#isFresh ? this.#untouched() : this.actor.getSnapshot().context
  }

  get state(): SupervisorState {
    if (this.#isFresh) return this.#isSettled ? 'stopped' : 'waiting'
    return this.#breakdown === undefined ? this.actor.getSnapshot().value : 'failed'
  }

  /** Why it has failed. */
  get error(): HookchartError | undefined {
    return this.state === 'failed' ? (this.#breakdown ?? gaveUp(this.path, this.context)) : undefined
  }

  get hasEnded(): boolean {
    return this.state === 'stopped' || this.state === 'failed'
  }

  /** Resolves once all children have been started; rejects when it gives up before. */
  async start(): Promise<void> {
    if (!this.#isFresh) this.actor = this.#make()
    this.#isFresh = false
    this.#breakdown = undefined
    this.#isStarting = true
    const { actor } = this
    actor.subscribe({
      next: () => {
        this.#look()
      },
      error: (error) => {
        void this.#breakDown(toHookchartError(error))
      },
      complete: () => {
        if (!this.hasEnded)
          void this.#breakDown(new HookchartError('RUN_ABORTED', `The machine of ${this.path} was stopped.`))
      },
    })
    actor.start()
    this.#look()
    await this.#until(() => this.hasEnded || this.state === 'watching')
    this.#isStarting = false
    if (this.error !== undefined) throw this.error
  }

  async stop(why: StopReason): Promise<void> {
    if (this.hasEnded) return
    this.#why = why
    this.actor.send({ type: 'STOP', at: this.#now() })
    await this.whenEnded()
  }

  /** Resolves once it has stopped or failed; never, while it is started anew and anew. */
  whenEnded(): Promise<void> {
    return this.#until(() => this.hasEnded)
  }

  settle(): void {
    this.#isSettled = true
    for (const child of this.children.values()) child.settle()
  }

  #now(): number {
    return this.#parts.system.host.kernel.time.now()
  }

  #input(): SupervisorInput {
    const { strategy, maxRestarts, periodMs, backoff, children } = this.settings
    return {
      ...{ strategy, maxRestarts, periodMs, backoff, at: this.#now() },
      children: children.map(({ id, restart }) => ({ id, restart })),
    }
  }

  #untouched(): SupervisorContext {
    const context = beginSupervision(this.#input())
    return this.#isSettled ? { ...context, ...ended(context, 'stop') } : context
  }

  #make(): ActorRefFrom<typeof supervisorMachine> {
    // Not within the step of the machine that invokes it: what it tells would be taken only after that.
    const effectOf = (src: string, effect: (id: string) => Promise<StartOutcome | StopOutcome>) =>
      effectLogic(src, ({ input: given }: EffectCall) =>
        Promise.resolve().then(() => effect((given as { readonly id: string }).id)),
      )
    const logic = compile(supervisorMachine, {
      actors: {
        startChild: effectOf('startChild', (id) => this.#startChild(id)),
        stopChild: effectOf('stopChild', (id) => this.#stopChild(id)),
      } as object,
    })
    const { clock } = this.#parts.system.host.kernel.time
    return createActor(logic, { clock, id: this.path, input: this.#input() })
  }

  #childOf(child: ParsedChild): Child {
    const { random, system } = this.#parts
    const { shutdownMs } = this.settings
    const { id, restart } = child
    const onExit = (exit: Exit) => {
      this.#exited(id, exit)
    }
    const parts = { path: `${this.path}/${id}`, system, onExit }
    if ('agent' in child) return new AgentChild(parts, { definition: child.agent, restart, shutdownMs })
    if ('machine' in child) return new MachineChild(parts, child.machine, child.input)
    return new Supervising({ ...parts, random }, child.supervisor)
  }

  #exited(id: string, { kind, error }: Exit): void {
    const chance = this.#parts.random.next()
    this.actor.send({
      ...{ type: 'EXITED', id, kind, at: this.#now(), chance },
      ...(error !== undefined && { error: error.toJSON() }),
    })
  }

  async #startChild(id: string): Promise<StartOutcome> {
    try {
      await this.#child(id).start()
      return { type: 'started', at: this.#now() }
    } catch (error) {
      const chance = this.#parts.random.next()
      return { type: 'failed', error: toHookchartError(error).toJSON(), at: this.#now(), chance }
    }
  }

  async #stopChild(id: string): Promise<StopOutcome> {
    await this.#child(id).stop(this.context.ending === 'stop' ? this.#why : 'failure')
    return { type: 'stopped', at: this.#now() }
  }

  #child(id: string): Child {
    return this.children.get(id) as Child
  }

  /** Something has changed. */
  #look(): void {
    if (this.#breakdown !== undefined) return
    // Whether those go on that it has stopped when it ended is for who started it to say.
    if (this.context.ending === null) for (const child of this.context.children) this.#settleGone(child)
    this.#tell()
  }

  #settleGone({ id, status }: ChildState): void {
    if (status === 'completed' || status === 'failed' || status === 'stopped') this.#child(id).settle()
  }

  #tell(): void {
    const { error } = this
    if (error !== undefined && !this.#isStarting) this.#parts.onExit({ kind: 'abnormal', error })
    this.#waiters = this.#waiters.filter(({ isOver, resolve }) => {
      const over = isOver()
      if (over) resolve()
      return !over
    })
  }

  #until(isOver: () => boolean): Promise<void> {
    if (isOver()) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ isOver, resolve }))
  }

  /** Its machine has failed, which no chart deals with: the children are ended all the same. */
  async #breakDown(error: HookchartError): Promise<void> {
    for (const child of [...this.children.values()].reverse()) await child.stop('failure')
    this.#breakdown ??= error
    this.#tell()
  }
}
