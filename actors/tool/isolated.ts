/** Runs the function of a tool in a thread or process of its own: sends it as text, and reads how that has ended. */
import { HookchartError, toHookchartError } from '../../src/errors.ts'
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { IsolatedEnd, Isolation } from '../../src/ports/isolation.ts'
import type { Emit } from '../../machines/call.ts'
import type { ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { ToolLimits } from '../../machines/tool/limits.ts'

/** Says that a limit was hit, which the system is told, and gives the error. `what` goes on behind the name of the tool. */
export type OverLimit = (resource: string, limit: number, used: number, what: string) => HookchartError

/** Runs a tool that is not `inline`. Settles when its thread or process has gone. */
export async function runIsolated(
  isolation: Isolation,
  definition: ToolDefinition,
  input: unknown,
  call: EffectCall,
  { maxMemoryBytes, maxCpuMs }: ToolLimits,
  emit: Emit,
  overLimit: OverLimit,
): Promise<unknown> {
  const { attempt, idempotencyKey, correlationId, metadata, signal } = call
  const source = Function.prototype.toString.call(definition.execute)
  const run = isolation.start(
    definition.isolation as 'worker' | 'process',
    { source, input, attempt, idempotencyKey, correlationId, metadata },
    { maxMemoryBytes, maxCpuMs },
    emit,
  )
  const stopListening = whenAborted(signal, () => {
    run.abort(signal.reason)
  })
  try {
    return outputOf(definition, await run.ended, overLimit)
  } finally {
    stopListening()
  }
}

function outputOf({ name, isolation }: ToolDefinition, end: IsolatedEnd, overLimit: OverLimit): unknown {
  const where = isolation === 'worker' ? 'thread' : 'process'
  switch (end.type) {
    case 'completed':
      return end.output
    case 'failed': {
      const { error } = end
      const message =
        error.name === 'ReferenceError'
          ? `${error.message}. The function of ${name} is sent to a ${where} as text: it may use what it is called with, globals and await import(…), and nothing else of where it was written.`
          : error.message
      throw toHookchartError(Object.assign(new Error(message), { ...error, message }))
    }
    case 'over_limit': {
      const { resource, limit, used } = end
      const what =
        resource === 'cpu'
          ? `computed for ${used.toFixed(1)} ms, of ${String(limit)} allowed by maxCpuMs`
          : `needed more memory than the ${String(limit)} bytes allowed by maxMemoryBytes`
      throw overLimit(resource, limit, used, what)
    }
    case 'not_sent':
      throw new HookchartError(
        'DATA_NOT_JSON',
        `The ${end.what} of ${name} cannot be sent ${end.what === 'input' ? 'to' : 'back from'} its ${where}: ${end.problem}. Use JSON, or isolation "inline".`,
        { details: { component: name, what: end.what } },
      )
    case 'exited':
      throw new HookchartError(
        'TOOL_EXITED',
        `The ${where} of ${name} ended before it answered (${end.how}). Let its function return, and not exit.`,
        { details: { component: name, isolation, how: end.how } },
      )
  }
}
