/** What an agent is executed with: its gates, its machine, and what its code is given. */
import { andThen } from '../../src/hooks/flow.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import type { AgentCall } from '../../machines/call.ts'
import { agentGates } from '../../machines/agent/agent-machine.ts'
import type { AgentDefinition, FunctionAgentDefinition } from '../../machines/agent/definition.ts'
import { gatesAt } from '../operation/gates-at.ts'
import type { Host } from '../system/host.ts'
import { AgentOperation } from './agent-operation.ts'
import type { AgentEffect } from './agent-operation.ts'
import { Agent } from './agent.ts'
import { heldCallers } from './held-callers.ts'
import type { Show } from './show.ts'
import { modelEffect } from './model-effect.ts'

/** An agent in a system, and what starts its executions. */
export interface RunningAgent {
  readonly agent: Agent
  readonly startable: Startable
  /** What starts an execution that somebody watches. */
  readonly showing: (show: Show) => Startable
}

/** Makes one. */
export function runAgent(host: Host, definition: AgentDefinition, id: string): RunningAgent {
  const agent = new Agent(host, definition, id)
  const { component } = agent
  const { input, output } = definition
  const points = [...agentGates.before.map(({ point }) => point), agentGates.after, agentGates.error]
  const gates = gatesAt(host.kernel, { component, input, output }, points)
  const charted = {
    component,
    before: gates.get('BeforeAgentExecution'),
    after: gates.get(agentGates.after),
    error: gates.get(agentGates.error),
    gates,
    input,
    output,
    data: {},
    targets: host.targets,
    effect: () => undefined,
  }
  const effect =
    definition.kind === 'model' ? modelEffect(host, agent, definition) : functionEffect(host, agent, definition)
  const startable = (show?: Show): Startable => ({
    component,
    targets: host.targets,
    begin: (fields) => new AgentOperation(fields, agent, charted, effect, show),
  })
  return { agent, startable: startable(), showing: startable }
}

/** The function of an agent, with what it calls others with: each call is a place at which a pause may take hold. */
function functionEffect(host: Host, agent: Agent, { execute }: FunctionAgentDefinition): AgentEffect {
  return (input, { call, operation, state, boundary, show }) => {
    const callers = heldCallers(host.callersFor(call), async () => boundary(), agent.prepared?.tools, show)
    const given = {
      input,
      emit: host.emitterFor(call),
      state,
      checkpoint: async (name) => {
        show?.step(operation.usage, name)
        await boundary(name)
      },
      ...callers,
    } satisfies Omit<AgentCall, keyof typeof call>
    const output = execute(Object.assign(call, given) as never)
    if (show === undefined) return output
    return andThen(output, (value) => {
      show.step(operation.usage)
      return value
    })
  }
}
