/** An agent: answers questions about books, and remembers how many. */
import { defineAgent } from 'hookchart'
import * as z from 'zod'
import { book, findBook } from './tool.ts'

export const librarian = defineAgent({
  name: 'librarian',
  input: z.object({ title: z.string() }),
  output: book,
  tools: [findBook],
  execute: async ({ input, tools, state, checkpoint }) => {
    await checkpoint('before the search')
    const found = await tools.call(findBook, { title: input.title })
    state['asked'] = Number(state['asked'] ?? 0) + 1
    return found
  },
})
