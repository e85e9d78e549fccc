/**
 * Deadlines of hooks: one shared timer for all of them. Hooks share a few distinct timeouts, so those of one length
 * wait in one line, the earliest first: arming and disarming is a link and an unlink, and no timer is touched.
 */
import type { Time } from './time.ts'

/** An armed deadline. Whoever holds it may put it off by a later `dueAt`; its place in the line is looked after when it comes up. */
export interface Deadline {
  dueAt: number
  /** What it stands in its line by: when it was due when it was put there. */
  linkedAt: number
  readonly expire: () => void
  previous: Deadline | Line
  next: Deadline | Line
  armed: boolean
}

/** The deadlines of one length, as a ring around the line itself. */
interface Line {
  previous: Deadline | Line
  next: Deadline | Line
}

/** A line of another length is forgotten once it is empty and there are this many. */
const MOST_LINES = 64

/** Arms and disarms deadlines on a clock. */
export class Deadlines {
  readonly #time: Time
  readonly #lines = new Map<number, Line>()
  #armed = 0
  #holders = 0
  /** The timer is told soon whether it still keeps the process alive. */
  #lettingGo = false
  #timer: unknown = undefined
  #timerDueAt = Infinity

  constructor(time: Time) {
    this.#time = time
  }

  /** How many are armed. */
  get armed(): number {
    return this.#armed
  }

  /** Calls `expire` once, after the given time, unless disarmed before. `now` is a reading of this moment, if there is one; `since` is when the time began to run, default now. */
  arm(delayMs: number, expire: () => void, now = this.#time.now(), since = now): Deadline {
    const line = this.#lines.get(delayMs) ?? this.#newLine(delayMs)
    const dueAt = since + delayMs
    const deadline: Deadline = { dueAt, linkedAt: dueAt, expire, previous: line, next: line, armed: true }
    linkInOrder(line, deadline)
    if (dueAt < this.#timerDueAt) this.#setTimer(dueAt, now)
    this.#armed++
    return deadline
  }

  disarm(deadline: Deadline): void {
    if (!deadline.armed) return
    deadline.armed = false
    unlink(deadline)
    this.#armed--
  }

  /** Somebody waits: the timer keeps the process alive until as many have let go. It stays set for the next deadline even so. */
  hold(): void {
    if (++this.#holders === 1 && !this.#lettingGo) keepAlive(this.#timer, true)
  }

  release(): void {
    if (--this.#holders === 0 && this.#timer !== undefined && !this.#lettingGo) this.#letGo()
  }

  /** Whoever waits in a loop holds and releases by the thousand, and telling the platform costs more than the rest of a wait. */
  #letGo(): void {
    this.#lettingGo = true
    this.#time.soon(() => {
      this.#lettingGo = false
      keepAlive(this.#timer, this.#holders > 0)
    })
  }

  /** Expires whatever is armed and forgets the timer. */
  stop(): void {
    this.#clearTimer()
    for (const line of this.#lines.values()) {
      for (let { next } = line; isDeadline(next); { next } = line) this.#expire(next)
    }
    this.#clearTimer()
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#time.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerDueAt = Infinity
  }

  #expire(deadline: Deadline): void {
    if (!deadline.armed) return
    this.disarm(deadline)
    deadline.expire()
  }

  #newLine(delayMs: number): Line {
    if (this.#lines.size >= MOST_LINES) {
      for (const [each, { next }] of this.#lines) if (!isDeadline(next)) this.#lines.delete(each)
    }
    const line = {} as Line
    line.previous = line
    line.next = line
    this.#lines.set(delayMs, line)
    return line
  }

  #setTimer(dueAt: number, now: number): void {
    this.#clearTimer()
    this.#timerDueAt = dueAt
    this.#timer = this.#time.clock.setTimeout(
      () => {
        this.#timer = undefined
        this.#timerDueAt = Infinity
        this.#expireDue()
      },
      Math.max(0, dueAt - now),
    )
    keepAlive(this.#timer, this.#holders > 0 || this.#lettingGo)
  }

  #expireDue(): void {
    const now = this.#time.now()
    const due: Deadline[] = []
    let nextAt = Infinity
    for (const line of this.#lines.values()) {
      for (let first = line.next; isDeadline(first) && first.linkedAt <= now; first = line.next) {
        unlink(first)
        // One that was put off takes its place again.
        first.linkedAt = first.dueAt <= now ? Infinity : first.dueAt
        linkInOrder(line, first)
        if (first.dueAt <= now) due.push(first)
      }
      if (isDeadline(line.next)) nextAt = Math.min(nextAt, line.next.linkedAt)
    }
    if (nextAt < this.#timerDueAt) this.#setTimer(nextAt, now)
    due.sort((a, b) => a.dueAt - b.dueAt)
    for (const deadline of due) this.#expire(deadline)
  }
}

function unlink({ previous, next }: Deadline): void {
  previous.next = next
  next.previous = previous
}

/** Puts a deadline in front of the first that comes later, looking from the end. */
function linkInOrder(line: Line, deadline: Deadline): void {
  let last = line.previous
  while (isDeadline(last) && last.linkedAt > deadline.linkedAt) last = last.previous
  deadline.previous = last
  deadline.next = last.next
  last.next.previous = deadline
  last.next = deadline
}

function isDeadline(node: Deadline | Line): node is Deadline {
  return 'dueAt' in node
}

/** Lets a timer of the platform keep the process alive, or not; other clocks' handles have no such thing. */
function keepAlive(timer: unknown, alive: boolean): void {
  const handle = timer as { ref?: () => void; unref?: () => void } | undefined
  if (alive) handle?.ref?.()
  else handle?.unref?.()
}
