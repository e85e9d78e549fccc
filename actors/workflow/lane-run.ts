/** A lane while it runs: its state, and what its steps came to. */
import type { ErrorData, HookchartError } from '../../src/errors.ts'
import { toErrorData } from '../../src/errors.ts'
import type { LaneOutcome } from '../../machines/workflow/lane.ts'
import type { Step } from '../../machines/workflow/tree.ts'
import type { StateData } from './shared-state.ts'
import { carryOver } from './shared-state.ts'

/** How a step ended. */
export type StepEnd = 'completed' | 'failed'

/** What steps leave for those behind them. */
export interface Results {
  readonly outputs: Readonly<Record<string, unknown>>
  readonly ended: ReadonlyMap<string, StepEnd>
}

export const NO_RESULTS: Results = { outputs: Object.freeze({}), ended: new Map() }

/** See the head of this file. */
export class Lane {
  readonly name: string
  readonly steps: readonly Step[]
  state: StateData
  readonly ended: Map<string, StepEnd>
  /** Why it has ended early. */
  error: HookchartError | undefined
  /** The step that has ended it. */
  endedAt: string | undefined
  /** Jumps back so far; they count as redirects. */
  jumpsBack = 0
  /** The step that runs. */
  pending: Promise<unknown> | undefined

  #outputs: Readonly<Record<string, unknown>>
  /** What is not yet in them. */
  #more: Record<string, unknown> | undefined

  constructor(name: string, steps: readonly Step[], state: StateData, { outputs, ended }: Results) {
    this.name = name
    this.steps = steps
    this.state = state
    this.#outputs = outputs
    this.ended = new Map(ended)
  }

  completed(step: string, output: unknown): void {
    this.ended.set(step, 'completed')
    if (output === undefined) return
    this.#more ??= Object.create(null) as Record<string, unknown>
    this.#more[step] = output
  }

  /** Put together when somebody looks; what was seen before stays as it was. */
  get outputs(): Readonly<Record<string, unknown>> {
    if (this.#more !== undefined) this.#outputs = Object.freeze({ ...this.#outputs, ...this.#more })
    this.#more = undefined
    return this.#outputs
  }

  /** Takes over what hooks changed of the state. */
  adopt(before: StateData, after: StateData): void {
    this.state = carryOver(before, after, this.state)
  }

  /** It ends early, unless the chart passes it over. */
  fails(error: HookchartError, type: 'failed' | 'refused' = 'failed'): LaneOutcome<'failed' | 'refused'> {
    this.error = error
    const data: ErrorData = toErrorData(error)
    return { type, note: { error: data } }
  }

  jumpTo(target: string, from: number, value: unknown): LaneOutcome<'jump'> {
    const index = this.steps.findIndex(({ name }) => name === target)
    if (index <= from) this.jumpsBack++
    return { type: 'jump', note: { goesTo: target, value } }
  }
}
