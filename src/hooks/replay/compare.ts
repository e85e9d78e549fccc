/** Comparing what a recorded call came to with what its replay came to. */
import type { ErrorData } from '../../errors.ts'
import { canonicalJson, isPlainObject } from '../../json.ts'
import type { Json } from '../../json.ts'
import type { RecordedOutcome } from './execution.ts'

/**
 * How much a difference matters. critical: another type of result, or a failure on one side only. major: other data,
 * or another code of the failure. minor: other words (reason, message, the rest of a failure).
 */
export type DifferenceSeverity = 'minor' | 'major' | 'critical'

/** A place at which a replay differs. */
export interface ReplayDifference {
  /** Dotted, from the outcome: `result.type`, `result.patch.input.0`, `error`, `error.message`. */
  readonly path: string
  /** Absent when there was nothing. */
  readonly recorded?: Json
  readonly replayed?: Json
  readonly severity: DifferenceSeverity
}

/** What is compared how. */
export interface CompareOptions {
  /**
   * What may differ: names of keys at any depth, or whole paths as differences show them. It takes the place of the
   * default: `timestamp`, `duration`, `durationMs`, `duration_ms`.
   */
  readonly ignoreFields?: readonly string[]
  /** Compares arrays as bags; paths then count in sorted order. Default false. */
  readonly ignoreArrayOrder?: boolean
}

/** What may differ by default: times that a hook took or read. */
export const VOLATILE_FIELDS: readonly string[] = ['timestamp', 'duration', 'durationMs', 'duration_ms']

const WEIGHTS: Readonly<Record<DifferenceSeverity, number>> = { minor: 0.25, major: 0.5, critical: 1 }

const WORDS: readonly string[] = ['result.reason', 'result.message', 'error.name', 'error.message', 'error.retryable']

/** Where two outcomes differ. A failure on one side, or another type of result, is the only difference then. */
export function compareOutcomes(
  recorded: RecordedOutcome,
  replayed: RecordedOutcome,
  options: Required<CompareOptions>,
): ReplayDifference[] {
  if (recorded.error !== undefined && replayed.error !== undefined) {
    return differencesOf('error', jsonOf(recorded.error), jsonOf(replayed.error), options)
  }
  if (recorded.error !== undefined || replayed.error !== undefined) {
    return [differenceAt('error', jsonOf(recorded.error), jsonOf(replayed.error), 'critical')]
  }
  const [before, after] = [recorded.result, replayed.result]
  if (before.type !== after.type) return [differenceAt('result.type', before.type, after.type, 'critical')]
  return differencesOf('result', before, after, options)
}

/** 1 for none, 0 for ten critical ones or as much in smaller ones. */
export function similarityOf(differences: readonly ReplayDifference[]): number {
  const weight = differences.reduce((sum, { severity }) => sum + WEIGHTS[severity], 0)
  return Math.max(0, 10 - weight) / 10
}

function differencesOf(
  path: string,
  recorded: Json | undefined,
  replayed: Json | undefined,
  options: Required<CompareOptions>,
): ReplayDifference[] {
  return [...diff(path, comparable(recorded, path, options), comparable(replayed, path, options))]
}

/** A value without what is ignored, and with its arrays sorted when their order is. */
function comparable(value: Json | undefined, path: string, options: Required<CompareOptions>): Json | undefined {
  if (isList(value)) {
    const items = value.map((item, i) => comparable(item, join(path, i), options) as Json)
    return options.ignoreArrayOrder ? sorted(items) : items
  }
  if (!isTable(value)) return value
  const isIgnored = (key: string) => options.ignoreFields.some((field) => field === key || field === join(path, key))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isIgnored(key))
      .map(([key, member]) => [key, comparable(member, join(path, key), options)]),
  )
}

function sorted(items: readonly Json[]): Json[] {
  const byText = new Map(items.map((item) => [item, canonicalJson(item)]))
  return items.toSorted((a, b) => {
    const [left, right] = [byText.get(a), byText.get(b)] as [string, string]
    return left < right ? -1 : left > right ? 1 : 0
  })
}

function* diff(path: string, left: Json | undefined, right: Json | undefined): Generator<ReplayDifference> {
  if (left === right) return
  if (!(isList(left) && isList(right)) && !(isTable(left) && isTable(right))) {
    yield differenceAt(path, left, right, WORDS.includes(path) ? 'minor' : 'major')
    return
  }
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  for (const key of keys) yield* diff(join(path, key), member(left, key), member(right, key))
}

function differenceAt(
  path: string,
  recorded: Json | undefined,
  replayed: Json | undefined,
  severity: DifferenceSeverity,
): ReplayDifference {
  return {
    path,
    ...(recorded !== undefined && { recorded }),
    ...(replayed !== undefined && { replayed }),
    severity,
  }
}

function member(value: object, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? (value as Record<string, Json>)[key] : undefined
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function isTable(value: Json | undefined): value is Readonly<Record<string, Json | undefined>> {
  return isPlainObject(value)
}

/** An error as data is JSON by its type's promise. */
function jsonOf(error: ErrorData | undefined): Json | undefined {
  return error as Json | undefined
}

function join(path: string, key: string | number): string {
  return `${path}.${String(key)}`
}
