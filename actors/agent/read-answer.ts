/** Reads an answer of a model as it comes: shows its text, and gives the whole. */
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import { AnswerInParts } from '../../machines/agent/model-stream.ts'
import type { Show } from './show.ts'
import { cutOff } from './model-errors.ts'

/** What reading needs to know. */
export interface Reading {
  /** `provider/model`. */
  readonly model: string
  readonly signal: AbortSignal
  readonly show: Show
}

/**
 * Gives what `doGenerate` would have given. Rejects with MODEL_STREAM_CUT when the stream ends or fails before the model has
 * said all. When it is aborted it leaves the stream, whether that obeys the signal or not.
 */
export async function readAnswer(given: unknown, { model, signal, show }: Reading): Promise<object> {
  const reader = (given as { readonly stream: ReadableStream<unknown> }).stream.getReader()
  const answer = new AnswerInParts()
  const leave = () => {
    // Whatever the stream says to that, nobody listens any more.
    reader.cancel(signal.reason).catch(() => undefined)
  }
  const release = whenAborted(signal, leave)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) break
      const failure = failureIn(value)
      if (failure !== undefined) throw failure.error
      show.text(answer.take(value))
    }
  } catch (error) {
    leave()
    signal.throwIfAborted()
    throw cutOff(model, error)
  } finally {
    release()
  }
  if (!answer.isFinished) throw cutOff(model, undefined)
  return answer.result
}

/** A provider says in a part of its own that something is wrong. */
function failureIn(part: unknown): { readonly error: unknown } | undefined {
  const { type, error } = part as { readonly type: string; readonly error?: unknown }
  return type === 'error' ? { error } : undefined
}
