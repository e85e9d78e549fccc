/** Durations as a port: what records them and sums them up. */

/** What a histogram knows of its window. All in milliseconds; NaN-free: without samples every figure is 0. */
export interface DurationSummary {
  /** Samples in the window. */
  readonly samples: number
  readonly minMs: number
  readonly maxMs: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** Records durations and sums up those of its window. */
export interface Histogram {
  record(durationMs: number, at: number): void
  summary(at: number): DurationSummary
}

/** How much a sliding window keeps. */
export interface WindowOptions {
  /** Most samples kept; default 1,000. */
  readonly maxSamples?: number
  /** Oldest sample kept; default one hour. */
  readonly retentionMs?: number
}

/** What there is to say of no samples. */
export const NO_DURATIONS: DurationSummary = { samples: 0, minMs: 0, maxMs: 0, meanMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 }

/** A histogram over the last samples: exact percentiles (the smallest sample at or above the rank) of a bounded ring. */
export function createWindowHistogram({ maxSamples = 1_000, retentionMs = 3_600_000 }: WindowOptions = {}): Histogram {
  const durations: number[] = []
  const times: number[] = []
  let next = 0
  return {
    record(durationMs, at) {
      durations[next] = durationMs
      times[next] = at
      next = (next + 1) % maxSamples
    },
    summary(at) {
      const kept = durations.filter((_, i) => at - (times[i] as number) <= retentionMs).sort((a, b) => a - b)
      if (kept.length === 0) return NO_DURATIONS
      const rank = (ratio: number) => kept[Math.ceil(kept.length * ratio) - 1] as number
      return {
        samples: kept.length,
        minMs: kept[0] as number,
        maxMs: kept[kept.length - 1] as number,
        meanMs: kept.reduce((sum, value) => sum + value, 0) / kept.length,
        p50Ms: rank(0.5),
        p95Ms: rank(0.95),
        p99Ms: rank(0.99),
      }
    },
  }
}
