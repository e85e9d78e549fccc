/** `createEventCorrelator`: what belongs together in a system, by correlation id, and where its time went. */
import * as z from 'zod'
import { positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { assertJson, copyJson, freezeJson } from '../../src/json.ts'
import { parseOptions } from '../../src/options.ts'
import type { Observation } from '../system/inspection.ts'
import type { System } from '../system/create-system.ts'
import { internalsOf } from '../system/internals.ts'
import { analyseTrace } from './trace-analysis.ts'
import type { TraceAnalysis, TracedEvent, TracedOperation } from './trace-analysis.ts'

/** Options of {@link createEventCorrelator}. */
export interface EventCorrelatorOptions {
  /** Traces that are kept; those that ended longest ago go first. Default 10,000. */
  readonly maxTraces?: number
  /** Operations, and events, that are kept of one trace; further ones are counted. Default 1,000 of each. */
  readonly maxEventsPerTrace?: number
  /** How long a trace is kept in which nothing happens; default a day. */
  readonly retentionMs?: Duration
  /** The share of the whole time that makes a component a bottleneck, from 0 to 1; default 0.5. */
  readonly bottleneckShare?: number
}

/** `active` while an operation goes on; then `completed`, or `failed` where the first operation of a run has not completed. */
export type CorrelatedStatus = 'active' | 'completed' | 'failed'

/** Everything that happened under one correlation id. JSON. */
export interface CorrelatedTrace {
  readonly correlationId: string
  readonly status: CorrelatedStatus
  readonly startedAt: number
  /** When something happened last. */
  readonly lastAt: number
  /** In the order in which they were started; with their parents they are trees. */
  readonly operations: readonly TracedOperation[]
  readonly events: readonly TracedEvent[]
  /** Operations and events that were not kept. */
  readonly cut: number
}

/** What `traces` asks for. */
export interface CorrelatedTraceFilter {
  readonly status?: CorrelatedStatus
  /** The name of a component that took part. */
  readonly component?: string
}

/** See {@link createEventCorrelator}. */
export interface EventCorrelator extends Disposable {
  trace(correlationId: string): CorrelatedTrace | undefined
  /** Oldest first. Throws INVALID_OPTIONS. */
  traces(filter?: CorrelatedTraceFilter): readonly CorrelatedTrace[]
  /** Where the time of a trace went; undefined for one that is not there. */
  analyse(correlationId: string): TraceAnalysis | undefined
  /** Adds something of your own; false when there is no such trace. Throws DATA_NOT_JSON. */
  record(correlationId: string, message: string, data?: unknown): boolean
  stats(): { readonly traces: number; readonly active: number; readonly dropped: number; readonly cut: number }
  /** Looks on no more; what is there stays. */
  stop(): void
}

const schema = z.strictObject({
  maxTraces: z.int().positive().default(10_000),
  maxEventsPerTrace: z.int().positive().default(1_000),
  retentionMs: positiveDurationSchema.default(86_400_000),
  bottleneckShare: z.number().min(0).max(1).default(0.5),
})

const filterSchema = z.strictObject({
  status: z.enum(['active', 'completed', 'failed']).optional(),
  component: z.string().optional(),
})

/**
 * Makes a correlator: it looks on by `system.inspect` and keeps, by correlation id, which operations were started from which,
 * how they ended, and which gates with hooks they passed.
 *
 * Numbers of the reference system: traces, events of one, and how long they are kept.
 *
 * @throws INVALID_OPTIONS
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { createSystem, defineAgent, defineTool } from 'hookchart'
 * import { createEventCorrelator } from 'hookchart/actors'
 * const count = defineTool({ name: 'count', description: 'counts', input: z.string(), execute: ({ input }) => input.length })
 * const reader = defineAgent({ name: 'reader', tools: [count], execute: ({ tools }) => tools.call(count, 'to be') })
 * await using system = createSystem({ agents: [reader] })
 * using correlator = createEventCorrelator(system)
 * const { correlationId } = await system.agents.execute(reader, undefined)
 * const paths = correlator.trace(correlationId)?.operations.map(({ path }) => path)
 * console.assert(paths?.join() === 'hookchart/agent:reader,hookchart/agent:reader/tool:count')
 * console.assert(correlator.analyse(correlationId)?.components.length === 2)
 * ```
 */
export function createEventCorrelator(system: System, options: EventCorrelatorOptions = {}): EventCorrelator {
  const { clock } = internalsOf(system, 'createEventCorrelator').host.kernel.time
  const correlator = new Correlator(parseOptions(schema, options, 'createEventCorrelator'), () => clock.now())
  const inspecting = system.inspect((observation) => {
    correlator.take(observation)
  })
  const stop = () => {
    inspecting.stop()
  }
  return {
    trace: (id) => correlator.trace(id),
    traces: (filter = {}) => correlator.traces(parseOptions(filterSchema, filter, 'correlator.traces')),
    analyse: (id) => correlator.analyse(id),
    record: (id, message, data) => correlator.record(id, message, data),
    stats: () => correlator.stats(),
    stop,
    [Symbol.dispose]: stop,
  }
}

/** A trace while it grows. */
interface Growing {
  readonly correlationId: string
  readonly startedAt: number
  lastAt: number
  readonly operations: Map<string, TracedOperation>
  readonly events: TracedEvent[]
  /** Operations that go on, those as well that were not kept. */
  running: number
  hasFailed: boolean
  cut: number
}

class Correlator {
  readonly #options: z.output<typeof schema>
  readonly #now: () => number
  /** The one in which something happened last stands last. */
  readonly #traces = new Map<string, Growing>()
  #dropped = 0

  constructor(options: z.output<typeof schema>, now: () => number) {
    this.#options = options
    this.#now = now
  }

  take(observation: Observation): void {
    if (!('operation' in observation)) return
    const { correlationId, at } = observation
    const trace = this.#touched(correlationId, at)
    switch (observation.type) {
      case 'operation_started':
        this.#begin(trace, observation)
        break
      case 'operation_settled': {
        const { operation, status, durationMs } = observation
        const known = trace.operations.get(operation)
        if (known !== undefined) trace.operations.set(operation, { ...known, status, durationMs })
        trace.running = Math.max(0, trace.running - 1)
        if (known !== undefined && known.parent === undefined && status !== 'completed' && status !== 'partial')
          trace.hasFailed = true
        break
      }
      case 'gate_passed': {
        const { operation, point, decision, hook, durationMs } = observation
        const event = { at, type: 'gate_passed', operation, point, decision, durationMs } as const
        this.#add(trace, hook === undefined ? event : { ...event, hook })
        break
      }
      case 'effect_started':
      case 'effect_settled':
        break
    }
  }

  trace(correlationId: string): CorrelatedTrace | undefined {
    this.#forgetOld()
    const trace = this.#traces.get(correlationId)
    return trace && shown(trace)
  }

  traces({ status, component }: z.output<typeof filterSchema>): readonly CorrelatedTrace[] {
    this.#forgetOld()
    return [...this.#traces.values()]
      .filter((trace) => status === undefined || statusOf(trace) === status)
      .filter(
        ({ operations }) =>
          component === undefined || [...operations.values()].some((each) => each.component.name === component),
      )
      .sort((a, b) => a.startedAt - b.startedAt)
      .map(shown)
  }

  analyse(correlationId: string): TraceAnalysis | undefined {
    const trace = this.trace(correlationId)
    return trace && analyseTrace(trace.operations, trace.events, this.#now(), this.#options.bottleneckShare)
  }

  record(correlationId: string, message: string, data: unknown): boolean {
    assertJson(data, 'correlator.record: the data')
    this.#forgetOld()
    const trace = this.#traces.get(correlationId)
    if (trace === undefined) return false
    const event = { at: this.#now(), type: 'recorded', message } as const
    this.#add(trace, data === undefined ? event : { ...event, data: freezeJson(copyJson(data)) })
    return true
  }

  stats() {
    this.#forgetOld()
    const all = [...this.#traces.values()]
    return {
      traces: all.length,
      active: all.filter(({ running }) => running > 0).length,
      dropped: this.#dropped,
      cut: all.reduce((sum, { cut }) => sum + cut, 0),
    }
  }

  #begin(trace: Growing, observation: Extract<Observation, { type: 'operation_started' }>): void {
    trace.running++
    const { operation: id, parent, path, component, at } = observation
    if (trace.operations.size >= this.#options.maxEventsPerTrace) {
      trace.cut++
      return
    }
    const { type, name } = component
    const known = { id, path, component: { type, name }, startedAt: at }
    trace.operations.set(id, parent === undefined ? known : { ...known, parent })
  }

  #add(trace: Growing, event: TracedEvent): void {
    if (trace.events.length < this.#options.maxEventsPerTrace) trace.events.push(event)
    else trace.cut++
  }

  /** The trace of an id, a new one where there is none, with something that happens in it now. */
  #touched(correlationId: string, at: number): Growing {
    let trace = this.#traces.get(correlationId)
    if (trace === undefined) {
      this.#makeRoom()
      trace = {
        ...{ correlationId, startedAt: at, lastAt: at, operations: new Map(), events: [] },
        ...{ running: 0, hasFailed: false, cut: 0 },
      }
    }
    trace.lastAt = at
    this.#traces.delete(correlationId)
    this.#traces.set(correlationId, trace)
    return trace
  }

  #makeRoom(): void {
    if (this.#traces.size < this.#options.maxTraces) return
    this.#forgetOld()
    if (this.#traces.size < this.#options.maxTraces) return
    this.#drop(this.#longestEnded() ?? (this.#traces.keys().next().value as string))
  }

  #longestEnded(): string | undefined {
    for (const { correlationId, running } of this.#traces.values()) if (running === 0) return correlationId
    return undefined
  }

  #drop(correlationId: string): void {
    this.#traces.delete(correlationId)
    this.#dropped++
  }

  #forgetOld(): void {
    const before = this.#now() - this.#options.retentionMs
    for (const { correlationId, lastAt } of this.#traces.values()) {
      if (lastAt >= before) return
      this.#drop(correlationId)
    }
  }
}

function statusOf({ running, hasFailed }: Growing): CorrelatedStatus {
  if (running > 0) return 'active'
  return hasFailed ? 'failed' : 'completed'
}

function shown(trace: Growing): CorrelatedTrace {
  const { correlationId, startedAt, lastAt, operations, events, cut } = trace
  const status = statusOf(trace)
  return { correlationId, status, startedAt, lastAt, operations: [...operations.values()], events: [...events], cut }
}
