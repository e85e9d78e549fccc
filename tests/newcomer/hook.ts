/** Hooks: one that mends what people type, one that refuses, one that watches. */
import { defineHook, hook } from 'hookchart'
import { findBook, takeBook } from './tool.ts'

/** Titles come with spaces round them. */
export const trimTitle = defineHook({
  name: 'trim_title',
  points: 'ToolValidation',
  match: { component: findBook.name },
  handler: ({ data }) => {
    const { title } = data.input as { readonly title: string }
    return hook.modified({ input: { title: title.trim() } })
  },
})

/** The last copy stays in the house. */
export const keepLast = defineHook({
  name: 'keep_last',
  kind: 'guard',
  points: 'BeforeToolExecution',
  match: { component: takeBook.name },
  handler: ({ data }) =>
    (data.input as { readonly copies: number }).copies < 2 ? hook.cancel('it is the last copy') : undefined,
})

/** Tells how every operation ended. */
export function logTo(lines: string[]) {
  return defineHook({
    name: 'log',
    kind: 'observe',
    points: 'OperationSettled',
    handler: ({ component, data }) => void lines.push(`${component.type} ${component.name} ${data.status}`),
  })
}
