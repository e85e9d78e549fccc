/** What runners have of the system in which they run. */
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import type { Targets } from '../../src/hooks/executor/operation.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Callers, Emit } from '../../machines/call.ts'
import type { SecurityLevel, ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { ToolLimits } from '../../machines/tool/limits.ts'
import type { OverLimit } from '../tool/isolated.ts'

/** See the head of this file. */
export interface Host {
  readonly kernel: Kernel
  /** What redirects, forks and names lead to. */
  readonly targets: Targets
  readonly maxSecurityLevel: SecurityLevel
  readonly emit: Emit
  /** Runs the function of a tool where the tool says. */
  readonly runTool: (
    definition: ToolDefinition,
    input: unknown,
    call: EffectCall,
    limits: ToolLimits,
    overLimit: OverLimit,
  ) => unknown
  /** How code that is called by an effect calls others. */
  readonly callersFor: (call: EffectCall) => Callers
}
