/**
 * The table behind `docs/options.md`: all rows, those that wait for their test, and the schemas that are no options.
 * A row that waits gets its test by `tests` of its group, or a title of its own, and by leaving `pendingRows`.
 */
import { definitionGroups } from './definition-rows.ts'
import { eventGroups } from './event-rows.ts'
import { kernelGroups } from './kernel-rows.ts'
import { machineGroups } from './machine-rows.ts'
import type { OptionGroup, PendingRows } from './rows.ts'
import { supervisionGroups } from './supervision-rows.ts'
import { travelGroups } from './travel-rows.ts'
import { workflowGroups } from './workflow-rows.ts'

/** What the page is made from, and what it is checked against. */
export interface OptionTable {
  readonly groups: readonly OptionGroup[]
  readonly pendingRows: readonly PendingRows[]
  /** By schema, why its keys are no options. */
  readonly noOptions: Readonly<Record<string, string>>
}

/** See {@link PendingRows}. */
export const pendingRows: readonly PendingRows[] = []

const ARGUMENT = 'the names that a call is given'
const WIRE = 'the form of contexts and envelopes between nodes'
const HEADER = 'the parts of a header, which are data'
const EVENT = 'the form of an event'
const INPUT = 'the input of a machine, which says what each is in its type'
const RECORD = 'the form of a recorded call'

/** The table of this package. */
export const optionTable: OptionTable = {
  groups: [
    ...kernelGroups,
    ...machineGroups,
    ...definitionGroups,
    ...workflowGroups,
    ...supervisionGroups,
    ...eventGroups,
    ...travelGroups,
  ],
  pendingRows,
  noOptions: {
    'actors/coordinator/dependency-graph.ts#idSchema': ARGUMENT,
    'actors/coordinator/dependency-graph.ts#idsSchema': ARGUMENT,
    'actors/coordinator/dependency-graph.ts#pointSchema': ARGUMENT,
    'machines/agent/model-call.ts#resultSchema': 'what a model answers',
    'machines/approval/approval-context.ts#inputSchema': INPUT,
    'machines/breaker/breaker-machine.ts#settingsSchema': INPUT,
    'machines/breaker/create-breaker.ts#snapshotSchema': 'the snapshot of a breaker, made by one and given to another',
    'machines/chain/component.ts#parseEntry': 'no keys: what is in it is checked as a component of a chain',
    'machines/gates/gate.ts#routesSchema': 'no keys: what is in it is a transition of XState',
    'machines/supervisor/supervisor-context.ts#inputSchema': INPUT,
    'machines/workflow/condition.ts#schemas': 'conditions as data: what each means is its type',
    'src/events/cloud-event.ts#schema': EVENT,
    'src/events/universal-event.ts#eventSchema': EVENT,
    'src/events/universal-event.ts#metadataSchema': EVENT,
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
