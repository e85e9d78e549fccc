/** Making the event of a publish: its data, checked, and its envelope. */
import { HookchartError } from '../errors.ts'
import { copyJson, findJsonFlaw, freezeJson } from '../json.ts'
import type { GivenOptions } from './publish-options.ts'
import { SCHEMA_VERSION } from './universal-event.ts'
import type { EventMetadata, UniversalEvent } from './universal-event.ts'

/** Where an event stands among those that caused it. */
export interface Lineage {
  readonly depth: number
  readonly causationId: string | undefined
  /** undefined: the event begins a correlation of its own. */
  readonly correlationId: string | undefined
}

/** The lineage of an event that nothing caused. */
export const ROOT: Lineage = { depth: 0, causationId: undefined, correlationId: undefined }

/** Data of an event that has none is null. Throws DATA_NOT_JSON, naming the place. */
export function assertEventData(data: unknown, type: string): void {
  const flaw = findJsonFlaw(data)
  if (flaw === undefined) return
  const what = `The data of event "${type}"`
  const where = flaw.path === '' ? what : `${what} at "${flaw.path}"`
  throw new HookchartError('DATA_NOT_JSON', `${where} ${flaw.problem}. Events carry JSON; pass plain data.`, {
    details: { what, path: flaw.path },
  })
}

/** What stays the same for all events of a bus. */
export interface Stamp {
  readonly source: string | undefined
  /** Data is copied and frozen, so that who changes it later is found out. */
  readonly checked: boolean
}

/** Puts an event together. */
export function makeEvent(
  id: string,
  type: string,
  data: unknown,
  sequence: number,
  at: number,
  given: GivenOptions,
  lineage: Lineage,
  { source, checked }: Stamp,
): UniversalEvent {
  const event: UniversalEvent = {
    id,
    type,
    data: checked ? copyJson(data) : data,
    sequence,
    timestamp: Math.floor(at),
    language: given.language,
    metadata: metadataOf(id, given, lineage, given.source ?? source),
    schemaVersion: SCHEMA_VERSION,
  }
  return checked ? freezeJson(event) : event
}

function metadataOf(
  id: string,
  { correlationId, target, tags, priority, ttlMs }: GivenOptions,
  { depth, causationId, correlationId: inherited }: Lineage,
  source: string | undefined,
): EventMetadata {
  const correlation = correlationId ?? inherited ?? id
  // One shape for nearly all events: adding keys one by one would cost more than all the rest.
  if (depth === 0 && source === undefined && target === undefined && ttlMs === undefined && causationId === undefined) {
    return { correlationId: correlation, tags, priority }
  }
  return {
    correlationId: correlation,
    tags,
    priority,
    ...(causationId !== undefined && { causationId }),
    ...(depth > 0 && { depth }),
    ...(source !== undefined && { source }),
    ...(target !== undefined && { target }),
    ...(ttlMs !== undefined && { ttlMs }),
  }
}
