/**
 * The table behind `docs/options.md`: all rows, those that wait for their test, and the schemas that are no options.
 * A row that waits gets its test by `tests` of its group, or a title of its own, and by leaving `pendingRows`.
 */
import { definitionGroups } from './definition-rows.ts'
import { kernelGroups } from './kernel-rows.ts'
import { machineGroups } from './machine-rows.ts'
import type { OptionGroup, PendingRows } from './rows.ts'
import { travelGroups } from './travel-rows.ts'

/** What the page is made from, and what it is checked against. */
export interface OptionTable {
  readonly groups: readonly OptionGroup[]
  readonly pendingRows: readonly PendingRows[]
  /** By schema, why its keys are no options. */
  readonly noOptions: Readonly<Record<string, string>>
}

const NO_AGENT = 'nothing runs agents yet; their runner brings the test'
const NO_WORKFLOW = 'nothing runs workflows yet; their runner brings the test'
const NO_CHAIN = 'nothing runs chains yet; their runner brings the test'
const NO_ISOLATION = 'nothing runs tools in threads or processes of their own yet; what does brings the test'

/** See {@link PendingRows}. */
export const pendingRows: readonly PendingRows[] = [
  { schema: 'machines/tool/define-tool.ts#schema', options: ['isolation'], reason: NO_ISOLATION },
  { schema: 'machines/tool/limits.ts#limitsSchema', options: ['maxMemoryBytes', 'maxCpuMs'], reason: NO_ISOLATION },
  {
    schema: 'machines/tool/define-tool.ts#schema',
    options: ['capabilities'],
    reason: 'nothing discovers tools by what they can do yet',
  },
  { schema: 'machines/agent/define-agent.ts#functionAgentSchema', reason: NO_AGENT },
  { schema: 'machines/agent/define-agent.ts#modelAgentSchema', reason: NO_AGENT },
  { schema: 'machines/agent/model.ts#budgetSchema', reason: NO_AGENT },
  { schema: 'machines/workflow/sequential.ts#schema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/conditional.ts#schema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/conditional.ts#branchSchema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/loop.ts#schema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/iteration.ts#iteratorSchema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/iteration.ts#rangeSchema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/iteration.ts#breakSchema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/iteration.ts#aggregationSchema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/parallel.ts#schema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/parallel.ts#branchSchema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/options.ts#onErrorSchema', reason: NO_WORKFLOW },
  { schema: 'machines/workflow/step.ts#optionsSchema', reason: NO_WORKFLOW },
  { schema: 'machines/retry.ts#retrySchema', reason: NO_WORKFLOW },
  { schema: 'machines/chain/define-chain.ts#schema', reason: NO_CHAIN },
  { schema: 'machines/chain/component.ts#schema', reason: NO_CHAIN },
]

const WIRE = 'the form of contexts and envelopes between nodes'
const HEADER = 'the parts of a header, which are data'
const RECORD = 'the form of a recorded call'

/** The table of this package. */
export const optionTable: OptionTable = {
  groups: [...kernelGroups, ...machineGroups, ...definitionGroups, ...travelGroups],
  pendingRows,
  noOptions: {
    'machines/breaker/create-breaker.ts#snapshotSchema': 'the snapshot of a breaker, made by one and given to another',
    'machines/chain/component.ts#parseEntry': 'no keys: what is in it is checked as a component of a chain',
    'machines/workflow/condition.ts#schemas': 'conditions as data: what each means is its type',
    'src/hooks/compose/arguments.ts#noOptions': 'no keys: composites without options',
    'src/hooks/distributed/agent.ts#agentSchema': WIRE,
    'src/hooks/distributed/agent.ts#identitySchema': WIRE,
    'src/hooks/distributed/baggage.ts#schema': HEADER,
    'src/hooks/distributed/context-schema.ts#contextSchema': WIRE,
    'src/hooks/distributed/context-schema.ts#errorSchema': WIRE,
    'src/hooks/distributed/context-schema.ts#flagsSchema': WIRE,
    'src/hooks/distributed/context-schema.ts#hookSchema': WIRE,
    'src/hooks/distributed/context-schema.ts#resultOf': WIRE,
    'src/hooks/distributed/envelope.ts#receivedSchema': WIRE,
    'src/hooks/distributed/envelope.ts#unsignedSchema': WIRE,
    'src/hooks/distributed/traceparent.ts#schema': HEADER,
    'src/hooks/distributed/tracestate.ts#schema': HEADER,
    'src/hooks/replay/execution.ts#schema': RECORD,
    'src/hooks/replay/replayable.ts#contextSchema': RECORD,
    'src/hooks/seed-table.ts#schema': 'what a script answers',
  },
}
