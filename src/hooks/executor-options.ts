/** Options of the executor: deadlines, breakers and bounds, for all points and for some. */
import * as z from 'zod'
import { positiveDurationSchema } from '../duration.ts'
import type { Duration } from '../duration.ts'
import { parseOptions } from '../options.ts'
import type { BreakerSettings } from '../ports/breaker.ts'
import { breakerPresets, breakerSchema } from './breaker.ts'
import type { BreakerOption } from './breaker.ts'
import { catalogue } from './points/catalogue.ts'
import { isGlob, matchesGlob } from './points/glob.ts'
import type { PointDefinition } from './points/point.ts'
import { unknownPoint } from './points/unknown-point.ts'

/** What can be set for all points and, under `points`, for some. */
export interface PointOptions {
  /** Deadline of an async hook; default 5 s. */
  readonly timeoutMs?: Duration
  /** Time that all hooks of one pass of a gate may take together; guards not run by then fail closed. Default 30 s. */
  readonly gateTimeoutMs?: Duration
  /** Breaker of hooks that name none; default `default`. */
  readonly breaker?: BreakerOption
  /** Share of the operations' own time that hooks may cost before some are shed; default 0.05, false: never shed. */
  readonly overheadBudget?: number | false
  /** How deep operations started from hooks may nest; default 16. */
  readonly maxDepth?: number
  /** How often one operation may be redirected; default 8. */
  readonly maxRedirects?: number
}

/** Options of the executor. */
export interface ExecutorOptions extends PointOptions {
  /**
   * Other values for some points, by id, alias or glob over ids; of several that match, later ones win. What matches no
   * point is UNKNOWN_POINT; points of your own, which may be defined later, are written as `custom:…`.
   */
  readonly points?: Readonly<Record<string, PointOptions>>
}

/** The settings of one point. */
export interface PointSettings {
  readonly timeoutMs: number
  readonly gateTimeoutMs: number
  readonly breaker: BreakerSettings | false
  readonly overheadBudget: number | false
  readonly maxDepth: number
  readonly maxRedirects: number
}

const shape = {
  timeoutMs: positiveDurationSchema.optional(),
  gateTimeoutMs: positiveDurationSchema.optional(),
  breaker: breakerSchema.optional(),
  overheadBudget: z
    .union([z.literal(false), z.number().gt(0).lte(1)], { error: 'expected a ratio over 0 and up to 1, or false' })
    .optional(),
  maxDepth: z.int().positive().optional(),
  maxRedirects: z.int().nonnegative().optional(),
}

export const executorSchema = z.strictObject({
  ...shape,
  points: z.record(z.string(), z.strictObject(shape)).optional(),
})

const DEFAULTS: PointSettings = {
  timeoutMs: 5_000,
  gateTimeoutMs: 30_000,
  breaker: breakerPresets.default,
  overheadBudget: 0.05,
  maxDepth: 16,
  maxRedirects: 8,
}

/** Checks executor options; gives what a point's settings are, by all its names, and the scope of its overhead budget. */
export function parseExecutorOptions(options: unknown): (id: string, aliases: readonly string[]) => PointSettings {
  const { points = {}, ...general } = parseOptions(executorSchema, options ?? {}, 'executor')
  const base = { ...DEFAULTS, ...defined(general) }
  const special = Object.entries(points)
  for (const [pattern] of special) assertMatches(pattern)
  return (id, aliases) =>
    special.reduce(
      (settings, [pattern, own]) =>
        matchesGlob(pattern, id) || aliases.includes(pattern) ? { ...settings, ...defined(own) } : settings,
      base,
    )
}

/** A misspelt point would never get its settings. */
function assertMatches(pattern: string): void {
  if (pattern.startsWith('custom:')) return
  const shipped: readonly PointDefinition[] = Object.values(catalogue)
  const known = isGlob(pattern)
    ? shipped.some(({ id }) => matchesGlob(pattern, id))
    : shipped.some(({ id, aliases }) => id === pattern || aliases.includes(pattern))
  if (known) return
  throw unknownPoint(
    pattern,
    shipped.map(({ id }) => id),
    'executor.points: ',
  )
}

function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
