/**
 * Work that is synchronous for as long as everything it meets is. Without it each step of a gate would be written twice,
 * or every pass would cost a promise. Two forms: `andThen` for single steps, and flows, generators that yield what they
 * must wait for, for loops and decisions.
 */

/** A value, now or later. */
export type Maybe<T> = T | Promise<T>

/** A piece of work in several steps; gives T. What it yields it gets back settled, or thrown. */
export type Flow<T> = Generator<PromiseLike<unknown>, T, unknown>

/** Goes on with a value, at once when it is there. */
export function andThen<T, U>(value: T | PromiseLike<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

/** Does work and then something else, however the work ends. */
export function lastly<T>(work: () => Maybe<T>, then: () => void): Maybe<T> {
  let value: Maybe<T>
  try {
    value = work()
  } catch (error) {
    then()
    throw error
  }
  if (isPromise(value)) return Promise.resolve(value).finally(then)
  then()
  return value
}

/** Waits inside a flow when there is something to wait for. */
export function* wait<T>(value: T | PromiseLike<T>): Flow<T> {
  return isPromise(value) ? ((yield value) as T) : value
}

/** Runs a flow: gives its value at once if it never had to wait, else a promise. */
export function drive<T>(flow: Flow<T>): Maybe<T> {
  const step = flow.next()
  return step.done === true ? step.value : proceed(flow, step.value)
}

async function proceed<T>(flow: Flow<T>, first: PromiseLike<unknown>): Promise<T> {
  let awaited = first
  for (;;) {
    let step: IteratorResult<PromiseLike<unknown>, T>
    let value: unknown
    try {
      value = await awaited
    } catch (error) {
      step = flow.throw(error)
      if (step.done === true) return step.value
      awaited = step.value
      continue
    }
    step = flow.next(value)
    if (step.done === true) return step.value
    awaited = step.value
  }
}

/**
 * Runs tasks, at most `limit` at once and started in order. Gives their values in that order, at once if none had to wait.
 * Tasks give a value whatever happens: a rejection rejects the whole.
 */
export function runAll<T>(tasks: readonly (() => Maybe<T>)[], limit: number): Maybe<T[]> {
  const values: T[] = []
  let next = 0
  let running = 0
  let resolve: (values: T[]) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const start = () => {
    while (next < tasks.length && running < limit) {
      const index = next++
      const value = (tasks[index] as () => Maybe<T>)()
      if (value instanceof Promise) {
        running++
        value
          .then((settled) => {
            values[index] = settled
            running--
            start()
          })
          .catch((error: unknown) => {
            reject(error)
          })
      } else {
        values[index] = value
      }
    }
    if (running === 0) resolve(values)
  }
  start()
  if (running === 0) return values
  return new Promise((onDone, onFailure) => {
    resolve = onDone
    reject = onFailure
  })
}

/** Whether a value must be waited for. What throws when it is asked is no promise. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  if (typeof value !== 'object' || value === null) return false
  try {
    if (value instanceof Promise) return true
    return typeof (value as { then?: unknown }).then === 'function'
  } catch {
    return false
  }
}
