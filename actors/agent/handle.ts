/** What a user has of one agent. */
import type { ActorRefFrom } from 'xstate'
import type { ErrorData } from '../../src/errors.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { parseExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { ExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { agentMachine } from '../../machines/agent/agent-machine.ts'
import { isHealthy } from '../../machines/agent/life.ts'
import type { LifeState } from '../../machines/agent/life.ts'
import type { RunningAgent } from './agent-runner.ts'
import { parseCommandOptions, parseTerminateOptions } from './command-options.ts'
import type { CommandOptions, TerminateOptions } from './command-options.ts'
import type { AgentTransition } from './life.ts'
import { openStream } from './stream.ts'
import type { AgentStream } from './stream.ts'

/** How an agent has fared so far. */
export interface AgentMetrics {
  readonly state: LifeState
  /** Edges taken. */
  readonly transitions: number
  /** Recoveries since the last execution that completed. */
  readonly recoveryAttempts: number
  /** Why it went into error; null once it has recovered. */
  readonly lastError: ErrorData | null
  /** It is ready, running or paused. */
  readonly isHealthy: boolean
  /** Since its first edge; 0 before. */
  readonly uptimeMs: number
}

/**
 * One agent. Its commands are taken one after another; each resolves with the state it led to, or rejects: ILLEGAL_COMMAND
 * where the state does not allow it, HOOK_CANCELLED (or what else a hook decided) where it was refused, AGENT_BUSY when as many as may
 * be wait, RUN_ABORTED and OPERATION_TIMED_OUT by its options, HOOKS_STOPPED when the system has been stopped.
 */
export interface AgentHandle<Input = unknown, Output = unknown> {
  readonly id: string
  /** Makes it ready. An execution does that by itself. */
  initialize(options?: CommandOptions): Promise<LifeState>
  /** Executes it when its turn comes. Gives a result, however it ends; rejects for ILLEGAL_COMMAND, INVALID_OPTIONS and HOOKS_STOPPED. */
  execute(input: Input, options?: ExecuteOptions): Promise<RunResult<Output>>
  /**
   * Executes it as a stream of text, tools and steps; its `result` is what `execute` would give. Who leaves the loop early aborts
   * the run. Throws for ILLEGAL_COMMAND, INVALID_OPTIONS and HOOKS_STOPPED.
   */
  stream(input: Input, options?: ExecuteOptions): AgentStream<Output>
  /** Takes hold where the running code calls a tool, a model, another agent or `checkpoint`, or ends; at once when nothing runs. */
  pause(options?: CommandOptions): Promise<LifeState>
  resume(options?: CommandOptions): Promise<LifeState>
  /** Ends the running execution; the agent is ready again. */
  stop(options?: CommandOptions): Promise<LifeState>
  /** Ends the running execution, waits until its code has ended, and then the agent's life. */
  terminate(options?: TerminateOptions): Promise<LifeState>
  /** Lets the running execution fail, which hooks at AgentError may put right; else the agent is in error. */
  fail(error: unknown, options?: CommandOptions): Promise<LifeState>
  /** From error back to ready. With `autoRecover` the next execution does that by itself. */
  recover(options?: CommandOptions): Promise<LifeState>
  readonly state: LifeState
  /** The last 1,000 edges, oldest first. */
  readonly history: readonly AgentTransition[]
  readonly metrics: AgentMetrics
  /** The machine of the agent, running: for inspection and `subscribe`. */
  readonly actor: ActorRefFrom<typeof agentMachine>
}

/** The handle of an agent. */
export function handleOf(kernel: Kernel, { agent, startable, showing }: RunningAgent): AgentHandle {
  const { component, life } = agent
  const where = (command: string) => `agent "${component.id}".${command}`
  const options = (given: CommandOptions | undefined, command: string) => parseCommandOptions(given, where(command))
  return {
    id: component.id,
    actor: life.actor,
    initialize: async (given) => agent.commands.initialize(options(given, 'initialize')),
    execute: async (input, given) => {
      const parsed = parseExecuteOptions(given, component.name)
      agent.assertLegal('execute')
      return await execute(kernel, startable, input, parsed)
    },
    stream: (input, given) => {
      const parsed = parseExecuteOptions(given, component.name)
      agent.assertLegal('execute')
      return openStream(kernel, showing, input, parsed)
    },
    pause: async (given) => agent.commands.pause(options(given, 'pause')),
    resume: async (given) => agent.commands.resume(options(given, 'resume')),
    stop: async (given) => agent.commands.stop(options(given, 'stop')),
    terminate: async (given) => agent.commands.terminate(parseTerminateOptions(given, where('terminate'))),
    fail: async (error, given) => agent.commands.fail(error, options(given, 'fail')),
    recover: async (given) => agent.commands.recover(options(given, 'recover')),
    get state() {
      return life.state
    },
    get history() {
      return [...life.history]
    },
    get metrics() {
      const { recoveryAttempts, lastError, state } = life.context
      return {
        ...{ state, recoveryAttempts, lastError, transitions: life.transitions, isHealthy: isHealthy(state) },
        uptimeMs: life.since === undefined ? 0 : kernel.time.now() - life.since,
      }
    },
  }
}
