/** What waits in one subscription: by priority, and within one in the order of publishing. What bounds it is the overflow. */
import { isExpired } from './posting.ts'
import type { Posting } from './posting.ts'
import { Ring } from './ring.ts'

interface Lane {
  readonly priority: number
  readonly ring: Ring<Posting>
}

/** Postings by priority. Nearly all events have priority 0, so for those a push is a push. */
export class Pending {
  size = 0
  readonly #plain = new Ring<Posting>()
  /** Of other priorities, the most urgent first; an empty one is taken out. */
  #lanes: Lane[] | undefined
  /** How many can expire. */
  #mortal = 0

  push(posting: Posting): void {
    this.size++
    if (posting.expiresAt !== Infinity) this.#mortal++
    if (posting.priority === 0) this.#plain.push(posting)
    else this.#laneOf(posting.priority).ring.push(posting)
  }

  /** The next one to hand on: the oldest of the most urgent. */
  shift(): Posting | undefined {
    if (this.size === 0) return undefined
    const lane = this.#lanes?.[0]
    if (lane !== undefined && (lane.priority < 0 || this.#plain.size === 0)) return this.#take(lane, 'oldest')
    return this.#taken(this.#plain.shift() as Posting)
  }

  /** The priority of the least urgent; there must be one. */
  get leastUrgent(): number {
    return this.#last()?.priority ?? 0
  }

  /** Takes out the oldest, or the newest, of the least urgent; there must be one. */
  takeLeastUrgent(which: 'oldest' | 'newest'): Posting {
    const lane = this.#last()
    if (lane !== undefined) return this.#take(lane, which)
    return this.#taken((which === 'oldest' ? this.#plain.shift() : this.#plain.pop()) as Posting)
  }

  /** Whether any of them can expire. */
  get hasMortal(): boolean {
    return this.#mortal > 0
  }

  /** Takes out what has expired; gives how many. */
  removeExpired(now: number): number {
    const lives = (posting: Posting) => !isExpired(posting, now)
    let removed = this.#plain.removeUnless(lives)
    for (const { ring } of this.#lanes ?? []) removed += ring.removeUnless(lives)
    this.#lanes = this.#lanes?.filter(({ ring }) => ring.size > 0)
    this.size -= removed
    this.#mortal -= removed
    return removed
  }

  clear(): void {
    this.#plain.clear()
    this.#lanes = undefined
    this.size = 0
    this.#mortal = 0
  }

  /** The lane of the least urgent; undefined when that is the plain one. */
  #last(): Lane | undefined {
    const lane = this.#lanes?.[this.#lanes.length - 1]
    return lane !== undefined && (lane.priority > 0 || this.#plain.size === 0) ? lane : undefined
  }

  #take(lane: Lane, which: 'oldest' | 'newest'): Posting {
    const posting = (which === 'oldest' ? lane.ring.shift() : lane.ring.pop()) as Posting
    if (lane.ring.size === 0) this.#lanes?.splice(this.#lanes.indexOf(lane), 1)
    return this.#taken(posting)
  }

  #taken(posting: Posting): Posting {
    if (posting.expiresAt !== Infinity) this.#mortal--
    this.size--
    return posting
  }

  #laneOf(priority: number): Lane {
    const lanes = (this.#lanes ??= [])
    const index = lanes.findIndex((lane) => lane.priority >= priority)
    const found = lanes[index]
    if (found?.priority === priority) return found
    const lane = { priority, ring: new Ring<Posting>() }
    lanes.splice(index === -1 ? lanes.length : index, 0, lane)
    return lane
  }
}
