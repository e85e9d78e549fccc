/**
 * Traces: what each operation, gate, hook and effect of a run did, in order. Entries are made from the run's records
 * when somebody reads them; what they cost while the run goes on is one small record a gate.
 */
import type { Patch } from 'immer'
import { equalJson } from '../json.ts'
import { applyPatches } from './change.ts'
import type { HookKind } from './points/point.ts'

/**
 * How what an entry tells of went. `skipped`: not called (condition, shed, called once already). `not_run`: the stage had
 * ended. `unavailable`: its breaker was open. `pending`: an observer that nobody waits for. `late`: settled after its deadline.
 */
export type TraceOutcome =
  'ok' | 'failed' | 'timed_out' | 'aborted' | 'skipped' | 'not_run' | 'unavailable' | 'pending' | 'late'

/** One line of a trace. */
export interface TraceEntry {
  /** Place in the trace of the run. */
  readonly seq: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The hook point, for gates and hooks. */
  readonly point: string | null
  /** The name of the component. */
  readonly component: string
  /** The hook's name, for hooks. */
  readonly hook: string | null
  readonly kind: HookKind | 'operation' | 'gate' | 'effect' | 'cut'
  /** Of a hook its result, of a gate its decision, of an effect or an operation its status. */
  readonly type: string
  readonly durationMs: number
  readonly outcome: TraceOutcome
  /** The change that was accepted, as Immer patches of `ctx.data`, and the way back. */
  readonly patches?: readonly Patch[]
  readonly inversePatches?: readonly Patch[]
  /** What the hook has to say, why it was skipped or what it failed of. */
  readonly message?: string
  /** The code of what it failed of. */
  readonly code?: string
  /** Which start of the effect. */
  readonly attempt?: number
  /** The entry that this one belongs to; null for the first. */
  readonly parent: number | null
}

/** An entry before it has its place: `parent` counts from the first entry of its record, null is what the record belongs to. */
export type TraceLine = Omit<TraceEntry, 'seq' | 'parent'> & { readonly parent: number | null }

/** Something recorded in a run. */
export interface TraceRecord {
  /** What it happened under: a record and a line in it; undefined for the run's first. */
  readonly cause: TraceCause | undefined
  lines(): readonly TraceLine[]
}

/** A line of a record; the line is worked out when it is read, for a gate's hooks get their lines while it goes on. */
export interface TraceCause {
  readonly record: TraceRecord
  line(): number
}

/** The entries of a record and all under it, in order. What is over `maxEntries` is cut and counted in a last entry. */
export function traceOf(records: readonly TraceRecord[], root: TraceRecord, maxEntries: number): TraceEntry[] {
  const first = new Map<TraceRecord, number>()
  const entries: TraceEntry[] = []
  let cut = 0
  for (const record of records) {
    const { cause } = record
    if (record !== root && (cause === undefined || !first.has(cause.record))) continue
    const base = entries.length + cut
    first.set(record, base)
    const parent =
      record === root ? null : (first.get((cause as TraceCause).record) as number) + (cause as TraceCause).line()
    for (const line of record.lines()) {
      if (entries.length >= maxEntries) cut++
      else entries.push({ seq: entries.length, ...line, parent: line.parent === null ? parent : base + line.parent })
    }
  }
  const last = entries.at(-1)
  if (cut === 0 || last === undefined) return entries
  const message = `${String(cut)} more entries`
  return [
    ...entries,
    {
      seq: entries.length,
      at: last.at,
      point: null,
      component: last.component,
      hook: null,
      kind: 'cut',
      type: 'cut',
      durationMs: 0,
      outcome: 'ok',
      message,
      parent: 0,
    },
  ]
}

