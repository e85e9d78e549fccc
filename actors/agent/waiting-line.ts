/** The commands and executions of an agent that wait for their turn; bounded. */
import type { HookchartError } from '../../src/errors.ts'

/** Somebody who waits. */
export interface Ticket {
  /** Whether its turn may come now. */
  readonly mayBegin: () => boolean
  /** Its turn. */
  readonly begin: () => void
  /** It is refused before its turn. */
  readonly refuse: (error: HookchartError) => void
}

/** See the head of this file. */
export class WaitingLine {
  readonly #commands: Ticket[] = []
  readonly #executions: Ticket[] = []
  readonly #most: number
  #isAdvancing = false
  readonly #full: () => HookchartError

  constructor(most: number, full: () => HookchartError) {
    this.#most = most
    this.#full = full
  }

  /** Lets it begin if nobody is in front of it, else it takes a place, if there is one; gives what leaves that again. */
  stand(kind: 'command' | 'execution', ticket: Ticket): () => void {
    const line = kind === 'command' ? this.#commands : this.#executions
    if (ticket.mayBegin() && !this.#isNext()) ticket.begin()
    else if (this.#commands.length + this.#executions.length >= this.#most) ticket.refuse(this.#full())
    else line.push(ticket)
    return () => {
      const at = line.indexOf(ticket)
      if (at !== -1) line.splice(at, 1)
    }
  }

  /** Lets everybody begin whose turn it is: commands first, for they do not wait for executions. */
  advance(): void {
    if (this.#isAdvancing) return
    this.#isAdvancing = true
    try {
      for (let ticket = this.#take(); ticket !== undefined; ticket = this.#take()) ticket.begin()
    } finally {
      this.#isAdvancing = false
    }
  }

  /** Sends everybody away. */
  clear(error: HookchartError): void {
    for (const ticket of [...this.#commands.splice(0), ...this.#executions.splice(0)]) ticket.refuse(error)
  }

  #isNext(): boolean {
    return [...this.#commands, ...this.#executions].some(({ mayBegin }) => mayBegin())
  }

  #take(): Ticket | undefined {
    for (const line of [this.#commands, this.#executions]) {
      const at = line.findIndex(({ mayBegin }) => mayBegin())
      if (at !== -1) return line.splice(at, 1)[0]
    }
    return undefined
  }
}
