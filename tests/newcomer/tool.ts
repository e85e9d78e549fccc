/** A tool: finds books on a shelf. */
import { defineTool } from 'hookchart'
import * as z from 'zod'

export const book = z.object({ title: z.string(), copies: z.int().min(0) })
export type Book = z.output<typeof book>

/** The shelf that the tools work on; a new one for each test. */
export const shelf = new Map<string, number>()

export function fillShelf(): void {
  shelf.clear()
  shelf.set('Emma', 1)
  shelf.set('Dubliners', 2)
}

export const findBook = defineTool({
  name: 'find_book',
  description: 'finds a book by its title',
  level: 'safe',
  annotations: { readOnly: true },
  input: z.object({ title: z.string().min(1) }),
  output: book,
  limits: { timeoutMs: '2s' },
  execute: ({ input }) => {
    const copies = shelf.get(input.title)
    if (copies === undefined) throw new Error(`there is no ${input.title}`)
    return { title: input.title, copies }
  },
})

export const takeBook = defineTool({
  name: 'take_book',
  description: 'takes a copy off the shelf',
  input: book,
  output: book,
  execute: ({ input }) => {
    shelf.set(input.title, input.copies - 1)
    return { title: input.title, copies: input.copies - 1 }
  },
})
