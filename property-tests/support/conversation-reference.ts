/**
 * What a model agent does in one execution, as plainly as can be: it goes over the operations that were started for it, and says
 * which must come next, given how each has ended. Whatever else comes breaks a law.
 */
import { expect } from 'vitest'

/** An operation that was started for an agent. */
export interface PartSeen {
  readonly kind: 'model' | 'tool'
  /** As its first hook saw it. */
  readonly input: unknown
  readonly settled: { readonly status: string; readonly output?: unknown } | undefined
}

/** What it is known by in general. */
export interface Conversing {
  readonly maxTurns: number
  readonly tool: string
  /** It may have been ended from outside, in the midst of anything. */
  readonly mayBeCut: boolean
}

/** What a conversation came to: what the model said last; undefined when it failed or was cut off. */
export type ConversationEnd = { readonly text: string } | undefined

interface Message {
  readonly role: string
  readonly content: unknown
}

interface Called {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

/** Goes over all that was started for one agent in one execution; a conversation begins where nothing has been said yet. */
export function conversationsOf(parts: readonly PartSeen[], about: Conversing): ConversationEnd[] {
  const begins = parts.flatMap((part, i) => (part.kind === 'model' && promptOf(part).length === 2 ? [i] : []))
  expect(begins[0] ?? 0, 'it begins with the first words').toBe(0)
  // What one execution may spend it may spend in all of its attempts.
  return begins.map((begin, i) => {
    const before = parts.slice(0, begin).filter(({ kind }) => kind === 'model').length
    return conversationOf(parts.slice(begin, begins[i + 1]), about, before)
  })
}

function conversationOf(
  parts: readonly PartSeen[],
  { maxTurns, tool, mayBeCut }: Conversing,
  turnsBefore: number,
): ConversationEnd {
  let prompt: readonly Message[] = promptOf(parts[0] as PartSeen)
  let at = 0
  for (let turn = turnsBefore + 1; ; turn++) {
    const part = parts[at++] as PartSeen
    expect(part.kind, `turn ${turn} is the model's`).toBe('model')
    expect(promptOf(part), `what the model is told in turn ${turn}`).toEqual(prompt)
    expect(turn, 'turns').toBeLessThanOrEqual(maxTurns)
    const { status, output } = part.settled as NonNullable<PartSeen['settled']>
    const content = status === 'completed' ? contentOf(output) : undefined
    const calls = content?.flatMap(calledOf)
    const isLast = calls === undefined || calls.length === 0 || turn === maxTurns
    if (isLast) {
      expect(parts.slice(at), 'nothing comes behind the end').toEqual([])
      return calls?.length === 0 ? { text: textOf(content as readonly object[]) } : undefined
    }
    const begun: PartSeen[] = []
    while (parts[at]?.kind === 'tool') begun.push(parts[at++] as PartSeen)
    const known = calls.filter(({ name, input }) => name === tool && input !== undefined)
    const next = parts[at]
    if (next === undefined) {
      expect(mayBeCut, 'it ended in the midst').toBe(true)
      expect(begun.length, 'tools that were begun').toBeLessThanOrEqual(known.length)
      return undefined
    }
    expect(
      begun.map(({ input }) => input),
      'each tool that the model wants runs once, in order',
    ).toEqual(known.map(({ input }) => input))
    prompt = [
      ...prompt,
      ...answered(promptOf(next).slice(prompt.length), content as readonly object[], calls, begun, tool),
    ]
  }
}

/** The two messages that a turn adds: what the model has said, and what became of what it wants. */
function answered(
  added: readonly Message[],
  content: readonly object[],
  calls: readonly Called[],
  begun: readonly PartSeen[],
  tool: string,
): readonly Message[] {
  const [said, told] = added
  expect(added.map(({ role }) => role)).toEqual(['assistant', 'tool'])
  const types = (parts: unknown) => (parts as readonly { readonly type: string }[]).map(({ type }) => type)
  expect(types(said?.content), 'what it has said').toEqual(types(content))
  const results = told?.content as readonly { toolCallId: string; output: { type: string; value: unknown } }[]
  expect(results.map(({ toolCallId }) => toolCallId)).toEqual(calls.map(({ id }) => id))
  const left = [...begun]
  for (const [i, { name, input }] of calls.entries()) {
    const ran = name === tool && input !== undefined ? left.shift()?.settled : undefined
    const output = results[i]?.output
    if (ran?.status === 'completed') expect(output).toEqual({ type: 'json', value: ran.output })
    else expect(output?.type).toBe('error-text')
  }
  return added
}

const promptOf = ({ input }: PartSeen) => (input as { readonly prompt: readonly Message[] }).prompt

/** What a model, or a hook in its place, has said; undefined when that is no answer. */
function contentOf(output: unknown): readonly object[] | undefined {
  if (typeof output === 'string') return [{ type: 'text', text: output }]
  return (output as { readonly content?: readonly object[] } | undefined)?.content
}

function calledOf(part: object): Called[] {
  const { type, toolCallId, toolName, input } = part as Readonly<Record<string, string>>
  return type === 'tool-call' ? [{ id: toolCallId!, name: toolName!, input: parsed(input!) }] : []
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const textOf = (content: readonly object[]) => content.map((part) => ('text' in part ? String(part.text) : '')).join('')
