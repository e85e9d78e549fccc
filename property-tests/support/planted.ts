/**
 * Planted bugs: a copy of the source with one line changed, imported beside the real one. A law that does not fail on
 * its planted bug proves nothing.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type * as real from 'hookchart/hooks'
import { afterAll } from 'vitest'

/** What a law is checked on: the public names of `hookchart/hooks`, real or with a bug. */
export type Kernel = typeof real

const root = fileURLToPath(new URL('../..', import.meta.url))
const planted: string[] = []

/** Changes one place of one file, `from` → `to`, in a copy of the source, and imports an entry of that. The place must be the only one. */
export async function plant<Subject>(entry: string, file: string, from: string, to: string): Promise<Subject> {
  const original = readFileSync(join(root, file), 'utf8')
  const parts = original.split(from)
  if (parts.length !== 2)
    throw new Error(`"${from}" stands ${parts.length - 1} times in ${file}; a planted bug needs one place.`)
  const copy = join(root, '.generated', 'planted', `${process.pid}-${Date.now()}-${planted.length}`)
  mkdirSync(copy, { recursive: true })
  planted.push(copy)
  for (const room of ['src', 'machines', 'actors']) cpSync(join(root, room), join(copy, room), { recursive: true })
  writeFileSync(join(copy, file), parts.join(to))
  return (await import(/* @vite-ignore */ join(copy, entry))) as Subject
}

afterAll(() => {
  for (const copy of planted) rmSync(copy, { recursive: true, force: true })
})
