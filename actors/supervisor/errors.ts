/** The errors of supervision. */
import { HookchartError } from '../../src/errors.ts'
import type { SupervisorContext } from '../../machines/supervisor/supervisor-context.ts'
import { revived } from '../agent/errors.ts'

/** Why runs of a child fail that its supervisor has ended. */
export function restarted(child: string): HookchartError {
  return new HookchartError(
    'SUPERVISOR_RESTART',
    `"${child}" was ended by its supervisor, because it, or one that it is started again with, has failed. Execute it again by the handle of the supervisor.`,
    { retryable: true, details: { child } },
  )
}

/** A supervisor has given up. */
export function gaveUp(supervisor: string, { cause, maxRestarts, periodMs }: SupervisorContext): HookchartError {
  const child = cause?.child ?? ''
  const error = cause?.error ?? undefined
  const last = error === undefined ? 'it ended' : `it failed: ${error.message}`
  return new HookchartError(
    'SUPERVISOR_FAILED',
    `Supervisor "${supervisor}" gave up on "${child}" after ${String(maxRestarts)} restarts within ${String(periodMs)} ms; at last ${last} See why it does not hold, or raise maxRestarts.`,
    {
      details: { supervisor, child, maxRestarts, periodMs },
      ...(error !== undefined && { cause: revived(error) }),
    },
  )
}
