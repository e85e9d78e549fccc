/** What an execution executes. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { GateData } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import type { Targets } from '../executor/operation.ts'
import type { Effect } from './effect.ts'
import type { Gate } from './rules.ts'

/** A function, its gates and its schemas. */
export interface Executable {
  readonly component: ComponentInfo
  readonly before: Gate | undefined
  readonly after: Gate | undefined
  readonly error: Gate | undefined
  readonly effect: Effect
  readonly targets: Targets
  readonly input: StandardSchemaV1 | undefined
  readonly output: StandardSchemaV1 | undefined
  /** What gate data holds besides input, output and error; none of these. */
  readonly data: GateData
}
