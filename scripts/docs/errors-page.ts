/** `docs/errors.md`: the table of error codes as a page. */

const HEAD = `<!-- Generated from src/errors.ts by \`npm run docs\`. Do not edit. -->

# Error codes

Whatever hookchart refuses or reports is a \`HookchartError\` with one of these codes. The message says what happened, where, and what to do; \`details\` holds the names and numbers as data.
An error that your own code throws keeps its own code, name and message.

\`\`\`ts
import { createHooks, isHookchartError } from 'hookchart/hooks'

const hooks = createHooks()
hooks.register('BeforeToolExecution', () => undefined, { name: 'check' })
try {
  hooks.register('BeforeToolExecution', () => undefined, { name: 'check' })
} catch (error) {
  console.assert(isHookchartError(error, 'DUPLICATE_HOOK'))
}
\`\`\`
`

/** The page, before formatting; codes in alphabetical order. */
export function errorsPage(codes: Readonly<Record<string, string>>): string {
  const sections = Object.entries(codes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, meaning]) => `## ${code}\n\n${meaning}`)
  return [HEAD, ...sections].join('\n\n')
}
