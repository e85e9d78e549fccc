/** `compose.parallel`: children at the same time, each on its own copy. */
import * as z from 'zod'
import type { MergeChanges } from './pattern.ts'
import { readArguments } from './arguments.ts'
import type { CompositeArguments } from './arguments.ts'
import { makeComposite } from '../hook.ts'
import type { Composite } from '../hook.ts'

/** Options of `compose.parallel`. */
export interface ParallelOptions {
  /** Children at once; default all. */
  readonly concurrency?: number
  /** Without it, two children that change the same path are an error (HOOK_CONFLICT). */
  readonly merge?: MergeChanges
}

const schema = z.strictObject({
  concurrency: z.int().positive().default(Number.MAX_SAFE_INTEGER),
  merge: z.custom<MergeChanges>((value) => typeof value === 'function', 'expected a function').optional(),
})

/** Children at the same time, each on its own copy; what they come to is merged in declaration order. */
export function parallel<Point = string>(...given: CompositeArguments<Point, ParallelOptions>): Composite<Point> {
  const { children, options } = readArguments('parallel', schema, given)
  return makeComposite({ type: 'parallel', concurrency: options.concurrency, merge: options.merge }, children)
}
