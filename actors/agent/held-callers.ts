/** How the code of an agent calls others: each call is a place at which a pause may take hold. */
import type { Caller, Callers } from '../../machines/call.ts'
import type { ToolDefinition } from '../../machines/tool/define-tool.ts'

/** Callers whose calls wait while the agent is paused, and that know the tools of the agent by their names. */
export function heldCallers(
  callers: Callers,
  boundary: () => Promise<void>,
  tools: ReadonlyMap<string, ToolDefinition> = new Map(),
): Callers {
  return {
    tools: held(callers.tools, boundary, (given) => (typeof given === 'string' ? (tools.get(given) ?? given) : given)),
    agents: held(callers.agents, boundary),
    workflows: held(callers.workflows, boundary),
  }
}

function held<C extends Caller<'tool'> | Caller<'agent'> | Caller<'workflow'>>(
  caller: C,
  boundary: () => Promise<void>,
  find: (given: unknown) => unknown = (given) => given,
): C {
  const at =
    (method: 'call' | 'execute') =>
    async (given: unknown, ...rest: readonly unknown[]) => {
      await boundary()
      return (caller[method] as (...args: unknown[]) => unknown)(find(given), ...rest)
    }
  return { call: at('call'), execute: at('execute') } as unknown as C
}
