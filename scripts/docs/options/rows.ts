/** What a row of `docs/options.md` is. The rows stand by room: `kernel-rows.ts`, `travel-rows.ts`, `machine-rows.ts`, `definition-rows.ts`, `workflow-rows.ts`, `supervision-rows.ts`, `event-rows.ts`. */

/**
 * An option: what holds when it is left out, and the test that shows two values coming to two outcomes.
 * Without a title it is the test of the group that is called `<option>: …`.
 */
export type OptionRow = readonly [byDefault: string, title?: string]

/** The options of one call. */
export interface OptionGroup {
  /** As the page heads it. */
  readonly call: string
  /** What else is to be said; Markdown. */
  readonly about?: string
  /** The schemas that check these options: `file#name`, as `collectSchemas` gives them. Together they have these keys. */
  readonly schemas: readonly string[]
  /** The file of the tests, and the suite in it; none while all rows are pending. */
  readonly tests?: readonly [file: string, suite?: string]
  readonly rows: Readonly<Record<string, OptionRow>>
  /** Options that no schema has, because the code looks at them itself. */
  readonly beside?: Readonly<Record<string, OptionRow>>
}

/** Options whose test is yet to come, with the reason. */
export interface PendingRows {
  readonly schema: string
  /** Default all of the schema. */
  readonly options?: readonly string[]
  readonly reason: string
}

/** Rows that definitions have in common. */
export const REQUIRED: OptionRow = ['required']
export const SAID = { description: ['none: an empty text'], version: ['`1.0.0`'], tags: ['none'] } as const
export const ANY = { input: ['any input'], output: ['any output'] } as const
