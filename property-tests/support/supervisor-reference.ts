/** Supervision by a plain reference: a list of children, and what each exit and each passing of time does to it. */
import type { RestartPolicy, SupervisorStrategy } from 'hookchart/machines'

/** How a supervisor is set up. */
export interface Setup {
  readonly strategy: SupervisorStrategy
  readonly maxRestarts: number
  readonly periodMs: number
  readonly delayMs: number
  readonly multiplier: number
  readonly maxDelayMs: number
  readonly jitter: number
  readonly chance: number
  readonly children: readonly { readonly name: string; readonly restart: RestartPolicy }[]
}

interface Member {
  readonly name: string
  readonly restart: RestartPolicy
  isUp: boolean
  /** When it is to be started; null: it is not to be. */
  due: number | null
  since: number
  row: number
}

/** See the head of this file. */
export class ReferenceSupervisor {
  /** `start a`, `end a`. */
  readonly log: string[] = []
  hasGivenUp = false
  #now = 0
  #restarts: number[] = []
  readonly #setup: Setup
  readonly #members: Member[]

  constructor(setup: Setup) {
    this.#setup = setup
    this.#members = setup.children.map((child) => ({ ...child, isUp: false, due: 0, since: 0, row: 0 }))
    this.#startDue()
  }

  isUp(name: string): boolean {
    return this.#members.some((member) => member.name === name && member.isUp)
  }

  get up(): string {
    return this.#members.flatMap(({ name, isUp }) => (isUp ? [name] : [])).join()
  }

  /** One that is up fails, or ends as it should. */
  exit(name: string, fails: boolean): void {
    const { maxRestarts, periodMs, strategy } = this.#setup
    const at = this.#members.findIndex((member) => member.name === name)
    const member = this.#members[at]!
    this.#end(member)
    if (member.restart === 'temporary' || (member.restart === 'transient' && !fails)) return
    this.#restarts.push(this.#now)
    const recent = this.#restarts.filter((time) => this.#now - time < periodMs)
    if (recent.length > maxRestarts) {
      this.hasGivenUp = true
      for (const other of this.#members) other.due = null
      for (const other of [...this.#members].reverse()) if (other.isUp) this.#end(other)
      return
    }
    member.row = this.#now - member.since < periodMs ? member.row + 1 : 1
    member.due = this.#now + this.#waitMs(member.row)
    const from = strategy === 'one_for_all' ? 0 : at
    const group = strategy === 'one_for_one' ? [member] : this.#members.slice(from)
    for (const other of [...group].reverse()) if (other.isUp) this.#end(other)
    const waiting = group.flatMap(({ due }) => (due === null ? [] : [due]))
    for (const other of group) if (other.restart !== 'temporary') other.due = Math.max(...waiting)
    this.#startDue()
  }

  /** Time passes. */
  pass(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const dues = this.#members.flatMap(({ due }) => (due === null ? [] : [due]))
      const next = Math.min(...dues)
      if (next > until || dues.length === 0) break
      this.#now = next
      this.#startDue()
    }
    this.#now = until
  }

  #end(member: Member): void {
    member.isUp = false
    this.log.push(`end ${member.name}`)
  }

  #startDue(): void {
    for (const member of this.#members) {
      if (member.due === null || member.due > this.#now) continue
      Object.assign(member, { due: null, isUp: true, since: this.#now })
      this.log.push(`start ${member.name}`)
    }
  }

  #waitMs(row: number): number {
    const { delayMs, multiplier, maxDelayMs, jitter, chance } = this.#setup
    let wait = delayMs
    for (let i = 1; i < row; i++) wait *= multiplier
    return Math.min(wait, maxDelayMs) * (1 - jitter * chance)
  }
}
