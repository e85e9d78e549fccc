/** The trace of a result: made when it is read, and yet a field like any other. */
import type { RunResult } from '../run-result.ts'
import type { TraceEntry } from '../trace.ts'

/** A constructor that makes nothing: what extends it puts its private fields into the object it is given. */
const Given = function (object: object) {
  return object
} as unknown as new (object: object) => object

let traceOf: (result: object) => readonly TraceEntry[]

/**
 * What makes the trace, kept in a private field of the result. With that, one getter serves all results: an object with a
 * getter of its own costs a microsecond, this a quarter of it.
 */
class Traced extends Given {
  readonly #make: () => readonly TraceEntry[]

  constructor(result: object, make: () => readonly TraceEntry[]) {
    super(result)
    this.#make = make
  }

  static {
    traceOf = (result) => (result as Traced).#make()
  }
}

const TRACE: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: object) {
    const trace = traceOf(this)
    Object.defineProperty(this, 'trace', { value: trace, enumerable: true, configurable: true })
    return trace
  },
}

/** Gives a result its trace. */
export function withTrace(result: Omit<RunResult, 'trace'>, make: () => readonly TraceEntry[]): RunResult {
  new Traced(result, make)
  return Object.defineProperty(result, 'trace', TRACE) as RunResult
}
