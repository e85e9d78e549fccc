/** What tools and agents are looked for by. */
import * as z from 'zod'

/** What is looked for; all that is given must fit. */
export interface Query {
  readonly capability?: string | undefined
  readonly category?: string | undefined
  readonly tag?: string | undefined
}

/** What can be found. */
interface Findable {
  readonly capabilities: readonly string[]
  readonly category: string
  readonly tags: readonly string[]
}

const text = z.string().optional()

/** A query as it is given. */
export const querySchema = z.strictObject({ capability: text, category: text, tag: text })

/** Whether a definition is one of those that are looked for. */
export function fitsQuery({ capabilities, category, tags }: Findable, query: Query): boolean {
  return (
    (query.capability === undefined || capabilities.includes(query.capability)) &&
    (query.category === undefined || category === query.category) &&
    (query.tag === undefined || tags.includes(query.tag))
  )
}
