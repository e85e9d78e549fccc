/**
 * Planted bugs: the source with one place of one file changed, bundled and imported beside the real one. A law that does
 * not fail on its planted bug proves nothing.
 */
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as real from 'hookchart/hooks'
import { afterAll } from 'vitest'

/** What a law is checked on: the public names of `hookchart/hooks`, real or with a bug. */
export type Kernel = typeof real

const root = fileURLToPath(new URL('../..', import.meta.url))
const planted: string[] = []

/** The libraries of the tests, by name, for copies of the source. */
const SHARED = 'hookchart.planted.libraries'
const libraries: Record<string, Record<string, unknown>> = {}
Object.assign(globalThis, { [SHARED]: libraries })

/**
 * A copy of the source works with the very libraries of the tests. With an xstate of its own it would refuse the machines of
 * the tests, and every law would fail on it, whatever is planted.
 */
const sharing: Plugin = {
  name: 'sharing',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' || isBuiltin(name) ? undefined : { path: name, namespace: SHARED },
    )
    bundle.onLoad({ filter: /.*/, namespace: SHARED }, async ({ path: name }) => {
      const library = (libraries[name] ??= (await import(/* @vite-ignore */ name)) as Record<string, unknown>)
      const names = Object.keys(library).filter((each) => each !== 'default' && /^[\w$]+$/.test(each))
      const from = `globalThis[${JSON.stringify(SHARED)}][${JSON.stringify(name)}]`
      return { contents: `export const { ${names.join(', ')} } = ${from}\nexport default ${from}.default` }
    })
  },
}

/** Changes one place of one file, `from` → `to`, and imports an entry of that. The place must be the only one. */
export async function plant<Subject>(entry: string, file: string, from: string, to: string): Promise<Subject> {
  const path = join(root, file)
  const parts = readFileSync(path, 'utf8').split(from)
  if (parts.length !== 2)
    throw new Error(`"${from}" stands ${parts.length - 1} times in ${file}; a planted bug needs one place.`)
  return copyOf<Subject>(entry, new Map([[path, parts.join(to)]]))
}

/** Imports an entry of a copy of the source, with some files changed. Without any it does what the source does. */
export async function copyOf<Subject>(
  entry: string,
  changed: ReadonlyMap<string, string> = new Map(),
): Promise<Subject> {
  const outfile = join(root, '.generated', 'planted', `${process.pid}-${Date.now()}-${planted.length}.mjs`)
  planted.push(outfile)
  // One file: to load each module of a copy anew would take longer than most laws.
  await build({
    ...{ entryPoints: [join(root, entry)], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20' },
    logLevel: 'silent',
    plugins: [
      sharing,
      {
        name: 'plant',
        setup: (bundle) => {
          bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
            loader: 'ts',
            contents: changed.get(path) ?? (await readFile(path, 'utf8')),
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
