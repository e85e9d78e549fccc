/** What the machines of workflows invoke, by what they give to it. */

/** How a lane goes on or has ended; `cancelled` is also what others have stopped. */
export type LaneStatus = 'running' | 'completed' | 'failed' | 'cancelled' | 'timed_out'

/** `step`: a step is to run. */
export interface StepInput {
  readonly lane: string
  readonly index: number
  /** What the step is given. */
  readonly value: unknown
}

/** `gate`: the hooks of a point are to decide. */
export interface GateInput {
  readonly point: string
  readonly lane: string
  /** WorkflowStageTransition: the step that is left, and what it gave. */
  readonly index?: number
  readonly value?: unknown
  /** BranchSelection: the branch. */
  readonly branch?: string
}

/** `test`: the condition of a branch. */
export interface TestInput {
  readonly branch: string
  readonly index: number
}

/** `slot` and `arrive`: a branch may begin, and has ended. */
export interface BranchInput {
  readonly branch: string
  /** How many may run at once. */
  readonly concurrency: number
  readonly status: LaneStatus
  /** What its last step gave. */
  readonly output: unknown
}

/** `test`, `gate`, `keep` and `terminate` of a loop: where it stands. */
export interface IterationInput {
  readonly iteration: number
  readonly value: unknown
  /** What the body gave. */
  readonly output: unknown
  readonly reason: string | null
}
