/** What an agent needs before it can execute: its tools and its model, found by their names. */
import type { LanguageModel } from '../../machines/agent/model.ts'
import type { AgentDefinition, AgentTool } from '../../machines/agent/definition.ts'
import { offerOf } from '../../machines/agent/tool-offer.ts'
import type { ToolOffer } from '../../machines/agent/tool-offer.ts'
import type { Host } from '../system/host.ts'
import { modelNameOf, modelRunner } from './model-runner.ts'
import type { ModelRunner } from './model-runner.ts'

/** What an agent works with. */
export interface Prepared {
  /** By name; agents are tools too. */
  readonly tools: ReadonlyMap<string, AgentTool>
  readonly model: LanguageModel | undefined
  /** The tools as the model is told of them, by name. */
  readonly offers: ReadonlyMap<string, ToolOffer>
  /** What calls the model. */
  readonly runModel: ModelRunner | undefined
}

/** Finds it. Rejects with UNKNOWN_COMPONENT and UNKNOWN_MODEL, and with whatever the loading of a model does. */
export async function prepare(host: Host, definition: AgentDefinition): Promise<Prepared> {
  const where = `agent "${definition.name}"`
  const tools = definition.tools.map((tool) => host.toolOf(tool, where))
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  if (definition.kind === 'function') return { tools: byName, model: undefined, offers: new Map(), runModel: undefined }
  const offers = new Map(tools.map((tool) => [tool.name, offerOf(tool, where)]))
  const model = await host.modelOf(definition.model, where)
  return { tools: byName, model, offers, runModel: modelRunner(host, model) }
}

/** What hooks are told of it. */
export function outlineOf({ tools, model }: Prepared): object {
  return { tools: [...tools.keys()], ...(model !== undefined && { model: modelNameOf(model) }) }
}
