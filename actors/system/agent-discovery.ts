/** A search for agents, from outside and from within the code of one. */
import { parseOptions } from '../../src/options.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { AgentQuery } from '../../machines/call.ts'
import type { Components } from './components.ts'
import { fitsQuery, querySchema } from './query.ts'

/** The registered agents that fit. Throws INVALID_OPTIONS. */
export function discoverAgents(components: Components, query: AgentQuery = {}): readonly AgentDefinition[] {
  const parsed = parseOptions(querySchema, query, 'agents.discover')
  return components.list('agent').filter((agent) => fitsQuery(agent, parsed))
}
