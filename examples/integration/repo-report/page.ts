/** The report as a page, and how it gets onto the disk: written beside and renamed, so that there is never half of it. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TraceEntry } from 'hookchart'
import { toMermaid } from 'hookchart/chart'
import { chainMachine, workflowMachine } from 'hookchart/machines'
import { decide, measure, report, sections } from './flow.ts'
import type { Measures, Section, Survey } from './flow.ts'
import { masked } from './hooks.ts'
import type { Seen } from './hooks.ts'

/** What the page is made from. */
export interface Findings {
  readonly survey: Survey
  readonly measures: Measures
  readonly verdicts: readonly string[]
  readonly sections: readonly Section[]
  readonly seen: Seen
}

/** Writes the page and the trace into a folder; gives where. */
export async function write(
  folder: string,
  findings: Findings,
  trace: readonly TraceEntry[],
): Promise<{ report: string; trace: string }> {
  const paths = { report: join(folder, 'report.md'), trace: join(folder, 'trace.jsonl') }
  await writeWhole(paths.report, pageOf(findings))
  // The trace knows how to undo what hooks have changed, and with that what they have masked.
  await writeWhole(paths.trace, trace.map((entry) => `${JSON.stringify(entry, mask)}\n`).join(''))
  return paths
}

const mask = (_: string, value: unknown) => (typeof value === 'string' ? masked(value).text : value)

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}.tmp`
  await writeFile(unfinished, text)
  await rename(unfinished, path)
}

const list = (lines: readonly string[]) => (lines.length === 0 ? 'None.' : lines.map((line) => `- ${line}`).join('\n'))
const chart = (mermaid: string) => `\`\`\`mermaid\n${mermaid}\`\`\``
const size = (bytes: number) => (bytes < 10_000 ? `${bytes} bytes` : `${(bytes / 1_000_000).toFixed(2)} MB`)

function pageOf({ survey, measures, verdicts, sections: parts, seen }: Findings): string {
  const { todos, largest, licences, churn } = measures
  const unreadable = survey.unreadable + todos.unreadable
  return `# ${survey.title}

${survey.files} files, ${size(survey.bytes)}${survey.isCut ? ', and more that were not looked at' : ''}${
    unreadable === 0 ? '' : `; ${unreadable} could not be read`
  }.
Read: ${survey.read.join(', ') || 'nothing'}. Refused by a guard: ${survey.refused.join(', ') || 'nothing'}.

## Worth a second look

${list(verdicts)}

## Folders

${list(parts.map(({ folder, text }) => `\`${folder}\`: ${text}`))}

## To be done

${todos.todos} notes in ${todos.texts} texts.

${list(todos.where.map(({ path, todos: count }) => `\`${path}\`: ${count}`))}

## Largest files

${list(largest.map(({ path, bytes }) => `\`${path}\`: ${size(bytes)}`))}

## Licences of dependencies

${
  licences?.isThere === true
    ? `${licences.packages} packages.\n\n${list(licences.licences.map(({ licence, packages }) => `${licence}: ${packages}`))}`
    : licences === undefined
      ? 'There is no package-lock.json that can be read.'
      : 'There is no package-lock.json.'
}

## Changed most often

${
  churn?.isRepository === true
    ? `${churn.commits} commits, ${churn.authors === 1 ? 'one author' : `${churn.authors} authors`}.\n\n${list(churn.changed.map(({ path, times }) => `\`${path}\`: ${times}`))}`
    : 'It is no git repository.'
}

## How this was made

Tools: ${[...seen.tools].map(([name, { times, ms }]) => `${name} ${times} × (${Math.round(ms)} ms)`).join(', ')}.
Secrets masked: ${seen.masked}. Hook points passed: ${[...seen.points.values()].reduce((sum, n) => sum + n, 0)}.

The chain:

${chart(toMermaid(chainMachine(report)))}

Its workflows:

${[measure, decide, sections].map((workflow) => chart(toMermaid(workflowMachine(workflow)))).join('\n\n')}
`
}
