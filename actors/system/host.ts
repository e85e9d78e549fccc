/** What runners have of the system in which they run. */
import type { ComponentInfo } from '../../src/hooks/context.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import type { Targets } from '../../src/hooks/executor/operation.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Random } from '../../src/ports/random.ts'
import type { Callers, Emit } from '../../machines/call.ts'
import type { AgentDefinition, AgentTool } from '../../machines/agent/definition.ts'
import type { LanguageModel, ModelOption } from '../../machines/agent/model.ts'
import type { SecurityLevel, ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { ToolLimits } from '../../machines/tool/limits.ts'
import type { OverLimit } from '../tool/isolated.ts'

/** See the head of this file. */
export interface Host {
  readonly kernel: Kernel
  /** What redirects, forks and names lead to. */
  readonly targets: Targets
  /** As it is set now. */
  readonly maxSecurityLevel: SecurityLevel
  /** How many commands may wait for one agent that does not say itself. */
  readonly maxQueue: number
  readonly random: Random
  /** What publishes events in the name of a call: with its correlation. */
  emitterFor(call: Pick<EffectCall, 'correlationId' | 'metadata'>): Emit
  /** An agent has taken an edge of its life. */
  readonly changed: (agent: ComponentInfo, from: string, to: string) => void
  /** Runs the function of a tool where the tool says. */
  readonly runTool: (
    definition: ToolDefinition,
    input: unknown,
    call: EffectCall,
    limits: ToolLimits,
    overLimit: OverLimit,
  ) => unknown
  /** What an agent works with, by itself or by its name, which is that of a tool or else of an agent. Throws UNKNOWN_COMPONENT. */
  readonly toolOf: (given: AgentTool | string, where: string) => AgentTool
  /** A model by itself or by its name. Throws UNKNOWN_MODEL. */
  readonly modelOf: (given: ModelOption, where: string) => LanguageModel | PromiseLike<LanguageModel>
  /** What executes the agent that all share who do not say which. */
  readonly sharedAgent: (definition: AgentDefinition) => Startable
  /** How code that is called by an effect calls others. */
  readonly callersFor: (call: EffectCall) => Callers
}
