/** What a model is told: the messages and formats that language models of the AI SDK take. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { findJsonFlaw } from '../../src/json.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import { jsonSchemaOf } from './tool-offer.ts'
import type { ContentPart } from './model-call.ts'
import type { ToolRequest } from './model-loop-context.ts'

/** What is said first. What is no text is said as JSON. */
export function firstMessages(instructions: string, input: unknown): readonly object[] {
  const text = typeof input === 'string' ? input : (JSON.stringify(input) as string | undefined)
  return [
    { role: 'system', content: instructions },
    ...(text === undefined ? [] : [{ role: 'user', content: [{ type: 'text', text }] }]),
  ]
}

/** What the model has said, as it is told again. */
export function assistantMessage(content: readonly ContentPart[]): object {
  return {
    role: 'assistant',
    content: content.map(({ providerMetadata, ...part }) => ({
      ...part,
      ...(part.type === 'tool-call' && { input: parsedInput(part.input).value ?? {} }),
      ...(providerMetadata !== undefined && { providerOptions: providerMetadata }),
    })),
  }
}

/** What the tools gave. */
export function toolMessage(results: readonly object[]): object {
  return { role: 'tool', content: results }
}

/** What came of a tool, as a part of a message. */
export function toolResult({ id, name }: ToolRequest, output: object): object {
  return { type: 'tool-result', toolCallId: id, toolName: name, output }
}

/** A tool that came to nothing: the model is told why, and may try something else. */
export function toolFailure(request: ToolRequest, message: string): object {
  return toolResult(request, { type: 'error-text', value: message })
}

/** What the run of a tool came to, for the model. */
export function toolOutput(request: ToolRequest, { output, error, status }: RunResult): object {
  if (error !== undefined) return toolFailure(request, error.message)
  if (typeof output === 'string') return toolResult(request, { type: 'text', value: output })
  const flaw = findJsonFlaw(output)
  if (flaw !== undefined) return toolFailure(request, `The tool ${status}, but what it gave is no JSON.`)
  return toolResult(request, { type: 'json', value: output ?? null })
}

/** The arguments that a model wrote, or what is wrong with them. */
export function parsedInput(text: string): { readonly value?: unknown; readonly problem?: string } {
  try {
    // Some models write nothing where a tool takes nothing.
    return { value: text.trim() === '' ? {} : (JSON.parse(text) as unknown) }
  } catch (error) {
    return { problem: `The arguments are not JSON: ${(error as Error).message}. Write one JSON object.` }
  }
}

/** In which form the model is to answer. */
export function responseFormat(name: string, output: StandardSchemaV1 | undefined): object | undefined {
  if (output === undefined) return undefined
  const schema = jsonSchemaOf(output)
  return { type: 'json', name, ...(schema !== undefined && { schema }) }
}
