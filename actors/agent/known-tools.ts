/** Whether a system has all that an agent works with: asked when it is handed to the system, before any point fires. */
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { Host } from '../system/host.ts'

/** Throws UNKNOWN_COMPONENT for a tool of an agent, or of an agent that is a tool of it, that the system does not know. */
export function assertToolsKnown(
  host: Pick<Host, 'toolOf'>,
  definition: AgentDefinition,
  where: string,
  seen: Set<AgentDefinition> = new Set<AgentDefinition>(),
): void {
  if (seen.has(definition)) return
  seen.add(definition)
  for (const given of definition.tools) {
    const tool = host.toolOf(given, `${where}: agent "${definition.name}"`)
    if (tool.type === 'agent') assertToolsKnown(host, tool, where, seen)
  }
}
