/** A duration as people read it: `0.4 ms`, `12 ms`, `1.3 s`, `2 min 5 s`. */
export function durationText(durationMs: number): string {
  if (durationMs < 10) return `${String(Math.round(durationMs * 10) / 10)} ms`
  if (durationMs < 1_000) return `${String(Math.round(durationMs))} ms`
  const seconds = durationMs / 1_000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${String(Math.floor(seconds / 60))} min ${String(Math.round(seconds % 60))} s`
}
