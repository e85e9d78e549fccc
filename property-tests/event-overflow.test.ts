/** A full subscription does exactly what its strategy says, at every bound, against a model that is a plain list. */
import fc from 'fast-check'
import * as real from 'hookchart/events'
import type { EventStream, Overflow, UniversalEvent } from 'hookchart/events'
import { createTestClock } from 'hookchart/testing'
import { expect } from 'vitest'
import { testLawOf } from './support/law.ts'

type Events = typeof real

interface Item {
  readonly n: number
  readonly priority: number
  readonly expiresAt: number
}

/** What a subscription is, by the book. */
class Model {
  pending: Item[] = []
  waiting: Item[] = []
  readonly dropped: Record<string, number> = {}
  expired = 0
  readonly #overflow: Overflow
  readonly #size: number

  constructor(overflow: Overflow, size: number) {
    this.#overflow = overflow
    this.#size = size
  }

  offer(item: Item, now: number): 'taken' | 'waits' | 'rejected' {
    if (this.pending.length === this.#size) {
      const live = this.pending.filter(({ expiresAt }) => now < expiresAt)
      this.expired += this.pending.length - live.length
      this.pending = live
      this.#letIn()
    }
    if (this.pending.length < this.#size) {
      this.pending.push(item)
      return 'taken'
    }
    if (this.#overflow === 'block') {
      this.waiting.push(item)
      return 'waits'
    }
    if (this.#overflow === 'reject') {
      this.#drop('rejected')
      return 'rejected'
    }
    const all = [...this.pending, item]
    const least = Math.max(...all.map(({ priority }) => priority))
    const goes =
      this.#overflow === 'drop_oldest'
        ? all.find((each) => each.priority === least)
        : all.findLast((each) => each.priority === least)
    this.pending = all.filter((each) => each !== goes)
    this.#drop(this.#overflow)
    return 'taken'
  }

  /** The next that has not expired. */
  take(now: number): Item | undefined {
    while (this.pending.length > 0) {
      const most = Math.min(...this.pending.map(({ priority }) => priority))
      const next = this.pending.find(({ priority }) => priority === most)!
      this.pending = this.pending.filter((each) => each !== next)
      this.#letIn()
      if (now < next.expiresAt) return next
      this.expired++
    }
    return undefined
  }

  #letIn(): void {
    while (this.waiting.length > 0 && this.pending.length < this.#size) this.pending.push(this.waiting.shift()!)
  }

  #drop(reason: string): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      priority: fc.constantFrom(0, 0, 0, -1, 2),
      ttlMs: fc.constantFrom(undefined, undefined, 10, 20),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 9, 10, 11) }) },
)

const scenario = fc.record({
  overflow: fc.constantFrom<Overflow>('drop_oldest', 'drop_newest', 'block', 'reject'),
  size: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(step, { maxLength: 40, size: 'max' }),
})

const law = ({ createEventBus }: Events) =>
  fc.asyncProperty(scenario, async ({ overflow, size, steps }) => {
    const clock = createTestClock()
    const events = createEventBus({ clock })
    const model = new Model(overflow, size)
    // A stream takes an event exactly when it is asked for one.
    const stream: EventStream<UniversalEvent> = events.stream('n', { overflow, bufferSize: size })
    const done: number[] = []
    for (const [n, each] of steps.entries()) {
      if (each.do === 'advance') await clock.advance(each.ms)
      else if (each.do === 'publish') {
        const { priority, ttlMs } = each
        const expected = model.offer({ n, priority, expiresAt: clock.now() + (ttlMs ?? Infinity) }, clock.now())
        let outcome = 'taken'
        try {
          const wait = events.publish('n', n, { priority, ...(ttlMs !== undefined && { ttlMs }) })
          if (wait !== undefined) outcome = 'waits'
          wait?.then(
            () => done.push(n),
            () => {},
          )
        } catch (error) {
          outcome = (error as { code: string }).code === 'EVENT_REJECTED' ? 'rejected' : String(error)
        }
        expect(outcome).toBe(expected)
      } else {
        const [before] = events.stats().subscriptions
        const next = model.take(clock.now())
        // Who asks when there is nothing would get the next one that comes.
        if (next === undefined && before!.pending === 0) continue
        const taken = stream.next()
        if (next === undefined) {
          await stream.return()
          return
        }
        expect((await taken).value?.data).toBe(next.n)
      }
      await clock.settle()
      const [stats] = events.stats().subscriptions
      const { pending, waiting, expired, dropped, maxPending } = stats!
      expect({ pending, waiting, expired }).toEqual({
        pending: model.pending.length,
        waiting: model.waiting.length,
        expired: model.expired,
      })
      expect(Object.fromEntries(Object.entries(dropped).filter(([, count]) => count > 0))).toEqual(model.dropped)
      expect(maxPending).toBeLessThanOrEqual(size)
      expect(done.length).toBe(new Set(done).size)
    }
  })

const SUBSCRIPTION = 'src/events/subscription.ts'
const PENDING = 'src/events/pending.ts'

testLawOf<Events>(real, 'src/events/index.ts', 'a full subscription does what its strategy says', law, [
  {
    name: 'one more than may',
    file: SUBSCRIPTION,
    from: 'this.pending.size >= this.#bufferSize &&',
    to: 'this.pending.size > this.#bufferSize &&',
  },
  {
    name: 'one fewer than may',
    file: SUBSCRIPTION,
    from: 'this.pending.size >= this.#bufferSize &&',
    to: 'this.pending.size + 1 >= this.#bufferSize &&',
  },
  {
    name: 'drop_oldest drops the new one',
    file: SUBSCRIPTION,
    from: 'if (posting.priority <= this.pending.leastUrgent)',
    to: 'if (posting.priority < this.pending.leastUrgent)',
  },
  {
    name: 'drop_newest drops one that waits',
    file: SUBSCRIPTION,
    from: 'if (posting.priority < this.pending.leastUrgent)',
    to: 'if (posting.priority <= this.pending.leastUrgent)',
  },
  { name: 'a drop is not counted', file: SUBSCRIPTION, from: "this.#drop('rejected')", to: '' },
  {
    name: 'blocked publishers are let in too soon',
    file: SUBSCRIPTION,
    from: 'this.#blocked.size > 0 && this.pending.size < this.#bufferSize',
    to: 'this.#blocked.size > 0 && this.pending.size <= this.#bufferSize',
  },
  {
    name: 'what has expired makes no room',
    file: SUBSCRIPTION,
    from: 'if (!this.pending.hasMortal) return false',
    to: 'if (this.pending.size > 0) return false',
  },
  {
    name: 'it expires one moment late',
    file: 'src/events/posting.ts',
    from: 'now >= expiresAt',
    to: 'now > expiresAt',
  },
  {
    name: 'the oldest of the most urgent goes',
    file: PENDING,
    from: '(lane.priority > 0 || this.#plain.size === 0) ? lane : undefined',
    to: '(lane.priority > 0 && this.#plain.size === 0) ? lane : undefined',
  },
  {
    name: 'priorities are upside down',
    file: PENDING,
    from: '(lane.priority < 0 || this.#plain.size === 0)',
    to: '(lane.priority > 0 || this.#plain.size === 0)',
  },
  {
    name: 'the ring hands on the last',
    file: 'src/events/ring.ts',
    from: 'const at = this.#head\n    const value = this.#slots[at]',
    to: 'const at = (this.#head + this.size - 1) & (this.#slots.length - 1)\n    const value = this.#slots[at]',
  },
])
