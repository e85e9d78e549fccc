/** The refusals of agents. */
import { HookchartError } from '../../src/errors.ts'
import type { ErrorData } from '../../src/errors.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { AgentContext } from '../../machines/agent/agent-context.ts'
import { legalCommands } from '../../machines/agent/life.ts'
import type { AgentCommand, LifeState } from '../../machines/agent/life.ts'

/** A command that is not legal in the state of the agent. */
export function illegal(agent: string, command: AgentCommand, context: AgentContext): HookchartError {
  const { state, recoveryAttempts, maxRecoveryAttempts } = context
  const legal = legalCommands(context)
  const spent =
    state === 'error' && recoveryAttempts >= maxRecoveryAttempts
      ? ` after ${String(recoveryAttempts)} of ${String(maxRecoveryAttempts)} recoveries`
      : ''
  const rest = legal.length === 0 ? 'No command is legal there.' : `Legal there: ${legal.join(', ')}.`
  return new HookchartError(
    'ILLEGAL_COMMAND',
    `Agent "${agent}" cannot ${command}: it is ${state === 'error' ? 'in error' : state}${spent}. ${rest}`,
    { details: { agent, command, state, legal } },
  )
}

/** As many commands as may be wait. */
export function busy(agent: string, maxQueue: number): HookchartError {
  const message = `Agent "${agent}" has ${String(maxQueue)} commands waiting already. Try again later, or raise maxQueue.`
  return new HookchartError('AGENT_BUSY', message, { retryable: true, details: { agent, maxQueue } })
}

/** It would wait for an execution that waits for it. */
export function selfCall(agent: string): HookchartError {
  const message = `Agent "${agent}" was executed from within its own execution, which would wait for itself. Create another instance for that.`
  return new HookchartError('AGENT_BUSY', message, { details: { agent } })
}

/** A command that its caller has given up. */
export function abandoned(agent: string, command: AgentCommand, reason: unknown): HookchartError {
  const why = reason instanceof Error && reason.name !== 'AbortError' ? `: ${reason.message}` : '.'
  return new HookchartError('RUN_ABORTED', `The command ${command} of agent "${agent}" was aborted${why}`, {
    details: { agent, command },
    cause: reason,
  })
}

/** A command whose time is up. */
export function tooLate(agent: string, command: AgentCommand, timeoutMs: number): HookchartError {
  return new HookchartError(
    'OPERATION_TIMED_OUT',
    `The command ${command} of agent "${agent}" did not take effect within ${String(timeoutMs)} ms. Raise its timeoutMs, or see what holds it up.`,
    { retryable: true, details: { agent, command, timeoutMs } },
  )
}

/** A command that another has overtaken. */
export function overtaken(agent: string, command: AgentCommand, state: LifeState): HookchartError {
  return new HookchartError(
    'RUN_ABORTED',
    `The command ${command} of agent "${agent}" was overtaken by another; the agent is ${state}.`,
    { details: { agent, command, state } },
  )
}

/** An error that the machine kept as data. */
export function revived({ code, name, message, retryable, details }: ErrorData): HookchartError {
  return new HookchartError(code, message, { name, retryable, ...(details !== undefined && { details }) })
}

const REFUSALS: readonly string[] = [
  ...['HOOK_CANCELLED', 'GUARD_FAILED', 'GUARD_TIMED_OUT', 'GUARD_UNAVAILABLE'],
  ...['RUN_ABORTED', 'APPROVAL_REJECTED', 'APPROVAL_EXPIRED'],
]

/** How an execution ends that could not begin; `moved`: the agent has changed its state on the way. */
export function endingOf(error: HookchartError, moved: boolean): Ending {
  return { status: !moved && REFUSALS.includes(error.code) ? 'cancelled' : 'failed', error }
}
