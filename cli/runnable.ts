/** What a file is for the command: what it exports by default, its system, and what it does to that first. */
import type { System } from '../actors/system/create-system.ts'
import { createSystem } from '../actors/system/create-system.ts'
import type { AgentDefinition } from '../machines/agent/definition.ts'
import type { ChainDefinition } from '../machines/chain/define-chain.ts'
import { isSealed } from '../machines/definition.ts'
import type { ToolDefinition } from '../machines/tool/define-tool.ts'
import type { WorkflowDefinition } from '../machines/workflow/tree.ts'
import { nameOf } from '../src/errors.ts'
import type { EffectCall } from '../src/hooks/operation/effect.ts'
import type { Exports } from './load-file.ts'
import { UsageError } from './usage-error.ts'

/** A function that a file exports: what it gives is the output, or a RunResult that stands for the run. */
export type RunFunction = (system: System, input: unknown, call: EffectCall) => unknown

/** What may be run. */
export type Runnable =
  | { readonly type: 'tool'; readonly definition: ToolDefinition }
  | { readonly type: 'agent'; readonly definition: AgentDefinition }
  | { readonly type: 'workflow'; readonly definition: WorkflowDefinition }
  | { readonly type: 'chain'; readonly definition: ChainDefinition }
  | { readonly type: 'function'; readonly definition: RunFunction; readonly name: string }

const KINDS = ['tool', 'agent', 'workflow', 'chain'] as const
const EXPECTED = 'a tool, an agent, a workflow, a chain, or a function (system, input) => …'

/** The file's default export as something that can be run. */
export function runnableOf(exports: Exports, file: string): Runnable {
  const given = exports['default']
  const kind = KINDS.find((each) => isSealed(given, each))
  if (kind !== undefined) return { type: kind, definition: given } as Runnable
  if (typeof given === 'function')
    return { type: 'function', definition: given as RunFunction, name: given.name || 'run' }
  throw new UsageError(
    'default' in exports
      ? `${file} exports by default ${nameOf(given)}. Export ${EXPECTED}.`
      : `${file} has no default export${alsoExported(exports)}. Add one: export default … ${EXPECTED}.`,
  )
}

/** What else there is; a name may have been forgotten. */
function alsoExported(exports: Exports): string {
  const names = Object.keys(exports)
  return names.length === 0 ? '' : `, but ${names.join(', ')}`
}

/** A file's own system where it exports one, else a new one; set up. */
export async function systemOf(exports: Exports, file: string): Promise<System> {
  const { system: own, setup } = exports
  if (own !== undefined && !isSystem(own))
    throw new UsageError(`${file} exports as system ${nameOf(own)}. Export what createSystem gave.`)
  if (setup !== undefined && typeof setup !== 'function')
    throw new UsageError(`${file} exports as setup ${nameOf(setup)}. Export a function setup(system).`)
  const system = own ?? createSystem()
  await (setup as ((system: System) => unknown) | undefined)?.(system)
  return system
}

function isSystem(value: unknown): value is System {
  const { hooks, tools, inspect } = (value ?? {}) as Partial<System>
  return typeof hooks === 'object' && typeof tools === 'object' && typeof inspect === 'function'
}
