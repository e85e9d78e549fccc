/** The trace of a result: made when it is read, and yet a field like any other. */
import type { RunResult } from '../run-result.ts'
import type { TraceEntry } from '../trace.ts'

/** Where a result keeps what makes its trace. A symbol, so that proxies and objects made from the result find it too. */
const LAZY = Symbol('hookchart.trace')

/** Makes a trace once. It keeps it itself, for the result may be frozen by then. */
class LazyTrace {
  /** What makes it is let go of then: it has the records of the whole run. */
  #trace: (() => readonly TraceEntry[]) | readonly TraceEntry[]

  constructor(make: () => readonly TraceEntry[]) {
    this.#trace = make
  }

  get trace(): readonly TraceEntry[] {
    if (typeof this.#trace === 'function') this.#trace = this.#trace()
    return this.#trace
  }
}

/** One getter serves all results: an object with a getter of its own costs a microsecond, this a quarter of it. */
const TRACE: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: { readonly [LAZY]: LazyTrace }) {
    return this[LAZY].trace
  },
  set(this: object, trace: unknown) {
    Object.defineProperty(this, 'trace', { value: trace, writable: true, enumerable: true, configurable: true })
  },
}

/** Gives a result its trace. */
export function withTrace(result: Omit<RunResult, 'trace'>, make: () => readonly TraceEntry[]): RunResult {
  Object.defineProperty(result, LAZY, { value: new LazyTrace(make) })
  return Object.defineProperty(result, 'trace', TRACE) as RunResult
}
