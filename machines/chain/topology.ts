/** Graphs of what comes after what: their circles and their levels. Without recursion, for a chain may be long. */

/** What something comes after. */
export type AfterOf = (id: string) => readonly string[]

/** The first circle that is met when ids are looked at in order, from one to what it comes after and back to it. */
export function findCycle(ids: Iterable<string>, afterOf: AfterOf): string[] | undefined {
  const done = new Set<string>()
  for (const start of ids) {
    const path: string[] = []
    const onPath = new Set<string>()
    const left: string[][] = [[start]]
    while (left.length > 0) {
      const next = left.at(-1)?.pop()
      if (next === undefined) {
        left.pop()
        const finished = path.pop()
        if (finished === undefined) break
        onPath.delete(finished)
        done.add(finished)
      } else if (onPath.has(next)) {
        return [...path.slice(path.indexOf(next)), next]
      } else if (!done.has(next)) {
        path.push(next)
        onPath.add(next)
        left.push([...afterOf(next)].reverse())
      }
    }
  }
  return undefined
}

/**
 * The level of each id: 0 where it comes after nothing, else one more than the highest of those that it comes after. Those
 * that do not count pass on the level of what they come after. Ids are in such an order that none comes after a later one.
 */
export function levelsOf(
  sequence: readonly string[],
  afterOf: AfterOf,
  counts: (id: string) => boolean = () => true,
): Map<string, number> {
  const levels = new Map<string, number>()
  for (const id of sequence) {
    const over = afterOf(id).map((each) => (levels.get(each) as number) + (counts(each) ? 1 : 0))
    levels.set(id, Math.max(0, ...over))
  }
  return levels
}

/** Ids with those that they come after in front of them; of several that could be next always the first by `compare`. */
export function sortByDependencies(
  ids: readonly string[],
  afterOf: AfterOf,
  compare: (a: string, b: string) => number,
): string[] {
  const waitsFor = new Map<string, number>()
  const followers = new Map<string, string[]>()
  const ready: string[] = []
  for (const id of ids) {
    const after = new Set(afterOf(id))
    waitsFor.set(id, after.size)
    for (const each of after) {
      const list = followers.get(each)
      if (list === undefined) followers.set(each, [id])
      else list.push(id)
    }
    if (after.size === 0) ready.push(id)
  }
  ready.sort(compare)
  const sequence: string[] = []
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    sequence.push(id)
    for (const follower of followers.get(id) ?? []) {
      const left = (waitsFor.get(follower) as number) - 1
      waitsFor.set(follower, left)
      if (left === 0) insert(ready, follower, compare)
    }
  }
  return sequence
}

/** Puts an id into a sorted list. */
function insert(sorted: string[], id: string, compare: (a: string, b: string) => number): void {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (compare(sorted[middle] as string, id) <= 0) from = middle + 1
    else to = middle
  }
  sorted.splice(from, 0, id)
}
