/** Running something to its end under a scheduler and a test clock: whatever can go on does, and then time passes. */
import type fc from 'fast-check'
import type { TestClock } from 'hookchart/testing'

/** Rounds after which something that has not ended hangs. Guards may be asked a hundred times, some rounds each. */
const PATIENCE = 1_000

/** Lets tasks and time go on until a promise has settled. `stepMs` is how far time goes each round. */
export async function finish<T>(
  promise: T | Promise<T>,
  clock: TestClock,
  scheduler?: fc.Scheduler,
  stepMs = 50,
  meanwhile: () => unknown = () => {},
): Promise<T> {
  const state = { settled: false }
  const watched = Promise.resolve(promise).finally(() => {
    state.settled = true
  })
  watched.catch(() => {})
  for (let round = 0; round < PATIENCE; round++) {
    await clock.settle()
    await meanwhile()
    while (!state.settled && scheduler !== undefined && scheduler.count() > 0) {
      await scheduler.waitNext(1)
      await clock.settle()
    }
    if (state.settled) return watched
    await clock.advanceSteps(stepMs)
  }
  throw new Error('it never ended')
}

/** Lets everything come in that is still under way, however late. */
export async function drain(clock: TestClock, scheduler: fc.Scheduler): Promise<void> {
  for (let round = 0; round < 10; round++) {
    await clock.advanceSteps(1_000)
    while (scheduler.count() > 0) {
      await scheduler.waitNext(1)
      await clock.settle()
    }
  }
}
