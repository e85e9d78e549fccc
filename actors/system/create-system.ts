/** `createSystem`: what runs, and the hooks round it, in one place. */
import * as z from 'zod'
import type { Actor, AnyStateMachine } from 'xstate'
import { durationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { parseOptions } from '../../src/options.ts'
import { createNodeLoad } from '../../src/ports/node/load.ts'
import { systemRandom } from '../../src/ports/random.ts'
import type { Random } from '../../src/ports/random.ts'
import type { EventBus } from '../../src/events/api.ts'
import { busSchema } from '../../src/events/bus-options.ts'
import type { CreateEventBusOptions } from '../../src/events/bus-options.ts'
import { createEventBus } from '../../src/events/create-event-bus.ts'
import { hooksShape, hooksWith, kernelOf } from '../../src/hooks/create-hooks.ts'
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
import { Closing } from './closing.ts'
import { configOf, settingSchemas } from './config.ts'
import type { SystemConfig } from './config.ts'
import { Inspection } from './inspection.ts'
import type { Inspecting, Observer } from './inspection.ts'
import { MachinesInSystem } from './machines-in-system.ts'
import type { StartMachineOptions } from './machines-in-system.ts'
import { Pressure, performanceSchema } from './pressure.ts'
import type { PerformanceOptions } from './pressure.ts'
import { tellRefusals } from './refusals.ts'
import { stateOf } from './state.ts'
import type { SystemState } from './state.ts'
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
  /** What an execution that does not say does when it has to wait for an approval; default `wait`. */
  readonly onSuspend?: 'wait' | 'return'
  /** Chance, for whatever needs it: the spread of waits between restarts. Default the platform's. */
  readonly random?: Random
  /** When the process counts as being under pressure, for hooks at MemoryUsageHigh and CpuUsageHigh. */
  readonly performance?: PerformanceOptions
  /** How its bus works; see `createEventBus`. */
  readonly events?: Omit<CreateEventBusOptions, 'clock' | 'ids' | 'hooks'>
}

