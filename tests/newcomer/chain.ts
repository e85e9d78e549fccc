/** A chain: the librarian looks, a tool rates what she found, and the book is lent. */
import { defineChain, defineTool } from 'hookchart'
import * as z from 'zod'
import { librarian } from './agent.ts'
import { book } from './tool.ts'
import { lend } from './workflow.ts'

export const rate = defineTool({
  name: 'rate',
  description: 'says how many days a book may stay out',
  level: 'safe',
  input: book,
  output: z.number(),
  execute: ({ input }) => {
    if (input.title === 'Emma') throw new Error('no rating')
    return input.copies * 7
  },
})

export const visit = defineChain('visit', { input: z.object({ title: z.string() }) })
  .agent(librarian)
  .tool(rate, {
    after: ['librarian'],
    input: ({ results }) => results.librarian ?? { title: '', copies: 0 },
    onError: { fallback: 3 },
  })
  .workflow(lend, {
    after: ['rate'],
    input: ({ input, results }) => ({ title: input.title, days: results.rate ?? 0 }),
  })
