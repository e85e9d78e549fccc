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

/** Changes one place of one file, `from` → `to`, in a copy of the source, and imports that. The place must be the only one. */
export async function plant(file: string, from: string, to: string): Promise<Kernel> {
  const original = readFileSync(join(root, file), 'utf8')
  const parts = original.split(from)
  if (parts.length !== 2)
    throw new Error(`"${from}" stands ${parts.length - 1} times in ${file}; a planted bug needs one place.`)
  const copy = join(root, '.generated', 'planted', `${process.pid}-${Date.now()}-${planted.length}`)
  mkdirSync(copy, { recursive: true })
  planted.push(copy)
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true })
  writeFileSync(join(copy, file), parts.join(to))
  return (await import(/* @vite-ignore */ join(copy, 'src/hooks/index.ts'))) as Kernel
}

afterAll(() => {
  for (const copy of planted) rmSync(copy, { recursive: true, force: true })
})
