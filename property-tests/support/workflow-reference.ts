/**
 * What a workflow does, as plainly as can be: it goes over what was seen and says what must come next, given how each gate was
 * left and how each step ended. Whatever else comes breaks a law.
 */
import { expect } from 'vitest'
import type { GateSeen, Seen, StepSeen } from './course.ts'

/** What a lane, or a pattern, came to. */
export type End =
  | { readonly type: 'completed' | 'partial'; readonly value: unknown }
  | { readonly type: 'failed' | 'refused'; readonly value?: never }

/** Nothing more was seen: it was ended from outside. */
export class Interrupted extends Error {}

/** Goes over what was seen. */
export class Cursor {
  readonly #seen: readonly Seen[]
  #next = 0

  constructor(seen: readonly Seen[]) {
    this.#seen = seen
  }

  get peek(): Seen | undefined {
    return this.#seen[this.#next]
  }

  #take(): Seen {
    const seen = this.#seen[this.#next++]
    if (seen === undefined) throw new Interrupted('nothing more came')
    return seen
  }

  /** A loop that is stopped from outside says so in the midst of anything. */
  #takeUnlessStopped(expected?: unknown): Seen {
    const seen = this.#take()
    const reason = seen.kind === 'told' ? seen.given['reason'] : undefined
    if (reason !== expected && ['cancelled', 'timed_out'].includes(String(reason))) throw new Interrupted('stopped')
    return seen
  }

  step(name: string, input: unknown): StepSeen {
    const seen = this.#takeUnlessStopped()
    expect(nameOf(seen)).toBe(`step ${name}`)
    expect(seen.given['input']).toEqual(input)
    return seen as StepSeen
  }

  /** The next gate; what it is given must be as is said, as far as is said. */
  gate(point: string, given: object): GateSeen {
    const seen = this.#takeUnlessStopped()
    expect(nameOf(seen)).toBe(`gate ${point}`)
    // Results stand in the order of declaration, so the order of keys counts.
    for (const [key, value] of Object.entries(given))
      expect(JSON.stringify(seen.given[key]), `${key} at ${point}`).toBe(JSON.stringify(value))
    return seen as GateSeen
  }

  told(point: string, given: Readonly<Record<string, unknown>>): void {
    const seen = this.#takeUnlessStopped(given['reason'])
    expect(nameOf(seen)).toBe(`told ${point}`)
    expect(seen.given).toMatchObject(given)
  }

  /** All that is left. */
  rest(): readonly Seen[] {
    const rest = this.#seen.slice(this.#next)
    this.#next = this.#seen.length
    return rest
  }

  /** Nothing more may come. */
  ended(): void {
    if (this.peek !== undefined) expect(nameOf(this.peek)).toBe('nothing more')
  }
}

const nameOf = (seen: Seen) => (seen.kind === 'step' ? `step ${seen.name}` : `${seen.kind} ${seen.point}`)

/** What a gate left, and which way; what never left one was interrupted. */
export function leaves({ left, decision }: GateSeen) {
  if (left === undefined || decision === undefined) throw new Interrupted('a gate was never left')
  if (decision.type === 'cancel' && decision.code === 'RUN_ABORTED') throw new Interrupted('aborted in a gate')
  return { left, decision }
}

/** Steps one after another. */
export interface LaneOptions {
  readonly steps: readonly string[]
  /** Whether it goes on behind a step that failed. */
  readonly continues?: boolean
  /** Jumps back so far, in all rounds. */
  readonly jumps: { back: number }
  readonly maxRedirects: number
}

/** The course of a lane. */
export function lane(
  cursor: Cursor,
  { steps, continues = false, jumps, maxRedirects }: LaneOptions,
  input: unknown,
): End {
  let value = input
  let at = 0
  let isPartial = false
  /** Where it was sent, if that is one of its steps and not once too often. */
  const sentTo = (target: string): number | undefined => {
    const index = steps.indexOf(target)
    if (index === -1) return undefined
    if (index <= at && jumps.back++ >= maxRedirects) return undefined
    return index
  }
  for (;;) {
    const name = steps[at] as string
    const { settled, jump } = cursor.step(name, value)
    const status = settled?.['status']
    if (settled === undefined || codeOf(settled) === 'RUN_ABORTED') throw new Interrupted('a step was aborted')
    if (status === 'redirected') {
      value = jump?.value
      const index = sentTo(String(jump?.target))
      expect(index).not.toBe(undefined)
      at = index as number
      continue
    }
    if (status === 'completed' || status === 'partial') value = settled['output']
    else if (!continues) return { type: status === 'cancelled' ? 'refused' : 'failed' }
    isPartial ||= status !== 'completed'
    const next = steps[at + 1]
    if (next === undefined) return { type: isPartial ? 'partial' : 'completed', value }
    const { left, decision } = leaves(cursor.gate('WorkflowStageTransition', { input: value, from: name, next }))
    if (decision.type === 'cancel') return { type: 'refused' }
    value = left['input']
    if (decision.type !== 'redirect') at++
    else {
      const index = sentTo(decision.target)
      if (index === undefined) return { type: 'failed' }
      at = index
    }
  }
}

