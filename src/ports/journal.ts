/** The journal as a port: everything that happens in a run, as records, in order. Stores implement it. */

/** What a record says; JSON. */
export interface RecordContent {
  /** What happened, and so which further fields there are. */
  readonly type: 'gate' | 'effect' | 'effect_settled' | 'operation' | 'settled' | 'late'
  readonly at: number
  readonly operation: string
  readonly [field: string]: unknown
}

/** One thing that happened in a run; JSON. */
export interface JournalRecord extends RecordContent {
  readonly version: 1
  /** The run: the id of its first operation. */
  readonly run: string
  /** Place in the run: 0, 1, 2 … without gaps. */
  readonly index: number
}

/** A record that is made only when somebody reads it. */
export interface JournalEntry {
  toRecord(): RecordContent
}

/** A finished run of a single record: one firing of a point outside any operation. */
export interface SingleEntry extends JournalEntry {
  readonly run: string
  readonly correlationId: string
}

/** The journal of one run. */
export interface RunJournal {
  append(entry: JournalEntry): void
  /** Makes what was appended durable. An effect starts only after the promise that this may give. */
  commit(): void | Promise<void>
  close(): void
}

/** A run as the list of runs shows it. */
export interface RunSummary {
  readonly run: string
  readonly correlationId: string
  readonly finished: boolean
  readonly records: number
}

/** Stores runs. */
export interface Journal {
  open(run: string, correlationId: string): RunJournal
  append(entry: SingleEntry): void
  /** The records of a run in order; empty when it is unknown or no longer kept. */
  read(run: string): readonly JournalRecord[] | Promise<readonly JournalRecord[]>
  runs(): readonly RunSummary[] | Promise<readonly RunSummary[]>
}
