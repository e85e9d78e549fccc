/** One execution of an agent: it waits for its turn, and then is the operation in the `work` of the agent's machine. */
import type { HookchartError } from '../../src/errors.ts'
import { copyJson, findJsonFlaw, freezeJson, notJson } from '../../src/json.ts'
import { andThen, isPromise, wait } from '../../src/hooks/flow.ts'
import type { Flow, Maybe } from '../../src/hooks/flow.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import { aborted } from '../../src/hooks/operation/ending.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import type { BodyFields } from '../../src/hooks/operation/executable.ts'
import type { ExecutionEnd } from '../../machines/agent/agent-context.ts'
import type { Outcome } from '../../machines/operation/operation-context.ts'
import { ChartedOperation } from '../operation/charted-operation.ts'
import type { Charted } from '../operation/charted-operation.ts'
import type { OperationOrder } from '../../machines/operation/operation-order.ts'
import type { Agent } from './agent.ts'
import type { InHand } from './in-hand.ts'
import type { Show } from './show.ts'

/** What the effect of an agent is given besides its input. */
export interface AgentEffectCall {
  readonly call: EffectCall
  /** A draft. */
  readonly state: Record<string, unknown>
  /** A place at which a pause may take hold. */
  readonly boundary: (at?: string) => Maybe<void>
  /** Where what has been used is noted. */
  readonly operation: Operation
  /** Told of what goes on until it settles: the agent is not terminated before. */
  readonly working: (work: PromiseLike<unknown>) => void
  /** Who reads what it does while it does it. */
  readonly show: Show | undefined
}

/** What an agent does. */
export type AgentEffect = (input: unknown, call: AgentEffectCall) => unknown

/** See the head of this file. */
export class AgentOperation extends ChartedOperation implements InHand {
  readonly #agent: Agent
  readonly #effect: AgentEffect
  readonly #show: Show | undefined
  #failure: HookchartError | undefined
  #fail: ((error: HookchartError) => void) | undefined

  constructor(fields: BodyFields, agent: Agent, charted: Omit<Charted, 'order'>, effect: AgentEffect, show?: Show) {
    const { timeoutMs = Infinity } = agent.definition
    // An agent is watched as an actor: its chart itself leads its executions.
    const order: OperationOrder = function* (moves, begin) {
      const error = yield new Promise((resolve) => {
        agent.begin(begin, moves, resolve)
      })
      if (error !== undefined) throw error
    }
    super(fields, { ...charted, order }, (input, call) => this.#execute(input, call))
    this.work.patience.atMost(timeoutMs)
    this.#agent = agent
    this.#effect = effect
    this.#show = show
  }

  get operation() {
    return this.work.operation
  }

  get isFailing(): boolean {
    return this.#failure !== undefined
  }

  failNow(error: HookchartError): void {
    this.#failure = error
    this.#fail?.(error)
    this.#agent.refresh()
  }

  override *run(): Flow<Ending> {
    const { operation } = this
    const agent = this.#agent
    const refused = yield* wait(agent.turn(operation, this))
    if (refused !== undefined) return refused
    try {
      // Hooks and the code of the agent see what earlier executions have left.
      if (Object.keys(agent.memory).length > 0) operation.state = freezeJson({ ...agent.memory, ...operation.state })
      const ending = yield* super.run()
      if (ending.status === 'completed') agent.memory = operation.state
      return ending
    } catch (error) {
      if (operation.aborted !== undefined) return aborted(operation)
      throw error
    } finally {
      agent.done()
    }
  }

  override gate(point: string) {
    return this.#telling(super.gate(point))
  }

  override lookUp() {
    return this.#telling(super.lookUp())
  }

  /** The start of the effect is the first place at which a pause takes hold. */
  override effect() {
    return andThen(this.#boundary(), () => this.#telling(super.effect()))
  }

  override wait() {
    return this.#telling(super.wait())
  }

  /** The machine learns with each outcome how the execution ends if nothing else happens. */
  #telling<T extends Outcome>(outcome: Maybe<T>): Maybe<T> {
    return andThen(outcome, (told) => ({ ...told, note: { ...told.note, end: this.#end() } }))
  }

  #end(): ExecutionEnd | null {
    const { ending } = this
    if (ending === undefined) return null
    return { status: ending.status, ...('error' in ending && { error: ending.error.toJSON() }) }
  }

  /** Its deadline, and those of what it was called by, stand still while it is held. */
  #boundary(at?: string): Maybe<void> {
    const held = this.#agent.boundary(this.operation, this, at)
    return isPromise(held) ? held.then(this.operation.standStill()) : held
  }

  #execute(input: unknown, call: EffectCall): unknown {
    const { operation } = this
    const agent = this.#agent
    const state = copyJson(operation.state) as Record<string, unknown>
    if (this.#failure !== undefined) throw this.#taken(this.#failure)
    const working = (work: PromiseLike<unknown>) => {
      agent.live++
      const ended = () => {
        agent.live--
        agent.refresh()
      }
      work.then(ended, ended)
    }
    agent.live++
    let output: unknown
    try {
      output = this.#effect(input, {
        call,
        state,
        boundary: (at) => this.#held(call, at),
        ...{ operation, working, show: this.#show },
      })
    } finally {
      agent.live--
    }
    if (!isPromise(output)) return this.#kept(state, output)
    const work = Promise.resolve(output)
    working(work)
    return Promise.race([work, this.#failing(call)]).then((value) => this.#kept(state, value))
  }

  /** Rejects when the agent is told to fail. */
  #failing(call: EffectCall): Promise<never> {
    return new Promise((_, reject) => {
      this.#fail = (error) => {
        ;(call as EffectCall & { abort(reason: unknown): void }).abort(error)
        reject(this.#taken(error))
      }
    })
  }

  #taken(error: HookchartError): HookchartError {
    this.#failure = undefined
    this.#fail = undefined
    return error
  }

  /** The code of an agent that is paused waits here; when its execution has ended meanwhile, it ends too. */
  #held(call: EffectCall, at: string | undefined): Maybe<void> {
    const { signal } = call
    const held = this.#boundary(at)
    if (!isPromise(held)) {
      signal.throwIfAborted()
      return undefined
    }
    return held.then(() => {
      signal.throwIfAborted()
    })
  }

  #kept(state: Record<string, unknown>, output: unknown): unknown {
    const flaw = findJsonFlaw(state)
    if (flaw !== undefined) throw notJson(flaw, `The state of ${this.operation.component.name}`)
    this.operation.state = freezeJson(copyJson(state))
    return output
  }
}
