/** `createSystem`: tools, and the hooks round them, in one place. */
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import { createHooks, kernelOf } from '../../src/hooks/create-hooks.ts'
import type { CreateHooksOptions } from '../../src/hooks/create-hooks.ts'
import type { AnyHookDefinition } from '../../src/hooks/hook.ts'
import type { HookHandle, Hooks } from '../../src/hooks/api.ts'
import type { ApprovalsApi } from '../../src/hooks/executor/approvals.ts'
import { createNodeIsolation } from '../../src/ports/node/isolation.ts'
import { isSealed } from '../../machines/definition.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { SecurityLevel, ToolDefinition } from '../../machines/tool/define-tool.ts'
import { runIsolated } from '../tool/isolated.ts'
import { chainsOf } from './chains.ts'
import type { Chains } from './chains.ts'
import { AgentsInSystem } from '../agent/agents-in-system.ts'
import { modelResolver, modelsSchema } from '../agent/models.ts'
import type { Models } from '../agent/models.ts'
import { agentsOf, registerAgents } from './agents.ts'
import type { Agents } from './agents.ts'
import { callersFor } from './callers.ts'
import { Components } from './components.ts'
import type { Host } from './host.ts'
import { keepInternals } from './internals.ts'
import type { SystemInternals } from './internals.ts'
import { runnerOf } from './runners.ts'
import { toolsOf } from './tools.ts'
import type { Tools } from './tools.ts'
import type { WorkflowDefinition } from '../../machines/workflow/tree.ts'
import { registerWorkflows, workflowsOf } from './workflows.ts'
import type { Workflows } from './workflows.ts'

/** Options of {@link createSystem}. Everything is optional. */
export interface CreateSystemOptions extends CreateHooksOptions {
  /** Default `hookchart`. */
  readonly id?: string
  /** Known by their names from the start. */
  readonly tools?: readonly ToolDefinition[]
  readonly workflows?: readonly WorkflowDefinition[]
  /** Known by their names from the start. */
  readonly agents?: readonly AgentDefinition[]
  /** The models of agents: by provider a function from the id of a model, or by `provider/model` the model itself. */
  readonly models?: Models
  /** How many commands and executions may wait for one agent; default 1,000. */
  readonly maxQueue?: number
  /** Registered at their points from the start. */
  readonly hooks?: readonly AnyHookDefinition[]
  /** The highest level that runs; default `privileged`, which is all. */
  readonly maxSecurityLevel?: SecurityLevel
}

/** What {@link createSystem} gives. */
export interface System {
  readonly id: string
  readonly hooks: Hooks
  readonly tools: Tools
  readonly workflows: Workflows
  readonly chains: Chains
  readonly agents: Agents
  readonly approvals: ApprovalsApi
  /** Registers defined hooks at the points that they name. */
  use(hooks: AnyHookDefinition | readonly AnyHookDefinition[]): HookHandle[]
  idle(): Promise<void>
  /** Takes no new work, aborts what runs, and waits for observers. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const toolSchema = z.custom<ToolDefinition>((value) => isSealed(value, 'tool'), 'expected what defineTool gave')

const workflowSchema = z.custom<WorkflowDefinition>(
  (value) => isSealed(value, 'workflow'),
  'expected what sequential, conditional, loop or parallel gave',
)
const agentSchema = z.custom<AgentDefinition>((value) => isSealed(value, 'agent'), 'expected what defineAgent gave')

const schema = z.looseObject({
  id: z.string().min(1).max(200).default('hookchart'),
  tools: z.array(toolSchema).default([]),
  workflows: z.array(workflowSchema).default([]),
  agents: z.array(agentSchema).default([]),
  models: modelsSchema.default({}),
  maxQueue: z.int().positive().default(1_000),
  hooks: z.array(z.custom<AnyHookDefinition>()).default([]),
  maxSecurityLevel: z.enum(['safe', 'restricted', 'privileged']).default('privileged'),
})

/**
 * Makes a system: what executes tools and agents, with every gate and hook round them.
 *
 * @throws INVALID_OPTIONS, DUPLICATE_COMPONENT, and what registering a hook throws
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { createSystem, defineTool } from 'hookchart'
 * const shout = defineTool({ name: 'shout', description: 'says it louder', input: z.string(), execute: ({ input }) => input.toUpperCase() })
 * await using system = createSystem({ tools: [shout] })
 * console.assert((await system.tools.execute(shout, 'hello')).output === 'HELLO')
 * ```
 */
export function createSystem(options: CreateSystemOptions = {}): System {
  const {
    id,
    tools,
    workflows,
    agents,
    models,
    maxQueue,
    hooks: defined,
    maxSecurityLevel,
    ...kernelOptions
  } = parseOptions(schema, options, 'createSystem')
  const hooks = createHooks(kernelOptions)
  const kernel = kernelOf(hooks)
  const isolation = createNodeIsolation()
  const components = new Components(
    () => kernel,
    (component) => runnerOf(host, component),
  )
  const instances = new AgentsInSystem(() => host, id)
  const host: Host = {
    kernel,
    targets: components,
    maxSecurityLevel,
    maxQueue,
    emit: () => undefined,
    runTool: (definition, input, call, limits, overLimit) =>
      definition.isolation === 'inline'
        ? definition.execute(Object.assign(call, { input, emit: host.emit }) as never)
        : runIsolated(isolation, definition, input, call, limits, host.emit, overLimit),
    toolOf: (given, where) => components.toolOf(given, where),
    modelOf: modelResolver(models),
    sharedAgent: (definition) => instances.sharedOf(definition).startable,
    callersFor: (call) => callersFor(components, call),
  }
  for (const tool of tools) components.register(tool, 'createSystem')
  registerAgents(host, components, agents, 'createSystem')
  registerWorkflows(components, workflows, 'createSystem')
  hooks.use(defined)
  const internals: SystemInternals = { host, hooks, agents: instances, onStop: new Set() }
  const stop = async () => {
    await Promise.all([...internals.onStop].map((stopIt) => stopIt()))
    await hooks.stop()
    instances.stop()
    await isolation.stop()
  }
  const system: System = {
    id,
    hooks,
    tools: toolsOf(kernel, components),
    workflows: workflowsOf(components),
    chains: chainsOf(host),
    agents: agentsOf(host, instances, components),
    approvals: hooks.approvals,
    use: (given) => hooks.use(given),
    idle: () => hooks.idle(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
  return keepInternals(system, internals)
}
