/** What the machine of an agent knows beside its state, and what it is told. All of it JSON. */
import type { ErrorData } from '../../src/errors.ts'
import { beginOperation } from '../operation/operation-context.ts'
import type { OperationContext, OperationInput } from '../operation/operation-context.ts'
import type { LifeState, Recoveries } from './life.ts'

/** How long the changes of its state may take. */
export interface AgentLimits {
  readonly initializeTimeoutMs: number
  readonly terminateTimeoutMs: number
  readonly transitionTimeoutMs: number
}

/** How the execution ends if nothing else happens. */
export interface ExecutionEnd {
  readonly status: 'completed' | 'partial' | 'failed' | 'cancelled' | 'timed_out' | 'redirected'
  readonly error?: ErrorData
}

/** What the machine of an agent is begun with. */
export interface AgentInput extends AgentLimits {
  readonly autoRecover: boolean
  readonly maxRecoveryAttempts: number
}

/** Of the agent, and of the execution that it has in hand. */
export interface AgentContext extends OperationContext, AgentLimits, Recoveries {
  readonly lastError: ErrorData | null
  /** How the execution in hand ends; null when none does yet. */
  readonly end: ExecutionEnd | null
  /** What the command under way may take; null: what the limits say. */
  readonly timeoutMs: number | null
  /** The termination under way asks nobody and waits for nothing. */
  readonly force: boolean
}

interface Timed {
  /** How long it may take, instead of what the limits of the agent say. */
  readonly timeoutMs?: number
}

/** What an agent is told; BOUNDARY: its code has come to a place at which a pause may take hold. */
export type AgentEvent =
  | ({ readonly type: 'INITIALIZE' | 'RECOVER' | 'PAUSE' } & Timed)
  | ({ readonly type: 'TERMINATE'; readonly force?: boolean } & Timed)
  | ({ readonly type: 'EXECUTE' } & OperationInput)
  | { readonly type: 'RESUME' | 'STOP' }
  | { readonly type: 'BOUNDARY'; readonly at?: string }
  | { readonly type: 'FAIL'; readonly error: ErrorData }
  // What its regions tell each other.
  | { readonly type: 'STARTED' | 'SETTLED' | 'GRANTED.INITIALIZE' | 'GRANTED.TERMINATE' }

const FIRST: LifeState = 'uninitialized'

/** An agent that has not lived yet. */
export function beginAgent(input: AgentInput): AgentContext {
  return {
    ...beginOperation({ input: undefined }),
    state: FIRST,
    autoRecover: input.autoRecover,
    recoveryAttempts: 0,
    maxRecoveryAttempts: input.maxRecoveryAttempts,
    initializeTimeoutMs: input.initializeTimeoutMs,
    terminateTimeoutMs: input.terminateTimeoutMs,
    transitionTimeoutMs: input.transitionTimeoutMs,
    lastError: null,
    end: null,
    timeoutMs: null,
    force: false,
  }
}
