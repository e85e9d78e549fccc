/** How the code of a tool, an agent or a step calls others: as child operations of its own. */
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import { parseExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import { unwrap } from '../../src/hooks/run-result.ts'
import type { Caller, Callers } from '../../machines/call.ts'
import { discoverAgents } from './agent-discovery.ts'
import type { Components, ComponentTypes } from './components.ts'

/** What an effect is given to call tools, agents and workflows with. */
export function callersFor(components: Components, call: EffectCall): Callers {
  return {
    tools: callerOf(components, 'tool', call),
    agents: { ...callerOf(components, 'agent', call), discover: (query) => discoverAgents(components, query) },
    workflows: callerOf(components, 'workflow', call),
  }
}

function callerOf<Type extends keyof ComponentTypes>(
  components: Components,
  type: Type,
  parent: EffectCall,
): Caller<Type> {
  const execute = async (
    given: ComponentTypes[Type] | string,
    input: unknown,
    options?: object,
  ): Promise<RunResult> => {
    const component = components.resolve(type, given, `${type}s.execute`)
    const parsed = parseExecuteOptions({ ...options, parent }, component.name)
    return components.execute(component, input, parsed)
  }
  return {
    execute,
    call: async (given: ComponentTypes[Type] | string, input: unknown, options?: object) =>
      unwrap(await execute(given, input, options)),
  } as unknown as Caller<Type>
}
