/** What an execution executes. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { GateData } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Operation, Targets } from '../executor/operation.ts'
import type { Flow } from '../flow.ts'
import type { CallType, Effect } from './effect.ts'
import type { Ending } from './ending.ts'
import type { Gate } from './rules.ts'

/** What an operation does between its start and its end. */
export interface Body {
  /** With the changes that hooks have made so far. */
  readonly input: unknown
  /** What the operation took itself. */
  readonly effectMs: number
  run(): Flow<Ending>
}

/** What a body is begun with. */
export interface BodyFields {
  readonly kernel: Kernel
  readonly operation: Operation
  readonly input: unknown
  /** Its deadline; Infinity for none. */
  readonly timeoutMs: number
  readonly idempotencyKey: string
}

/** What an operation can be started of. */
export interface Startable {
  readonly component: ComponentInfo
  readonly targets: Targets
  readonly begin: (fields: BodyFields) => Body
}

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
  /** What its effect is called with; by default what every effect is. */
  readonly call?: CallType | undefined
}
