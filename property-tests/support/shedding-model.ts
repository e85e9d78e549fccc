/**
 * Shedding as its rules read, written again without the code that is tested: lists that change in place, whole windows
 * gone through at once. It is slow and plain, and the judge of the machine.
 */
import type { SheddingSettings } from 'hookchart/machines'
import { costsOf } from './shedding-plan.ts'
import type { Member, Way } from './shedding-plan.ts'

interface Present extends Member {
  readonly id: string
  /** What it took in each operation of this window. */
  times: number[]
  /** While it is left out: its ratio when it went, how long it waits at most, and how long it has. */
  out: { readonly ratio: number; readonly longest: number; waited: number } | undefined
  /** The longest wait of last time, if it came back because that was over. */
  lastLongest: number | undefined
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

/** A way to shed by the rules. */
export function modelWay(settings: SheddingSettings): Way {
  /** In the order in which they came. */
  let members: Present[] = []
  /** In the order in which they were left out. */
  let left: Present[] = []
  let owns: number[] = []
  let gone: number[] = []
  let share = 0

  /** The least critical first; among equals the last that came. They are given in the order in which they came. */
  const inOrder = (some: readonly Present[]) =>
    [...some].reverse().toSorted((one, other) => one.criticality - other.criticality)

  function leaveOut(own: number, all: number) {
    const able = inOrder(members).filter((one) => !one.isKept && one.out === undefined && sum(one.times) > 0)
    // As few of them, from the first, as make the rest fit; all when none do.
    const fitting = able.findIndex(
      (_, i) => all - sum(able.slice(0, i + 1).flatMap(({ times }) => times)) <= settings.budget * own,
    )
    for (const one of fitting === -1 ? able : able.slice(0, fitting + 1)) {
      const longest =
        one.lastLongest === undefined
          ? settings.firstTrialWindows
          : Math.min(2 * one.lastLongest, settings.lastTrialWindows)
      one.out = { ratio: sum(one.times) / own, longest, waited: 0 }
      left.push(one)
    }
  }

  function letOneBack() {
    for (const { out } of left) out!.waited++
    const most = inOrder(members.filter((one) => one.out !== undefined)).at(-1)
    if (most?.out === undefined) return
    const { ratio, longest, waited } = most.out
    const isFitting = share + ratio <= settings.budget * settings.restoreRatio
    if (!isFitting && waited < longest) return
    most.lastLongest = isFitting ? undefined : longest
    most.out = undefined
    left = left.filter((one) => one !== most)
  }

  return {
    add: (id, _, member) => void members.push({ ...member, id, times: [], out: undefined, lastLongest: undefined }),
    remove(id) {
      gone.push(...members.find((one) => one.id === id)!.times)
      members = members.filter((one) => one.id !== id)
      left = left.filter((one) => one.id !== id)
    },
    operation(now, here) {
      if (now.ownMs < settings.shortestMs) return
      const costs = costsOf(now, here, (id) => left.some((one) => one.id === id))
      for (const one of members) one.times.push(costs[one.id]!)
      owns.push(now.ownMs)
      if (owns.length < settings.windowOperations) return
      const own = sum(owns)
      const all = sum([...gone, ...members.flatMap(({ times }) => times)])
      share = all / own
      if (all > settings.budget * own) leaveOut(own, all)
      else letOneBack()
      owns = []
      gone = []
      for (const one of members) one.times = []
    },
    stats: () => ({ share, operations: owns.length, shed: left.map(({ id }) => id) }),
  }
}
