/** The steps of a run whose effects were started and can be undone, in the order of their starts. */
import { toErrorData } from '../../src/errors.ts'
import type { ErrorData, HookchartError } from '../../src/errors.ts'
import { andThen, isPromise } from '../../src/hooks/flow.ts'
import type { Effect } from '../../src/hooks/operation/effect.ts'
import type { Step } from '../../machines/workflow/tree.ts'
import type { Undoable } from '../operation/compensation.ts'
import { placedName } from './step-place.ts'
import type { StepPlace } from './step-place.ts'

/** A step that can be undone. */
export type UndoableStep = Step & { readonly compensate: NonNullable<Step['compensate']> }

/** One execution of a step. */
export interface StepExecution {
  readonly index: number
  readonly place: StepPlace
  /** Whether its effect has come to something that may have to be undone: what it executes may have been refused. */
  hasRun: boolean
  /** Why it has no result. */
  error: HookchartError | undefined
}

/** A step that was started. */
export interface StartedStep {
  readonly id: string
  readonly step: UndoableStep
  readonly index: number
  readonly undoable: Undoable
}

/** A start of an effect; without `output` it is not known to have completed. */
interface Start {
  readonly input: unknown
  output?: unknown
  error?: ErrorData
}

interface Noted {
  readonly step: UndoableStep
  readonly execution: StepExecution
  /** The last one that has run. */
  start: Start | undefined
}

/** See the head of this file. */
export class StartedSteps {
  readonly #noted: Noted[] = []

  /** Whether nothing was started that can be undone. */
  get isEmpty(): boolean {
    return this.#noted.length === 0
  }

  /** The effect of a step, each start of which is noted if it can be undone. */
  noting(step: Step, execution: StepExecution, effect: Effect<unknown>): Effect<unknown> {
    if (!isUndoable(step)) return effect
    let noted: Noted | undefined
    return (input, call) => {
      if (noted === undefined) this.#noted.push((noted = { step, execution, start: undefined }))
      return noteStart(noted, input, () => effect(input, call))
    }
  }

  /** Those that have run, the first started first; for when nothing runs any more. */
  list(): StartedStep[] {
    return this.#noted.flatMap(({ step, execution: { index, place, error: why }, start }) => {
      if (start === undefined) return []
      const { input, output } = start
      const error = why === undefined ? start.error : toErrorData(why)
      const undoable = 'output' in start ? { input, output } : { input, ...(error !== undefined && { error }) }
      return [{ id: placedName(step.name, place), step, index, undoable }]
    })
  }
}

function isUndoable(step: Step): step is UndoableStep {
  return step.compensate !== undefined
}

function noteStart(noted: Noted, input: unknown, effect: () => unknown): unknown {
  const before = noted.start
  const start: Start = { input }
  noted.start = start
  const failed = (error: unknown): never => {
    if (noted.execution.hasRun) start.error = toErrorData(error)
    else if (noted.start === start) noted.start = before
    throw error
  }
  const completed = (output: unknown) => {
    if (noted.execution.hasRun) start.output = output
    else if (noted.start === start) noted.start = before
    return output
  }
  try {
    const output = effect()
    return isPromise(output) ? Promise.resolve(output).then(completed, failed) : andThen(output, completed)
  } catch (error) {
    return failed(error)
  }
}
