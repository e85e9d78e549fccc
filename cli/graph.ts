/** `hookchart graph`: the chart of a machine, or of what a definition runs as. */
import type { AnyStateMachine } from 'xstate'
import { agentMachine } from '../machines/agent/agent-machine.ts'
import { chainMachine } from '../machines/chain/chain-machine.ts'
import type { ChainDefinition } from '../machines/chain/define-chain.ts'
import { isSealed } from '../machines/definition.ts'
import { toolMachine } from '../machines/tool/tool-machine.ts'
import type { WorkflowDefinition } from '../machines/workflow/tree.ts'
import { workflowMachine } from '../machines/workflow/workflow-machine.ts'
import { nameOf } from '../src/errors.ts'
import { toGraph } from '../src/chart/graph.ts'
import { toMermaid } from '../src/chart/mermaid.ts'
import type { CommandContext } from './context.ts'
import { loadFile } from './load-file.ts'
import type { Exports } from './load-file.ts'
import { UsageError } from './usage-error.ts'

const DRAWINGS = {
  mermaid: (machine: AnyStateMachine) => toMermaid(machine).trimEnd(),
  json: (machine: AnyStateMachine) => JSON.stringify(toGraph(machine), null, 2),
}

/** What can be drawn in. */
export type GraphFormat = keyof typeof DRAWINGS

/** Prints the chart of what a file exports by default. */
export async function graph(file: string, format: GraphFormat, { output }: CommandContext): Promise<void> {
  output.print(DRAWINGS[format](machineOf(await loadFile(file), file)))
}

function machineOf(exports: Exports, file: string): AnyStateMachine {
  const given = exports['default']
  if (isSealed(given, 'workflow')) return workflowMachine(given as WorkflowDefinition)
  if (isSealed(given, 'chain')) return chainMachine(given as ChainDefinition)
  if (isSealed(given, 'agent')) return agentMachine
  if (isSealed(given, 'tool')) return toolMachine
  if (typeof given === 'object' && given !== null && 'root' in given && 'config' in given)
    return given as AnyStateMachine
  const what = 'default' in exports ? `exports by default ${nameOf(given)}` : 'has no default export'
  throw new UsageError(
    `${file} ${what}. Export by default a machine of XState, a tool, an agent, a workflow or a chain.`,
  )
}
