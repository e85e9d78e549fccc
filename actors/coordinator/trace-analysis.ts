/** What a trace of operations comes to: where the time went, by component and by hook point. Pure. */

/** An operation in a trace. */
export interface TracedOperation {
  readonly id: string
  /** The operation that started it; absent for the first of a run. */
  readonly parent?: string
  /** Where it stood, by names; see `system.inspect`. */
  readonly path: string
  readonly component: { readonly type: string; readonly name: string }
  /** When it was started, by the clock of the system. */
  readonly startedAt: number
  /** Both absent while it goes on. */
  readonly durationMs?: number
  readonly status?: string
}

/** A pass of a gate, or something that was recorded by hand. */
export interface TracedEvent {
  readonly at: number
  readonly type: 'gate_passed' | 'recorded'
  /** The operation of a gate. */
  readonly operation?: string
  readonly point?: string
  readonly decision?: string
  readonly hook?: string
  readonly durationMs?: number
  readonly message?: string
  /** JSON. */
  readonly data?: unknown
}

/** The time of a component in a trace. */
export interface ComponentTime {
  /** `tool:word_count`. */
  readonly component: string
  readonly times: number
  /** From start to end, all times together. */
  readonly totalMs: number
  /** The part of that in which nothing ran that it had started itself. */
  readonly ownMs: number
}

/** What `analyse` gives. */
export interface TraceAnalysis {
  /** From the first start to the last end, or to now where something goes on. */
  readonly totalMs: number
  /** By their own time, the longest first. */
  readonly components: readonly ComponentTime[]
  /** The time in the hooks of each point, the longest first. */
  readonly points: readonly { readonly point: string; readonly times: number; readonly totalMs: number }[]
  /** Components whose own time is more than `bottleneckShare` of the whole. */
  readonly bottlenecks: readonly { readonly component: string; readonly share: number }[]
  /** The paths from the first operation down, each time to the one that ended last: what everybody waited for. */
  readonly criticalPath: readonly string[]
}

/** Works out where the time went. */
export function analyseTrace(
  operations: readonly TracedOperation[],
  events: readonly TracedEvent[],
  now: number,
  bottleneckShare: number,
): TraceAnalysis {
  const endOf = ({ startedAt, durationMs }: TracedOperation) =>
    durationMs === undefined ? Math.max(now, startedAt) : startedAt + durationMs
  const children = byParent(operations)
  const first = Math.min(...operations.map(({ startedAt }) => startedAt))
  const totalMs = operations.length === 0 ? 0 : Math.max(...operations.map(endOf)) - first
  const components = new Map<string, { times: number; totalMs: number; ownMs: number }>()
  for (const operation of operations) {
    const name = `${operation.component.type}:${operation.component.name}`
    const spans = (children.get(operation.id) ?? []).map((child) => [child.startedAt, endOf(child)] as const)
    const ownMs = uncoveredMs([operation.startedAt, endOf(operation)], spans)
    const before = components.get(name) ?? { times: 0, totalMs: 0, ownMs: 0 }
    components.set(name, {
      times: before.times + 1,
      totalMs: before.totalMs + endOf(operation) - operation.startedAt,
      ownMs: before.ownMs + ownMs,
    })
  }
  const times = [...components].map(([component, time]) => ({ component, ...time }))
  return {
    totalMs,
    components: times.sort((a, b) => b.ownMs - a.ownMs),
    points: pointsOf(events),
    bottlenecks: times
      .map(({ component, ownMs }) => ({ component, share: totalMs === 0 ? 0 : ownMs / totalMs }))
      .filter(({ share }) => share > bottleneckShare),
    criticalPath: criticalPath(children, endOf),
  }
}

function byParent(operations: readonly TracedOperation[]): Map<string | undefined, TracedOperation[]> {
  const children = new Map<string | undefined, TracedOperation[]>()
  for (const operation of operations) {
    const siblings = children.get(operation.parent)
    if (siblings === undefined) children.set(operation.parent, [operation])
    else siblings.push(operation)
  }
  return children
}

type Span = readonly [from: number, to: number]

/** How much of a span none of others covers. */
function uncoveredMs([from, to]: Span, others: readonly Span[]): number {
  let reached = from
  let uncovered = 0
  for (const [start, end] of others.toSorted(([a], [b]) => a - b)) {
    if (start > reached) uncovered += Math.min(start, to) - reached
    reached = Math.max(reached, Math.min(end, to))
  }
  return uncovered + Math.max(0, to - reached)
}

function pointsOf(events: readonly TracedEvent[]): TraceAnalysis['points'] {
  const points = new Map<string, { times: number; totalMs: number }>()
  for (const { point, durationMs = 0 } of events) {
    if (point === undefined) continue
    const { times, totalMs } = points.get(point) ?? { times: 0, totalMs: 0 }
    points.set(point, { times: times + 1, totalMs: totalMs + durationMs })
  }
  return [...points].map(([point, time]) => ({ point, ...time })).sort((a, b) => b.totalMs - a.totalMs)
}

function criticalPath(
  children: ReadonlyMap<string | undefined, readonly TracedOperation[]>,
  endOf: (operation: TracedOperation) => number,
): string[] {
  const path: string[] = []
  let at = children.get(undefined)
  while (at !== undefined && at.length > 0) {
    const last = at.reduce((a, b) => (endOf(b) > endOf(a) ? b : a))
    path.push(last.path)
    at = children.get(last.id)
  }
  return path
}
