/** The life of an agent as a table: its nine states, the edges between them, and which command is legal where. */

/** Where an agent is in its life. */
export type LifeState =
  | 'uninitialized'
  | 'initializing'
  | 'ready'
  | 'running'
  | 'paused'
  | 'error'
  | 'recovering'
  | 'terminating'
  | 'terminated'

/** What an agent can be told. */
export type AgentCommand = 'initialize' | 'execute' | 'pause' | 'resume' | 'stop' | 'terminate' | 'fail' | 'recover'

/**
 * The states that follow each state: the 25 edges of the reference system, and no others.
 *
 * @example
 * ```ts
 * import { agentEdges } from 'hookchart/machines'
 * console.assert(Object.values(agentEdges).flat().length === 25 && agentEdges.terminated.length === 0)
 * ```
 */
export const agentEdges: Readonly<Record<LifeState, readonly LifeState[]>> = Object.freeze({
  uninitialized: ['initializing', 'error'],
  initializing: ['ready', 'error', 'terminating'],
  ready: ['running', 'paused', 'terminating', 'error'],
  running: ['ready', 'paused', 'terminating', 'error'],
  paused: ['ready', 'running', 'terminating', 'error'],
  error: ['recovering', 'terminating', 'terminated'],
  recovering: ['ready', 'error', 'terminating'],
  terminating: ['terminated', 'error'],
  terminated: [],
})

/** The commands that lead somewhere from each state; `execute` may have to wait its turn there, or recovers first. */
const COMMANDS: Readonly<Record<LifeState, readonly AgentCommand[]>> = {
  uninitialized: ['initialize', 'execute', 'fail'],
  initializing: ['execute', 'terminate', 'fail'],
  ready: ['execute', 'pause', 'terminate', 'fail'],
  running: ['execute', 'pause', 'stop', 'terminate', 'fail'],
  paused: ['execute', 'resume', 'stop', 'terminate', 'fail'],
  error: ['execute', 'recover', 'terminate'],
  recovering: ['execute', 'terminate', 'fail'],
  terminating: ['terminate', 'fail'],
  terminated: [],
}

/** Commands that lead to a state at once: whoever is there already has what was asked for, and nothing happens. */
const LEADS_TO: Partial<Record<AgentCommand, LifeState>> = {
  pause: 'paused',
  resume: 'running',
  stop: 'ready',
  fail: 'error',
}

/** What decides on commands besides the state. */
export interface Recoveries {
  readonly state: LifeState
  readonly recoveryAttempts: number
  readonly maxRecoveryAttempts: number
  readonly autoRecover: boolean
}

/** The commands that are legal. */
export function legalCommands({ state, autoRecover, ...recoveries }: Recoveries): readonly AgentCommand[] {
  const commands = COMMANDS[state]
  if (state !== 'error') return commands
  const isSpent = recoveries.recoveryAttempts >= recoveries.maxRecoveryAttempts
  return commands.filter((command) => command === 'terminate' || (!isSpent && (command === 'recover' || autoRecover)))
}

/** Whether an agent is already where a command leads. */
export function isThere(command: AgentCommand, state: LifeState): boolean {
  return LEADS_TO[command] === state
}

/** Whether an agent works as it should. */
export function isHealthy(state: LifeState): boolean {
  return state === 'ready' || state === 'running' || state === 'paused'
}

/** Whether an agent is on its way from one state to another, and takes no command but `terminate` and `fail`. */
export function isInTransit(state: LifeState): boolean {
  return state === 'initializing' || state === 'recovering' || state === 'terminating'
}
