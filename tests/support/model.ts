/** A language model that says what a script says, and keeps what it was asked. */

/** What is said in one call: text, or tools to call. */
export type Said =
  string | { readonly calls: readonly (readonly [name: string, input: unknown])[]; readonly text?: string }

/** A model of the second or third version of the AI SDK; each call uses 10 tokens in and 5 out. */
export function scripted(
  script: readonly (Said | (() => unknown))[],
  { specificationVersion = 'v3', modelId = 'small' } = {},
) {
  const asked: { readonly prompt: readonly { readonly role: string; readonly content: unknown }[] }[] = []
  const left = [...script]
  let made = 0
  const usage =
    specificationVersion === 'v3'
      ? { inputTokens: { total: 10 }, outputTokens: { total: 5 } }
      : { inputTokens: 10, outputTokens: 5, totalTokens: 15 }
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
    async doGenerate(options: never): Promise<unknown> {
      asked.push(structuredClone({ ...(options as object), abortSignal: undefined }) as never)
      const next = left.shift() ?? 'done'
      const said = typeof next === 'function' ? await next() : next
      const finishReason = specificationVersion === 'v3' ? { unified: 'stop', raw: undefined } : 'stop'
      return { content: contentOf(said as Said), finishReason, usage, warnings: [] }
    },
    doStream: () => Promise.reject(new Error('nobody streams here')),
  }
}
