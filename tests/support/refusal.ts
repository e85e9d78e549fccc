/** Calls that must be refused. */
import { isHookchartError } from 'hookchart/hooks'
import type { HookchartError } from 'hookchart/hooks'

/** The HookchartError that a call throws. */
export function errorOf(call: () => unknown): HookchartError {
  try {
    call()
  } catch (error) {
    return refusal(error)
  }
  throw new Error('it was not refused')
}

/** The HookchartError that a promise rejects with. */
export async function rejectionOf(promise: PromiseLike<unknown>): Promise<HookchartError> {
  try {
    await promise
  } catch (error) {
    return refusal(error)
  }
  throw new Error('it was not refused')
}

function refusal(error: unknown): HookchartError {
  if (isHookchartError(error)) return error
  throw error
}
