/** `compose.voting`: each child has a vote. */
import * as z from 'zod'
import { HookchartError } from '../../errors.ts'
import { readArguments } from './arguments.ts'
import type { CompositeArguments } from './arguments.ts'
import { makeComposite } from '../hook.ts'
import type { Composite } from '../hook.ts'

/** Options of `compose.voting`. */
export interface VotingOptions {
  /** Share of the votes cast that a type needs, over 0 and up to 1; default 0.5. */
  readonly threshold?: number
  /** With fewer votes cast nobody wins; default 1. */
  readonly minVotes?: number
  /** A weight for each child, in their order; default 1 each. */
  readonly weights?: readonly number[]
  /** What a tie, or no winner, comes to: go on, refuse, or the first vote. Default `continue`, and `cancel` where all children are guards. */
  readonly tieBreaker?: 'continue' | 'cancel' | 'first'
}

const schema = z.strictObject({
  threshold: z.number().gt(0).lte(1).default(0.5),
  minVotes: z.int().positive().default(1),
  weights: z.array(z.number().positive()).default([]),
  tieBreaker: z.enum(['continue', 'cancel', 'first']).optional(),
})

/** The type of result with enough of the votes cast wins, with what its first voter returned. */
export function voting<Point = string>(...given: CompositeArguments<Point, VotingOptions>): Composite<Point> {
  const { children, options } = readArguments('voting', schema, given)
  const votes = options.weights.length
  if (votes > 0 && votes !== children.length) {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `compose.voting: "weights" has ${String(votes)} for ${String(children.length)} children. Give each child one, or none at all.`,
      { details: { where: 'compose.voting', weights: votes, children: children.length } },
    )
  }
  return makeComposite({ type: 'voting', ...options, tieBreaker: options.tieBreaker }, children)
}
