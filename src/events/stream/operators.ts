/** Operators that look at values: filter, map, take, batch. Each ends its source when it ends itself. */
import { nextWithin } from './timed-operators.ts'
import type { Source, Timers } from './source.ts'

/** Only what passes. */
export async function* filtered<T>(
  source: Source<T>,
  test: (value: T) => boolean | PromiseLike<boolean>,
): AsyncGenerator<T, undefined> {
  try {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      if (await test(next.value)) yield next.value
    }
  } finally {
    source.close()
  }
}

/** What a function makes of each. */
export async function* mapped<T, U>(
  source: Source<T>,
  transform: (value: T) => U | PromiseLike<U>,
): AsyncGenerator<U, undefined> {
  try {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      yield await transform(next.value)
    }
  } finally {
    source.close()
  }
}

/** The first so many. The source is ended with the last of them, not when one more is asked for. */
export async function* taken<T>(source: Source<T>, count: number): AsyncGenerator<T, undefined> {
  try {
    for (let left = count; left > 0; left--) {
      const next = await source.next()
      if (next.done === true) return
      if (left === 1) source.close()
      yield next.value
    }
  } finally {
    source.close()
  }
}

/** Lists of so many, or fewer after a time. */
export async function* batched<T>(
  source: Source<T>,
  size: number,
  maxWaitMs: number | undefined,
  timers: Timers,
): AsyncGenerator<readonly T[], undefined> {
  /** Asked for, and not come when the last list was handed on. */
  let asked: Promise<IteratorResult<T, undefined>> | undefined
  try {
    for (;;) {
      const batch: T[] = []
      let dueAt = Infinity
      while (batch.length < size) {
        asked ??= source.next()
        const next = await (dueAt === Infinity ? asked : nextWithin(asked, dueAt - timers.now(), timers))
        if (next === 'late') break
        asked = undefined
        if (next.done === true) {
          if (batch.length > 0) yield batch
          return
        }
        batch.push(next.value)
        if (maxWaitMs !== undefined && batch.length === 1) dueAt = timers.now() + maxWaitMs
      }
      yield batch
    }
  } finally {
    source.close()
  }
}
