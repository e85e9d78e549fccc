/** A rate limit lets through no more than its rate times the time and its burst, in any stretch of time; and no fewer. */
import fc from 'fast-check'
import * as real from 'hookchart/events'
import { createTestClock } from 'hookchart/testing'
import { expect } from 'vitest'
import { testLawOf } from './support/law.ts'

type Events = typeof real

/** Rates are sums of floating numbers. */
const TOLERANCE = 1e-6

const scenario = fc.record({
  ratePerSecond: fc.constantFrom(0.5, 1, 3, 7, 1_000),
  burst: fc.integer({ min: 1, max: 5 }),
  steps: fc.array(
    fc.record({ waitMs: fc.constantFrom(0, 0, 0, 1, 7, 100, 333, 2_000), tries: fc.integer({ min: 0, max: 6 }) }),
    {
      maxLength: 30,
      size: 'max',
    },
  ),
})

const law = ({ createEventBus }: Events) =>
  fc.asyncProperty(scenario, async ({ ratePerSecond, burst, steps }) => {
    const clock = createTestClock()
    const events = createEventBus({ clock, rateLimit: { ratePerSecond, burst } })
    const passed: number[] = []
    /** Tokens by the book: what flowed in, never more than the burst, less what was taken. */
    let tokens = burst
    for (const { waitMs, tries } of steps) {
      await clock.advance(waitMs)
      tokens = Math.min(burst, tokens + (waitMs * ratePerSecond) / 1_000)
      for (let i = 0; i < tries; i++) {
        const before = events.stats().published.total
        void events.publish('a')
        const passes = events.stats().published.total > before
        if (Math.abs(tokens - 1) > TOLERANCE) expect(passes).toBe(tokens > 1)
        if (!passes) continue
        tokens--
        passed.push(clock.now())
      }
    }
    for (const [first, from] of passed.entries()) {
      for (const [last, to] of passed.entries()) {
        if (last < first) continue
        expect(last - first + 1).toBeLessThanOrEqual(((to - from) * ratePerSecond) / 1_000 + burst + TOLERANCE)
      }
    }
    const { published, refused } = events.stats()
    expect(published.total + refused.rate_limited).toBe(steps.reduce((sum, { tries }) => sum + tries, 0))
  })

const BUCKET = 'src/events/token-bucket.ts'

testLawOf<Events>(real, 'src/events/index.ts', 'a rate limit holds on any schedule', law, [
  {
    name: 'the bucket has no bottom',
    file: BUCKET,
    from: 'if (this.#tokens < 1) return false',
    to: 'if (this.#tokens < 0) return false',
  },
  {
    name: 'the bucket has no brim',
    file: BUCKET,
    from: 'Math.min(this.limit.burst, this.#tokens + more)',
    to: 'this.#tokens + more',
  },
  { name: 'what has flowed in flows in again', file: BUCKET, from: 'this.#at = now\n    }', to: '}' },
  {
    name: 'only whole tokens flow in',
    file: BUCKET,
    from: 'this.#tokens + more)',
    to: 'this.#tokens + Math.floor(more))',
  },
  { name: 'it is empty at first', file: BUCKET, from: 'this.#tokens = limit.burst', to: 'this.#tokens = 0' },
])
