/**
 * What a tool may use: the presets, and which limit holds where. Only limits that something outside the tool can hold
 * are limits here; a count that a tool keeps of itself, such as its operations or the files it writes, is not.
 */
import * as z from 'zod'
import { positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { HookchartError } from '../../src/errors.ts'

/** Where a tool runs: in this process, in a thread of its own, or in a process of its own. */
export type ToolIsolation = 'inline' | 'worker' | 'process'

/** What a tool may use. A limit that is absent does not hold. */
export interface ToolLimits {
  /** How long one execution may take, held by its signal. */
  readonly timeoutMs?: number
  /** How long it may wait for a slot. */
  readonly queueTimeoutMs?: number
  /** How many executions of the tool may run at once in a system, held by slots. */
  readonly maxConcurrent?: number
  /** The size of its output as JSON text in UTF-8. */
  readonly maxOutputBytes?: number
  /**
   * The heap of its thread or process, in whole MiB; buffers lie outside of it. Not for `inline`.
   *
   * In a thread it holds for a heap that grows. A thread that asks V8 for more than 16 MiB over it at once ends the whole process, as
   * it would without the limit; a tool that you do not trust with memory belongs in a process.
   */
  readonly maxMemoryBytes?: number
  /**
   * The time that it computes; waiting does not count. Of a process the processor time of all its threads; of a thread the time
   * that its event loop is active, so that calls that block count as well. Not for `inline`.
   */
  readonly maxCpuMs?: number
}

/** The name of a set of limits. */
export type ToolLimitPreset = 'default' | 'strict' | 'relaxed' | 'unlimited'

/** Limits as they are written: those of a preset, with some of them changed. */
export interface ToolLimitOptions {
  /** What holds where nothing else is said; default `default`. */
  readonly preset?: ToolLimitPreset
  readonly timeoutMs?: Duration
  readonly queueTimeoutMs?: Duration
  readonly maxConcurrent?: number
  readonly maxOutputBytes?: number
  readonly maxMemoryBytes?: number
  readonly maxCpuMs?: Duration
}

const MIB = 1_024 * 1_024

/**
 * The named limits of tools.
 *
 * Numbers of the reference system: its operation timeout, concurrent operations, memory and CPU time; the size of its
 * files is that of an output here. Its 30 s for a requested resource are the default wait for a slot; the other two waits
 * are ours, in the proportion of its CPU times.
 *
 * @example
 * ```ts
 * import { toolLimitPresets } from 'hookchart/machines'
 * console.assert(toolLimitPresets.strict.timeoutMs === 10_000 && toolLimitPresets.default.maxConcurrent === 100)
 * ```
 */
export const toolLimitPresets = Object.freeze({
  default: Object.freeze({
    timeoutMs: 60_000,
    queueTimeoutMs: 30_000,
    maxConcurrent: 100,
    maxOutputBytes: 50 * MIB,
    maxMemoryBytes: 100 * MIB,
    maxCpuMs: 30_000,
  }),
  strict: Object.freeze({
    timeoutMs: 10_000,
    queueTimeoutMs: 5_000,
    maxConcurrent: 10,
    maxOutputBytes: 5 * MIB,
    maxMemoryBytes: 10 * MIB,
    maxCpuMs: 5_000,
  }),
  relaxed: Object.freeze({
    timeoutMs: 600_000,
    queueTimeoutMs: 300_000,
    maxConcurrent: 1_000,
    maxOutputBytes: 500 * MIB,
    maxMemoryBytes: 1_024 * MIB,
    maxCpuMs: 300_000,
  }),
  unlimited: Object.freeze({}),
}) satisfies Readonly<Record<ToolLimitPreset, ToolLimits>>

/** Where a limit holds that does not hold everywhere: a tool shares the memory and the processor of its process. */
const HELD_IN: Partial<Record<keyof ToolLimits, readonly ToolIsolation[]>> = {
  maxMemoryBytes: ['worker', 'process'],
  maxCpuMs: ['worker', 'process'],
}

const presetSchema = z.enum(['default', 'strict', 'relaxed', 'unlimited'])
const countSchema = z.int().positive()

/** The option `limits`: a preset's name is short for an object with nothing else. */
export const limitsSchema = z.preprocess(
  (given) => (typeof given === 'string' ? { preset: given } : given),
  z.strictObject({
    preset: presetSchema.optional(),
    timeoutMs: positiveDurationSchema.optional(),
    queueTimeoutMs: positiveDurationSchema.optional(),
    maxConcurrent: countSchema.optional(),
    maxOutputBytes: countSchema.optional(),
    maxMemoryBytes: countSchema.optional(),
    maxCpuMs: positiveDurationSchema.optional(),
  }),
)

/**
 * The limits that hold for a tool. A preset is a wish for all of them and means those that can be held where the tool
 * runs; one that is asked for by name and cannot be held is LIMIT_NOT_ENFORCEABLE.
 */
export function limitsFor(
  given: z.output<typeof limitsSchema> | undefined,
  isolation: ToolIsolation,
  where: string,
): ToolLimits {
  const { preset = 'default', ...asked } = given ?? {}
  for (const [limit, value] of Object.entries(asked)) {
    if (value !== undefined) assertHeld(limit as keyof ToolLimits, isolation, where)
  }
  const wished = Object.entries({ ...toolLimitPresets[preset], ...asked })
  return Object.freeze(
    Object.fromEntries(
      wished.filter(([limit, value]) => value !== undefined && isHeld(limit as keyof ToolLimits, isolation)),
    ),
  )
}

function isHeld(limit: keyof ToolLimits, isolation: ToolIsolation): boolean {
  return HELD_IN[limit]?.includes(isolation) ?? true
}

function assertHeld(limit: keyof ToolLimits, isolation: ToolIsolation, where: string): void {
  if (isHeld(limit, isolation)) return
  const enforceable = HELD_IN[limit] ?? []
  const others = enforceable.map((each) => `"${each}"`).join(' or ')
  throw new HookchartError(
    'LIMIT_NOT_ENFORCEABLE',
    `${where}: ${limit} cannot be held with isolation "${isolation}". Set isolation to ${others}, or leave ${limit} out.`,
    { details: { where, limit, isolation, enforceable } },
  )
}
