/** `docs/options.md`: the table of options as a page. */
import { rowsOf, TestFiles } from './options/check.ts'
import type { CheckedRow } from './options/check.ts'
import type { OptionGroup } from './options/rows.ts'
import type { OptionTable } from './options/table.ts'

const HEAD = `<!-- Generated from scripts/docs/options by \`npm run docs\`. Do not edit. -->

# Options

All options of all calls, what holds when one is left out, and the test that shows two values of it coming to two outcomes.
Options are strict: an unknown one is an error that names it. A duration is a number of milliseconds or a text such as \`'5s'\`.

\`\`\`ts
import { createHooks, isHookchartError } from 'hookchart/hooks'

createHooks({ executor: { timeoutMs: '2s' } })
try {
  createHooks({ executor: { timeout: '2s' } as object })
} catch (error) {
  console.assert(isHookchartError(error, 'INVALID_OPTIONS') && error.message.includes('"timeout"'))
}
\`\`\`
`

/** The page, before formatting. */
export function optionsPage(table: OptionTable, root: string): string {
  const files = new TestFiles(root)
  const sections = table.groups.map((group) => sectionOf(group, rowsOf(group, table, files)))
  return [HEAD, ...sections].join('\n\n')
}

function sectionOf({ call, about, schemas }: OptionGroup, rows: readonly CheckedRow[]): string {
  const sources = schemas.map((id) => `\`${id.slice(0, id.indexOf('#'))}\``)
  return [
    `## ${call}`,
    ...(about === undefined ? [] : [about]),
    ...(sources.length === 0 ? [] : [`Checked in ${sources.join(', ')}.`]),
    [
      '| option | default | test |',
      '| --- | --- | --- |',
      ...rows.map(({ option, byDefault, test }) => `| \`${option}\` | ${cell(byDefault)} | ${cell(testText(test))} |`),
    ].join('\n'),
  ].join('\n\n')
}

function testText(test: CheckedRow['test']): string {
  if (test === undefined) return 'none'
  return 'pending' in test ? `pending: ${test.pending}` : `\`${test.file}\`: ${test.path.replaceAll('*', '\\*')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<')
}
