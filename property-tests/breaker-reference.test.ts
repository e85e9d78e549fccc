/**
 * The breaker against cockatiel's, on what both have: it opens at so many failures, refuses until its time is up, lets one
 * call try, closes or opens for longer. cockatiel reads `Date`, which stands under the test's control here.
 */
import { circuitBreaker, CircuitState, ConsecutiveBreaker, CountBreaker, ExponentialBackoff } from 'cockatiel'
import { handleAll, isBrokenCircuitError, noJitterGenerator } from 'cockatiel'
import type { IBreaker } from 'cockatiel'
import fc from 'fast-check'
import * as machines from 'hookchart/machines'
import { afterAll, beforeAll, vi } from 'vitest'
import { testLawOf } from './support/law.ts'

const OPEN_MS = 100
const MAX_OPEN_MS = 350

/** Longer than any sequence without a pause. */
const LONG_MS = 1_000_000

const clock = {
  now: () => Date.now(),
  setTimeout: () => undefined,
  clearTimeout: () => undefined,
}

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 })
})
afterAll(() => {
  vi.useRealTimers()
})

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** Both breakers over the same calls; a call says how it ended, and fails when the two disagree. */
function pair({ createBreaker }: typeof machines, options: machines.CreateBreakerOptions, counter: IBreaker) {
  const ours = createBreaker({
    ...options,
    successThreshold: 1,
    openMs: OPEN_MS,
    openMultiplier: 2,
    maxOpenMs: MAX_OPEN_MS,
    slowCallMs: LONG_MS,
    clock,
  })
  const halfOpenAfter = new ExponentialBackoff({
    generator: noJitterGenerator,
    initialDelay: OPEN_MS,
    maxDelay: MAX_OPEN_MS,
  })
  const theirs = circuitBreaker(handleAll, { halfOpenAfter, breaker: counter })
  const states = [CircuitState.Closed, CircuitState.Open, CircuitState.HalfOpen]
  return async (succeeds: boolean): Promise<'closed' | 'open'> => {
    const work = () => (succeeds ? 1 : (JSON.parse('{') as number))
    const expected = await theirs
      .execute(async () => work())
      .then(
        () => 'done',
        (error: unknown) => (isBrokenCircuitError(error) ? 'refused' : 'failed'),
      )
    const admitted = ours.tryAcquire()
    if (admitted && succeeds) ours.success(0, ours.permit())
    if (admitted && !succeeds) ours.failure(0, ours.permit())
    const got = !admitted ? 'refused' : succeeds ? 'done' : 'failed'
    const state = theirs.state === states[0] ? 'closed' : 'open'
    if (got !== expected || ours.state !== state)
      throw new Error(`ours ${got} and is ${ours.state}, cockatiel ${expected} and is ${state}`)
    return state
  }
}

type Step = 'fail' | 'rest and succeed' | number

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>('fail') },
    { weight: 1, arbitrary: fc.constant<Step>('rest and succeed') },
    { weight: 4, arbitrary: fc.constantFrom<Step>(1, 99, 100, 101, 199, 200, 350) },
  ),
  { maxLength: 60, size: 'max' },
)

/** A success makes cockatiel forget failures, ours forgets them by its window: so ours rests before. */
const consecutive = (subject: typeof machines) =>
  fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (failureThreshold, sequence) => {
    const counter = new ConsecutiveBreaker(failureThreshold)
    const call = pair(subject, { failureThreshold, windowMs: LONG_MS }, counter)
    for (const step of sequence) {
      if (typeof step === 'number') pass(step)
      else if (step === 'fail') await call(false)
      else {
        pass(LONG_MS + 1)
        await call(true)
      }
    }
  })

/**
 * cockatiel counts the last calls, ours the last milliseconds: with a call a millisecond that is the same. Its share of
 * calls is a number of failures once its window is full, so each closed time begins with successes.
 */
const sliding = (subject: typeof machines) =>
  fc.asyncProperty(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 0, max: 4 }),
    fc.array(fc.oneof(fc.boolean(), fc.constant(OPEN_MS)), { maxLength: 60, size: 'max' }),
    async (failureThreshold, more, sequence) => {
      const size = failureThreshold + more
      const counter = new CountBreaker({ size, threshold: (failureThreshold - 0.5) / size, minimumNumberOfCalls: size })
      const call = pair(subject, { failureThreshold, windowMs: Math.max(1, size - 1) }, counter)
      const next = async (succeeds: boolean) => {
        pass(size === 1 ? 2 : 1)
        return call(succeeds)
      }
      const fill = async () => {
        for (let i = 0; i < size; i++) await next(true)
      }
      await fill()
      let before = 'closed'
      for (const step of sequence) {
        if (typeof step === 'number') {
          if (before === 'open') pass(step)
          continue
        }
        const state = await next(step)
        if (before === 'open' && state === 'closed') await fill()
        before = state
      }
    },
  )

const COUNTERS = 'src/hooks/breaker.ts'

testLawOf(machines, 'machines/index.ts', 'the breaker does as cockatiel does: failures in a row', consecutive, [
  {
    name: 'it tries one moment too late',
    file: COUNTERS,
    from: 'if (now >= this.#openUntil)',
    to: 'if (now > this.#openUntil)',
  },
  { name: 'no backoff', file: COUNTERS, from: '(opens - 1)', to: '0' },
  {
    name: 'a closing does not end the backoff',
    file: COUNTERS,
    from: '    this.#opens = 0\n',
    to: '',
  },
  { name: 'the cap is no cap', file: COUNTERS, from: 'Math.min(openMs *', to: 'Math.max(openMs *' },
  {
    name: 'failures count for ever',
    file: COUNTERS,
    from: 'at - time <= windowMs',
    to: 'at - time <= Infinity',
  },
])

testLawOf(machines, 'machines/index.ts', 'the breaker does as cockatiel does: failures in a window', sliding, [
  { name: 'the window ends too early', file: COUNTERS, from: 'at - time <= windowMs', to: 'at - time < windowMs' },
  { name: 'the window ends too late', file: COUNTERS, from: 'at - time <= windowMs', to: 'at - time <= windowMs + 1' },
  {
    name: 'it opens one failure late',
    file: COUNTERS,
    from: 'this.#failures.length >= this.#settings.failureThreshold',
    to: 'this.#failures.length > this.#settings.failureThreshold',
  },
])