const codeOf = (data: Readonly<Record<string, unknown>>) => (data['error'] as { code?: string } | undefined)?.code

const WHOLE = ['BeforeWorkflowStart', 'WorkflowError', 'AfterWorkflowComplete']

/** The course of a pattern, with the input of the workflow. */
export type PatternCourse = (cursor: Cursor, input: unknown) => End

/**
 * The course of a workflow: its own gates, and between them its pattern, for each attempt. Gives the status that it must end with,
 * and its output.
 */
export function whole(seen: readonly Seen[], pattern: PatternCourse, given: unknown, mayTimeOut: boolean) {
  const gates = seen.flatMap((each, i) => (each.kind === 'gate' && WHOLE.includes(each.point) ? [i] : []))
  let input = given
  let n = 0
  const between = () => new Cursor(seen.slice((gates[n - 1] as number) + 1, gates[n]))
  const at = () => seen[gates[n] as number] as GateSeen | undefined
  const pass = (point: string, about: object) => {
    new Cursor(at() === undefined ? [] : [at() as GateSeen]).gate(point, about)
    return seen[gates[n++] as number] as GateSeen
  }
  /** Behind any end but a result. */
  const ends = (status: readonly string[]) => {
    const gate = pass('AfterWorkflowComplete', {})
    expect(status).toContain(gate.given['status'])
    expect(at()).toBe(undefined)
    return { status: gate.given['status'], output: undefined }
  }

  for (;;) {
    if (n === 0 && at()?.point === 'AfterWorkflowComplete') return ends(['cancelled'])
    if (n === 0 || at()?.point === 'BeforeWorkflowStart') {
      const gate = pass('BeforeWorkflowStart', { input })
      const { left, decision } = gate
      input = left?.['input'] ?? input
      if (left === undefined || decision?.type === 'cancel') return ends(['cancelled'])
      if (decision?.type === 'retry') {
        if (at()?.point === 'BeforeWorkflowStart') continue
        return ends(['failed', 'cancelled', 'timed_out'])
      }
      if (decision?.type === 'replace') {
        const after = behind({ type: 'completed', value: decision.value })
        if (after !== undefined) return after
        continue
      }
    }
    const after = attempt()
    if (after !== undefined) return after
  }

  /** One run of the pattern, and the gates behind it; undefined when it is to run again. */
  function attempt() {
    const cursor = between()
    const follows = at()
    const code = follows && codeOf(follows.given)
    const timedOut = follows?.point === 'WorkflowError' && code === 'OPERATION_TIMED_OUT' && mayTimeOut
    const wasStopped = timedOut || (follows?.point === 'AfterWorkflowComplete' && code === 'RUN_ABORTED')
    let end: End | undefined
    try {
      end = pattern(cursor, input)
      cursor.ended()
    } catch (thrown) {
      if (!(thrown instanceof Interrupted) || !wasStopped) throw thrown
    }
    if (wasStopped) return timedOut ? failure('timed_out', 'failed') : ends(['cancelled'])
    if (end === undefined) throw new Error('it was stopped by nobody')
    if (end.type === 'refused') return ends(['cancelled'])
    return end.type === 'completed' || end.type === 'partial' ? behind(end) : failure('failed')
  }

  function failure(...status: readonly string[]) {
    const { left, decision } = pass('WorkflowError', {})
    if (left === undefined) return ends([...status, 'cancelled'])
    if (decision?.type === 'replace') return behind({ type: 'completed', value: decision.value })
    if (decision?.type === 'retry') return isAgain() ? undefined : ends(['failed', 'cancelled', 'timed_out'])
    return ends(decision?.type === 'cancel' ? ['failed', 'cancelled'] : status)
  }

  /** Whether another attempt was begun. */
  function isAgain(): boolean {
    const hasBegun = between().peek !== undefined
    return hasBegun || at()?.point === 'BeforeWorkflowStart' || at()?.point === 'WorkflowError'
  }

  function behind(end: Extract<End, { type: 'completed' | 'partial' }>) {
    const { left, decision } = pass('AfterWorkflowComplete', { status: end.type, output: end.value })
    if (left === undefined) return { status: 'cancelled', output: undefined }
    switch (decision?.type) {
      case 'cancel':
        return { status: decision.code === 'RUN_ABORTED' ? 'cancelled' : 'failed', output: undefined }
      case 'replace':
        return { status: end.type, output: decision.value }
      case 'retry':
        return isAgain() ? undefined : ends(['failed', 'cancelled', 'timed_out'])
      default:
        return { status: end.type, output: left['output'] }
    }
  }
}
