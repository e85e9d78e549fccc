/** Tells hooks when the process comes under pressure: while operations run, and only where somebody is hooked. */
import * as z from 'zod'
import { positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { PointFirer } from '../../src/hooks/executor/run-point.ts'
import type { LoadSampler } from '../../src/ports/load.ts'

/** When a measure is high, and when it is no longer; in between nothing changes. */
export interface Threshold {
  /** It is high from here on. 0 to 1; default 0.9. */
  readonly high?: number
  /** It is low again from here on down. 0 to 1, not over `high`; default 0.8 for memory and 0.7 for processors, or `high` where that is less. */
  readonly low?: number
}

/** The option `performance` of `createSystem`. Strict: an unknown key is refused. */
export interface PerformanceOptions {
  /** How often the load is measured while operations run; default 5 s. */
  readonly everyMs?: Duration
  /** Of the share of the memory that the process may use. */
  readonly memory?: Threshold
  /** Of the share of the time of all processors. */
  readonly cpu?: Threshold
  /** What measures; default the process. */
  readonly sampler?: LoadSampler
}

const ratio = z.number().min(0).max(1)
const threshold = z
  .strictObject({ high: ratio.default(0.9), low: ratio.optional() })
  .refine(({ high, low = 0 }) => low <= high, { path: ['low'], error: 'expected no more than high' })

/** The option as a schema. */
export const performanceSchema = z.strictObject({
  everyMs: positiveDurationSchema.default(5_000),
  memory: threshold.default({ high: 0.9 }),
  cpu: threshold.default({ high: 0.9 }),
  sampler: z
    .custom<LoadSampler>(
      (value) => typeof (value as Partial<LoadSampler> | undefined)?.sample === 'function',
      'expected an object with sample',
    )
    .optional(),
})

const MEASURES = [
  { metric: 'memory', point: 'MemoryUsageHigh', ratio: 'memoryRatio', usuallyLow: 0.8 },
  { metric: 'cpu', point: 'CpuUsageHigh', ratio: 'cpuRatio', usuallyLow: 0.7 },
] as const

/** See the head of this file. */
export class Pressure {
  readonly #kernel: Kernel
  readonly #options: z.output<typeof performanceSchema>
  readonly #sampler: LoadSampler
  readonly #firer: PointFirer
  readonly #high = new Set<string>()
  #timer: unknown

  constructor(kernel: Kernel, options: z.output<typeof performanceSchema>, sampler: LoadSampler) {
    this.#kernel = kernel
    this.#options = options
    this.#sampler = options.sampler ?? sampler
    this.#firer = new PointFirer(kernel)
  }

  /** Something runs: it is measured from now on, until nothing does. */
  watch(): void {
    if (this.#timer !== undefined || this.#kernel.stopped || !MEASURES.some(({ point }) => this.#isHooked(point)))
      return
    this.#timer = this.#kernel.time.clock.setTimeout(() => {
      this.#timer = undefined
      this.#measure()
      if (this.#kernel.running.size > 0) this.watch()
    }, this.#options.everyMs)
    // Measuring keeps no process alive.
    ;(this.#timer as { unref?: () => void } | undefined)?.unref?.()
  }

  stop(): void {
    if (this.#timer !== undefined) this.#kernel.time.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #isHooked(point: string): boolean {
    return !this.#kernel.registry.points.slot(point).isFree
  }

  #measure(): void {
    const load = this.#sampler.sample()
    for (const { metric, point, ratio: key, usuallyLow } of MEASURES) {
      const { high, low = Math.min(usuallyLow, high) } = this.#options[metric]
      const value = load[key]
      if (value < high && value <= low) this.#high.delete(metric)
      if (value < high || this.#high.has(metric)) continue
      this.#high.add(metric)
      // The point takes observers only, and nobody waits for those.
      void this.#firer.fire(
        this.#kernel.registry.points.slot(point),
        { metric, value, threshold: high, hooks: [] },
        undefined,
      )
    }
  }
}
