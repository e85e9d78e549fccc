/** `compose.firstMatch`: children until one has something to say. */
import { noOptions, readArguments } from './arguments.ts'
import type { CompositeArguments } from './arguments.ts'
import { makeComposite } from '../hook.ts'
import type { Composite } from '../hook.ts'

/** The result of the first child whose `when` holds and that returns neither continue nor skipped. */
export function firstMatch<Point = string>(...given: CompositeArguments<Point, object>): Composite<Point> {
  return makeComposite({ type: 'first_match' }, readArguments('firstMatch', noOptions, given).children)
}
