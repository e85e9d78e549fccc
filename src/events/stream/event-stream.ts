/** Streams: events to be asked for, one by one, with operators. What waits is in the bounded buffer of one subscription. */
import * as z from 'zod'
import { positiveDurationSchema } from '../../duration.ts'
import type { Duration } from '../../duration.ts'
import { HookchartError, nameOf } from '../../errors.ts'
import { parseOptions } from '../../options.ts'
import { batched, filtered, mapped, taken } from './operators.ts'
import { debounced, throttled } from './timed-operators.ts'
import type { Source, Timers } from './source.ts'

const countSchema = z.int().positive()
const takeSchema = z.int().nonnegative()

/**
 * A stream: an async iterable that is read once. Leaving a loop over it, `return()`, or the signal that it was made with
 * ends it and its subscription; so does the end of the bus. An error of a function of an operator ends it as well, and
 * reaches the reader.
 *
 * Operators give a new stream, which reads this one when it is read itself: use one or the other.
 */
export interface EventStream<T> extends AsyncIterableIterator<T, undefined> {
  /** Only what passes; the test may be async. */
  filter<Narrow extends T>(test: (value: T) => value is Narrow): EventStream<Narrow>
  filter(test: (value: T) => boolean | PromiseLike<boolean>): EventStream<T>
  /** What a function makes of each; it may be async, and the next waits for it. */
  map<U>(transform: (value: T) => U | PromiseLike<U>): EventStream<U>
  /**
   * Lists of `size`, or of fewer when `maxWaitMs` has passed since the first of them was read, or when the stream ends.
   * Without `maxWaitMs` a list waits until it is full.
   */
  batch(size: number, maxWaitMs?: Duration): EventStream<readonly T[]>
  /** At most one in so much time: the first; those that are read before it has passed are left out. */
  throttle(ms: Duration): EventStream<T>
  /** The last of a series, once so much time has passed without another; the last of all when the stream ends. */
  debounce(ms: Duration): EventStream<T>
  /** The first so many; then it ends. */
  take(count: number): EventStream<T>
  /** Ends it. Never waits. */
  return(): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): EventStream<T>
  [Symbol.asyncDispose](): Promise<void>
}

const DONE = { done: true, value: undefined } as const

const timersOfStreams = new WeakMap<object, Timers>()

/** The clock of the bus that a stream comes from; undefined for what is no stream of a bus. */
export function timersOf(stream: object): Timers | undefined {
  return timersOfStreams.get(stream)
}

/** Makes a stream that reads a source; `close` ends what is under the source. */
export function streamOf<T>(source: AsyncIterator<T, undefined>, close: () => void, timers: Timers): EventStream<T> {
  const state = { closed: false }
  const hasEnded = () => state.closed
  const next = async (): Promise<IteratorResult<T, undefined>> => {
    if (hasEnded()) return DONE
    const result = await source.next()
    // What came in after the end came too late.
    return hasEnded() ? DONE : result
  }
  const end = () => {
    if (state.closed) return
    state.closed = true
    close()
  }
  const upstream: Source<T> = { next, close: end }
  const then = <U>(generator: AsyncGenerator<U, undefined>): EventStream<U> => streamOf(generator, end, timers)
  const stream: EventStream<T> = {
    next,
    filter: (test: (value: T) => boolean | PromiseLike<boolean>) => {
      assertFunction(test, 'filter')
      return then(filtered(upstream, test)) as EventStream<never>
    },
    map: (transform) => {
      assertFunction(transform, 'map')
      return then(mapped(upstream, transform))
    },
    batch: (size, maxWaitMs) => {
      const count = parseOptions(countSchema, size, 'stream.batch')
      return then(
        batched(upstream, count, maxWaitMs === undefined ? undefined : durationOf(maxWaitMs, 'batch'), timers),
      )
    },
    throttle: (ms) => then(throttled(upstream, durationOf(ms, 'throttle'), timers)),
    debounce: (ms) => then(debounced(upstream, durationOf(ms, 'debounce'), timers)),
    take: (count) => then(taken(upstream, parseOptions(takeSchema, count, 'stream.take'))),
    return: () => {
      end()
      // Not waited for: a function of an operator may never settle.
      source.return?.().catch(() => undefined)
      return Promise.resolve(DONE)
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => {
      await stream.return()
    },
  }
  timersOfStreams.set(stream, timers)
  return stream
}

function durationOf(ms: unknown, operator: string): number {
  return parseOptions(positiveDurationSchema, ms, `stream.${operator}`)
}

function assertFunction(value: unknown, operator: string): void {
  if (typeof value === 'function') return
  const where = `stream.${operator}`
  throw new HookchartError('INVALID_HANDLER', `${where}: it was given ${nameOf(value)}, not a function.`, {
    details: { where },
  })
}