/** Options of `system.stop`. */
export interface StopSystemOptions {
  /** How long what runs may go on; default 10 s. What runs longer is aborted. */
  readonly timeoutMs?: Duration
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
  readonly state: SystemState
  readonly config: SystemConfig
  /** The bus of its events. Tools, agents and steps publish on it by `emit`. */
  readonly events: EventBus
  /** Tells a function of everything that happens from now on. Nothing waits for it. Throws INVALID_HANDLER. */
  inspect(observer: Observer): Inspecting
  /** What binds the gates of a machine of yours to the hooks of this system: `machine.provide(system.provide())`. */
  provide(): ReturnType<Hooks['provide']>
  /**
   * Starts a machine of yours with the hooks and the clock of this system; it is stopped with it. What it fails with is told to
   * who inspects; whoever else wants to know subscribes. Throws INVALID_OPTIONS, HOOKS_STOPPED.
   */
  start<Machine extends AnyStateMachine>(machine: Machine, options?: StartMachineOptions<Machine>): Actor<Machine>
  /** Registers defined hooks at the points that they name. */
  use(hooks: AnyHookDefinition | readonly AnyHookDefinition[]): HookHandle[]
  idle(): Promise<void>
  /**
   * Takes no new work, lets what runs come to its end for as long as `timeoutMs` says, fires SystemShutdown, aborts the rest, and
   * waits for observers. Called again it hastens: the earliest deadline holds. After it nothing of the system is left running.
   * What the system runs and waits for this waits for itself, until its time is over. Rejects with INVALID_OPTIONS.
   */
  stop(options?: StopSystemOptions): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const toolSchema = z.custom<ToolDefinition>((value) => isSealed(value, 'tool'), 'expected what defineTool gave')

const workflowSchema = z.custom<WorkflowDefinition>(
  (value) => isSealed(value, 'workflow'),
  'expected what sequential, conditional, loop or parallel gave',
)
const agentSchema = z.custom<AgentDefinition>((value) => isSealed(value, 'agent'), 'expected what defineAgent gave')

const schema = z.strictObject({
  ...hooksShape,
  id: z.string().min(1).max(200).default('hookchart'),
  tools: z.array(toolSchema).default([]),
  workflows: z.array(workflowSchema).default([]),
  agents: z.array(agentSchema).default([]),
  models: modelsSchema.default({}),
  maxQueue: settingSchemas.maxQueue.default(1_000),
  onSuspend: z.enum(['wait', 'return']).default('wait'),
  random: z
    .custom<Random>(
      (value) => typeof (value as Partial<Random> | undefined)?.next === 'function',
      'expected an object with next',
    )
    .default(systemRandom),
  performance: performanceSchema.default(performanceSchema.parse({})),
  events: busSchema.omit({ clock: true, ids: true, hooks: true }).optional(),
  hooks: z.array(z.custom<AnyHookDefinition>()).default([]),
  maxSecurityLevel: settingSchemas.maxSecurityLevel.default('privileged'),
})

const stopSchema = z.strictObject({ timeoutMs: durationSchema.default(10_000) })

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
    onSuspend,
    random,
    performance,
    events: eventOptions,
    ...kernelOptions
  } = parseOptions(schema, options, 'createSystem')
  const hooks = hooksWith(kernelOptions)
  const kernel = kernelOf(hooks)
  kernel.onSuspend = onSuspend
  const events = createEventBus({
    ...(eventOptions as CreateEventBusOptions),
    ...{ clock: kernel.time.clock, ids: kernel.ids, hooks, source: eventOptions?.source ?? id },
  })
  const config = configOf(kernel, { maxSecurityLevel, maxQueue })
  const inspection = new Inspection({
    system: id,
    time: kernel.time,
    onBegun: () => {
      pressure.watch()
    },
    onRefused: tellRefusals(kernel),
  })
  const pressure = new Pressure(kernel, performance, createNodeLoad(kernel.time.clock))
  kernel.watch = inspection
  const machines = new MachinesInSystem(kernel, hooks, inspection)
  const isolation = createNodeIsolation()
  const components = new Components(
    () => kernel,
    (component) => runnerOf(host, component),
  )
  kernel.targets = components
  const instances = new AgentsInSystem(() => host, id)
  const host: Host = {
    kernel,
    targets: components,
    get maxSecurityLevel() {
      return config.get('maxSecurityLevel')
    },
    get maxQueue() {
      return config.get('maxQueue')
    },
    random,
    changed: (agent, from, to) => {
      inspection.changed(agent, from, to)
    },
    emitterFor: (call) => (type, data) => events.publish(type, data, { parent: call }),
    runTool: (definition, input, call, limits, overLimit) =>
      definition.isolation === 'inline'
        ? definition.execute(Object.assign(call, { input, emit: host.emitterFor(call) }) as never)
        : runIsolated(isolation, definition, input, call, limits, host.emitterFor(call), overLimit),
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
  const closing = new Closing(kernel, id, async () => {
    pressure.stop()
    machines.stop()
    await Promise.all([...internals.onStop].map((stopIt) => stopIt()))
    // What is still pending passes its hooks.
    await events.stop()
    await hooks.stop()
    instances.stop()
    await isolation.stop()
  })
  const stop = async (given: StopSystemOptions = {}) => {
    await closing.stop(parseOptions(stopSchema, given, 'system.stop').timeoutMs)
  }
  const system: System = {
    id,
    hooks,
    tools: toolsOf(kernel, components),
    workflows: workflowsOf(components),
    chains: chainsOf(host),
    agents: agentsOf(host, instances, components),
    approvals: hooks.approvals,
    state: stateOf(kernel),
    config,
    events,
    inspect: (observer) => inspection.observe(observer),
    provide: () => hooks.provide(),
    start: (machine, given) => machines.start(machine, given),
    use: (given) => hooks.use(given),
    idle: async () => {
      await hooks.idle()
      await events.idle()
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  }
  return keepInternals(system, internals)
}
