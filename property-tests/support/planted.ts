/**
 * Planted bugs: the source with one place of one file changed, bundled and imported beside the real one. A law that does
 * not fail on its planted bug proves nothing.
 */
import { build } from 'esbuild'
import { readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as real from 'hookchart/hooks'
import { afterAll } from 'vitest'

/** What a law is checked on: the public names of `hookchart/hooks`, real or with a bug. */
export type Kernel = typeof real

const root = fileURLToPath(new URL('../..', import.meta.url))
const planted: string[] = []

/** Changes one place of one file, `from` → `to`, and imports an entry of that. The place must be the only one. */
export async function plant<Subject>(entry: string, file: string, from: string, to: string): Promise<Subject> {
  const path = join(root, file)
  const parts = readFileSync(path, 'utf8').split(from)
  if (parts.length !== 2)
    throw new Error(`"${from}" stands ${parts.length - 1} times in ${file}; a planted bug needs one place.`)
  const outfile = join(root, '.generated', 'planted', `${process.pid}-${Date.now()}-${planted.length}.mjs`)
  planted.push(outfile)
  // One file: to load each module of a copy anew would take longer than most laws.
  await build({
    ...{ entryPoints: [join(root, entry)], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20' },
    ...{ packages: 'external', logLevel: 'silent' },
    plugins: [
      {
        name: 'plant',
        setup: (bundle) => {
          bundle.onLoad({ filter: /\.ts$/ }, async ({ path: loaded }) => ({
            loader: 'ts',
            contents: loaded === path ? parts.join(to) : await readFile(loaded, 'utf8'),
          }))
        },
      },
    ],
  })
  return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Subject
}

afterAll(() => {
  for (const outfile of planted) rmSync(outfile, { force: true })
})
