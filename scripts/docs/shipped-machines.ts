/** The machines that have a page in `docs/machines`: a line for each; those that are made for a definition, with a small one. */
import { conditional, defineChain, defineTool, loop, parallel, sequential, step } from 'hookchart'
import {
  agentMachine,
  approvalMachine,
  breakerMachine,
  chainMachine,
  modelCallMachine,
  modelLoopMachine,
  sequentialStepMachine,
  sheddingMachine,
  stepMachine,
  supervisorMachine,
  toolMachine,
  workflowMachine,
} from 'hookchart/machines'
import type { AnyStateMachine } from 'xstate'
import * as z from 'zod'

/** A machine and where it stands. */
export interface ShippedMachine {
  readonly machine: AnyStateMachine
  readonly source: string
  /** It is made for a definition; this is what the drawn one was made for. */
  readonly madeFor?: string
}

const one = step.run('one', () => 1)
const two = step.run('two', () => 2)
const tool = (name: string) => defineTool({ name, description: name, input: z.unknown(), execute: () => 1 })

export const shippedMachines: readonly ShippedMachine[] = [
  { machine: agentMachine, source: 'machines/agent/agent-machine.ts' },
  { machine: approvalMachine, source: 'machines/approval/approval-machine.ts' },
  { machine: breakerMachine, source: 'machines/breaker/breaker-machine.ts' },
  { machine: modelCallMachine, source: 'machines/agent/model-call.ts' },
  { machine: modelLoopMachine, source: 'machines/agent/model-loop-machine.ts' },
  { machine: sequentialStepMachine, source: 'machines/workflow/workflow-machine.ts' },
  { machine: sheddingMachine, source: 'machines/shedding/shedding-machine.ts' },
  { machine: stepMachine, source: 'machines/workflow/workflow-machine.ts' },
  { machine: supervisorMachine, source: 'machines/supervisor/supervisor-machine.ts' },
  { machine: toolMachine, source: 'machines/tool/tool-machine.ts' },
  {
    machine: workflowMachine(sequential({ name: 'sequential', steps: [one, two] })),
    source: 'machines/workflow/sequential-machine.ts',
    madeFor: 'two steps',
  },
  {
    machine: workflowMachine(
      conditional({
        name: 'conditional',
        branches: [
          { name: 'first', condition: { type: 'shared_data_exists', key: 'a' }, steps: [one] },
          { name: 'otherwise', isDefault: true, steps: [two] },
        ],
      }),
    ),
    source: 'machines/workflow/conditional-machine.ts',
    madeFor: 'two branches, one of them the default',
  },
  {
    machine: workflowMachine(loop({ name: 'loop', iterator: { range: { end: 3 } }, body: [one] })),
    source: 'machines/workflow/loop-machine.ts',
    madeFor: 'a body of one step',
  },
  {
    machine: workflowMachine(
      parallel({
        name: 'parallel',
        branches: [
          { name: 'left', steps: [one] },
          { name: 'right', steps: [two] },
        ],
      }),
    ),
    source: 'machines/workflow/parallel-machine.ts',
    madeFor: 'two branches',
  },
  {
    machine: chainMachine(
      defineChain('chain')
        .tool(tool('fetch'))
        .tool(tool('save'), { after: ['fetch'] }),
    ),
    source: 'machines/chain/chain-machine.ts',
    madeFor: 'two components, one after the other',
  },
]
