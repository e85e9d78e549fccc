/** Several workers on one stream. */
import * as z from 'zod'
import { HookchartError, nameOf, toErrorData } from '../../errors.ts'
import type { ErrorData } from '../../errors.ts'
import { whenAborted } from '../../hooks/abort-signals.ts'
import { parseOptions } from '../../options.ts'

/** What the function of {@link processParallel} is given besides the value. */
export interface ParallelCall {
  /** Which worker it is: 0, 1, … */
  readonly worker: number
}

/** Options of {@link processParallel}. */
export interface ParallelOptions {
  /** Ends the reading when it is aborted; what has begun is waited for. */
  readonly signal?: AbortSignal
}

/** What came of a stream. */
export interface ParallelResult {
  /** Values for which the function ended well. */
  readonly processed: number
  /** Values for which it threw or rejected. */
  readonly failed: number
  /** The first 100 errors. */
  readonly errors: readonly ErrorData[]
}

const MOST_ERRORS = 100

const workersSchema = z.int().positive()
const schema = z.strictObject({ signal: z.instanceof(AbortSignal).optional() })

/**
 * Calls a function with every value of a stream, so many at once, and gives what came of it when the stream has ended.
 *
 * Values are begun in the order of the stream, and the next is read only when a worker is free: what waits is in the
 * buffer of the subscription, under its strategy. A function that fails is counted and hinders nothing.
 *
 * @throws INVALID_OPTIONS, INVALID_HANDLER; rejects with what the stream itself fails with
 * @example
 * ```ts
 * import { createEventBus, processParallel } from 'hookchart/events'
 * const events = createEventBus()
 * const orders = events.stream('order.*').take(3)
 * for (const cents of [1, 2, 3]) void events.publish('order.paid', { cents })
 * const { processed } = await processParallel(orders, 2, async (event) => { await Promise.resolve(event.data) })
 * console.assert(processed === 3)
 * ```
 */
export async function processParallel<T>(
  stream: AsyncIterable<T>,
  workers: number,
  fn: (value: T, call: ParallelCall) => unknown,
  options: ParallelOptions = {},
): Promise<ParallelResult> {
  const count = parseOptions(workersSchema, workers, 'processParallel')
  const { signal } = parseOptions(schema, options, 'processParallel')
  if (typeof fn !== 'function') {
    throw new HookchartError('INVALID_HANDLER', `processParallel: it was given ${nameOf(fn)}, not a function.`)
  }
  const iterator = stream[Symbol.asyncIterator]()
  const result = { processed: 0, failed: 0, errors: [] as ErrorData[] }
  const end = { reached: false }
  const release =
    signal &&
    whenAborted(signal, () => {
      end.reached = true
      void iterator.return?.()
    })
  const work = async (value: T, worker: number) => {
    try {
      await fn(value, { worker })
      result.processed++
    } catch (error) {
      result.failed++
      if (result.errors.length < MOST_ERRORS) result.errors.push(toErrorData(error))
    }
  }
  // One reads at a time: whoever is free asks for the next value, and the others wait behind it.
  let reading: Promise<unknown> = Promise.resolve()
  const read = () => {
    const next = reading.then(() => (end.reached ? DONE : iterator.next()))
    reading = next.catch(() => undefined)
    return next
  }
  const run = async (worker: number) => {
    for (let next = await read(); next.done !== true; next = await read()) await work(next.value, worker)
    end.reached = true
  }
  try {
    await Promise.all(Array.from({ length: count }, (_, worker) => run(worker)))
  } finally {
    end.reached = true
    release?.()
  }
  return result
}

const DONE = { done: true, value: undefined } as const
