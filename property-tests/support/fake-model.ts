/** A language model that says what a function says, call by call. */
import type { LanguageModel } from 'hookchart/machines'

/** What it says in one call: text, or tools to call. */
export type Saying = string | { readonly calls: readonly (readonly [tool: string, input: unknown])[] }

/** What a call of a model is given. */
export interface ModelCall {
  readonly prompt: readonly { readonly role: string; readonly content: unknown }[]
  readonly abortSignal?: AbortSignal
}

/** Each call uses 10 tokens in and 5 out. `say` is given the number of the call, from 0. */
export function modelThat(say: (turn: number, call: ModelCall) => Saying | Promise<Saying>): LanguageModel {
  let turns = 0
  let ids = 0
  const contentOf = (said: Saying) =>
    typeof said === 'string'
      ? [{ type: 'text', text: said }]
      : said.calls.map(([toolName, input]) => ({
          ...{ type: 'tool-call', toolCallId: `call-${++ids}`, toolName, input: JSON.stringify(input) },
        }))
  const model = {
    ...{ specificationVersion: 'v3', provider: 'test', modelId: 'small' },
    async doGenerate(options: ModelCall): Promise<unknown> {
      const content = contentOf(await say(turns++, options))
      const usage = { inputTokens: { total: 10 }, outputTokens: { total: 5 } }
      return { content, finishReason: { unified: 'stop', raw: undefined }, usage, warnings: [] }
    },
    doStream: () => Promise.reject(new Error('nobody streams here')),
  }
  return model
}
