/** A language model that says what a script says, and keeps what it was asked. */

/** What is said in one call: text, or tools to call. */
export type Said =
  | string
  | {
      readonly calls: readonly (readonly [name: string, input: unknown])[]
      readonly text?: string
      /** Its stream ends in the middle. */
      readonly isCut?: boolean
      /** Waited for before each part of its stream. */
      readonly pace?: () => Promise<void>
    }

/** A call that a test can look at. */
interface Asked {
  readonly prompt: readonly { readonly role: string; readonly content: unknown }[]
  readonly abortSignal?: AbortSignal
}

/** The parts of an answer as they come, with its text in chunks of a few characters; then its end, unless it is `cut`. */
function* partsOf(content: readonly { readonly type: string }[], end: object, size: number, isCut: boolean) {
  yield { type: 'stream-start', warnings: [] }
  for (const [at, part] of content.entries()) {
    const { text = '' } = part as { readonly text?: string }
    const id = String(at)
    if (part.type === 'text') {
      yield { type: 'text-start', id }
      for (let i = 0; i < text.length; i += size) yield { type: 'text-delta', id, delta: text.slice(i, i + size) }
      if (isCut) return
      yield { type: 'text-end', id }
    } else yield part
  }
  if (!isCut) yield { type: 'finish', ...end }
}

/** A model of the second or third version of the AI SDK; each call uses 10 tokens in and 5 out. */
export function scripted(
  script: readonly (Said | (() => unknown))[],
  { specificationVersion = 'v3', modelId = 'small', chunk = 3 } = {},
) {
  const asked: Asked[] = []
  const left = [...script]
  let made = 0
  const said = async (options: never): Promise<Said> => {
    const { abortSignal, ...rest } = options as Asked
    asked.push({ ...structuredClone(rest), ...(abortSignal !== undefined && { abortSignal }) })
    const next = left.shift() ?? 'done'
    return (typeof next === 'function' ? await next() : next) as Said
  }
  const usage =
    specificationVersion === 'v3'
      ? { inputTokens: { total: 10 }, outputTokens: { total: 5 } }
      : { inputTokens: 10, outputTokens: 5, totalTokens: 15 }
  const finishReason = specificationVersion === 'v3' ? { unified: 'stop', raw: undefined } : 'stop'
  const contentOf = (said: Said) =>
    typeof said === 'string'
      ? [{ type: 'text', text: said }]
      : [
          ...(said.text === undefined ? [] : [{ type: 'text', text: said.text }]),
          ...said.calls.map(([toolName, input]) => ({
            ...{ type: 'tool-call', toolCallId: `call-${++made}`, toolName },
            input: typeof input === 'string' ? input : JSON.stringify(input),
          })),
        ]
  return {
    specificationVersion,
    modelId,
    provider: 'test',
    asked,
    /** Streams that somebody reads still. */
    open: 0,
    async doGenerate(options: never): Promise<unknown> {
      return { content: contentOf(await said(options)), finishReason, usage, warnings: [] }
    },
    async doStream(options: never): Promise<unknown> {
      const answer = await said(options)
      const isCut = typeof answer === 'object' && answer.isCut === true
      const parts = partsOf(contentOf(answer), { finishReason, usage }, chunk, isCut)
      this.open++
      const close = () => {
        this.open--
      }
      const stream = new ReadableStream({
        async pull(controller) {
          await (answer as { readonly pace?: () => Promise<void> }).pace?.()
          const { done, value } = parts.next()
          if (done !== true) controller.enqueue(value)
          else {
            close()
            controller.close()
          }
        },
        cancel: close,
      })
      return { stream }
    },
  }
}
