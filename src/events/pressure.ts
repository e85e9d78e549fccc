/** Water marks with hysteresis: how full a subscription is, told once when it gets full and once when it is relieved. */

/** none: below the high water mark, or not yet there again. warning: it was reached. overflow: a strategy had to act. */
export type PressureLevel = 'none' | 'warning' | 'overflow'

/** The marks of a subscription, in events. */
export interface WaterMarks {
  readonly high: number
  readonly low: number
}

/** What is told of a change: warning at the high mark, started with the first overflow, relieved at the low mark. */
export type PressureChange = 'warning' | 'started' | 'relieved'

/** How full one subscription is. Between the marks nothing changes, whichever way it came there. */
export class Pressure {
  level: PressureLevel = 'none'
  readonly #marks: WaterMarks
  readonly #tell: (change: PressureChange) => void

  constructor(marks: WaterMarks, tell: (change: PressureChange) => void) {
    this.#marks = marks
    this.#tell = tell
  }

  /** One more waits. */
  rose(pending: number): void {
    if (this.level === 'none' && pending >= this.#marks.high) this.#change('warning', 'warning')
  }

  /** There was no room for one more. */
  overflowed(): void {
    if (this.level !== 'overflow') this.#change('overflow', 'started')
  }

  /** One fewer waits. */
  fell(pending: number): void {
    if (this.level !== 'none' && pending <= this.#marks.low) this.#change('none', 'relieved')
  }

  #change(level: PressureLevel, change: PressureChange): void {
    this.level = level
    this.#tell(change)
  }
}
