/** What the loop of a model agent knows: the conversation so far, what it has spent, and what it may. All of it JSON. */
import type { ErrorData } from '../../src/errors.ts'
import type { Budget } from './model.ts'

/** A tool that the model wants called. */
export interface ToolRequest {
  readonly id: string
  readonly name: string
  /** As the model wrote it: JSON, if it is well-formed. */
  readonly input: string
}

/** What an execution has spent, with all that it has started. */
export interface ModelSpending {
  /** Its own: what an agent says that it calls as a tool is none of its turns. */
  readonly turns: number
  readonly toolCalls: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  /** In the currency of the budget; 0 without one. */
  readonly cost: number
}

/** What may be spent; what is absent is not limited. */
export interface ModelLimits extends Omit<Budget, 'costOf'> {
  readonly maxTurns: number
}

/** What a loop is begun with. */
export interface ModelLoopInput {
  /** What is said first, as the model gets it. */
  readonly messages: readonly object[]
  readonly limits: ModelLimits
}

/** Where a loop stands beside its state. */
export interface ModelLoopContext extends ModelLoopInput {
  readonly spent: ModelSpending
  /** What the model wants called now. */
  readonly requests: readonly ToolRequest[]
  /** What it has said last. */
  readonly text: string
  readonly error: ErrorData | null
}

/** A limit that was hit. */
export interface LimitHit {
  readonly resource: string
  readonly limit: number
  readonly used: number
}

/** A loop that has not begun. */
export function beginLoop({ messages, limits }: ModelLoopInput): ModelLoopContext {
  const spent = { turns: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, totalTokens: 0, cost: 0 }
  return { messages, limits, spent, requests: [], text: '', error: null }
}

/** The first limit that has been passed already, or would be if the model were called once more. */
export function limitBeforeCall({ limits, spent }: Pick<ModelLoopContext, 'limits' | 'spent'>): LimitHit | undefined {
  const turns = spent.turns + 1
  return (
    limitHit({ limits, spent, requests: [] }) ??
    (turns > limits.maxTurns ? { resource: 'turns', limit: limits.maxTurns, used: turns } : undefined)
  )
}

/** The error of a limit that was hit. */
export function overLimit({ resource, limit, used }: LimitHit): ErrorData {
  const message = `The model would use ${String(used)} ${resource}, and ${String(limit)} are allowed. Raise the limit, or ask it for less.`
  const details = { resource, limit, used }
  return { code: 'RESOURCE_LIMIT_EXCEEDED', name: 'HookchartError', message, retryable: false, details }
}

/** The first limit that has been passed, or would be if the model got what it wants now. */
export function limitHit({
  limits,
  spent,
  requests,
}: Pick<ModelLoopContext, 'limits' | 'spent' | 'requests'>): LimitHit | undefined {
  const wanted = requests.length
  const used: readonly (readonly [string, number | undefined, number])[] = [
    ['input tokens', limits.maxInputTokens, spent.inputTokens],
    ['output tokens', limits.maxOutputTokens, spent.outputTokens],
    ['tokens', limits.maxTokens, spent.totalTokens],
    ['cost', limits.maxCost, spent.cost],
    ['tool calls', limits.maxToolCalls, wanted === 0 ? 0 : spent.toolCalls + wanted],
    ['turns', limits.maxTurns, wanted === 0 ? 0 : spent.turns + 1],
  ]
  for (const [resource, limit = Infinity, amount] of used) {
    if (amount > limit) return { resource, limit, used: amount }
  }
  return undefined
}
