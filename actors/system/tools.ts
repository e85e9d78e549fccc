/** `system.tools`. */
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { parseExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { ExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { ToolQuery } from '../../src/hooks/points/shapes.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { CallTarget } from '../../machines/call.ts'
import type { ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { Components } from './components.ts'
import { toolDiscovery } from './tool-discovery.ts'

/** The tools of a system. */
export interface Tools {
  /** Makes tools known by their names. Throws DUPLICATE_COMPONENT. */
  register(...tools: readonly ToolDefinition[]): void
  get(name: string): ToolDefinition | undefined
  list(): readonly ToolDefinition[]
  /**
   * The registered tools that fit, as far as hooks at BeforeToolDiscovery and AfterToolDiscovery leave them; all that is given must fit.
   * Rejects with what a hook decided where it was refused, INVALID_OPTIONS and HOOKS_STOPPED.
   */
  discover(query?: ToolQuery): Promise<readonly ToolDefinition[]>
  /** Executes a tool: by definition typed, by name not. Rejects for misuse only: UNKNOWN_COMPONENT, INVALID_OPTIONS, HOOKS_STOPPED. */
  execute<Input, Output>(
    tool: CallTarget<'tool', Input, Output>,
    input: NoInfer<Input>,
    options?: ExecuteOptions,
  ): Promise<RunResult<Output>>
  execute(name: string, input?: unknown, options?: ExecuteOptions): Promise<RunResult>
}

/** The tools of a system, over what it knows. */
export function toolsOf(kernel: Kernel, components: Components): Tools {
  return {
    register: (...given) => {
      for (const tool of given) components.register(tool, 'tools.register')
    },
    get: (name) => components.get('tool', name),
    list: () => components.list('tool'),
    discover: toolDiscovery(kernel, components),
    execute: async (given: unknown, input: unknown, options?: ExecuteOptions) => {
      const tool = components.resolve('tool', given as ToolDefinition | string, 'tools.execute')
      return (await components.execute(tool, input, parseExecuteOptions(options, tool.name))) as never
    },
  }
}
