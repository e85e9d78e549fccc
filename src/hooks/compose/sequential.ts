/** `compose.sequential`: children one after another. */
import { noOptions, readArguments } from './arguments.ts'
import type { CompositeArguments } from './arguments.ts'
import { makeComposite } from '../hook.ts'
import type { Composite } from '../hook.ts'

/** A stage of its own: children in order; `modified` is folded, the first decision ends it. */
export function sequential<Point = string>(...given: CompositeArguments<Point, object>): Composite<Point> {
  return makeComposite({ type: 'sequential' }, readArguments('sequential', noOptions, given).children)
}
