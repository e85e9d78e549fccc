/** `system.agents`. */
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import { parseExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { ExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { AgentQuery, CallTarget } from '../../machines/call.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { AgentsInSystem } from '../agent/agents-in-system.ts'
import { handleOf } from '../agent/handle.ts'
import type { AgentHandle } from '../agent/handle.ts'
import { openStream } from '../agent/stream.ts'
import type { AgentStream } from '../agent/stream.ts'
import { discoverAgents } from './agent-discovery.ts'
import { assertToolsKnown } from '../agent/known-tools.ts'
import type { Components } from './components.ts'
import type { Host } from './host.ts'

/** Options of `agents.create`. */
export interface CreateAgentOptions {
  /** What hooks see as `ctx.component.id`; unique among the agents of a system that live. Default a new one. */
  readonly id?: string
}

/** The agents of a system. */
export interface Agents {
  /** Makes agents known by their names. Throws DUPLICATE_COMPONENT, UNKNOWN_COMPONENT. */
  register(...agents: readonly AgentDefinition[]): void
  /** A new agent. Throws UNKNOWN_COMPONENT, DUPLICATE_COMPONENT for an id that is taken, INVALID_OPTIONS, HOOKS_STOPPED. */
  create<Input, Output>(
    agent: CallTarget<'agent', Input, Output>,
    options?: CreateAgentOptions,
  ): AgentHandle<Input, Output>
  create(name: string, options?: CreateAgentOptions): AgentHandle
  /** The agent that steps, chains and `execute` share; another one after it was terminated. */
  shared<Input, Output>(agent: CallTarget<'agent', Input, Output>): AgentHandle<Input, Output>
  shared(name: string): AgentHandle
  get(name: string): AgentDefinition | undefined
  list(): readonly AgentDefinition[]
  /** The registered agents that fit. */
  discover(query?: AgentQuery): readonly AgentDefinition[]
  /** Executes the shared agent: by definition typed, by name not. Rejects for misuse only: UNKNOWN_COMPONENT, INVALID_OPTIONS, ILLEGAL_COMMAND, HOOKS_STOPPED. */
  execute<Input, Output>(
    agent: CallTarget<'agent', Input, Output>,
    input: NoInfer<Input>,
    options?: ExecuteOptions,
  ): Promise<RunResult<Output>>
  execute(name: string, input?: unknown, options?: ExecuteOptions): Promise<RunResult>
  /** Executes the shared agent as a stream; throws where `execute` rejects. */
  stream<Input, Output>(
    agent: CallTarget<'agent', Input, Output>,
    input: NoInfer<Input>,
    options?: ExecuteOptions,
  ): AgentStream<Output>
  stream(name: string, input?: unknown, options?: ExecuteOptions): AgentStream
}

const createSchema = z.strictObject({ id: z.string().min(1, 'expected an id that is not empty').max(200).optional() })

/** Makes agents known; what they work with must be known by then, or come with them. */
export function registerAgents(
  host: Pick<Host, 'toolOf'>,
  components: Components,
  agents: readonly AgentDefinition[],
  where: string,
): void {
  const coming = new Map(agents.map((agent) => [agent.name, agent]))
  const toolOf: Host['toolOf'] = (given, place) =>
    (typeof given === 'string' && components.get('tool', given) === undefined ? coming.get(given) : undefined) ??
    host.toolOf(given, place)
  for (const agent of agents) assertToolsKnown({ toolOf }, agent, where)
  for (const agent of agents) components.register(agent, where)
}

/** The agents of a system, over what it knows. */
export function agentsOf(host: Host, instances: AgentsInSystem, components: Components): Agents {
  const { kernel } = host
  const resolve = (given: unknown, call: string) =>
    components.resolve('agent', given as AgentDefinition | string, `agents.${call}`)
  const agents = {
    register: (...given: readonly AgentDefinition[]) => {
      registerAgents(host, components, given, 'agents.register')
    },
    create: (given: unknown, options: CreateAgentOptions = {}) => {
      const { id } = parseOptions(createSchema, options, 'agents.create')
      return handleOf(kernel, instances.create(resolve(given, 'create'), id))
    },
    shared: (given: unknown) => handleOf(kernel, instances.sharedOf(resolve(given, 'shared'))),
    get: (name: string) => components.get('agent', name),
    list: () => components.list('agent'),
    discover: (query?: AgentQuery) => discoverAgents(components, query),
    execute: async (given: unknown, input: unknown, options?: ExecuteOptions) => {
      const definition = resolve(given, 'execute')
      const parsed = parseExecuteOptions(options, definition.name)
      instances.sharedOf(definition).agent.assertLegal('execute')
      return components.execute(definition, input, parsed)
    },
    stream: (given: unknown, input: unknown, options?: ExecuteOptions) => {
      const definition = resolve(given, 'stream')
      const parsed = parseExecuteOptions(options, definition.name)
      const { agent, showing } = instances.sharedOf(definition)
      agent.assertLegal('execute')
      return openStream(kernel, showing, input, parsed)
    },
  }
  return agents
}
