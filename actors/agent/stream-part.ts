/** What a stream of an agent brings, part by part. */
import type { HookchartError } from '../../src/errors.ts'
import type { RunStatus } from '../../src/hooks/run-result.ts'

/**
 * Text that a model says, as it says it. Behind one another, the texts of a `turn` with its highest `attempt` are what the model
 * said in that turn: a call that is started again, or that hooks answer in the place of the model, begins anew.
 */
export interface TextPart {
  readonly type: 'text'
  readonly text: string
  /** The turn, from 1, counted over the whole stream. */
  readonly turn: number
  /** Which try at this turn, from 1. */
  readonly attempt: number
}

/** A tool is called, or has ended. */
export type ToolPart =
  | {
      readonly type: 'tool'
      readonly phase: 'call'
      /** As the model gave it; of a function `1`, `2`, … */
      readonly id: string
      readonly name: string
      /** As it was asked for; text that is no JSON as text. */
      readonly input: unknown
    }
  | {
      readonly type: 'tool'
      readonly phase: 'result'
      readonly id: string
      readonly name: string
      /** There when it has completed and gave something. */
      readonly output?: unknown
      /** There when it did not complete. */
      readonly error?: HookchartError
    }

/** A turn of a model is over, with the tools that it called; of a function, a checkpoint was reached, or its end. */
export interface StepPart {
  readonly type: 'step'
  readonly turn: number
  /** The name of a checkpoint. */
  readonly name?: string
  /** What has been used so far, as in the result. */
  readonly usage?: Readonly<Record<string, unknown>>
}

/** The end; always the last part. */
export interface DonePart<Output = unknown> {
  readonly type: 'done'
  readonly status: RunStatus
  readonly output?: Output
  readonly error?: HookchartError
  /** How many `tool` and `step` parts were left out, because their reader came too late; absent when none were. */
  readonly dropped?: number
}

/** A part of a stream; see {@link TextPart}, {@link ToolPart}, {@link StepPart}, {@link DonePart}. */
export type AgentStreamPart<Output = unknown> = TextPart | ToolPart | StepPart | DonePart<Output>
