/** What remote agents answered, in a context: recording it and judging it. */
import { toHookchartError } from '../../errors.ts'
import type { ErrorData } from '../../errors.ts'
import { agentKey } from './agent.ts'
import type { RemoteAgentInput } from './agent.ts'
import { resultInputSchema } from './context-schema.ts'
import { parseDistributedContext } from './distributed-context.ts'
import type { DistributedContext, RemoteResult } from './distributed-context.ts'
import { isObject, malformed, parsePart, toPlainJson } from './malformed.ts'
import type { Subject } from './malformed.ts'

/** A result as callers write it: any agent of a context, and an error as it was thrown or as data. */
export interface RemoteResultInput extends Omit<RemoteResult, 'agent' | 'error'> {
  readonly agent: RemoteAgentInput
  readonly error?: ErrorData | Error
}

const SUBJECT: Subject = {
  what: 'The remote result',
  advice: 'Give agent, status, durationMs and at, and output or error as the status has it.',
}

/** The context with one more result; an earlier result of the same agent goes. */
export function recordResult(context: DistributedContext, result: RemoteResultInput): DistributedContext {
  const current = parseDistributedContext(context)
  if (!isObject(result)) throw malformed(SUBJECT, { path: '', problem: 'expected an object' })
  const error = result.error instanceof Error ? toHookchartError(result.error).toJSON() : result.error
  const recorded = parsePart(resultInputSchema, toPlainJson({ ...result, error }, SUBJECT), SUBJECT)
  const key = agentKey(recorded.agent)
  const others = current.results.filter(({ agent }) => agentKey(agent) !== key)
  return parseDistributedContext({ ...current, results: [...others, recorded] })
}

/** The results of agents that completed; partial is not enough. */
export function successfulResults(context: DistributedContext): readonly RemoteResult[] {
  return context.results.filter(({ status }) => status === 'completed')
}

/** Whether there are results and all of them completed. */
export function allSucceeded(context: DistributedContext): boolean {
  return context.results.length > 0 && successfulResults(context).length === context.results.length
}
