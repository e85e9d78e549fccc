/** How something that was started within an operation has ended. */
import { toErrorData } from '../../src/errors.ts'
import type { ErrorData } from '../../src/errors.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'

/** Whether it has an output. */
export function hasOutput({ status }: RunResult): boolean {
  return status === 'completed' || status === 'partial'
}

/** Why it has none. */
export function errorOf({ error, id, status }: RunResult): ErrorData {
  return toErrorData(error ?? new Error(`Operation ${id} is ${status}.`))
}
