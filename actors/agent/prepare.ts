/** What an agent needs before it can execute: its tools and its model, found by their names. */
import type { LanguageModel } from '../../machines/agent/model.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { Host } from '../system/host.ts'

/** What an agent works with. */
export interface Prepared {
  readonly tools: ReadonlyMap<string, ToolDefinition>
  readonly model: LanguageModel | undefined
}

/** Finds it. Rejects with UNKNOWN_COMPONENT and UNKNOWN_MODEL, and with whatever the loading of a model does. */
export async function prepare(host: Host, definition: AgentDefinition): Promise<Prepared> {
  const where = `agent "${definition.name}"`
  const tools = definition.tools.map((tool) => host.toolOf(tool, where))
  const model = definition.kind === 'model' ? await host.modelOf(definition.model, where) : undefined
  return { tools: new Map(tools.map((tool) => [tool.name, tool])), model }
}

/** What hooks are told of it. */
export function outlineOf({ tools, model }: Prepared): object {
  return { tools: [...tools.keys()], ...(model !== undefined && { model: `${model.provider}/${model.modelId}` }) }
}
