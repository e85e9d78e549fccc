/** Options that are a word or an object: each is checked by its own schema, so that a flaw is told as what it is. */
import * as z from 'zod'

/** A schema that checks objects by the one and all else by the other. A plain union would only say that none of them fits. */
export function textOrObject<Text extends z.ZodType, Shape extends z.ZodType>(text: Text, shape: Shape) {
  return z.unknown().transform((value, ctx): z.output<Text> | z.output<Shape> => {
    const parsed = (typeof value === 'object' && value !== null ? shape : text).safeParse(value)
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues) ctx.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue)
    return z.NEVER
  })
}
