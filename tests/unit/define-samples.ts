/** What tests of definitions begin with: one of each, and a check that nothing of a definition can be changed. */
import { defineAgent, defineTool, sequential, step } from 'hookchart/machines'
import * as z from 'zod'

export const text = z.object({ text: z.string() })

export const wordCount = defineTool({
  name: 'word_count',
  description: 'counts words',
  input: text,
  output: z.object({ words: z.number() }),
  level: 'safe',
  execute: ({ input }) => ({ words: input.text.split(' ').length }),
})

export const reader = defineAgent({ name: 'reader', input: text, execute: ({ input }) => input.text.length })

export const one = step.run('one', () => 1)

export const report = sequential({ name: 'report', input: text, steps: [one] })

/** The places of a definition that could be changed: functions, schemas and models are the user's own. */
export function changeable(value: unknown, own: readonly unknown[] = [], path = 'it'): string[] {
  if (typeof value !== 'object' || value === null || '~standard' in value || own.includes(value)) return []
  const inside = Object.entries(value).flatMap(([key, member]) => changeable(member, own, `${path}.${key}`))
  return Object.isFrozen(value) ? inside : [path, ...inside]
}
