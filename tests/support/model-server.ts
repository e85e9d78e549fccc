/** An OpenAI-compatible server on loopback, for tests: each request is answered by the next of a script. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a test looks at of a request. */
export interface Request {
  readonly headers: IncomingHttpHeaders
  readonly body: {
    readonly stream?: boolean
    readonly messages: readonly { readonly role: string; readonly content?: unknown; readonly tool_call_id?: string }[]
    readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: object } }[]
  }
}

/** Answers one request. */
export type Answer = (response: ServerResponse, request: Request) => void | Promise<void>

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

interface Call {
  readonly name: string
  readonly arguments: string
}

/** Says a text, or calls tools: at once, or in chunks when that was asked for. */
export function says(text: string, ...calls: readonly Call[]): Answer {
  const finish = calls.length > 0 ? 'tool_calls' : 'stop'
  const toolCalls = calls.map((call, index) => ({ index, id: `call-${index}`, type: 'function', function: call }))
  return (response, { body }) => {
    if (body.stream !== true) {
      const message = { role: 'assistant', content: text, ...(calls.length > 0 && { tool_calls: toolCalls }) }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ id: '1', choices: [{ index: 0, message, finish_reason: finish }], usage }))
      return
    }
    sends(response, ...(text.match(/.{1,4}/gs) ?? []).map((content) => ({ content })))
    for (const call of toolCalls) sends(response, { tool_calls: [call] })
    chunk(response, { choices: [{ index: 0, delta: {}, finish_reason: finish }], usage })
    response.end('data: [DONE]\n\n')
  }
}

/** Sends chunks of a stream and leaves it open. */
export function sends(response: ServerResponse, ...deltas: readonly object[]): void {
  if (!response.headersSent) response.setHeader('content-type', 'text/event-stream')
  for (const delta of deltas) chunk(response, { choices: [{ index: 0, delta, finish_reason: null }] })
}

function chunk(response: ServerResponse, data: object): void {
  response.write(`data: ${JSON.stringify({ id: '1', ...data })}\n\n`)
}

/** Refuses with a status and headers. */
export function refuses(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { message, type: 'x', code: null } }))
  }
}

/** Starts one. Close it: `await using`. */
export async function modelServer(...script: readonly Answer[]) {
  const requests: Request[] = []
  const waiting: (() => void)[] = []
  const server = createServer((incoming, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const part of incoming) chunks.push(part as Buffer)
      const request = {
        headers: incoming.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()) as Request['body'],
      }
      requests.push(request)
      for (const each of waiting.splice(0)) each()
      const answer = script[requests.length - 1] ?? refuses(500, 'the script is over')
      await answer(response, request)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const baseURL = `http://127.0.0.1:${port}/v1`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    requests,
    baseURL,
    /** The real client of the AI SDK for it. */
    model: createOpenAICompatible({ name: 'local', baseURL, apiKey: 'secret-key' })('tiny'),
    /** Waits until so many requests have come. */
    async asked(count: number): Promise<void> {
      while (requests.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
