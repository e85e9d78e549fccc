/** Operators that look at the time: throttle and debounce. Time is that of the clock of the bus, when a value is read. */
import type { Source, Timers } from './source.ts'

/** Waits for what was asked for, but not for longer than a time; then it stays asked for. */
export function nextWithin<T>(asked: Promise<T>, delayMs: number, timers: Timers): Promise<T | 'late'> {
  return new Promise((resolve, reject) => {
    const stop = timers.after(Math.max(0, delayMs), () => {
      resolve('late')
    })
    asked.then(
      (value) => {
        stop()
        resolve(value)
      },
      (error: unknown) => {
        stop()
        reject(error)
      },
    )
  })
}

/** The first in each stretch of time. */
export async function* throttled<T>(source: Source<T>, ms: number, timers: Timers): AsyncGenerator<T, undefined> {
  let openAt = -Infinity
  try {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      const now = timers.now()
      if (now < openAt) continue
      openAt = now + ms
      yield next.value
    }
  } finally {
    source.close()
  }
}

/** The last of each series. */
export async function* debounced<T>(source: Source<T>, ms: number, timers: Timers): AsyncGenerator<T, undefined> {
  /** The last that was read and not handed on. */
  let last: { readonly value: T } | undefined
  let asked: Promise<IteratorResult<T, undefined>> | undefined
  try {
    for (;;) {
      asked ??= source.next()
      const next = await (last === undefined ? asked : nextWithin(asked, ms, timers))
      if (next !== 'late') {
        asked = undefined
        if (next.done === true) {
          if (last !== undefined) yield last.value
          return
        }
        last = { value: next.value }
      } else if (last !== undefined) {
        const { value } = last
        last = undefined
        yield value
      }
    }
  } finally {
    source.close()
  }
}
