/** Reading streams of agents. */
import type { AgentStreamPart } from 'hookchart'

/** All parts. */
export async function partsOf<Output>(
  stream: AsyncIterable<AgentStreamPart<Output>>,
): Promise<AgentStreamPart<Output>[]> {
  const parts: AgentStreamPart<Output>[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

/** What was said in a turn, by default the last one: the texts of its last try. */
export function textOf(parts: readonly AgentStreamPart[], turn?: number): string {
  const texts = parts.filter((part) => part.type === 'text')
  const said = texts.filter((part) => part.turn === (turn ?? texts.at(-1)?.turn))
  return said
    .filter(({ attempt }) => attempt === said.at(-1)?.attempt)
    .map(({ text }) => text)
    .join('')
}
