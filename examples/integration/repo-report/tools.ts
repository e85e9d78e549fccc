/** The tools of the report: each reads one kind of thing, says what it gives, and has limits. */
import { execFile } from 'node:child_process'
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { defineTool } from 'hookchart'
import * as z from 'zod'
import { eachText, isText, textOf, walk } from './folder.ts'

const dir = z.string().min(1)
const reading = { level: 'safe', category: 'files', annotations: { readOnly: true }, tags: ['report'] } as const
export const fileShape = z.object({ path: z.string(), bytes: z.number() })

/** Written so that it does not find itself. */
const NOTES = /\b(?:TO[D]O|FIX[M]E|X{3}|HAC[K])\b/g

/** The most texts that are read at one go. */
const MOST_TEXTS = 5_000

export const findFiles = defineTool({
  ...reading,
  name: 'find_files',
  description: 'searches a folder: how many files there are, which are the largest, and what lies in which folder',
  capabilities: ['search'],
  input: z.object({ dir, largest: z.int().min(1).max(100) }),
  output: z.object({
    files: z.number(),
    bytes: z.number(),
    unreadable: z.number(),
    isCut: z.boolean(),
    largest: z.array(fileShape),
    folders: z.array(z.object({ name: z.string(), files: z.number(), bytes: z.number() })),
  }),
  limits: { timeoutMs: '30s', maxOutputBytes: 1_000_000 },
  execute: async ({ input, signal }) => {
    const { files, unreadable, isCut } = await walk(input.dir, signal)
    const folders = new Map<string, { files: number; bytes: number }>()
    for (const { path, bytes } of files) {
      const name = path.includes('/') ? path.slice(0, path.indexOf('/')) : '.'
      const folder = folders.get(name) ?? { files: 0, bytes: 0 }
      folders.set(name, { files: folder.files + 1, bytes: folder.bytes + bytes })
    }
    return {
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      unreadable,
      isCut,
      largest: files.toSorted((a, b) => b.bytes - a.bytes).slice(0, input.largest),
      folders: [...folders].map(([name, counts]) => ({ name, ...counts })).sort((a, b) => b.files - a.files),
    }
  },
})

export const readText = defineTool({
  ...reading,
  name: 'read_text',
  description: 'reads the beginning of a text file in a folder',
  input: z.object({ dir, path: z.string().min(1) }),
  output: z.object({ path: z.string(), text: z.string(), isThere: z.boolean() }),
  limits: { timeoutMs: '5s', maxOutputBytes: 100_000 },
  execute: async ({ input }) => {
    const path = resolve(input.dir, input.path)
    if (relative(input.dir, path).startsWith('..')) throw new Error(`${input.path} lies outside of the folder`)
    const text = await textOf(path, 16_384)
    return { path: input.path, text: text ?? '', isThere: text !== undefined }
  },
})

export const todoCounts = z.object({
  todos: z.number(),
  texts: z.number(),
  unreadable: z.number(),
  where: z.array(z.object({ path: z.string(), todos: z.number() })),
})

export const countTodos = defineTool({
  ...reading,
  name: 'count_todos',
  description: 'counts the notes in a folder that say that something is to be done',
  input: z.object({ dir }),
  output: todoCounts,
  limits: { timeoutMs: '30s' },
  execute: async ({ input, signal }) => {
    const { files } = await walk(input.dir, signal)
    const texts = files.filter(isText).slice(0, MOST_TEXTS)
    const where: { path: string; todos: number }[] = []
    const unreadable = await eachText(input.dir, texts, signal, (text, { path }) => {
      const todos = text.match(NOTES)?.length ?? 0
      if (todos > 0) where.push({ path, todos })
    })
    where.sort((a, b) => b.todos - a.todos || (a.path < b.path ? -1 : 1))
    const todos = where.reduce((sum, each) => sum + each.todos, 0)
    return { todos, texts: texts.length, unreadable, where: where.slice(0, 10) }
  },
})

export const statistics = z.object({
  texts: z.number(),
  lines: z.number(),
  types: z.array(z.object({ type: z.string(), lines: z.number() })),
})

