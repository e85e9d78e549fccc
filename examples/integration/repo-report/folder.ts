/** What is in a folder, read with care: few files at a time, none whole that is large, and what cannot be read is counted. */
import { lstat, open, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import pLimit from 'p-limit'

/** A regular file: where it lies below the folder, and how long it is. */
export interface File {
  readonly path: string
  readonly bytes: number
}

/** What a walk has come across. */
export interface Walk {
  readonly files: readonly File[]
  /** Folders and files that could not be looked at. */
  readonly unreadable: number
  /** There are more files than this. */
  readonly isCut: boolean
}

/** What nobody wrote by hand here. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', 'reports'])
const MOST_FILES = 200_000
const AT_ONCE = 32
const TEXTS: ReadonlySet<string> = new Set(
  '.c .cc .cpp .cs .css .go .h .html .java .js .json .jsx .kt .lua .md .mjs .php .py .rb .rs .scss .sh .sql .swift .toml .ts .tsx .txt .vue .xml .yaml .yml'.split(
    ' ',
  ),
)

export const isText = ({ path }: File): boolean => TEXTS.has(extname(path).toLowerCase())

/** All regular files below a folder, but for those in hidden and generated folders. Links are not followed. */
export async function walk(root: string, signal: AbortSignal, below = ''): Promise<Walk> {
  const files: File[] = []
  let unreadable = 0
  const limit = pLimit(AT_ONCE)
  const visit = async (folder: string): Promise<void> => {
    signal.throwIfAborted()
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => undefined)
    if (entries === undefined) {
      unreadable++
      return
    }
    const inside: string[] = []
    await Promise.all(
      entries.map((entry) =>
        limit(async () => {
          const path = folder === '' ? entry.name : `${folder}/${entry.name}`
          if (entry.isDirectory() && !entry.name.startsWith('.') && !LEFT_OUT.has(entry.name)) inside.push(path)
          if (!entry.isFile() || files.length >= MOST_FILES) return
          const found = await lstat(join(root, path)).catch(() => undefined)
          if (found === undefined) unreadable++
          else files.push({ path, bytes: found.size })
        }),
      ),
    )
    for (const path of inside.sort()) await visit(path)
  }
  await visit(below)
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files, unreadable, isCut: files.length >= MOST_FILES }
}

/** The first bytes of a file as text; undefined where it cannot be read. */
export async function textOf(path: string, maxBytes: number): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return undefined
  } finally {
    await file.close()
  }
}

/** Reads texts, a few at a time; gives how many could not be read. */
export async function eachText(
  root: string,
  files: readonly File[],
  signal: AbortSignal,
  look: (text: string, file: File) => void,
): Promise<number> {
  const limit = pLimit(AT_ONCE)
  let unreadable = 0
  await Promise.all(
    files.map((file) =>
      limit(async () => {
        signal.throwIfAborted()
        const text = file.bytes === 0 ? '' : await textOf(join(root, file.path), Math.min(file.bytes, 256 * 1_024))
        if (text === undefined) unreadable++
        else look(text, file)
      }),
    ),
  )
  return unreadable
}
