/** Who does what in which order: an agent surveys, workflows measure, decide and write, a chain holds them together. */
import { conditional, defineAgent, defineChain, loop, parallel, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import * as z from 'zod'
import type { statistics } from './tools.ts'
import {
  churn,
  countTodos,
  fileShape,
  findFiles,
  licenceCounts,
  readGitLog,
  readLock,
  readText,
  textStatistics,
  todoCounts,
} from './tools.ts'

const request = z.object({ dir: z.string() })
type Request = z.output<typeof request>

/** The most folders that get a section. */
const MOST_SECTIONS = 12
/** What says what a folder is about; and what would say too much. */
const TELLING = ['README.md', 'package.json', 'LICENSE', '.env', '.npmrc']

const survey = z.object({
  dir: z.string(),
  title: z.string(),
  files: z.number(),
  bytes: z.number(),
  unreadable: z.number(),
  isCut: z.boolean(),
  folders: z.array(z.string()),
  read: z.array(z.string()),
  refused: z.array(z.string()),
})
export type Survey = z.output<typeof survey>

export const surveyor = defineAgent({
  name: 'surveyor',
  description: 'looks at a folder and says what it is',
  input: request,
  output: survey,
  tools: [findFiles, readText],
  execute: async ({ input, tools }) => {
    const { folders, files, bytes, unreadable, isCut } = await tools.call(findFiles, { dir: input.dir, largest: 10 })
    const texts: { path: string; text: string }[] = []
    const refused: string[] = []
    for (const path of TELLING) {
      const { status, output } = await tools.execute(readText, { dir: input.dir, path })
      if (status === 'cancelled') refused.push(path)
      else if (output?.isThere === true) texts.push(output)
    }
    const heading = texts.map(({ text }) => /^# (?<title>.+)$/m.exec(text)?.groups?.['title']).find(Boolean)
    return {
      dir: input.dir,
      title: heading ?? input.dir,
      files,
      bytes,
      unreadable,
      isCut,
      folders: folders.slice(0, MOST_SECTIONS).map(({ name }) => name),
      read: texts.map(({ path }) => path),
      refused,
    }
  },
})

const dirOf = ({ input }: { input: Request }) => ({ dir: input.dir })

export const measure = parallel({
  name: 'measure',
  description: 'measures four things at once',
  input: request,
  branches: [
    { name: 'todos', steps: [step.tool('todos', countTodos, dirOf)] },
    {
      name: 'largest',
      steps: [
        step.tool('largest', findFiles, ({ input }: { input: Request }) => ({ dir: input.dir, largest: 10 })),
        step.run('pick', ({ input }: StepCall<{ largest: { path: string; bytes: number }[] }>) => input.largest),
      ],
    },
    { name: 'licences', optional: true, steps: [step.tool('licences', readLock, dirOf)] },
    {
      name: 'churn',
      optional: true,
      steps: [step.tool('churn', readGitLog, ({ input }: { input: Request }) => ({ dir: input.dir, commits: 1_000 }))],
    },
  ],
})

const measures = z.object({
  todos: todoCounts,
  largest: z.array(fileShape),
  licences: licenceCounts.optional(),
  churn: churn.optional(),
})
export type Measures = z.output<typeof measures>

/** What is worth a second look: all branches that match. */
export const decide = conditional({
  name: 'decide',
  description: 'finds what is worth a second look',
  input: measures,
  executeAllMatching: true,
  branches: [
    {
      name: 'many_todos',
      condition: ({ input }) => input.todos.todos > 20,
      steps: [
        step.run(
          'say',
          ({ input }: StepCall<Measures>) => `${input.todos.todos} notes say that something is to be done.`,
        ),
      ],
    },
    {
      name: 'large_files',
      condition: ({ input }) => (input.largest[0]?.bytes ?? 0) > 1_000_000,
      steps: [
        step.run(
          'say',
          ({ input }: StepCall<Measures>) => `${input.largest[0]?.path ?? ''} is larger than a megabyte.`,
        ),
      ],
    },
    {
      name: 'no_licence',
      condition: ({ input }) => (input.licences?.without.length ?? 0) > 0,
      steps: [
        step.run(
          'say',
          ({ input }: StepCall<Measures>) => `No licence is known of ${input.licences?.without.join(', ') ?? ''}.`,
        ),
      ],
    },
    { name: 'nothing', isDefault: true, steps: [step.run('say', () => 'Nothing stands out.')] },
  ],
})

export interface Section {
  readonly folder: string
  readonly text: string
}

/** A section for each folder. */
export const sections = loop({
  name: 'sections',
  description: 'writes a section for each folder',
  input: survey,
  iterator: {
    collection: ({ input }) => input.folders.map((folder) => ({ dir: input.dir, folder })),
  },
  body: [
    step.run('remember', ({ input, state }: StepCall<{ dir: string; folder: string }>) => {
      state['folder'] = input.folder
      return input
    }),
    step.tool('count', textStatistics),
    step.run('write', ({ input, state }: StepCall<z.output<typeof statistics>>): Section => {
      const types = input.types.map(({ type, lines }) => `${type || 'no type'} ${lines}`).join(', ')
      return {
        folder: String(state['folder']),
        text: `${input.texts} texts, ${input.lines} lines (${types || 'none'}).`,
      }
    }),
  ],
})

export const report = defineChain('repo_report', { input: request, timeoutMs: '2m' })
  .agent(surveyor)
  .workflow(measure, { after: ['surveyor'], input: ({ input }) => input })
  .workflow(decide, { after: ['measure'], input: ({ results }) => results.measure as Measures })
  .workflow(sections, { after: ['surveyor'], input: ({ results }) => results.surveyor as Survey })
