/** What executions have spent, each with all that it has started, and what agents may spend. */
import type { Operation } from '../../src/hooks/executor/operation.ts'
import type { ModelAgentDefinition } from '../../machines/agent/definition.ts'
import type { ModelUsage } from '../../machines/agent/model.ts'
import type { CallTokens } from '../../machines/agent/model-call.ts'
import { limitBeforeCall, limitHit, overLimit } from '../../machines/agent/model-loop-context.ts'
import type { LimitHit, ModelLimits, ModelSpending } from '../../machines/agent/model-loop-context.ts'
import { revived } from './errors.ts'

/** What is counted. */
type Counts = Readonly<Record<'turns' | 'toolCalls' | 'inputTokens' | 'outputTokens' | 'totalTokens', number>>

const NOTHING: Counts = { turns: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, totalTokens: 0 }

/** Of the executions of model agents, which have a budget and turns. */
const spendings = new WeakMap<Operation, Spending>()

/** The spending of one execution of a model agent: of all its attempts, for they are paid for as well. */
export class Spending {
  readonly limits: ModelLimits
  /** The limit that has ended it. */
  hit: LimitHit | undefined
  readonly #operation: Operation
  readonly #definition: ModelAgentDefinition
  #turns = 0
  #cost = 0

  constructor(operation: Operation, definition: ModelAgentDefinition) {
    const { costOf: _, ...limits } = definition.budget ?? {}
    this.limits = { ...limits, maxTurns: definition.maxTurns }
    this.#operation = operation
    this.#definition = definition
  }

  /** That of an execution, from its first attempt on. */
  static of(operation: Operation, definition: ModelAgentDefinition): Spending {
    let spending = spendings.get(operation)
    if (spending === undefined) spendings.set(operation, (spending = new Spending(operation, definition)))
    return spending
  }

  get spent(): ModelSpending {
    const usage = { ...NOTHING, ...this.#operation.usage } as Counts
    return { ...usage, turns: this.#turns, cost: this.#cost }
  }

  /** Throws where another turn would be too much. */
  assertTurn(): void {
    this.#assertNot(limitBeforeCall({ limits: this.limits, spent: this.spent }))
  }

  /** Throws where nothing more may be spent. */
  assertWithin(): void {
    this.#assertNot(limitHit({ limits: this.limits, spent: this.spent, requests: [] }))
  }

  countTurn(): void {
    this.#turns++
    count(this.#operation, { turns: 1, ...this.#costOf(undefined) })
  }

  countTools(toolCalls: number): void {
    count(this.#operation, { toolCalls })
  }

  /** The cost of a call as this agent sees it; nothing when it has no opinion. */
  priced(usage: ModelUsage): { readonly cost?: number } {
    const priced = this.#costOf(usage)
    this.#cost += priced.cost ?? 0
    return priced
  }

  #costOf(usage: ModelUsage | undefined): { readonly cost?: number } {
    const costOf = this.#definition.budget?.costOf
    return costOf === undefined ? {} : { cost: usage === undefined ? 0 : costOf(usage) }
  }

  #assertNot(hit: LimitHit | undefined): void {
    if (hit === undefined) return
    this.hit = hit
    throw revived(overLimit(hit))
  }
}

/** Throws RESOURCE_LIMIT_EXCEEDED when an execution, or one that has started it, may spend nothing more. */
export function assertAffordable(operation: Operation): void {
  for (const each of lineOf(operation)) spendings.get(each)?.assertWithin()
}

/** Counts what a call of a model has used, where it was made and above. Each agent prices it itself; others take the price of those below. */
export function countCall(operation: Operation, model: string, tokens: CallTokens): void {
  const { inputTokens, outputTokens, totalTokens } = tokens
  let priced: { readonly cost?: number } = {}
  for (const each of lineOf(operation)) {
    priced = { ...priced, ...spendings.get(each)?.priced({ model, inputTokens, outputTokens }) }
    add(each, { inputTokens, outputTokens, totalTokens, ...priced })
  }
}

function count(operation: Operation, more: Partial<Counts> & { readonly cost?: number }): void {
  for (const each of lineOf(operation)) add(each, more)
}

function add(operation: Operation, more: Partial<Counts> & { readonly cost?: number }): void {
  const usage: Record<string, number> = { ...NOTHING, ...operation.usage }
  for (const [what, amount] of Object.entries(more)) usage[what] = (usage[what] ?? 0) + amount
  operation.usage = usage
}

/** An operation, and those above it in its run. */
function* lineOf(operation: Operation): Generator<Operation> {
  const { run } = operation
  for (let each: Operation | undefined = operation; each?.run === run; each = each.above) yield each
}
