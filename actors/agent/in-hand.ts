/** The execution that an agent has in hand, as far as the agent itself has to do with it. */
import type { HookchartError } from '../../src/errors.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'

/** See the head of this file. */
export interface InHand {
  readonly operation: Operation
  /** Lets its effect fail. */
  failNow(error: HookchartError): void
  /** Whether it is to fail before it goes on. */
  readonly isFailing: boolean
}
