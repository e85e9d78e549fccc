/** An execution of an agent as a stream: what it brings can be read while it runs, and who stops reading ends it. */
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import type { ParsedExecuteOptions } from '../../src/hooks/operation/options.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import { Show } from './show.ts'
import { StreamBuffer } from './stream-buffer.ts'
import type { AgentStreamPart } from './stream-part.ts'

/**
 * One execution, to be read once: `for await (const part of stream)`. The run waits for nobody: what is not read yet is kept,
 * text joined to longer texts, and of the other parts the last 1,024. Whoever leaves the loop before its end aborts the run, and
 * goes on when it has ended. Reading never throws for what happens to the run; the last part is `done`.
 */
export interface AgentStream<Output = unknown> extends AsyncIterable<AgentStreamPart<Output>> {
  /** What the execution comes to, also when nobody reads. Never rejects for what happens to it. */
  readonly result: Promise<RunResult<Output>>
  /** Aborts the run unless it has ended, and waits until it has. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts an execution as a stream. Throws where executing would reject. */
export function openStream(
  kernel: Kernel,
  startable: (show: Show) => Startable,
  input: unknown,
  options: ParsedExecuteOptions,
): AgentStream {
  const controller = new AbortController()
  const buffer = new StreamBuffer()
  const show = new Show((part) => {
    buffer.push(part)
  })
  const { signal: given } = options
  const release =
    given &&
    whenAborted(given, () => {
      controller.abort(given.reason)
    })
  let result: Promise<RunResult>
  try {
    result = Promise.resolve(execute(kernel, startable(show), input, { ...options, signal: controller.signal }))
  } catch (error) {
    release?.()
    throw error
  }
  const settled = result.then(
    ({ status, output, error }) => {
      const outcome = { ...(output !== undefined && { output }), ...(error !== undefined && { error }) }
      buffer.end({ type: 'done', status, ...outcome, ...(buffer.dropped > 0 && { dropped: buffer.dropped }) })
    },
    (error: unknown) => {
      buffer.fail(error)
    },
  )
  void settled.then(release)
  const leave = async () => {
    if (!buffer.hasEnded) controller.abort(new Error('whoever read its stream has left'))
    buffer.leave()
    await settled
  }
  const iterator: AsyncIterator<AgentStreamPart> = {
    next: () => buffer.next(),
    return: async () => {
      await leave()
      return { done: true, value: undefined }
    },
  }
  return { result, [Symbol.asyncIterator]: () => iterator, [Symbol.asyncDispose]: leave }
}
