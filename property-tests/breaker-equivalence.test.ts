/**
 * The counters in front of the breaker's machine come to the same as a machine that is told of every call; and the machine
 * that is told of crossings only stands where both do.
 */
import fc from 'fast-check'
import * as machines from 'hookchart/machines'
import type { BreakerEvent, CircuitBreaker } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { expect } from 'vitest'
import { createActor } from 'xstate'
import type { SnapshotFrom } from 'xstate'
import { testLawOf } from './support/law.ts'

type Step =
  | { readonly do: 'acquire' | 'read' | 'trip' | 'reset' | 'hydrate' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'success'; readonly durationMs: number; readonly permit: number | undefined }
  | { readonly do: 'failure' | 'release'; readonly permit: number | undefined }

/** Which of the permits given so far; undefined for none. */
const permit = fc.option(fc.nat({ max: 7 }), { nil: undefined })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'acquire' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('failure' as const), permit }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('success' as const), durationMs: fc.constantFrom(0, 49, 50, 51), permit }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), permit }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 99, 100, 101, 250) }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'read' }, { do: 'trip' }, { do: 'reset' }, { do: 'hydrate' }) },
)

const settings = fc.record({
  failureThreshold: fc.integer({ min: 1, max: 3 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  windowMs: fc.constantFrom(100, 300),
  openMs: fc.constantFrom(100, 200),
  openMultiplier: fc.constantFrom(1, 2),
  maxOpenMs: fc.constantFrom(200, 350),
  slowCallThreshold: fc.integer({ min: 1, max: 3 }),
  slowCallMs: fc.constant(50),
})

const law = ({ createBreaker, breakerMachine }: typeof machines) =>
  fc.asyncProperty(settings, fc.array(step, { maxLength: 60, size: 'max' }), async (input, steps) => {
    const clock = createTestClock()
    let breaker = createBreaker({ ...input, clock })
    void breaker.actor
    const told = createActor(breakerMachine, { input }).start()
    const permits: number[] = []
    const tell = (event: BreakerEvent) => {
      told.send(event)
    }
    for (const each of steps) {
      const at = clock.now()
      const given = 'permit' in each && each.permit !== undefined ? permits.at(-1 - each.permit) : undefined
      const known = given === undefined ? {} : { permit: given }
      switch (each.do) {
        case 'advance':
          await clock.advance(each.ms)
          break
        case 'acquire': {
          const before = told.getSnapshot()
          tell({ type: 'ACQUIRE', at })
          const now = told.getSnapshot()
          const admitted =
            now.value === 'closed' || (now.value === 'halfOpen' && now.context.probes !== before.context.probes)
          if (breaker.tryAcquire() !== admitted)
            throw new Error(`the machine ${admitted ? 'admitted' : 'refused'} the call`)
          if (admitted) permits.push(breaker.permit())
          break
        }
        case 'success':
          tell({ type: 'SUCCESS', at, durationMs: each.durationMs, ...known })
          breaker.success(each.durationMs, given)
          break
        case 'failure':
          tell({ type: 'FAILURE', at, ...known })
          breaker.failure(0, given)
          break
        case 'release':
          tell({ type: 'RELEASE', ...known })
          breaker.release(given)
          break
        case 'trip':
          tell({ type: 'TRIP', at })
          breaker.trip()
          break
        case 'reset':
          tell({ type: 'RESET' })
          breaker.reset()
          break
        case 'read':
          break
        case 'hydrate': {
          const next = createBreaker({ ...input, clock })
          next.hydrate(structuredClone(breaker.snapshot()))
          breaker = next
          void breaker.actor
        }
      }
      tell({ type: 'READ', at: clock.now() })
      same(breaker, told.getSnapshot())
    }
  })

/** The counters, the machine told of every call, and the machine that the breaker tells of crossings. */
function same(breaker: CircuitBreaker, told: SnapshotFrom<typeof machines.breakerMachine>): void {
  const { state, ...counted } = breaker.snapshot()
  const { settings: _, ...context } = told.context
  expect({ state, ...counted }).toEqual({ state: told.value, ...context })
  const { value, context: shown } = breaker.actor.getSnapshot()
  expect([value, shown.generation, shown.opens]).toEqual([state, counted.generation, counted.opens])
  if (state === 'open') expect(shown.openUntil).toBe(counted.openUntil)
}

testLawOf(machines, 'machines/index.ts', 'row 16: the breaker: counters and machine come to the same', law, [
  {
    name: 'a result counts in any generation',
    file: 'src/hooks/breaker.ts',
    from: '  failure(_durationMs: number, permit = this.#generation): void {\n    if (permit !== this.#generation) return\n',
    to: '  failure(_durationMs: number, permit = this.#generation): void {\n    void permit\n',
  },
  {
    name: 'the machine takes the report of a lost probe for that of another',
    file: 'machines/breaker/breaker-machine.ts',
    from: 'lostProbes > 0 ?',
    to: 'lostProbes > 1 ?',
  },
  {
    name: 'the actor is not told that it closed',
    file: 'machines/breaker/create-breaker.ts',
    from: "return state === 'closed' ? ({ type: 'RESET' } as const) : ",
    to: "return state === 'closed' ? ({ type: 'RELEASE' } as const) : ",
  },
])
