/** Loads a file of a user, TypeScript or JavaScript, on any Node that is supported and without setup. */
import { existsSync, statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from './usage-error.ts'

const SCRIPTS: readonly string[] = ['.js', '.mjs', '.cjs']
const TYPED: readonly string[] = ['.ts', '.mts', '.cts']

/** What a file exports. */
export type Exports = Readonly<Record<string, unknown>>

/** Gives what the file exports; throws a usage error for what is no such file, and what the file throws. */
export async function loadFile(given: string): Promise<Exports> {
  const path = resolve(given)
  if (!existsSync(path)) throw new UsageError(`There is no file ${given}. Give the path of a file, from this folder.`)
  if (!statSync(path).isFile()) throw new UsageError(`${given} is a folder. Give the path of a file in it.`)
  const type = extname(path)
  if (SCRIPTS.includes(type)) return (await import(pathToFileURL(path).href)) as Exports
  if (TYPED.includes(type)) return loadTyped(path)
  throw new UsageError(
    `${given} is neither TypeScript nor JavaScript. Its name ends in one of ${[...TYPED, ...SCRIPTS].join(', ')}.`,
  )
}

async function loadTyped(path: string): Promise<Exports> {
  // Whoever runs the command from its sources loads TypeScript already.
  if (import.meta.url.endsWith('.ts')) return (await import(pathToFileURL(path).href)) as Exports
  return loadWithJiti(path)
}

/** By a loader in JavaScript: what a file imports by name is loaded by Node, once, as if Node had loaded the file. */
export async function loadWithJiti(path: string): Promise<Exports> {
  const { createJiti } = await import('jiti')
  return await createJiti(path, { interopDefault: false, sourceMaps: true }).import<Exports>(path)
}