/**
 * Which hook set a field: the last entry of the trace whose accepted change made its value another one.
 *
 * The path is dotted or a list, from the keys of `ctx.data`: `'input.url'`, `['output', 'items', 0]`.
 * Gives undefined when no hook changed it.
 *
 * @example
 * ```ts
 * import { blame, createHooks, hook } from 'hookchart/hooks'
 * const hooks = createHooks()
 * const fetchPage = hooks.wrap({ name: 'fetch', before: 'BeforeToolExecution' }, ({ url }: { url: string }) => url)
 * hooks.register('BeforeToolExecution', () => hook.modified({ input: { url: 'https://example.test' } }), { name: 'rewrite' })
 * const { trace } = await fetchPage({ url: 'http://example.test' })
 * console.assert(blame(trace, 'input.url')?.hook === 'rewrite')
 * ```
 */
export function blame(
  trace: readonly TraceEntry[],
  path: string | readonly (string | number)[],
): TraceEntry | undefined {
  const keys = (typeof path === 'string' ? path.split('.') : path).map(String)
  return trace.findLast(({ patches = [], inversePatches = [] }) => {
    const before = valueAt(inversePatches, keys)
    const after = valueAt(patches, keys)
    return (before.touched || after.touched) && !equalJson(before.value, after.value)
  })
}

/**
 * The data with all changes of a trace made again; the given data stays as it is. Law 5: this is the data behind the gate.
 *
 * Only entries of the given point count, for every gate has data of its own.
 *
 * @example
 * ```ts
 * import { createHooks, hook, redoChanges, undoChanges } from 'hookchart/hooks'
 * const hooks = createHooks()
 * const shout = hooks.wrap({ name: 'shout', before: 'BeforeToolExecution' }, (text: string) => text)
 * hooks.register('BeforeToolExecution', () => hook.modified({ input: 'HEY' }))
 * const { trace } = await shout('hey')
 * console.assert(redoChanges({ input: 'hey' }, trace, 'BeforeToolExecution').input === 'HEY')
 * console.assert(undoChanges({ input: 'HEY' }, trace, 'BeforeToolExecution').input === 'hey')
 * ```
 */
export function redoChanges<Data extends object>(data: Data, trace: readonly TraceEntry[], point: string): Data {
  return trace
    .filter((entry) => entry.point === point)
    .reduce((each, { patches = [] }) => applyPatches(each, patches), data)
}

/**
 * The data with all changes of a trace taken back; see {@link redoChanges}.
 *
 * @example
 * ```ts
 * import { createHooks, hook, undoChanges } from 'hookchart/hooks'
 * const hooks = createHooks()
 * const add = hooks.wrap({ name: 'add', before: 'BeforeToolExecution' }, (input: { a: number; b?: number }) => input)
 * hooks.register('BeforeToolExecution', () => hook.modified({ input: { a: 1, b: 2 } }))
 * const { trace } = await add({ a: 1 })
 * const before = undoChanges({ input: { a: 1, b: 2 } }, trace, 'BeforeToolExecution')
 * console.assert(before.input.b === undefined)
 * ```
 */
export function undoChanges<Data extends object>(data: Data, trace: readonly TraceEntry[], point: string): Data {
  return trace
    .filter((entry) => entry.point === point)
    .reduceRight((each, { inversePatches = [] }) => applyPatches(each, inversePatches), data)
}

/** What patches make of a path: whether any reaches it, and the value they leave there as far as they tell. */
function valueAt(patches: readonly Patch[], keys: readonly string[]): { touched: boolean; value: unknown } {
  let touched = false
  let value: unknown
  for (const patch of patches) {
    const path = patch.path.map(String)
    if (path.every((key, i) => i >= keys.length || key === keys[i])) {
      touched = true
      // A patch below the path tells of a part only; its own text then stands for the whole.
      value =
        path.length > keys.length
          ? { ...patch }
          : inside(patch.op === 'remove' ? undefined : patch.value, keys.slice(path.length))
    }
  }
  return { touched, value }
}

function inside(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (each, key) => (typeof each === 'object' && each !== null ? (each as Record<string, unknown>)[key] : undefined),
    value,
  )
}
