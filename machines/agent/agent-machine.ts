/** The lifecycle of an agent as a machine. What its parts do stands beside it; what its effects are, in `actors`. */
import { raise, setup } from 'xstate'
import type { OperationGates } from '../operation/operation-states.ts'
import { operationStates } from '../operation/operation-states.ts'
import { beginAgent } from './agent-context.ts'
import type { AgentContext, AgentEvent, AgentInput } from './agent-context.ts'
import { agentParts } from './agent-parts.ts'
import { commandStates } from './command-states.ts'
import { lifeStates } from './life-states.ts'

/** The gates of every execution of an agent. */
export const agentGates = {
  before: [{ state: 'before', point: 'BeforeAgentExecution' }],
  after: 'AfterAgentExecution',
  error: 'AgentError',
  ended: 'settled',
} as const satisfies OperationGates

/** What has become of the execution in hand. */
const workStates: Record<string, object> = {
  idle: {
    on: { EXECUTE: { guard: 'canBegin', target: 'entering', actions: 'begin' }, SETTLED: { actions: 'clear' } },
  },
  ...operationStates(agentGates),
  settled: { entry: raise({ type: 'SETTLED' }), always: 'idle' },
}

/**
 * The lifecycle of an agent: where it is in its life, what has become of the execution in hand, and the gates of the command
 * that waits for them, side by side, so that pausing, resuming and a refused command never leave the state that owns the
 * running effect.
 *
 * It invokes `prepare`, `shutDown` and `lifeGate`, and for an execution what every operation does. A system runs it;
 * `handle.actor` is it.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { agentMachine } from 'hookchart/machines'
 * console.assert(toMermaid(agentMachine).includes('recovering'))
 * ```
 */
export const agentMachine = setup({
  types: { context: {} as AgentContext, events: {} as AgentEvent, input: {} as AgentInput },
  // Their types are those of the states, which are made for any machine.
  ...(agentParts as object),
}).createMachine({
  id: 'agent',
  version: '1',
  context: ({ input }) => beginAgent(input),
  type: 'parallel',
  states: {
    life: { initial: 'uninitialized', states: lifeStates },
    work: { initial: 'idle', states: workStates },
    command: { initial: 'idle', states: commandStates },
  },
})
