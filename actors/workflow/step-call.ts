/** What the function of a step is called with. What costs to make is made when it is looked at: most steps look at little. */
import { LazyEffectCall } from '../../src/hooks/operation/effect.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Callers, Emit, StepCall } from '../../machines/call.ts'
import type { Host } from '../system/host.ts'
import type { Lane } from './lane-run.ts'
import { draftOf } from './shared-state.ts'
import type { StateData } from './shared-state.ts'

/** See the head of this file. */
export class LazyStepCall extends LazyEffectCall implements StepCall {
  input: unknown
  #host: Host | undefined
  #lane: Lane | undefined
  #base: StateData | undefined
  #draft: Record<string, unknown> | undefined
  #callers: Callers | undefined
  #results: Readonly<Record<string, unknown>> | undefined

  /** Gives it what the step has. */
  lend(input: unknown, host: Host, lane: Lane): void {
    this.input = input
    this.#host = host
    this.#lane = lane
    this.#base = lane.state
  }

  /** The draft, if the step has looked at it. */
  get draft(): Record<string, unknown> | undefined {
    return this.#draft
  }

  get state(): Record<string, unknown> {
    return (this.#draft ??= draftOf(this.#base as StateData))
  }

  get results(): Readonly<Record<string, unknown>> {
    return (this.#results ??= (this.#lane as Lane).outputs)
  }

  get emit(): Emit {
    return (this.#host as Host).emitterFor(this)
  }

  get tools(): Callers['tools'] {
    return this.#calls.tools
  }

  get agents(): Callers['agents'] {
    return this.#calls.agents
  }

  get workflows(): Callers['workflows'] {
    return this.#calls.workflows
  }

  get #calls(): Callers {
    return (this.#callers ??= (this.#host as Host).callersFor(this))
  }
}

/** The call that an effect of a step was started with. */
export function stepCallOf(call: EffectCall): LazyStepCall {
  if (call instanceof LazyStepCall) return call
  throw new TypeError('A step is called with what its operation makes.')
}
