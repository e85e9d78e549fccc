/** What an agent needs before it can execute: its tools and its model, found by their names. */
import type { LanguageModel } from '../../machines/agent/model.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { ToolDefinition } from '../../machines/tool/define-tool.ts'
import { toolSpec } from '../../machines/agent/model-messages.ts'
import type { Host } from '../system/host.ts'
import { modelNameOf, modelRunner } from './model-runner.ts'
import type { ModelRunner } from './model-runner.ts'

/** What an agent works with. */
export interface Prepared {
  readonly tools: ReadonlyMap<string, ToolDefinition>
  readonly model: LanguageModel | undefined
  /** The tools as the model is told of them. */
  readonly specs: readonly object[]
  /** What calls the model. */
  readonly runModel: ModelRunner | undefined
}

/** Finds it. Rejects with UNKNOWN_COMPONENT and UNKNOWN_MODEL, and with whatever the loading of a model does. */
export async function prepare(host: Host, definition: AgentDefinition): Promise<Prepared> {
  const where = `agent "${definition.name}"`
  const tools = definition.tools.map((tool) => host.toolOf(tool, where))
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  if (definition.kind === 'function') return { tools: byName, model: undefined, specs: [], runModel: undefined }
  const specs = tools.map((tool) => toolSpec(tool, where))
  const model = await host.modelOf(definition.model, where)
  return { tools: byName, model, specs, runModel: modelRunner(host, model) }
}

/** What hooks are told of it. */
export function outlineOf({ tools, model }: Prepared): object {
  return { tools: [...tools.keys()], ...(model !== undefined && { model: modelNameOf(model) }) }
}
