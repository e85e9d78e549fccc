/** Limits of the system that were hit, told once a run and kind at ResourceLimitExceeded. Tools and models tell theirs themselves. */
import type { HookchartError } from '../../src/errors.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import { PointFirer } from '../../src/hooks/executor/run-point.ts'
import type { Run } from '../../src/hooks/executor/run.ts'

/** What each code is a limit of. */
const RESOURCES: Readonly<Record<string, string>> = {
  ATTEMPTS_EXHAUSTED: 'attempts',
  REDIRECT_LIMIT: 'redirects',
  DEPTH_LIMIT: 'depth',
  AGENT_BUSY: 'queue',
}

/** See the head of this file. */
export function tellRefusals(kernel: Kernel): (operation: Operation, error: HookchartError) => void {
  const firer = new PointFirer(kernel)
  /** Whatever fails because of it fails with the same code. */
  const told = new WeakMap<Run, Set<string>>()
  return ({ run, component }, { code, details }) => {
    const resource = RESOURCES[code]
    const { limit = details['maxQueue'] } = details as Record<string, unknown>
    // What would wait for itself is busy as well, and no limit was hit.
    if (resource === undefined || typeof limit !== 'number' || kernel.stopped) return
    let codes = told.get(run)
    if (codes === undefined) told.set(run, (codes = new Set()))
    if (codes.has(code)) return
    codes.add(code)
    // The point takes observers only, and nobody waits for those.
    void firer.fire(
      kernel.registry.points.slot('ResourceLimitExceeded'),
      { resource, limit, used: limit + 1 },
      { component, correlationId: run.correlationId },
    )
  }
}
