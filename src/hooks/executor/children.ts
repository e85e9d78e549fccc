/** Child operations: what hooks start, and what forks and redirects lead to. */
import { HookchartError } from '../../errors.ts'
import type { RunResult } from '../run-result.ts'
import type { TraceCause } from '../trace.ts'
import type { Operation, Target } from './operation.ts'

/** The type of a target, where it is known. */
export type TargetType = 'tool' | 'agent' | 'workflow' | undefined

/** The target of that name, or UNKNOWN_TARGET with the names that exist. */
export function findTarget(
  operation: Operation,
  type: TargetType,
  name: string,
  hook: string | undefined,
  point: string,
): Target {
  const target = operation.targets.find(type, name)
  if (target !== undefined) return target
  const known = operation.targets.names()
  const who = hook === undefined ? '' : ` by hook "${hook}"`
  throw new HookchartError(
    'UNKNOWN_TARGET',
    `${operation.component.name} was sent${who} at ${point} to "${name}", which does not exist. ${known.length === 0 ? 'It has no targets.' : `It knows ${known.join(', ')}.`}`,
    {
      details: { target: name, ...(type !== undefined && { type }), ...(hook !== undefined && { hook }), point, known },
    },
  )
}

/** Starts a child operation from a hook, one level deeper than the operation of the hook, and within its deadline. */
export function startChild(
  parent: Operation,
  target: Target,
  input: unknown,
  cause: TraceCause | undefined,
  signal: AbortSignal | undefined,
  maxDepth: number,
  limitMs = Infinity,
): RunResult | Promise<RunResult> {
  const timeoutMs = Math.min(parent.hookLimitMs, limitMs)
  return target(input, { parent, cause, depth: parent.depth + 1, maxDepth, redirects: 0, signal, timeoutMs })
}
