/** Pausing a run from outside: it takes hold before the next step, in whatever branch or workflow inside it that is. */
import type { EffectCall } from '../../machines/compiled/run-options.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'

/** A step that waits, as far as it may be stopped. */
export type Stoppable = Pick<EffectCall, 'isStopped' | 'onStop'>

interface Waiting {
  readonly step: Stoppable
  readonly begin: () => void
}

/** See the head of this file. */
export class RunControl {
  #isPaused: boolean
  /** Steps that wait to begin, the first first. */
  readonly #waiting: Waiting[] = []
  #onBoundary: (() => void)[] = []
  /** The step that was let begin by itself. */
  #stepping: Stoppable | undefined
  #operation: Operation | undefined
  #isUndoing = false
  #hasEnded = false

  constructor(isPaused = false) {
    this.#isPaused = isPaused
  }

  /** The operation of the run itself. */
  attach(operation: Operation): void {
    this.#operation = operation
  }

  get id(): string | undefined {
    return this.#operation?.id
  }

  get status(): 'running' | 'pausing' | 'paused' | 'ended' {
    if (this.#hasEnded) return 'ended'
    if (!this.#isPaused) return 'running'
    return this.#waiting.length > 0 ? 'paused' : 'pausing'
  }

  pause(): boolean {
    if (this.#hasEnded) return false
    this.#isPaused = true
    return true
  }

  resume(): boolean {
    if (this.#hasEnded || !this.#isPaused) return false
    this.#isPaused = false
    for (const { begin } of this.#waiting.splice(0)) begin()
    return true
  }

  /** Lets the first step begin that waits; resolves at the next boundary that is reached, when it has ended and others wait, or at the end. */
  async step(): Promise<'paused' | 'ended'> {
    if (!this.pause()) return 'ended'
    if (this.#waiting.length === 0) await this.#boundary()
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return 'ended'
    const next = this.#boundary()
    this.#stepping = waiting.step
    waiting.begin()
    await next
    return this.#waiting.length > 0 ? 'paused' : 'ended'
  }

  /** A step has ended. */
  stepped(step: Stoppable): void {
    if (step !== this.#stepping) return
    this.#stepping = undefined
    if (this.#waiting.length > 0) this.#tellBoundary()
  }

  /** What a run has done that has failed is undone to the end; a cancel has nothing more to say then. */
  undoes(isUndoing: boolean): void {
    this.#isUndoing = isUndoing
  }

  cancel(reason: unknown): boolean {
    if (this.#hasEnded || this.#isUndoing) return false
    this.#operation?.abort(reason)
    return true
  }

  end(): void {
    this.#hasEnded = true
    this.#tellBoundary()
  }

  /** Waits in front of a step for as long as the run is paused. Deadlines stand still. */
  boundary(operation: Operation, step: Stoppable): Promise<void> | undefined {
    if (!this.#isPaused || step.isStopped) return undefined
    const goOn = operation.standStill()
    return new Promise((resolve) => {
      const begin = () => {
        stopListening()
        goOn()
        resolve()
      }
      const waiting = { step, begin }
      const stopListening = step.onStop(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        begin()
      })
      this.#waiting.push(waiting)
      this.#tellBoundary()
    })
  }

  #boundary(): Promise<void> {
    return new Promise((resolve) => {
      this.#onBoundary.push(resolve)
    })
  }

  #tellBoundary(): void {
    const told = this.#onBoundary
    this.#onBoundary = []
    for (const tell of told) tell()
  }
}
