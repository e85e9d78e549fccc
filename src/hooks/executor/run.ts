/** A run: an operation that nobody started from within another, with all operations under it. */
import { HookchartError, textOf } from '../../errors.ts'
import type { Journal, JournalEntry, RunJournal } from '../../ports/journal.ts'
import type { ComponentInfo } from '../context.ts'
import type { Decision } from '../decision.ts'
import type { RunResult } from '../run-result.ts'
import type { TraceRecord } from '../trace.ts'
import { andThen, isPromise } from '../flow.ts'
import type { Maybe } from '../flow.ts'

/** Something that a run records, for its trace and for the journal. */
export interface RunRecord extends TraceRecord, JournalEntry {}

/** A run that never waits is asked for its outcome by nobody. */
const NEVER = new Promise<never>(() => undefined)

/** What the operations of a run share. */
export class Run {
  /** Whose run it is: another registry neither traces nor journals into it. */
  readonly owner: object
  readonly id: string
  readonly correlationId: string
  /** What happened, in order; undefined when nothing is traced. */
  readonly records: RunRecord[] | undefined
  readonly #journal: RunJournal | undefined
  /** Repeated attempts and passes, of all operations together. */
  retries = 0
  /** What the run comes to; there as soon as it has to wait. */
  outcome: Promise<RunResult | Decision> = NEVER
  /** The first operation has ended; what comes now is late. */
  ended = false
  /** The journal could not take a record. Told when it is next asked to make durable what it has, and that is before any effect. */
  #failure: { readonly error: unknown } | undefined

  constructor(owner: object, id: string, correlationId: string, traced: boolean, journal: Journal | undefined) {
    this.owner = owner
    this.id = id
    this.correlationId = correlationId
    this.records = traced ? [] : undefined
    try {
      this.#journal = journal?.open(id, correlationId)
    } catch (error) {
      this.#failure = { error }
    }
  }

  /** Whether anybody keeps records. */
  get recording(): boolean {
    return this.records !== undefined || this.#journal !== undefined || this.#failure !== undefined
  }

  /** What comes after the end is for the journal only: the trace is handed out by then. */
  record(record: RunRecord): void {
    if (!this.ended) this.records?.push(record)
    try {
      this.#journal?.append(record)
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  /** Makes durable what has led here; effects start after it. Throws JOURNAL_FAILED, for the component that asks. */
  commit(component: ComponentInfo): Maybe<void> {
    return written(component, () => this.#commit())
  }

  /** The first operation has ended. Throws JOURNAL_FAILED. */
  end(component: ComponentInfo): Maybe<void> {
    this.ended = true
    return written(component, () => andThen(this.#commit(), () => this.#journal?.close()))
  }

  #commit(): Maybe<void> {
    if (this.#failure !== undefined) throw this.#failure.error
    return this.#journal?.commit()
  }
}

/** Whatever a journal throws, now or later, is that what happened could not be made durable. */
export function written(component: ComponentInfo, write: () => Maybe<void>): Maybe<void> {
  try {
    const writing = write()
    if (!isPromise(writing)) return
    return Promise.resolve(writing).catch((error: unknown) => {
      throw notWritten(component, error)
    })
  } catch (error) {
    throw notWritten(component, error)
  }
}

function notWritten({ name }: ComponentInfo, cause: unknown): HookchartError {
  return new HookchartError('JOURNAL_FAILED', `${name}: the journal could not write what happened: ${textOf(cause)}.`, {
    details: { component: name },
    cause,
  })
}