export const textStatistics = defineTool({
  ...reading,
  name: 'text_statistics',
  description: 'counts the lines of the texts in a folder, by type',
  input: z.object({ dir, folder: z.string() }),
  output: statistics,
  limits: { timeoutMs: '30s' },
  execute: async ({ input, signal }) => {
    const isTop = input.folder === '.'
    const { files } = await walk(input.dir, signal, isTop ? '' : input.folder)
    const texts = files.filter((file) => isText(file) && !(isTop && file.path.includes('/'))).slice(0, MOST_TEXTS)
    const types = new Map<string, number>()
    await eachText(input.dir, texts, signal, (text, { path }) => {
      const lines = text === '' ? 0 : text.split('\n').length
      types.set(extname(path), (types.get(extname(path)) ?? 0) + lines)
    })
    const sorted = [...types].map(([type, lines]) => ({ type, lines })).sort((a, b) => b.lines - a.lines)
    return { texts: texts.length, lines: sorted.reduce((sum, { lines }) => sum + lines, 0), types: sorted.slice(0, 5) }
  },
})

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ license: z.union([z.string(), z.unknown()]).optional() })).default({}),
})

export const licenceCounts = z.object({
  isThere: z.boolean(),
  packages: z.number(),
  licences: z.array(z.object({ licence: z.string(), packages: z.number() })),
  without: z.array(z.string()),
})

export const readLock = defineTool({
  ...reading,
  name: 'read_lock',
  description: 'reads the licences of the dependencies from package-lock.json',
  input: z.object({ dir }),
  output: licenceCounts,
  limits: { timeoutMs: '10s', maxOutputBytes: 1_000_000 },
  execute: async ({ input }) => {
    const nothing = { isThere: false, packages: 0, licences: [], without: [] }
    const text = await readFile(join(input.dir, 'package-lock.json'), 'utf8').catch(() => undefined)
    if (text === undefined) return nothing
    const { packages } = lockSchema.parse(JSON.parse(text))
    const licences = new Map<string, number>()
    const without: string[] = []
    const installed = Object.entries(packages).filter(([path]) => path !== '')
    for (const [path, { license }] of installed) {
      if (typeof license === 'string') licences.set(license, (licences.get(license) ?? 0) + 1)
      else without.push(path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    }
    return {
      isThere: true,
      packages: installed.length,
      licences: [...licences]
        .map(([licence, count]) => ({ licence, packages: count }))
        .sort((a, b) => b.packages - a.packages)
        .slice(0, 10),
      without: without.slice(0, 10),
    }
  },
})

const run = promisify(execFile)

export const churn = z.object({
  isRepository: z.boolean(),
  commits: z.number(),
  authors: z.number(),
  changed: z.array(z.object({ path: z.string(), times: z.number() })),
})

export const readGitLog = defineTool({
  ...reading,
  name: 'read_git_log',
  description: 'reads from the log of git who changed what how often',
  input: z.object({ dir, commits: z.int().min(1).max(5_000) }),
  output: churn,
  permissions: { files: ['.git'] },
  limits: { timeoutMs: '15s' },
  execute: async ({ input, signal }) => {
    const git = (...args: string[]) =>
      run('git', ['-C', input.dir, ...args], { signal, maxBuffer: 32 * 1_024 * 1_024 }).then(({ stdout }) => stdout)
    const nothing = { isRepository: false, commits: 0, authors: 0, changed: [] }
    try {
      // A folder in somebody else's repository has no log of its own.
      const top = (await git('rev-parse', '--show-toplevel')).trim()
      if ((await realpath(top)) !== (await realpath(input.dir))) return nothing
      const log = await git('log', `-n${input.commits}`, '--name-only', '--format=%x00%an')
      const commits = log.split('\0').slice(1)
      const changed = new Map<string, number>()
      for (const commit of commits)
        for (const path of commit.split('\n').slice(1).filter(Boolean)) changed.set(path, (changed.get(path) ?? 0) + 1)
      return {
        isRepository: true,
        commits: commits.length,
        authors: new Set(commits.map((commit) => commit.slice(0, commit.indexOf('\n')))).size,
        changed: [...changed]
          .map(([path, times]) => ({ path, times }))
          .sort((a, b) => b.times - a.times || (a.path < b.path ? -1 : 1))
          .slice(0, 10),
      }
    } catch {
      signal.throwIfAborted()
      return nothing
    }
  },
})

export const tools = [findFiles, readText, countTodos, textStatistics, readLock, readGitLog]
