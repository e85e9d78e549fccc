/** How the branches of a parallel workflow ended, in words: for the error of one whose join was not reached. */
import { HookchartError } from '../../src/errors.ts'
import type { WorkflowInfo } from '../../src/hooks/context.ts'

/** A branch that has not completed. */
export interface BranchEnd {
  readonly branch: string
  readonly status: string
  /** Undefined: it was stopped, because of the others. */
  readonly error: HookchartError | undefined
  /** The step that ended it. */
  readonly step: string | undefined
}

/** Says which branches failed, and which were only stopped for that. */
export function branchesFailed(
  { name, pattern }: Pick<WorkflowInfo, 'name' | 'pattern'>,
  ends: readonly BranchEnd[],
  details: Readonly<Record<string, unknown>>,
): HookchartError | undefined {
  const failed = ends.filter(({ error }) => error !== undefined)
  const stopped = ends.filter(({ error }) => error === undefined).map(({ branch }) => branch)
  const cause = failed[0]?.error
  if (cause === undefined) return undefined
  const words = failed.map(inWords)
  if (stopped.length > 0) words.push(`stopped for that: ${stopped.map((branch) => `"${branch}"`).join(', ')}`)
  const at = { workflow: name, pattern, failed: failed.map(({ branch }) => branch), stopped }
  return new HookchartError('BRANCHES_FAILED', `Workflow "${name}" failed: ${words.join('; ')}`, {
    details: { component: name, ...at, ...details },
    cause,
  })
}

function inWords({ branch, status, error, step }: BranchEnd): string {
  const message = error?.message.replace(/\.$/, '') ?? ''
  if (status === 'timed_out') return `branch "${branch}" did not end within ${String(error?.details['timeoutMs'])} ms`
  if (step === undefined) return message
  return `branch "${branch}" ${status === 'cancelled' ? 'was refused' : 'failed'} at step "${step}": ${message}`
}
