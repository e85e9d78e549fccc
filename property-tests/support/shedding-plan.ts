/** Random plans for shedding: what operations take and what the work on them takes, window by window; ways go through them. */
import fc from 'fast-check'
import type { Shedding, SheddingStats } from 'hookchart/machines'
import { expect } from 'vitest'

/** An eighth, and below operations that take powers of two: then all ratios are exact, in whichever order they are summed. */
export const BUDGET = 0.125

/** How a piece of work is shed. */
export interface Member {
  readonly criticality: number
  readonly isKept: boolean
}

/** A window in which all operations are alike. */
export interface Window {
  readonly ownMs: number
  /** What each member takes in each operation, by its number. */
  readonly costs: readonly number[]
  /** After that part of the window one is taken away and another comes. */
  readonly replace: { readonly after: number; readonly number: number } | undefined
}

const member: fc.Arbitrary<Member> = fc.record({ criticality: fc.integer({ min: -1, max: 1 }), isKept: fc.boolean() })

const long = [16, 16, 32, 128]

/** What operations take: long enough to be counted, or half a millisecond, which is too short. */
export const ownTimes = { long, any: [0.5, ...long] } as const

const windowOf = (owns: readonly number[]): fc.Arbitrary<Window> =>
  fc.record({
    ownMs: fc.constantFrom(...owns),
    costs: fc.array(fc.constantFrom(0, 0, 1, 2, 5), { minLength: 4, maxLength: 4 }),
    replace: fc.option(fc.record({ after: fc.constantFrom(0, 0.25, 0.5, 0.75), number: fc.nat({ max: 2 }) }), {
      nil: undefined,
      freq: 5,
    }),
  })

/** Runs of windows that are alike, so that some wait long enough to be tried. */
const planOf = (owns: readonly number[]) =>
  fc.array(fc.tuple(windowOf(owns), fc.constantFrom(1, 1, 2, 12)), { minLength: 1, maxLength: 6 })

/** One way to shed, told of members and operations. */
export interface Way {
  add(id: string, number: number, member: Member): void
  remove(id: string): void
  /** An operation in which those that are not shed take their time. */
  operation(now: Window, here: ReadonlyMap<string, number>): void
  stats(): SheddingStats
}

/** What each member takes in an operation, by its id: nothing when it is left out. */
export function costsOf(
  now: Window,
  here: ReadonlyMap<string, number>,
  isShed: (id: string) => boolean,
): Record<string, number> {
  return Object.fromEntries([...here].map(([id, number]) => [id, isShed(id) ? 0 : now.costs[number]!]))
}

/** The way of `createShedding`. */
export function countersWay(shedding: Shedding): Way {
  return {
    add: (id, _, each) => shedding.add(id, each),
    remove: (id) => shedding.remove(id),
    operation: (now, here) =>
      shedding.count(
        now.ownMs,
        costsOf(now, here, (id) => shedding.isShed(id)),
      ),
    stats: () => shedding.stats(),
  }
}

/** Two ways, gone through the same plan, come to the same at the end of each window. */
export function sameWays(
  windowOperations: number,
  owns: readonly number[],
  make: () => { readonly ways: readonly [Way, Way]; readonly same?: () => void },
): fc.IProperty<unknown> {
  return fc.property(fc.array(member, { minLength: 3, maxLength: 3 }), planOf(owns), (members, windows) => {
    const { ways, same } = make()
    const here = new Map<string, number>()
    let names = 0
    const add = (number: number, each: Member) => {
      const id = `m${String(names++)}`
      here.set(id, number)
      for (const way of ways) way.add(id, number, each)
    }
    const replace = (number: number) => {
      const [id] = [...here].find(([, each]) => each === number)!
      here.delete(id)
      for (const way of ways) way.remove(id)
      add(number, members[number]!)
    }
    for (const [number, each] of members.entries()) add(number, each)
    // Where no hook is at all the kernel has nothing to count.
    add(3, { criticality: 0, isKept: true })
    for (const [now, times] of windows) {
      for (let i = 0; i < times * windowOperations; i++) {
        if (now.replace !== undefined && i === Math.floor(now.replace.after * windowOperations))
          replace(now.replace.number)
        for (const way of ways) way.operation(now, here)
        if ((i + 1) % windowOperations !== 0) continue
        expect(ways[1].stats()).toEqual(ways[0].stats())
        same?.()
      }
    }
  })
}
