/** How the code of an agent calls others: each call is a place at which a pause may take hold, and tools are shown. */
import { toHookchartError } from '../../src/errors.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import { unwrap } from '../../src/hooks/run-result.ts'
import type { Caller, Callers } from '../../machines/call.ts'
import type { AgentTool } from '../../machines/agent/definition.ts'
import type { Show } from './show.ts'

type Execute = (given: unknown, ...rest: readonly unknown[]) => Promise<RunResult>

/** Callers whose calls wait while the agent is paused, and that know the tools of the agent by their names. */
export function heldCallers(
  { tools, agents, workflows }: Callers,
  boundary: () => Promise<void>,
  known: ReadonlyMap<string, AgentTool> = new Map(),
  show?: Show,
): Callers {
  const found: Execute = (given, ...rest) =>
    executeOf(tools)(typeof given === 'string' ? (known.get(given) ?? given) : given, ...rest)
  return {
    tools: held(show === undefined ? found : shown(found, show), boundary) as Caller<'tool'>,
    agents: {
      ...(held(executeOf(agents), boundary) as Caller<'agent'>),
      discover: (query) => agents.discover(query),
    },
    workflows: held(executeOf(workflows), boundary) as Caller<'workflow'>,
  }
}

function executeOf(caller: Caller<'tool'> | Caller<'agent'> | Caller<'workflow'>): Execute {
  return (given, ...rest) => (caller.execute as Execute)(given, ...rest)
}

function held(execute: Execute, boundary: () => Promise<void>): object {
  const heldExecute: Execute = async (...args) => {
    await boundary()
    return execute(...args)
  }
  const call: Execute = async (...args) => unwrap(await heldExecute(...args)) as never
  return { call, execute: heldExecute }
}

function shown(execute: Execute, show: Show): Execute {
  return async (given, input, ...rest) => {
    const name = typeof given === 'string' ? given : (given as AgentTool).name
    const ended = show.tool(name, input)
    try {
      const result = await execute(given, input, ...rest)
      ended(result)
      return result
    } catch (error) {
      ended({ error: toHookchartError(error) })
      throw error
    }
  }
}
