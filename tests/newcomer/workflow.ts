/** A workflow: a book is lent, or given back to the shelf when that fails. */
import { sequential, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import { book, findBook, shelf, takeBook } from './tool.ts'
import type { Book } from './tool.ts'
import * as z from 'zod'

export const lend = sequential({
  name: 'lend',
  input: z.object({ title: z.string(), days: z.int() }),
  output: z.string(),
  steps: [
    step.run('note', ({ input, state }: StepCall<{ title: string; days: number }>) => {
      state['days'] = input.days
      return { title: input.title }
    }),
    step.tool('find', findBook),
    step.tool('take', takeBook, undefined, {
      input: book,
      compensate: ({ input }) => void shelf.set(input.title, input.copies),
    }),
    step.run('stamp', ({ input, state }: StepCall<Book>) => {
      const days = Number(state['days'])
      if (days < 1) throw new Error('a book needs a day to be read')
      return `${input.title}, back in ${days} days`
    }),
  ],
})
